"""What must be known of a population before it is read block by block: who belongs to which group, where to cut.

A cut is a place where the four files can be cut at once with no household on both sides. Files written household by
household have one after each; in files of any other order they are rare, or there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import ENTITIES, GROUPS, ROLES, Column, Membership, components
from allervers.engine.variables import Variable

LARGEST = 4
"""A block between two cuts may be that many times larger than asked; beyond, the population is said to be unordered."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A checked population folder without its values. `count`: rows of each entity.

    `position[g][i]`, `role[g][i]`: row of person i's group, and the position of its role in ROLES[g].
    """

    folder: Path
    count: Mapping[str, int]
    position: Mapping[str, NDArray[np.int32]]
    role: Mapping[str, NDArray[np.int8]]
    columns: Mapping[Column, Variable]

    @property
    def persons(self) -> int:
        """Number of persons."""
        return self.count["individu"]

    def households(self) -> NDArray[np.int64]:
        """Household (connected component) of each person, numbered by their first person. Shape (persons,)."""
        nobody = np.empty(0, dtype=str)  # roles have no part in it
        groups = {g: Membership(self.count[g], self.position[g].astype(np.int64), nobody) for g in GROUPS}
        label = components(groups, self.persons)
        is_first = label == np.arange(self.persons)
        number: NDArray[np.int64] = (np.cumsum(is_first) - 1)[label]
        return number

    def membership(self, rows: Mapping[str, Rows]) -> dict[str, Membership]:
        """Who belongs to which group among these rows, which must be whole households."""
        found = {}
        for group in GROUPS:
            position = self.position[group][_index(rows["individu"])].astype(np.int64)
            of_group = rows[group]
            local = position - of_group.start if isinstance(of_group, range) else np.searchsorted(of_group, position)
            role = np.array(ROLES[group])[self.role[group][_index(rows["individu"])]]
            found[group] = Membership(len(of_group), local, role)
        return found


Rows = range | NDArray[np.int64]
"""Rows of a file, increasing: a run of them, or any."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The blocks of a population, by entity. `ordered`: each block is a run of rows of each file, in order."""

    blocks: list[dict[str, Rows]]
    ordered: bool


def cut(skeleton: Skeleton, households: int) -> Cut:
    """Blocks of about that many whole households, every row in one of them.

    When the files have no place to cut often enough, the blocks are those of `Population.blocks`: any rows.
    """
    number = skeleton.households()
    if not len(number):
        return Cut([], True)
    of_row = {"individu": number}
    for group in GROUPS:
        of_row[group] = np.empty(skeleton.count[group], dtype=np.int64)
        of_row[group][skeleton.position[group]] = number
    total = int(number.max()) + 1
    before = {entity: np.append(0, np.cumsum(np.bincount(of_row[entity], minlength=total))) for entity in ENTITIES}
    is_cut = np.ones(total + 1, dtype=bool)
    for entity in ENTITIES:
        # All rows before the cut are those of the households before it.
        highest = np.append(-1, np.maximum.accumulate(of_row[entity]))
        is_cut &= highest[before[entity]] < np.arange(total + 1)
    bounds = _bounds(np.flatnonzero(is_cut), households)
    if int(np.diff(bounds).max()) <= LARGEST * households:
        pairs = zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
        return Cut(
            [{e: range(int(before[e][low]), int(before[e][high])) for e in ENTITIES} for low, high in pairs], True
        )
    return Cut(_any_rows(of_row, before, total, households), False)


def _bounds(places: NDArray[np.int64], households: int) -> NDArray[np.int64]:
    """Cuts at least that many households apart; the first is 0, the last the number of households."""
    bounds, last = [0], int(places[-1])
    while bounds[-1] < last:
        following = int(np.searchsorted(places, bounds[-1] + households))
        bounds.append(int(places[min(following, len(places) - 1)]))
    return np.array(bounds)


def _any_rows(
    of_row: Mapping[str, NDArray[np.int64]], before: Mapping[str, NDArray[np.int64]], total: int, households: int
) -> list[dict[str, Rows]]:
    order = {entity: np.argsort(numbers, kind="stable") for entity, numbers in of_row.items()}
    return [
        {e: np.sort(order[e][before[e][low] : before[e][min(low + households, total)]]) for e in ENTITIES}
        for low in range(0, total, households)
    ]


def _index(rows: Rows) -> slice | NDArray[np.int64]:
    return slice(rows.start, rows.stop) if isinstance(rows, range) else rows
