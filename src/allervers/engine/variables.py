"""What is known of a variable of the law, without the library that computes it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from allervers.foundation.errors import InvalidInput

ValueType = Literal["float", "int", "bool", "str", "date", "enum"]
Rhythm = Literal["month", "year", "eternity", "day"]


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the law: entity, type, period of definition, last day on which it means something."""

    name: str
    label: str
    entity: str
    value_type: ValueType
    rhythm: Rhythm
    end: date | None
    items: tuple[str, ...]
    splits_year: bool
    """A value for a year may be given to this monthly variable (divided or repeated over its months)."""
    is_computed: bool
    reference: tuple[str, ...] = ()
    default: bool | float | str = 0
    """Value where none is given, as natural values of JSON: the item's name, the date as text."""
    max_length: int | None = None
    """Longest text that the law keeps: what follows is cut. None: any length."""

    def period_for(self, period: str) -> str:
        """The period to ask of this variable when the user means `period` (YYYY-MM): a yearly one takes the year."""
        if self.rhythm == "eternity":
            return "ETERNITY"
        if self.rhythm == "year":
            return period[:4]
        if len(period) == 4:
            raise InvalidInput(
                f"« {self.name} » est une variable mensuelle : donnez un mois, par exemple {period}-01.",
                variable=self.name,
            )
        return period


def unknown_variable(name: str, known: Iterable[str]) -> InvalidInput:
    """The error for a name that is no variable of the law, with the nearest one."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
    hint = f" Vouliez-vous dire « {near[0]} » ?" if near else ""
    return InvalidInput(f"« {name} » n'est pas une variable de la loi (OpenFisca-France).{hint}", variable=name)
