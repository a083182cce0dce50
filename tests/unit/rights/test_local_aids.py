"""Declared tables of local aids: an unknown answer stays unknown, a wrong table is refused by its name."""

from __future__ import annotations

import pytest

from allervers.foundation.errors import InvalidInput, NotFound
from allervers.rights.local_aids import local_tables, outcome, read_table

TABLE = """
right = "rsa"
source = "texte"
as_of = "2026-01-01"
grade = "B"
[questions.age]
ask = "Quel âge ?"
kind = "number"
[[rules]]
when = { age = { min = 25 } }
verdict = "open"
gives = "Oui"
[[rules]]
verdict = "closed"
gives = "Non"
"""


def test_nothing_known_asks_every_useful_question() -> None:
    found = outcome("aide_bafa_caf", {})
    assert found.verdict == "unknown"
    assert found.missing == ("habite_93", "age", "session_handicap_ou_citoyennete")
    assert found.amount_eur is None


def test_an_answer_given_as_unknown_is_no_answer() -> None:
    assert outcome("ikaria", {"age": None, "habite_93": True}).verdict == "unknown"


def test_every_table_says_its_source() -> None:
    assert all(table.source for table in local_tables().values())


def test_wrong_questions_and_answers() -> None:
    with pytest.raises(NotFound, match="Aucune table déclarée pour « rsa »"):
        outcome("rsa", {})
    with pytest.raises(InvalidInput, match="Question inconnue : « couleur »"):
        outcome("ikaria", {"couleur": "bleu"})
    for answer in (True, "60"):
        with pytest.raises(InvalidInput, match="Réponse inattendue à « age »"):
            outcome("ikaria", {"age": answer})
    with pytest.raises(InvalidInput, match="Réponse inattendue à « ecole »"):
        outcome("cantine_saint_denis", {"ecole": "paris"})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (TABLE.replace("[questions.age]", "[questions.nom]"), "question inconnue « age »"),
        (TABLE.replace('"number"', '"colour"'), "genre inconnu « colour »"),
        (TABLE.replace("min =", "minimum ="), "bornes inattendues pour « age »"),
        (TABLE.replace('"number"', '"yes_no"'), "bornes inattendues pour « age »"),
        (TABLE.replace('"closed"', '"perhaps"'), "réponse inconnue « perhaps »"),
        (TABLE + '[[rules]]\nwhen = { age = 3 }\nverdict = "open"\ngives = "x"\n', "la dernière règle"),
        (TABLE.replace('right = "rsa"', 'right = "ppa"'), "n'est pas celui du fichier"),
        (TABLE.replace('gives = "Non"', ""), "mal formée"),
    ],
)
def test_a_wrong_table_is_refused_and_named(wrong: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=rf"Table locale : rsa\.toml : .*{message}"):
        read_table("rsa", wrong)


def test_each_choice_of_a_question_has_its_words():
    text = """
right = "ikaria"
source = "essai"
grade = "C"
[questions.ville]
ask = "Dans quelle ville ?"
kind = "choice"
choices = ["une", "autre"]
[[rules]]
verdict = "person"
gives = "À voir"
"""
    with pytest.raises(InvalidInput, match="un libellé"):
        read_table("ikaria", text)
