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
ADULTS: Mapping[str, tuple[str, ...]] = {
    "famille": ("demandeur", "conjoint"),
    "foyer_fiscal": ("declarant_principal", "conjoint"),
    "menage": ("personne_de_reference", "conjoint"),
}
"""Roles of those who may ask for a right of the group."""


@dataclass(frozen=True, slots=True)
class When:
    """What must be known of a person (with `or_unknown`: or is not known): every month, or with `some` one of them."""

    variable: str
    months: tuple[int, ...] = (0,)
    under: float | None = None
    over: float | None = None
    younger_than: int | None = None
    among: tuple[str, ...] = ()
    outside_union: bool = False
    or_unknown: bool = False
    some: bool = False

    def holds(self, block: Block, month: Month) -> NDArray[np.bool_]:
        """For each person of a block; for who has a value that is not known, `or_unknown`."""
        each = []
        for offset in self.months:
            column = _column(block, self.variable, month + offset)
            if column is None:
                return np.full(block.persons, self.or_unknown)
            unknown = block.unknown.get(column, np.zeros(block.persons, dtype=bool))
            each.append(np.where(unknown, self.or_unknown, self._meets(block.columns[column], month)))
        return np.asarray(reduce(np.logical_or if self.some else np.logical_and, each))

    def _meets(self, values: NDArray[Any], month: Month) -> NDArray[np.bool_]:
        if self.outside_union:
            return ~np.isin(values.astype(str), EUROPEAN_UNION)
        if self.among:
            return np.isin(values.astype(str), self.among)
        if self.younger_than is not None:
            # Whose birthday comes after the first day of the month, that many years ago, is still younger.
            return np.asarray(values > np.datetime64(f"{month.year - self.younger_than}-{month.month:02}-01", "D"))
        return np.asarray(values < self.under if self.under is not None else values > self.over)


@dataclass(frozen=True, slots=True)
class Lift:
    """What the computation reads of a person for whom the fact holds."""

    variable: str
    months: tuple[int, ...]
    value: float


@dataclass(frozen=True, slots=True)
class Opener:
    """A fact that would open these rights. `lift` None: nothing computes what it opens, nor between what and what."""

    id: str
    rights: tuple[str, ...]
    article: str
    question: str
    lift: Lift | None
    when: tuple[When, ...]
    is_asked: bool = False
    """Whether interviews ask it: their answers then hold it, and only detection needs the opener."""

    def persons(self, block: Block, month: Month) -> NDArray[np.bool_]:
        """The persons for whom the fact may hold."""
        return np.asarray(reduce(np.logical_and, [one.holds(block, month) for one in self.when]))

    def rows(self, block: Block, month: Month, entity: str) -> NDArray[np.bool_]:
        """The rows of an entity that the fact may concern: the person itself, or the group of an adult."""
        persons = self.persons(block, month)
        if entity == "individu":
            return persons
        groups = block.membership[entity]
        rows = np.zeros(groups.count, dtype=bool)
        rows[groups.group[persons & np.isin(groups.role, ADULTS[entity])]] = True
        return rows

    def lifted(self, block: Block, month: Month) -> Block:
        """The block where the fact holds for whoever it may hold; as it is when nothing computes the fact."""
        if self.lift is None:
            return block
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
    lift = Lift(**(data["lift"] | {"months": tuple(data["lift"]["months"])})) if "lift" in data else None
    return Opener(
        data["id"],
        tuple(data["rights"]),
        data["article"],
        data["question"],
        lift,
        when_of(data),
        data.get("is_asked", False),
    )


def when_of(data: Mapping[str, Any]) -> tuple[When, ...]:
    """The conditions of an entry of the files."""
    return tuple(_when(one) for one in data["when"])


def _when(data: Mapping[str, Any]) -> When:
    lists = {name: tuple(data[name]) for name in ("months", "among") if name in data}
    return When(**{**data, **lists})
