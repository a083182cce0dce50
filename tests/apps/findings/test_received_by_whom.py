"""Rights received, on the page of a household: for whom, where several families or persons may have one."""

from __future__ import annotations

import pytest

from allervers.apps.findings.queries import _received
from allervers.apps.people.domain import Person

MOTHER = Person("a", 1, 1980, "demandeur", "Ada Marqueur")
CHILD = Person("b", 2, 2015, "enfant", "Ida Marqueur")
GUEST = Person("c", 3, 1990, "demandeur")


def row(right: str, entity: str, person: str, status: str = "received") -> dict[str, str]:
    return {"right": right, "unit_entity": entity, "person_id": person, "status": status}


@pytest.mark.parametrize(
    ("persons", "rows", "told"),
    [
        ([MOTHER, CHILD], [row("rsa", "famille", "a")], [("rsa", "")]),
        ([MOTHER, CHILD, GUEST], [row("rsa", "famille", "c")], [("rsa", "Personne 3 (demandeur)")]),
        ([MOTHER, CHILD], [row("aah", "individu", "a")], [("aah", "Ada Marqueur (demandeur)")]),
        ([MOTHER, GUEST], [row("cheque_energie", "menage", "a")], [("cheque_energie", "")]),
        ([MOTHER], [row("rsa", "famille", "a", "not_claimed")], []),
    ],
)
def test_who_receives_is_told_where_there_are_several(persons, rows, told):
    assert _received(rows, persons) == told
