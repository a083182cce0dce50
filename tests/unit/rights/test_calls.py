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
