"""Answers that do not go together are told; what is not known, or goes together, raises nothing."""

from __future__ import annotations

from datetime import date

import pytest

from allervers.foundation.periods import Month
from allervers.rights.interview.answers import FAMILY, SOURCES, Answers
from allervers.rights.interview.doubts import doubts
from allervers.rights.interview.household import Household, Person
from allervers.rights.interview.wording import doubt_words

MONTH = Month(2026, 11)


def alone(age=40, **given):
    person = Person("p1", "Nadia", "adult", 0, date(MONTH.year - age, 1, 5))
    answers = Answers(Household((person,)), MONTH)
    for name, value in given.items():
        row = {"loyer": "m", "occupation": "m", "minima": FAMILY}.get(name, "p1")
        answers = answers.with_answer(name, row, value)
    return answers


def wage(monthly, yearly, **more):
    return alone(**{SOURCES: ("salaire",), "salaire": monthly, "salaire_an": yearly, **more})


LOST = (1_500.0,) * 8 + (0.0,) * 7
"""September 2025 to April 2026, then nothing."""


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        (wage(1_200.0, (15_000.0, 15_000.0)), []),
        (wage(1_200.0, (1_200.0, 1_200.0)), ["mois_au_dessus_de_l_an"]),
        (wage(1_200.0, (None, None)), []),
        (wage(0.0, (20_000.0, 20_000.0)), ["an_bien_au_dessus_des_mois"]),
        (wage(LOST, (20_000.0, 20_000.0)), []),
        (wage(18_000.0, (18_000.0, 90_000.0)), ["an_pour_un_mois"]),
        (alone(**{SOURCES: (), "activite": "actif"}), ["travaille_sans_revenu"]),
        (alone(**{SOURCES: None, "activite": "actif"}), []),
        (alone(**{SOURCES: ("maladie",), "activite": "actif"}), []),
        (alone(70, **{SOURCES: (), "activite": "retraite"}), ["retraite_sans_pension"]),
        (alone(70, **{SOURCES: ("retraite",), "retraite": 1_034.0, "minima": True}), ["retraite_avec_aspa"]),
        (alone(70, **{SOURCES: ("retraite",), "retraite": 1_034.0, "minima": False}), []),
        (alone(70, **{SOURCES: ("retraite",), "retraite": 700.0, "minima": True}), []),
        (alone(22, ecole="college"), ["classe_et_age"]),
        (alone(22, ecole="enseignement_superieur"), []),
        (alone(10, ecole="inconnue"), ["hors_ecole"]),
        (alone(17, ecole="inconnue"), []),
        (alone(20, ecole="inconnue", activite="etudiant"), ["etudiant_sans_etablissement"]),
        (alone(loyer=0.0, occupation="locataire_vide"), ["locataire_sans_loyer"]),
        (alone(loyer=0.0, occupation="locataire_foyer"), []),
        (alone(loyer=7_200.0), ["loyer_au_dessus_des_ressources"]),
        (alone(loyer=700.0), []),
        (alone(), []),
    ],
)
def test_what_does_not_go_together_is_told(answers, found):
    assert [one.id for one in doubts(answers)] == found


def test_every_doubt_has_its_words_and_its_page():
    told = doubts(wage(1_200.0, (1_200.0, 1_200.0)))[0]
    assert told.page == ("annees", "p1")
    words = told.words.format(**told.values)
    assert "Nadia" in words
    assert "2025" in words
    assert set(doubt_words()) >= {told.id}


def test_another_family_is_not_read():
    host = Person("p2", "Bo", "adult", 1, date(1950, 1, 1))
    answers = alone(**{SOURCES: (), "activite": "inactif"})
    both = Answers(Household((*answers.household.persons, host), ("none", "none")), MONTH, answers.given)
    both = both.with_answer(SOURCES, "p2", ()).with_answer("activite", "p2", "actif")
    assert doubts(both) == []
    assert [one.id for one in doubts(both.seen_by(1))] == ["travaille_sans_revenu"]


def test_one_rent_said_by_two_families_is_told():
    host = Person("p2", "Bo", "adult", 1, date(1950, 1, 1))
    one = alone(loyer=700.0)
    both = Answers(Household((*one.household.persons, host), ("none", "none")), MONTH, one.given).seen_by(1)
    assert doubts(both) == []
    assert [one.id for one in doubts(both.with_answer("loyer", "m", 700.0))] == ["deux_loyers"]
    assert doubts(both.with_answer("loyer", "m", 0.0)) == []
