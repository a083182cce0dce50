"""Numbers to call first: danger said in ordinary words leads to one, ordinary trouble to none."""

from __future__ import annotations

import pytest

from allervers.rights.calls import calls_for


@pytest.mark.parametrize(
    "asked", ["je dors dehors", "SDF", "je suis à la rue avec mes enfants", "nulle part où dormir"]
)
def test_who_sleeps_outside_is_told_the_115(asked):
    assert [call.number for call in calls_for(asked)] == ["115"]
    assert "gratuit, 24 h/24" in calls_for(asked)[0].what


@pytest.mark.parametrize("asked", ["violences conjugales", "mon mari me frappe", "victime de violence", "il me bat"])
def test_who_suffers_violence_is_told_the_3919(asked):
    assert [call.number for call in calls_for(asked)] == ["3919"]


def test_both_are_told_when_both_are_said():
    assert {call.number for call in calls_for("mon mari me frappe et je dors dans ma voiture")} == {"3919", "115"}


@pytest.mark.parametrize("asked", ["", "payer mon loyer", "permis bateau", "j'ai perdu mon travail", "coup de pouce"])
def test_ordinary_trouble_calls_for_no_number(asked):
    assert calls_for(asked) == ()


@pytest.mark.parametrize("asked", ["suicide", "je veux mourir", "je vais me tuer", "j'ai des idées noires"])
def test_who_wants_to_die_is_told_the_3114(asked):
    assert "3114" in [call.number for call in calls_for(asked)]


@pytest.mark.parametrize(
    "asked", ["mon ami est violent", "mon compagnon me menace", "j'ai peur de mon ex", "il veut me tuer"]
)
def test_many_ways_to_say_violence_are_heard(asked):
    assert "3919" in [call.number for call in calls_for(asked)]


def test_a_child_in_danger_is_told_the_119():
    assert "119" in [call.number for call in calls_for("son père bat mon fils")]


@pytest.mark.parametrize(
    ("asked", "number"),
    [("I want to kill myself", "3114"), ("suicidal", "3114"), ("my husband abuses me", "3919"),
     ("I'm scared of my husband", "3919"), ("my ex is threatening me", "3919"), ("my boyfriend is violent", "3919"),
     ("my child is abused", "119"), ("we have no home", "115")],
)  # fmt: skip
def test_danger_is_heard_in_english(asked, number):
    assert number in [call.number for call in calls_for(asked, "en")]


@pytest.mark.parametrize("asked", ["my mother is old and needs help at home", "my husband died", "I lost my job"])
def test_ordinary_trouble_in_english_calls_for_no_number(asked):
    assert calls_for(asked, "en") == ()
