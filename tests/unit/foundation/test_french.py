"""Names after « de »: elided before a vowel, articles of places contracted."""

from __future__ import annotations

import pytest

from allervers.foundation.french import of, with_name


@pytest.mark.parametrize(
    ("name", "said"),
    [("Anne-Sophie", "d'Anne-Sophie"), ("Élodie", "d'Élodie"), ("Hélène", "d'Hélène"), ("Yves", "d'Yves"),
     ("Yasmine", "de Yasmine"), ("Œdipe", "d'Œdipe"), ("Nadia", "de Nadia"), ("Le Quan", "de Le Quan"), ("", "de ")],
)  # fmt: skip
def test_a_person(name, said):
    assert of(name) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [("Épinay-sur-Seine", "d'Épinay-sur-Seine"), ("Le Raincy", "du Raincy"), ("Les Lilas", "des Lilas"),
     ("La Courneuve", "de La Courneuve"), ("L'Île-Saint-Denis", "de L'Île-Saint-Denis"), ("Bondy", "de Bondy"),
     ("Aubervilliers", "d'Aubervilliers"), ("Lescar", "de Lescar")],
)  # fmt: skip
def test_a_commune(name, said):
    assert of(name, is_place=True) == said


def test_a_question_holds_the_name():
    assert with_name("Quelle est la situation de {name} ?", "Anne") == "Quelle est la situation d'Anne ?"
    assert with_name("{name} est-elle en arrêt ?", "Zoé {x}") == "Zoé {x} est-elle en arrêt ?"
