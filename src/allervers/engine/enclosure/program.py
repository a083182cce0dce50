"""A program of bounds: for each output its least and greatest value, and which unknown inputs can still change it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.build import Builder
from allervers.engine.enclosure.columns import Answers, Possible, completed, derived_column
from allervers.engine.enclosure.enclosed import Derived, Enclosure
from allervers.engine.enclosure.live import SEED, live_inputs
from allervers.engine.enclosure.seat import Arrays, Households, Runner
from allervers.engine.node import Graph
from allervers.engine.ops import BOOL, InputKey
from allervers.engine.program import Asked, Program

PossibleValues = Mapping[InputKey, Possible]
Wanted = Mapping[Asked, NDArray[np.bool_]]
"""For each output, the rows of its entity for which it is wanted. An output left out is wanted for nobody."""


@dataclass(frozen=True, slots=True)
class Bound:
    """Bounds of an output, by row of its entity, in the engine's type; `is_unbounded` where nothing is known of it."""

    low: NDArray[np.generic]
    high: NDArray[np.generic]
    is_unbounded: NDArray[np.bool_]

    @property
    def is_open(self) -> NDArray[np.bool_]:
        """Rows whose result is not settled."""
        return np.asarray((self.low != self.high) | self.is_unbounded)

    @property
    def width(self) -> NDArray[np.float64]:
        """How much is still open, in the unit of the output (1 for a truth value); infinite where it is unbounded."""
        width = self.high.astype(np.float64) - self.low.astype(np.float64)
        return np.where(self.is_unbounded, np.inf, width)


class BoundsProgram:
    """The bounds of a program's outputs. Made once (seconds), then run on any household of the same facts."""

    def __init__(self, program: Program) -> None:
        self.program = program
        enclosure = Enclosure(Builder(Graph(), program.facts.always_held))
        enclosure.add(program.roots)
        self.seeds = {asked: f"{SEED}{number}" for number, asked in enumerate(program.roots)}
        self.live = live_inputs(enclosure, program.roots, self.seeds)
        self.columns: Mapping[InputKey, Derived] = enclosure.columns
        self.derived: defaultdict[InputKey, list[InputKey]] = defaultdict(list)
        for key, derived in self.columns.items():
            self.derived[derived.source].append(key)
        forms: dict[Any, int] = {}
        self.form = {key: forms.setdefault((d.side, d.chain), len(forms)) for key, d in self.columns.items()}
        """Derived column -> a number shared by those that ask the same of the possible values of their source."""
        spans = {asked: enclosure.of[root.id] for asked, root in program.roots.items()}
        sides = {
            (asked, side): node
            for asked, span in spans.items()
            for side, node in (("low", span.low), ("high", span.high), ("odd", span.odd or enclosure.spans.no))
        }
        self.bounds = Runner(sides)
        self.bounds_and_live = Runner({**sides, **self.live})
        self.answers = Answers()

    @cached_property
    def outputs(self) -> Runner:
        """The outputs themselves, to compute completions."""
        return Runner(self.program.roots)

    def run(self, households: Households, possible: PossibleValues) -> dict[Asked, Bound]:
        """The bounds of every output, by row of its entity."""
        values = self.bounds.run(households, self.bound_columns(possible, self.bounds.reads))
        return self.as_bounds(values, households)

    def run_live(
        self, households: Households, possible: PossibleValues, wanted: Wanted
    ) -> tuple[dict[Asked, Bound], dict[InputKey, NDArray[np.bool_]]]:
        """The bounds, and for each input the rows where it can still change an output that is wanted."""
        columns = self.bound_columns(possible, self.bounds_and_live.reads) | self.seed_columns(households, wanted)
        values = self.bounds_and_live.run(households, columns)
        return self.as_bounds(values, households), {key: values[key] for key in self.live}

    def seed_columns(self, households: Households, wanted: Wanted) -> dict[InputKey, NDArray[np.bool_]]:
        """The columns that say which outputs are wanted, for whom."""
        entities = self.program.entities
        return {
            InputKey(name, "", BOOL.str): wanted.get(asked, np.zeros(households.count(entities[asked]), bool))
            for asked, name in self.seeds.items()
        }

    def bound_columns(self, possible: PossibleValues, keys: Iterable[InputKey]) -> dict[InputKey, NDArray[np.generic]]:
        """The columns of bounds that a run reads."""
        return {
            key: derived_column(derived, possible[derived.source], self.answers)
            for key in keys
            if (derived := self.columns.get(key)) is not None
        }

    def settled(
        self, found: Mapping[Asked, Bound], households: Households, possible: PossibleValues, wanted: Wanted
    ) -> dict[Asked, Bound]:
        """The bounds, once no unknown input can change a wanted output: there, what the law computes.

        A row stays unbounded where the law itself gives no number (a division by zero).
        """
        values = self.outputs.run(households, {key: completed(possible[key]) for key in self.outputs.reads})
        exact = dict(found)
        for asked, rows in wanted.items():
            bound, value = found[asked], values[asked]
            low, high = (np.where(rows, value, side) for side in (bound.low, bound.high))
            exact[asked] = Bound(low, high, np.where(rows, ~np.isfinite(value), bound.is_unbounded))
        return exact

    def as_bounds(self, values: Arrays, households: Households) -> dict[Asked, Bound]:
        """What a run gives, output by output."""
        found = {}
        for asked, entity in self.program.entities.items():
            rows = households.count(entity)
            sides = (values[asked, side] for side in ("low", "high", "odd"))
            low, high, odd = (one if len(one) == rows else np.broadcast_to(one, (rows,)) for one in sides)
            found[asked] = Bound(low, high, odd)
        return found
