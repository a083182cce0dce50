"""« Je ne sais pas », said of everybody at once, takes nothing away of what partners know of one of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from allervers.apps.casework.interview import Interview
from allervers.foundation.periods import Month
from allervers.rights.interview.answers import Answers
from allervers.rights.interview.household import Household, Person
from allervers.rights.interview.prefilled import Prefilled

PERSONS = (
    Person("p1", "Ada", "adult", 0, date(1990, 1, 1)),
    Person("p2", "Bo", "partner", 0, date(1991, 1, 1)),
)
EVERYBODY = ["nationalite:p1", "nationalite:p2"]


def begun(**known):
    given = Answers(Household(PERSONS, ("married",)), Month(2026, 11))
    for name, value in known.items():
        given = given.with_answer("nationalite", name, value)
    return Interview(answers=given, given=Prefilled(given, {}))


def test_what_a_partner_knows_of_one_stays_to_be_confirmed():
    before = begun(p1="FR")
    unsure = before.answers.with_answer("nationalite", "p1", None).with_answer("nationalite", "p2", None)
    after = before.answered(unsure, EVERYBODY, "")
    assert (after.answers.given["nationalite:p1"], after.answers.given["nationalite:p2"]) == ("FR", None)
    assert after.to_confirm() == ("nationalite:p1",)
    assert after.confirmed == {"nationalite:p2"}


def test_said_of_one_alone_it_is_an_answer():
    before = begun(p1="FR")
    after = before.answered(before.answers.with_answer("nationalite", "p1", None), ["nationalite:p1"], "")
    assert after.answers.given["nationalite:p1"] is None
    assert after.to_confirm() == ()


def test_what_the_person_said_otherwise_may_become_unknown():
    before = begun(p1="FR")
    told = before.answered(before.answers.with_answer("nationalite", "p1", "MA"), ["nationalite:p1"], "")
    unsure = told.answers.with_answer("nationalite", "p1", None).with_answer("nationalite", "p2", None)
    assert told.answered(unsure, EVERYBODY, "").answers.given["nationalite:p1"] is None


def test_who_takes_the_place_of_somebody_is_not_known_by_the_files():
    before = replace(begun(), units={"p1": ("ada", "fa"), "p2": ("bo", "fa")})
    other = Person("p2", "Cleo", "partner", 0, date(1970, 2, 2))
    after = before.begun(Answers(Household((PERSONS[0], other), ("married",)), Month(2026, 11)))
    assert after.units == {"p1": ("ada", "fa")}
