"""OpenFisca situations (the JSON of its web API) as plain dictionaries: what is asked, over which years."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from allervers.foundation.errors import InvalidInput

Situation = dict[str, Any]
"""plural of an entity -> identifier -> variable -> period -> value; null is to be computed."""

_YEAR = re.compile(r"(?:[a-z]+:)?(\d{4})")


class SituationError(InvalidInput):
    """A situation that cannot be computed. `report` is the error in the form of OpenFisca's web API, `status` its
    HTTP code."""

    def __init__(self, report: dict[str, Any], status: int = 400) -> None:
        super().__init__("La situation ne peut pas être calculée : voyez le détail.")
        self.report = report
        self.status = status


class Asked(NamedTuple):
    """A null of a situation: what is to be computed, for whom, for when."""

    plural: str
    identifier: str
    variable: str
    period: str

    def error(self, message: str) -> SituationError:
        """The error of this cell, at its place."""
        return SituationError({self.plural: {self.identifier: {self.variable: {self.period: message}}}})


def asked_in(situation: Situation) -> list[Asked]:
    """The nulls of a situation, in their order."""
    return [
        Asked(plural, identifier, variable, period)
        for plural, identifier, variable, values in _cells(situation)
        for period, value in values.items()
        if value is None
    ]


def months_asked(situation: Situation) -> list[str]:
    """Every month of the years asked and of the years before them, where the law may look back."""
    found = (_YEAR.match(asked.period) for asked in asked_in(situation))
    years = {int(match[1]) for match in found if match}
    return [f"{year}-{month:02d}" for year in sorted({y + d for y in years for d in (-1, 0)}) for month in range(1, 13)]


def copied(value: Any) -> Any:
    """The dictionaries of a situation, copied; lists and values are shared."""
    return {key: copied(item) for key, item in value.items()} if isinstance(value, dict) else value


def with_year_moved(situation: Situation, known: str, read: str) -> Situation:
    """The situation where what is known of the year `known` stands for the year `read` (what it held is dropped)."""
    moved: Situation = copied(situation)
    for plural, identifier, variable, values in _cells(situation):
        moved[plural][identifier][variable] = {
            period.replace(known, read, 1) if known in period else period: value
            for period, value in values.items()
            if read not in period
        }
    return moved


def _cells(situation: Situation) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for plural, instances in situation.items():
        for identifier, instance in instances.items() if isinstance(instances, dict) else ():
            for variable, values in instance.items() if isinstance(instance, dict) else ():
                if isinstance(values, dict):
                    yield plural, identifier, variable, values
