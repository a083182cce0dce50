"""Facts that no input holds and that would open a right (openers.toml): for whom they may hold, what they change."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, reduce
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import Block, Column
from allervers.foundation.periods import Month

EUROPEAN_UNION = tuple(
    "FR AT BE BG CY CZ DE DK EE ES FI GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK IS LI NO CH UE".split()  # noqa: SIM905
)
"""Codes that open rights as nationals of the Union do: Union, European Economic Area, Switzerland."""


@dataclass(frozen=True, slots=True)
class When:
    """What must be known of a person: every month below, above or, with `some`, one of them."""

    variable: str
    months: tuple[int, ...]
    under: float | None = None
    over: float | None = None
    outside_union: bool = False
    some: bool = False

    def holds(self, block: Block, month: Month) -> NDArray[np.bool_]:
        """For each person of a block; never for who has a value that is not known."""
        each = []
        for offset in self.months:
            column = _column(block, self.variable, month + offset)
            if column is None:
                return np.zeros(block.persons, dtype=bool)
            known = ~block.unknown.get(column, np.zeros(block.persons, dtype=bool))
            each.append(known & self._meets(block.columns[column]))
        return np.asarray(reduce(np.logical_or if self.some else np.logical_and, each))

    def _meets(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        if self.outside_union:
            return ~np.isin(values.astype(str), EUROPEAN_UNION)
        return values < self.under if self.under is not None else values > self.over


@dataclass(frozen=True, slots=True)
class Lift:
    """What the computation reads of a person for whom the fact holds."""

    variable: str
    months: tuple[int, ...]
    value: float


@dataclass(frozen=True, slots=True)
class Opener:
    """A fact that would open these rights."""

    id: str
    rights: tuple[str, ...]
    article: str
    question: str
    lift: Lift
    when: tuple[When, ...]

    def persons(self, block: Block, month: Month) -> NDArray[np.bool_]:
        """The persons for whom the fact may hold."""
        return np.asarray(reduce(np.logical_and, [one.holds(block, month) for one in self.when]))

    def lifted(self, block: Block, month: Month) -> Block:
        """The block where the fact holds for whoever it may hold."""
        persons, columns = self.persons(block, month), dict(block.columns)
        for offset in self.lift.months:
            column = _column(block, self.lift.variable, month + offset)
            if column is not None:
                columns[column] = np.where(persons, self.lift.value, columns[column]).astype(columns[column].dtype)
        return replace(block, columns=columns)


def _column(block: Block, variable: str, month: Month) -> Column | None:
    """The column of a variable for a month, or that of all time."""
    return next((c for c in ((variable, str(month)), (variable, "ETERNITY")) if c in block.columns), None)


@cache
def openers() -> tuple[Opener, ...]:
    """Every opener, in the order of the file."""
    text = (files("allervers.rights") / "openers.toml").read_text("utf-8")
    return tuple(_opener(data) for data in tomllib.loads(text)["opener"])


def _opener(data: Mapping[str, Any]) -> Opener:
    when = tuple(When(**(one | {"months": tuple(one["months"])})) for one in data["when"])
    lift = Lift(**(data["lift"] | {"months": tuple(data["lift"]["months"])}))
    return Opener(data["id"], tuple(data["rights"]), data["article"], data["question"], lift, when)
