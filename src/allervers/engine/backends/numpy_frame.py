"""What the steps of the numpy back-end work on: the registers of one thread, and where the block at hand lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import ENTITIES
from allervers.engine.layout import Layout
from allervers.engine.ops import TEXT

Array = NDArray[Any]
Index = NDArray[np.intp]
ALIGNMENT = 64
"""Registers begin at a line of the cache."""
SHORT = 128
"""Persons of a place in a block under which they are taken one by one, and not as a run."""


def raw(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The type in which a value is moved: a date and the number of a word are 64-bit numbers."""
    return np.dtype(np.int64) if dtype == TEXT or dtype.kind in "mM" else dtype


class View(NamedTuple):
    """An operand of the steps that has rows: register `number` read as a type. `fill`: what fills it, once for all."""

    number: int
    entity: str
    dtype: np.dtype[Any]
    fill: Array | None = None


class Pick(NamedTuple):
    """A person picked for each group: positions in the block (None: the first ones), the groups that have nobody."""

    persons: Index | None
    nobody: Index | None


@dataclass(frozen=True, slots=True)
class Shared:
    """What the blocks of a run read and write, in every thread. `columns`, `outputs`: by slot, in the order of the
    population; `tables`: of text functions. In the order of the layout: `fixed`, columns of the structure, by operand,
    with their entity; `held`, whether each person holds a role; `picked`, a person for each group (-1: nobody)."""

    layout: Layout
    columns: Sequence[Array]
    outputs: Sequence[Array]
    tables: Sequence[Array]
    fixed: Mapping[int, tuple[str, Array]]
    held: Mapping[tuple[str, str], Array]
    picked: Mapping[tuple[str, str | int], Array]


@dataclass(slots=True)
class Frame:
    """The registers of a thread and the block at hand.

    `views[i]`: operand i of the steps, cut to the rows of the block; `whole[entity]`: operands before they are cut.
    `runs[j]`: in an aligned block, the persons of place j and the groups that have one: the first ones. `rest`: the
    persons of later places, which few households have, and the group of each.
    """

    shared: Shared
    views: list[Any]
    whole: Mapping[str, Sequence[tuple[int, Array]]]
    aligned: bool = False
    first: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    order: dict[str, Index] = field(default_factory=dict)
    runs: list[tuple[slice, slice]] = field(default_factory=list)
    rest: tuple[slice, Index] | None = None
    _found: dict[Any, Any] = field(default_factory=dict)

    def enter(self, block: int) -> None:
        """Go to a block."""
        layout = self.shared.layout
        self._found = {}
        for e, entity in enumerate(ENTITIES):
            first, count = int(layout.first[block, e]), int(layout.rows[block, e])
            self.first[entity] = first
            self.order[entity] = layout.order[entity][first : first + count].astype(np.intp)
            if self.rows.get(entity) != count:
                self.rows[entity] = count
                cut = slice(0, count)
                for position, array in self.whole[entity]:
                    self.views[position] = array[cut]
        for position, (entity, column) in self.shared.fixed.items():
            self.views[position] = self._here(column, entity)
        self.aligned = bool(layout.aligned[block])
        low = int(layout.start_of[block])
        start = layout.start[low : low + int(layout.places[block]) + 1].tolist() if self.aligned else [0]
        runs = [(slice(a, b), slice(0, b - a)) for a, b in pairwise(start)]
        count = max(1, sum(b - a >= SHORT for a, b in pairwise(start))) if self.aligned else 0
        self.runs = runs[:count]
        self.rest = None
        if len(runs) > count:
            rest = slice(start[count], start[-1])
            self.rest = rest, np.concatenate([np.arange(groups.stop) for _, groups in runs[count:]])

    def _here(self, column: Array, entity: str) -> Array:
        first = self.first[entity]
        return column[first : first + self.rows[entity]]

    def group(self, group: str) -> Index:
        """Group of each person, as a position in the block."""
        found = self._found.get(group)
        if found is None:
            positions = self._here(self.shared.layout.group[group], "individu")
            found = self._found[group] = positions.astype(np.intp) - self.first[group]
        return found

    def held(self, role: tuple[str, str]) -> Array:
        """Mask of the persons who hold a role: 64 bits set, or none, so that a real number is kept or made zero."""
        found = self._found.get(("held", role))
        if found is None:
            found = self._found["held", role] = -self._here(self.shared.held[role], "individu").astype(np.int64)
        return found

    def pick(self, who: tuple[str, str | int]) -> Pick:
        """The person who holds a role in each group, or who has a place in it."""
        found = self._found.get(("pick", who))
        if found is None:
            persons = self._here(self.shared.picked[who], who[0]).astype(np.intp)
            missing = persons < 0
            local = np.where(missing, 0, persons - self.first["individu"])
            is_plain = np.array_equal(local, np.arange(len(local)))
            found = Pick(None if is_plain else local, np.flatnonzero(missing) if missing.any() else None)
            self._found["pick", who] = found
        return found
