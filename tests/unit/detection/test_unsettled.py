"""Rights unknown, by household: who is listed, what is asked, and that no question holds what separates them."""

from __future__ import annotations

import polars as pl

from allervers.detection.conditions import INPUT_GROUPS
from allervers.detection.unsettled import BETWEEN, questions_by_use, readable, unsettled
from allervers.rights.assumptions import assumptions
from allervers.rights.corrections import register

SCHEMA = {
    "menage_id": pl.String, "right": pl.String, "status": pl.String, "code_insee": pl.String,
    "contact_allowed": pl.Boolean, "questions": pl.List(pl.String),
}  # fmt: skip


def table(*rows: tuple[str, str, str, str | None, bool | None, list[str]]) -> pl.DataFrame:
    return unsettled(pl.DataFrame(rows, schema=SCHEMA, orient="row"))


def test_a_household_is_a_row_and_a_right_a_column_with_its_questions():
    found = table(
        ("m2", "rsa", "unknown", "93010", True, ["a", "b"]),
        ("m1", "rsa", "unknown", "93066", True, ["a"]),
        ("m1", "rsa", "unknown", "93066", True, ["b", "a"]),
        ("m1", "aspa", "received", "93066", True, []),
        ("m3", "aspa", "not_claimed", "93066", True, []),
        ("m4", "aspa", "unknown", None, None, []),
    )
    assert found.to_dicts() == [
        {"menage_id": "m1", "code_insee": "93066", "contact_allowed": True, "aspa": None, "rsa": "a | b"},
        {"menage_id": "m2", "code_insee": "93010", "contact_allowed": True, "aspa": None, "rsa": "a | b"},
        {"menage_id": "m4", "code_insee": None, "contact_allowed": False, "aspa": "", "rsa": None},
    ]


def test_nothing_unknown_gives_an_empty_table():
    found = table(("m1", "rsa", "received", "93066", True, []))
    assert found.is_empty()
    assert readable(found, {}).is_empty()


def test_one_person_not_to_be_contacted_closes_the_household():
    found = table(("m1", "rsa", "unknown", "93066", True, []), ("m1", "aspa", "unknown", "93066", False, []))
    assert found["contact_allowed"].to_list() == [False]


def test_the_question_that_settles_most_rights_comes_first():
    assert questions_by_use(["b | a", "a", "", "c"]) == [("a", 2), ("b", 1), ("c", 1)]


def test_people_read_how_many_rights_which_and_the_questions():
    found = readable(
        table(("m1", "rsa", "unknown", "93066", True, ["b"]), ("m1", "aspa", "unknown", "93066", True, ["a", "b"])),
        {"rsa": "RSA", "aspa": "Minimum vieillesse"},
    )
    assert found.select("unsettled", "rights", "questions").to_dicts() == [
        {"unsettled": 2, "rights": ["Minimum vieillesse", "RSA"], "questions": ["b", "a"]}
    ]


def test_no_question_holds_what_separates_them():
    texts = [*INPUT_GROUPS.values(), *(one.question for one in assumptions().values())]
    texts += [one.question for one in register() if one.question]
    assert not [text for text in texts if BETWEEN in text]
