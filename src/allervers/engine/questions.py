"""The questions that still matter for a household, the one that settles most first; the others are never asked.

After each answer: what can still reach an open right (backwards through the graph, cut where a choice, a limit or a
zero is settled) stays a question; the rest is dropped. Each question is then tried with a few answers, on copies of the
household in one run, and ordered by how much its answers narrow the bounds of the wanted rights, each right counted in
shares of what was open at the start.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import Block, Column
from allervers.engine.domains import Domains
from allervers.engine.enclosure.columns import Among, Possible, derived_column, possible_values
from allervers.engine.enclosure.program import Bound, BoundsProgram
from allervers.engine.enclosure.seat import Households, Seat
from allervers.engine.enclosure.trials import Narrowed, Part, Trials
from allervers.engine.facts import engine_values
from allervers.engine.ops import InputKey
from allervers.engine.program import Asked
from allervers.foundation.errors import InvalidInput

COPIES = 96
"""Copies of the household tried in one run (measured: under 20 ms on one core)."""
ANSWERS = 3
"""Answers tried for a choice among more values."""
TYPICAL = 0.25
"""Where a typical amount is looked for in its range: low ones are the most frequent, and the ones that open rights."""


class Question(NamedTuple):
    """A variable for a row of an entity. `rhythm`: month (all the months together: about the same each), year or
    eternity. `periods`: the periods still useful to know, in order."""

    variable: str
    entity: str
    row: int
    rhythm: str
    periods: tuple[str, ...]


class Effect(NamedTuple):
    """What a question may change: an output, a row of its entity, by how much its answers narrow the bounds, in the
    unit of the output (a truth value: 1)."""

    asked: Asked
    row: int
    amount: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """A question with its score (shares of rights, see the module) and what it may change, most first."""

    question: Question
    score: float
    effects: tuple[Effect, ...]


class Interview:
    """One household, question after question. Bounds and machines stay seated from one answer to the next.

    `block`: the household, its unknown cells marked. `wanted`: the outputs that matter, by rows (all by default).
    """

    def __init__(
        self,
        bounds: BoundsProgram,
        block: Block,
        stated: Domains,
        wanted: Mapping[Asked, NDArray[np.bool_]] | None = None,
    ) -> None:
        self.bounds = bounds
        self.program = bounds.program
        self.block = block
        entities = self.program.entities
        self.wanted = wanted or {asked: np.ones(block.count(e), bool) for asked, e in entities.items()}
        self.possible = possible_values(self.program, block, stated)
        self.entity_of = dict(self.program.inputs())
        self._columns = bounds.bound_columns(self.possible, bounds.columns)
        self._households = Households(block)
        seeds = bounds.seed_columns(self._households, self.wanted)
        self._seat = Seat(bounds.bounds_and_live, self._households, self._columns | seeds)
        self._trials: Trials | None = None
        self._keys: defaultdict[tuple[str, str], list[InputKey]] = defaultdict(list)
        for key in self.possible:
            self._keys[key.variable, _rhythm(key.period)].append(key)
        self._narrowed: defaultdict[InputKey, dict[int, list[Narrowed]]] = defaultdict(dict)
        self._parts: dict[tuple[int, int], tuple[Possible, list[Part]]] = {}
        self._cells_of_data = [(key, row) for key in bounds.live for row in range(block.count(self.entity_of[key]))]
        self._questions: list[Question] | None = None
        self.current, self._live = self._look()
        self._start = {asked: np.minimum(b.width, 1e9) for asked, b in self.current.items()}

    def again(self, block: Block, stated: Domains, wanted: Mapping[Asked, NDArray[np.bool_]]) -> None:
        """The interview of another household of the same shape (see `shape_of`), seated in the place of this one.

        Only what differs is written: for a service, much less than seating it anew.
        """
        self.block, self.wanted = block, wanted
        self._parts.clear()
        compared: dict[tuple[int, int], bool] = {}
        made: dict[tuple[int, int], NDArray[Any]] = {}
        for key, after in possible_values(self.program, block, stated).items():
            before = self.possible[key]
            pair = id(before), id(after)
            if pair not in compared:  # periods mostly share what they may be
                compared[pair] = before is after or _is_same(before, after)
            if not compared[pair]:
                self._place(key, after, made)
        for seed, rows in self.bounds.seed_columns(self._households, wanted).items():
            if seed in self._seat.columns:
                self._seat.columns[seed][:] = rows
        self.current, self._live = self._look()
        self._start = {asked: np.minimum(b.width, 1e9) for asked, b in self.current.items()}

    # --- what is known ---

    def _look(self) -> tuple[dict[Asked, Bound], dict[InputKey, NDArray[np.bool_]]]:
        self._questions = None
        values = {key: np.array(array) for key, array in self._seat.run().items()}
        live = {key: values[key] for key in self.bounds.live}
        found = self.bounds.as_bounds(values, self._households)
        is_open = any((rows & found[asked].is_open).any() for asked, rows in self.wanted.items())
        if is_open and not any(rows.any() for rows in live.values()):
            # Nothing unknown can matter any more, though a bound is loose: the law says what the result is.
            found = self.bounds.settled(found, self._households, self.possible, self.wanted)
        return found, live

    def open_rights(self) -> list[tuple[Asked, int]]:
        """The wanted outputs and rows whose result is not settled."""
        return [
            (a, int(row)) for a, rows in self.wanted.items() for row in np.flatnonzero(rows & self.current[a].is_open)
        ]

    def open_questions(self) -> list[Question]:
        """The questions whose answer can still change a wanted right, in the order of the data."""
        if self._questions is None:
            periods: defaultdict[tuple[str, str, int, str], list[str]] = defaultdict(list)
            live = [self._live[key] for key in self.bounds.live]
            for number in np.flatnonzero(np.concatenate(live)).tolist() if live else ():
                key, row = self._cells_of_data[number]
                periods[key.variable, self.entity_of[key], row, _rhythm(key.period)].append(key.period)
            self._questions = [Question(*head, tuple(sorted(found))) for head, found in sorted(periods.items())]
        return list(self._questions)

    # --- answers ---

    def answer(self, question: Question, values: Any) -> None:
        """Take the answer in: one value for every period of the question (asked or not), or period -> value.

        Values are natural (amounts, texts, days). Raises InvalidInput for one that the variable does not take.
        """
        given = values if isinstance(values, Mapping) else dict.fromkeys(self.periods_of(question), values)
        for period, value in given.items():
            self._learn((question.variable, period), question.row, value)
        self.current, self._live = self._look()

    def periods_of(self, question: Question) -> list[str]:
        """Every period of the data that an answer to a question may give, still useful or not."""
        return [key.period for key in self._keys[question.variable, question.rhythm]]

    def _learn(self, column: Column, row: int, value: Any) -> None:
        key = next((k for k in self._keys[column[0], _rhythm(column[1])] if k.period == column[1]), None)
        if key is None:
            return
        variable = self.program.variables[key.variable]
        try:
            known = engine_values(variable, np.array([value]))[0]
        except (ValueError, TypeError) as error:
            raise InvalidInput(
                f"Cette réponse ne convient pas à « {variable.label} » ({variable.name}).", variable=variable.name
            ) from error
        before = self.possible[key]
        if isinstance(before, Among) and known not in before.values.tolist():
            before = before.widened(known)
        self._place(key, before.known(np.array([row]), known), {})

    def _place(self, key: InputKey, after: Possible, made: dict[tuple[int, int], NDArray[Any]]) -> None:
        """Write what a column may be wherever it is read. `made`: derived columns already made of these values."""
        self.possible[key] = after
        self._narrowed.pop(key, None)
        for derived in self.bounds.derived[key]:
            alike = self.bounds.form[derived], id(after)
            column_values = made.get(alike)
            if column_values is None:
                column_values = made[alike] = derived_column(self.bounds.columns[derived], after, self.bounds.answers)
            self._columns[derived] = column_values
            if derived in self._seat.columns:
                self._seat.columns[derived][:] = column_values
        if self._trials is not None:
            self._trials.rebase(key, after, self._columns)

    # --- the order of questions ---

    def ranked(self, most: int | None = None, among: Callable[[Question], bool] | None = None) -> list[Ranked]:
        """The questions that still matter, the one that narrows most first. `most`: how many are given.

        `among`: the only ones that may be asked now (what is left out is not tried, which is what takes time).
        """
        questions = [q for q in self.open_questions() if among is None or among(q)]
        tried = [(position, parts) for position, q in enumerate(questions) for parts in self._tries(q)]
        found: list[list[dict[tuple[Asked, int], float]]] = [[] for _ in questions]
        for first in range(0, len(tried), COPIES):
            batch = tried[first : first + COPIES]
            for (position, _parts), gain in zip(batch, self._gains(questions, batch), strict=True):
                found[position].append(gain)
        ranked = [self._summed(q, gains) for q, gains in zip(questions, found, strict=True)]
        ranked.sort(key=lambda r: (-r.score, -len(r.question.periods)))
        return ranked[:most]

    def next_question(self) -> Question | None:
        """The question to ask now, None when every wanted right is settled."""
        ranked = self.ranked(1)
        return ranked[0].question if ranked else None

    def _tries(self, question: Question) -> list[list[Narrowed]]:
        """For each answer tried, the part of the domain of each cell of the question."""
        periods = set(question.periods)
        keys = [k for k in self._keys[question.variable, question.rhythm] if k.period in periods]
        cells = [self._cells(key, question.row) for key in keys]
        return [[of[min(number, len(of) - 1)] for of in cells] for number in range(max(map(len, cells), default=0))]

    def _cells(self, key: InputKey, row: int) -> list[Narrowed]:
        """A cell, for each answer tried."""
        found = self._narrowed[key].get(row)
        if found is None:
            possible = self.possible[key]
            # Periods mostly share what they may be: their parts too. The value is kept with its key, which names it.
            _kept, parts = self._parts.setdefault((id(possible), row), (possible, []))
            parts += [] if parts else typical_parts(possible, row)
            found = self._narrowed[key][row] = [Narrowed(key, row, part) for part in parts]
        return found

    def _gains(self, questions: Sequence[Question], batch: Sequence[Any]) -> list[dict[tuple[Asked, int], float]]:
        """For each try, how much it narrows each open right, in the unit of the right."""
        del questions
        if self._trials is None:
            columns = {key: self._columns[key] for key in self.bounds.bounds.reads}
            self._trials = Trials(self.bounds, self.block, COPIES, self.possible, columns)
        for copy, (_position, cells) in enumerate(batch):
            for cell in cells:
                self._trials.write(copy, cell)
        after = self._trials.run()
        self._trials.reset()
        gains: list[dict[tuple[Asked, int], float]] = [{} for _ in batch]
        for asked, row in self.open_rights():
            before = min(float(self.current[asked].width[row]), 1e9)
            left = np.minimum(after[asked].width[: len(batch), row], 1e9)
            for copy, width in enumerate(left.tolist()):
                if width < before:
                    gains[copy][asked, row] = before - width
        return gains

    def _summed(self, question: Question, gains: Sequence[Mapping[tuple[Asked, int], float]]) -> Ranked:
        total: defaultdict[tuple[Asked, int], list[float]] = defaultdict(list)
        for gain in gains:
            for right, amount in gain.items():
                total[right].append(amount)
        score = sum(
            sum(amounts) / len(gains) / max(1e-9, float(self._start[asked][row]))
            for (asked, row), amounts in total.items()
        )
        effects = [Effect(asked, row, max(amounts)) for (asked, row), amounts in total.items()]
        return Ranked(question, score, tuple(sorted(effects, key=lambda e: -e.amount)))


def shape_of(block: Block) -> tuple[bytes, ...]:
    """What households must have in common to be seated in the same place: persons, groups and roles."""
    parts = ((m.group.tobytes(), m.role.tobytes(), str(m.count).encode()) for m in block.membership.values())
    return tuple(part for parts_of_group in parts for part in parts_of_group)


def _is_same(one: Possible, other: Possible) -> bool:
    if isinstance(one, Among):
        if not isinstance(other, Among) or not np.array_equal(one.values, other.values):
            return False
        return bool((one.may == other.may).all())
    return isinstance(other, type(one)) and bool((one.low == other.low).all() and (one.high == other.high).all())


def typical_parts(possible: Possible, row: int) -> list[Part]:
    """The answers tried for a cell: each value of a short choice, the least and a typical value of a range."""
    if isinstance(possible, Among):
        values = np.flatnonzero(possible.may[row])
        if len(values) > ANSWERS:
            values = values[np.linspace(0, len(values) - 1, ANSWERS).astype(int)]
        return [np.arange(len(possible.values)) == v for v in values]
    low, high = possible.low[row], possible.high[row]
    if low == high:
        return [(low, high)]
    if low.dtype == bool:
        return [(low, low), (high, high)]
    if low.dtype.kind in "Mi":
        middle = low + (high - low) // 2
        return [(low, low), (middle, middle), (high, high)]
    typical = low.dtype.type(float(low) + TYPICAL * (float(high) - float(low)))
    return [(low, low), (typical, typical)]


def _rhythm(period: str) -> str:
    return "eternity" if period == "ETERNITY" else "year" if len(period) == 4 else "month"
