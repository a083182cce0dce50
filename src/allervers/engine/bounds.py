"""Bounds of rights when some inputs are unknown: impossible, possible or certain, least and greatest amount.

Unknown is never zero: each unknown value has a stated domain. What is given is an enclosure: no completion of the
unknown values gives a result outside. A bound is said exact when a completion that reaches it was computed.
Intervals forget that two values come from the same unknown; so domains are cut into parts where that pays, each part is
bounded apart, and the parts are joined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import Block
from allervers.engine.copies import repeated
from allervers.engine.domains import Domains
from allervers.engine.enclosure.columns import Among, Possible, completed, possible_values
from allervers.engine.enclosure.program import Bound, BoundsProgram, Wanted
from allervers.engine.enclosure.seat import Households
from allervers.engine.enclosure.trials import Narrowed, Part, Trials, parts_of_cell
from allervers.engine.ops import InputKey
from allervers.engine.program import Asked

Verdict = Literal["impossible", "possible", "certain"]
PARTS = 256
"""Most parts that the domains of one household are cut into, and most completions enumerated."""
CUTS = 6
"""Most unknown values cut."""
SAMPLES = 256
"""Completions drawn, the two corners among them, to see which bounds are reached."""
MOST = 1e9
"""What stands for the width of an unbounded result, to compare cuts."""


@dataclass(frozen=True, slots=True)
class RowBounds:
    """The bounds of one output for one row of its entity, in its unit (a truth value: 0 or 1).

    `low_is_exact`, `high_is_exact`: some completion of the unknown values reaches this bound; else it is a safe
    enclosure. None for `low` and `high`: nothing bounds the result.
    """

    asked: Asked
    row: int
    low: float | None
    high: float | None
    low_is_exact: bool
    high_is_exact: bool

    @property
    def is_settled(self) -> bool:
        """True when the unknown values cannot change the result."""
        return self.low is not None and self.low == self.high

    @property
    def verdict(self) -> Verdict:
        """Whether the right is open: impossible (0 at most), certain (more than 0 at least), else possible."""
        if self.high is not None and self.high <= 0:
            return "impossible"
        return "certain" if self.low is not None and self.low > 0 else "possible"


Cells = Sequence[tuple[InputKey, int]]
"""Unknown values: column and row."""


class HouseholdBounds:
    """The bounds of every output for one household of a block. `seed`: of the completions drawn at random."""

    def __init__(self, bounds: BoundsProgram, block: Block, stated: Domains, *, seed: int = 0) -> None:
        self.bounds = bounds
        self.program = bounds.program
        self.block = block
        self.possible = possible_values(bounds.program, block, stated)
        self._columns = bounds.bound_columns(self.possible, bounds.bounds_and_live.reads)
        self._rng = np.random.default_rng(seed)

    def rows(self) -> list[RowBounds]:
        """The bounds of each output and row, the sharpest that the budget allows."""
        before, cells = self.live()
        if not cells:
            home = Households(self.block)
            return _row_bounds(self.bounds.settled(before, home, self.possible, self._everything()), None)
        enumerated = self._every_completion(cells)
        if enumerated is not None:
            return _row_bounds(None, self._computed(*enumerated))
        cut = self._worth_cutting(before, cells)
        lists = self._lists(cut)
        trials = self._trials(max(1, prod(map(len, lists))))
        for copy, parts in enumerate(product(*lists)):
            for (key, row), part in zip(cut, parts, strict=False):
                trials.write(copy, Narrowed(key, row, part))
        hull = {
            asked: Bound(b.low.min(axis=0), b.high.max(axis=0), np.asarray(b.is_unbounded.any(axis=0)))
            for asked, b in trials.run().items()
        }
        return _row_bounds(hull, self._computed(*self._completions()))

    def live(self) -> tuple[dict[Asked, Bound], Cells]:
        """The bounds without cutting, and the unknown values that can still change a result."""
        home = Households(self.block)
        columns = self._columns | self.bounds.seed_columns(home, self._everything())
        values = self.bounds.bounds_and_live.run(home, columns)
        cells = [(key, int(row)) for key in self.bounds.live for row in np.flatnonzero(values[key])]
        return self.bounds.as_bounds(values, home), cells

    def _everything(self) -> Wanted:
        return {asked: np.ones(self.block.count(e), bool) for asked, e in self.program.entities.items()}

    # --- cutting the domains ---

    def _trials(self, copies: int) -> Trials:
        columns = {key: self._columns[key] for key in self.bounds.bounds.reads}
        return Trials(self.bounds, self.block, copies, self.possible, columns)

    def _worth_cutting(self, before: Mapping[Asked, Bound], cells: Cells) -> Cells:
        """The cells whose cutting narrows the bounds most, the best first, at most CUTS."""
        tried = [(cell, part) for cell in cells for part in parts_of_cell(self.possible[cell[0]], cell[1])][: 2 * PARTS]
        trials = self._trials(len(tried))
        for copy, ((key, row), part) in enumerate(tried):
            trials.write(copy, Narrowed(key, row, part))
        left = sum(np.minimum(b.width, MOST).sum(axis=1) for b in trials.run().values())
        full = sum(float(np.minimum(b.width, MOST).sum()) for b in before.values())
        gains: dict[tuple[InputKey, int], list[float]] = {}
        for (cell, _part), width in zip(tried, np.asarray(left).tolist(), strict=True):
            gains.setdefault(cell, []).append(full - width)
        mean = {cell: sum(gain) / len(gain) for cell, gain in gains.items()}
        return sorted((cell for cell in mean if mean[cell] > 0), key=lambda cell: -mean[cell])[:CUTS]

    def _lists(self, cells: Cells) -> list[list[Part]]:
        """The parts of the first cells, as many as PARTS combinations allow."""
        lists: list[list[Part]] = []
        for key, row in cells:
            parts = parts_of_cell(self.possible[key], row)
            if prod(map(len, lists)) * len(parts) > PARTS:
                break
            lists.append(parts)
        return lists

    # --- completions ---

    def _every_completion(self, cells: Cells) -> tuple[dict[InputKey, NDArray[Any]], int] | None:
        """Every completion of these cells, when they are few and each has few possible values; else None.

        The other unknown values cannot change a result: they are given one of their values.
        """
        lists: list[list[Any]] = []
        for key, row in cells:
            values = _few_values(self.possible[key], row)
            if values is None or prod(map(len, lists)) * len(values) > PARTS:
                return None
            lists.append(values)
        count = prod(map(len, lists))
        columns = {key: np.tile(completed(one), count) for key, one in self.possible.items()}
        for copy, chosen in enumerate(product(*lists)):
            for (key, row), value in zip(cells, chosen, strict=True):
                columns[key][copy * (len(columns[key]) // count) + row] = value
        return columns, count

    def _completions(self) -> tuple[dict[InputKey, NDArray[Any]], int]:
        """The two corners and random completions."""
        columns = {
            key: np.concatenate([drawn(self._rng, one, number) for number in range(SAMPLES)])
            for key, one in self.possible.items()
        }
        return columns, SAMPLES

    def _computed(self, columns: Mapping[InputKey, NDArray[Any]], copies: int) -> dict[Asked, NDArray[Any]]:
        """Every output over completions. Shape: (copies, rows of the entity)."""
        values = self.bounds.outputs.run(Households(repeated(self.block, copies)), columns)
        return {
            asked: np.broadcast_to(values[asked], (copies * count,)).reshape(copies, count)
            for asked, count in ((a, self.block.count(e)) for a, e in self.program.entities.items())
        }


def _row_bounds(hull: Mapping[Asked, Bound] | None, reached: Mapping[Asked, NDArray[Any]] | None) -> list[RowBounds]:
    """Bounds row by row. Without `hull`, `reached` is every completion; without `reached`, nothing is open."""
    if hull is None:
        hull = {
            asked: Bound(values.min(axis=0), values.max(axis=0), ~np.isfinite(values).all(axis=0))
            for asked, values in (reached or {}).items()
        }
    found = []
    for asked, one in hull.items():
        values = reached[asked] if reached is not None else np.stack([one.low])
        for row in range(len(one.low)):
            low, high, seen = one.low[row], one.high[row], values[:, row]
            if one.is_unbounded[row]:
                found.append(RowBounds(asked, row, None, None, False, False))
            else:
                exact = bool(low == high or seen.min() == low), bool(low == high or seen.max() == high)
                found.append(RowBounds(asked, row, float(low), float(high), *exact))
    return found


def drawn(rng: np.random.Generator, possible: Possible, number: int) -> NDArray[Any]:
    """A completion of a column: number 0 the least values, 1 the greatest, then random ones, often at the ends."""
    if isinstance(possible, Among):
        weight = possible.may * (rng.random(possible.may.shape) + 1e-9)
        return np.asarray(possible.values[weight.argmax(axis=1)])
    low, high = possible.low, possible.high
    if number < 2:
        return np.asarray(high if number else low)
    share, end = rng.random(low.shape), rng.random(low.shape)
    if low.dtype == bool:
        inner: NDArray[Any] = np.where(share < 0.5, low, high)
    elif low.dtype.kind == "M":
        inner = low + ((high - low).astype(np.int64) * share).astype(np.int64).astype("m8[D]")
    else:
        inner = np.clip((low + (high - low) * share * rng.choice([0.1, 1.0])).astype(low.dtype), low, high)
    return np.asarray(np.where(end < 0.2, low, np.where(end < 0.3, high, inner)))


def _few_values(possible: Possible, row: int) -> list[Any] | None:
    if isinstance(possible, Among):
        return list(possible.values[possible.may[row]])
    low, high = possible.low[row], possible.high[row]
    if low.dtype == bool:
        return [low, high]
    if low.dtype.kind == "i" and int(high) - int(low) < 20:
        return list(np.arange(int(low), int(high) + 1).astype(low.dtype))
    return None
