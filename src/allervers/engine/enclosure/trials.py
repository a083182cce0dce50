"""One household many times, each copy with some unknown values narrowed: what would be known if they were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import Block
from allervers.engine.copies import repeated
from allervers.engine.enclosure.columns import MOST_KEPT, Among, Possible
from allervers.engine.enclosure.program import Bound, BoundsProgram
from allervers.engine.enclosure.seat import Households, Seat
from allervers.engine.ops import BOOL, InputKey
from allervers.engine.program import Asked

Part = Any
"""A part of the domain of a cell: (low, high) of numbers, days or truth values; a mask over the values of a choice."""


@dataclass(frozen=True, slots=True, eq=False)
class Narrowed:
    """A cell of the data held to a part of its domain. Known by identity: what it changes is worked out once."""

    key: InputKey
    row: int
    part: Part


class Change(NamedTuple):
    """What a narrowed cell changes in the buffer of a type: positions for the first copy, values."""

    dtype: str
    at: NDArray[np.int64]
    values: NDArray[Any]


class Trials:
    """Copies of a household. `write` narrows a cell of one copy, `run` gives every copy's bounds, `reset` undoes."""

    def __init__(
        self,
        bounds: BoundsProgram,
        block: Block,
        copies: int,
        possible: Mapping[InputKey, Possible],
        columns: Mapping[InputKey, NDArray[Any]],
    ) -> None:
        self.bounds = bounds
        self.copies = copies
        self.possible = dict(possible)
        entity_of = bounds.program.facts.inputs()
        self.count = {key: block.count(entity_of[key]) for key in possible}
        self.households = Households(repeated(block, copies))
        self.seat = Seat(bounds.bounds, self.households, {key: np.tile(c, copies) for key, c in columns.items()})
        self._values: dict[tuple[int, int], tuple[Part, Any]] = {}
        self._changes: dict[Narrowed, tuple[int, list[Change]]] = {}
        self._worked_out_for: defaultdict[InputKey, list[Narrowed]] = defaultdict(list)
        self._asked: defaultdict[str, list[tuple[int, Change]]] = defaultdict(list)
        self._written: list[tuple[NDArray[Any], NDArray[np.int64], NDArray[Any]]] = []

    def write(self, copy: int, cell: Narrowed) -> None:
        """Narrow the domain of a cell of one copy."""
        found = self._changes.get(cell)
        if found is None:
            found = self._changes[cell] = self.count[cell.key], self._worked_out(cell)
            self._worked_out_for[cell.key].append(cell)
        count, changes = found
        for change in changes:
            self._asked[change.dtype].append((copy * count, change))

    def _worked_out(self, cell: Narrowed) -> list[Change]:
        found: defaultdict[str, list[tuple[int, Any]]] = defaultdict(list)
        for derived in self.bounds.derived[cell.key]:
            place = self.seat.places.get(derived)
            if place is not None:
                found[place.dtype].append((place.rows.start + cell.row, self._value(derived, cell.key, cell.part)))
        return [
            Change(dtype, np.array([at for at, _ in cells]), np.array([value for _, value in cells], dtype=dtype))
            for dtype, cells in found.items()
        ]

    def _write_all(self) -> None:
        """Write what was asked, each type at once."""
        for dtype, asked in self._asked.items():
            buffer = self.seat.buffers[dtype]
            shifts = np.repeat([shift for shift, _ in asked], [len(change.at) for _, change in asked])
            at = np.concatenate([change.at for _, change in asked]) + shifts
            self._written.append((buffer, at, buffer[at]))
            buffer[at] = np.concatenate([change.values for _, change in asked])
        self._asked.clear()

    def _value(self, key: InputKey, source: InputKey, part: Part) -> Any:
        # Periods mostly share their parts. A part is kept with what it gives: its identity names no other.
        alike = self.bounds.form[key], id(part)
        known = self._values.get(alike)
        if known is None:
            if len(self._values) >= MOST_KEPT:
                self._values.clear()
            known = self._values[alike] = part, self._computed(key, source, part)
        return known[1]

    def _computed(self, key: InputKey, source: InputKey, part: Part) -> Any:
        derived, possible = self.bounds.columns[key], self.possible[source]
        if isinstance(possible, Among):
            if derived.side == "open":
                return np.count_nonzero(part) != 1
            asked = self.bounds.answers.of(derived, possible.values)[part]
            if asked.dtype == BOOL:
                return asked.any() if derived.side == "high" else asked.all()
            return asked.max() if derived.side == "high" else asked.min()
        low, high = part
        return low != high if derived.side == "open" else low if derived.side == "low" else high

    def reset(self) -> None:
        """Every copy as it was."""
        for buffer, at, values in reversed(self._written):
            buffer[at] = values
        self._written.clear()

    def rebase(self, key: InputKey, possible: Possible, columns: Mapping[InputKey, NDArray[Any]]) -> None:
        """Every copy with another column of the data. `columns`: its derived columns for one copy."""
        self.possible[key] = possible
        for cell in self._worked_out_for.pop(key, ()):
            del self._changes[cell]
        for derived in self.bounds.derived[key]:
            array = self.seat.columns.get(derived)
            if array is not None:
                array.reshape(self.copies, -1)[:] = columns[derived]

    def run(self) -> dict[Asked, Bound]:
        """The bounds of every output. Shape: (copies, rows of its entity)."""
        self._write_all()
        found = self.bounds.as_bounds(self.seat.run(), self.households)
        shape = (self.copies, -1)
        return {
            asked: Bound(b.low.reshape(shape), b.high.reshape(shape), b.is_unbounded.reshape(shape))
            for asked, b in found.items()
        }


def parts_of_cell(possible: Possible, row: int) -> list[Part]:
    """The parts that the domain of a cell is cut into: one by value when there are few, else zero and halves."""
    if isinstance(possible, Among):
        return [np.arange(len(possible.values)) == v for v in np.flatnonzero(possible.may[row])]
    low, high = possible.low[row], possible.high[row]
    if low == high:
        return [(low, high)]
    if low.dtype == bool:
        return [(low, low), (high, high)]
    if low.dtype.kind == "M":
        middle = low + (high - low) // 2
        return [(low, middle), (middle + np.timedelta64(1, "D"), high)]
    if low.dtype.kind == "i":
        middle = low + (high - low) // 2
        return [(low, middle), (middle + 1, high)]
    middle = low.dtype.type((float(low) + float(high)) / 2)
    # Zero stands alone: having no wage, no rent, is what the law tells apart most often.
    return [(low, low), (low, middle), (middle, high)] if low == 0 else [(low, middle), (middle, high)]
