"""What changed in the rights since a date: the dated events of the sheets, sorted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from allervers.rights.catalogue import Grade, catalogue
from allervers.rights.facts import Precision
from allervers.rights.sheets import sheet


@dataclass(frozen=True, slots=True)
class RightChange:
    """One dated change of one right. Grade C: to confirm before it is told to anyone."""

    on: date
    right: str
    label: str
    what: str
    grade: Grade
    precision: Precision


def changes_since(
    since: date, *, until: date | None = None, rights: Iterable[str] | None = None
) -> tuple[RightChange, ...]:
    """Changes from a date on (included), to another (included; none: announced ones too), most recent first."""
    wanted = tuple(catalogue()) if rights is None else tuple(rights)
    found = [
        RightChange(event.on, name, catalogue()[name].label, event.what, event.grade, event.precision)
        for name in wanted
        for event in sheet(name).history
        if event.on >= since and (until is None or event.on <= until)
    ]
    return tuple(sorted(found, key=lambda change: (-change.on.toordinal(), change.label, change.what)))
