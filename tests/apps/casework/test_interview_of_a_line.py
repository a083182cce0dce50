"""An interview that a line opens begins with the family that the line is about."""

from __future__ import annotations

from datetime import date

import pytest

from allervers.apps.casework.prefill import interview_from
from allervers.apps.people.domain import Inputs, Source
from allervers.foundation.periods import Month
from allervers.rights.interview.answers import history

MONTH = Month(2026, 11)
RENT = {f"loyer@{month}": 640.0 for month in history(MONTH)}


def known() -> Inputs:
    people = (
        {"id": "host", "famille_id": "fa", "famille_role": "demandeur", "date_naissance": date(1980, 1, 1),
         "menage_role": "personne_de_reference"},
        {"id": "guest", "famille_id": "fb", "famille_role": "demandeur", "date_naissance": date(2000, 1, 1),
         "menage_role": "autre"},
    )  # fmt: skip
    source = {("host", "logement"): Source("logement", "bailleur-93", date(2026, 11, 2), "")}
    return Inputs(str(MONTH), people, {"fa": {}, "fb": {}}, {"id": "m", **RENT}, {}, source)


@pytest.mark.parametrize(
    ("unit", "first", "rent"),
    [("", "p1", "loyer:m"), ("m", "p1", "loyer:m"), ("fa", "p1", "loyer:m"), ("fb", "p2", "loyer:m1"),
     ("guest", "p2", "loyer:m1")],
)  # fmt: skip
def test_the_family_of_the_line_comes_first_and_the_rent_stays_where_it_is_paid(unit, first, rent):
    found = interview_from(known(), MONTH, unit)
    assert found.given.answers.household.family(0)[0].id == first
    assert found.given.answers.given == {rent: 640.0}
    assert rent in found.provided
