"""Possible values of the columns of the data, and the columns of bounds that an enclosure reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import Block
from allervers.engine.domains import Cell, Domains, domain_of, engine_choices, engine_range
from allervers.engine.enclosure.enclosed import ITEM, Derived, applied, result_dtype
from allervers.engine.facts import engine_values
from allervers.engine.limits import checked
from allervers.engine.ops import BOOL, TEXT, InputKey
from allervers.engine.program import Program
from allervers.engine.variables import Variable

MOST_KEPT = 20_000
"""Answers of chains kept at once."""


@dataclass(frozen=True, slots=True)
class Between:
    """Numbers, days or truth values: `low[i] <= value of row i <= high[i]`, in the engine's type."""

    low: NDArray[Any]
    high: NDArray[Any]

    @property
    def is_open(self) -> NDArray[np.bool_]:
        """Rows whose value is unknown."""
        return np.asarray(self.low != self.high)

    def repeated(self, copies: int) -> Between:
        """Copies one after the other."""
        return Between(np.tile(self.low, copies), np.tile(self.high, copies))

    def known(self, rows: NDArray[Any], value: Any) -> Between:
        """With these rows known."""
        low, high = self.low.copy(), self.high.copy()
        low[rows] = high[rows] = value
        return Between(low, high)


@dataclass(frozen=True, slots=True)
class Among:
    """Items or texts: row i may be `values[v]` where `may[i, v]`. Shape of `may`: (rows, values)."""

    values: NDArray[Any]
    may: NDArray[np.bool_]

    @property
    def is_open(self) -> NDArray[np.bool_]:
        """Rows whose value is unknown."""
        return np.asarray(np.count_nonzero(self.may, axis=1) != 1)

    def repeated(self, copies: int) -> Among:
        """Copies one after the other."""
        return replace(self, may=np.tile(self.may, (copies, 1)))

    def known(self, rows: NDArray[Any], value: Any) -> Among:
        """With these rows known. `value`: in the engine's type, among the values (see widened)."""
        may = self.may.copy()
        may[rows] = self.values == np.reshape(np.asarray(value, dtype=self.values.dtype), (-1, 1))
        return replace(self, may=may)

    def widened(self, value: Any) -> Among:
        """With one more value, that no row may take yet."""
        none = np.zeros((len(self.may), 1), dtype=bool)
        return Among(np.array([*self.values.tolist(), value], dtype=self.values.dtype), np.hstack([self.may, none]))


Possible = Between | Among


def possible_values(program: Program, block: Block, stated: Domains) -> dict[InputKey, Possible]:
    """What each column that a program reads may be. Raises InvalidInput when an unknown value has no stated domain.

    Periods of a variable that share their arrays (and of which nothing is stated apart) share what they may be.
    """
    found: dict[InputKey, Possible] = {}
    apart = {key[:2] for key in stated if not isinstance(key, str)}
    shared: dict[tuple[str, int, int], Possible] = {}
    for key, _entity in program.inputs():
        column = (key.variable, key.period)
        values, mask = block.columns[column], block.unknown.get(column)
        alike = (key.variable, id(values), id(mask))
        known = None if column in apart else shared.get(alike)
        if known is None:
            known = _possible(program.variables[key.variable], key, values, mask, stated)
            if column not in apart:
                shared[alike] = known
        found[key] = known
    return found


def _possible(
    variable: Variable, key: InputKey, values: NDArray[Any], mask: NDArray[np.bool_] | None, stated: Domains
) -> Possible:
    given = checked(key, engine_values(variable, values))
    rows = np.flatnonzero(mask).tolist() if mask is not None else []
    make = _among if np.dtype(key.dtype) in (TEXT, ITEM) else _between
    return make(variable, given, {row: Cell(key.variable, key.period, row) for row in rows}, stated)


def _between(variable: Variable, given: NDArray[Any], unknown: Mapping[int, Cell], stated: Domains) -> Possible:
    low, high = given.copy(), given.copy()
    for row, cell in unknown.items():
        low[row], high[row] = engine_range(variable, domain_of(variable, cell, stated))
    return Between(low, high)


def _among(variable: Variable, given: NDArray[Any], unknown: Mapping[int, Cell], stated: Domains) -> Possible:
    choices = {row: engine_choices(variable, domain_of(variable, cell, stated)) for row, cell in unknown.items()}
    known = [v for row, v in enumerate(given.tolist()) if row not in choices]
    every = dict.fromkeys([*known, *(v for values in choices.values() for v in values.tolist())])
    values = np.array(list(every), dtype=given.dtype)
    position = {value: number for number, value in enumerate(values.tolist())}
    may = np.zeros((len(given), len(values)), dtype=bool)
    for row, value in enumerate(given.tolist()):
        for one in choices[row].tolist() if row in choices else [value]:
            may[row, position[one]] = True
    return Among(values, may)


def completed(possible: Possible) -> NDArray[Any]:
    """A value for each row: the known one where it is known, else one that is possible."""
    return possible.low if isinstance(possible, Between) else possible.values[possible.may.argmax(axis=1)]


class Answers:
    """What chains ask of choices, computed once for each list of values."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, tuple[Any, ...]], NDArray[Any]] = {}

    def of(self, derived: Derived, values: NDArray[Any]) -> NDArray[Any]:
        """What the chain of a column gives for each value."""
        # Columns live as long as their program: by identity. Households mostly choose among the same values.
        key = id(derived), tuple(values.tolist())
        found = self._known.get(key)
        if found is None:
            result = applied(derived.chain, values.tolist(), values.dtype)
            found = np.asarray(result, dtype=result_dtype(values.dtype, derived.chain))
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            self._known[key] = found
        return found


def derived_column(derived: Derived, possible: Possible, answers: Answers) -> NDArray[Any]:
    """The column of a bound. Shape: rows of the source."""
    if derived.side == "open":
        return possible.is_open
    if isinstance(possible, Between):
        return possible.low if derived.side == "low" else possible.high
    asked = answers.of(derived, possible.values)
    if asked.dtype == BOOL:
        if derived.side == "high":
            return np.asarray((possible.may & asked).any(axis=1))
        return np.asarray(~(possible.may & ~asked).any(axis=1))
    if derived.side == "high":
        return np.asarray(np.where(possible.may, asked, asked.min()).max(axis=1))
    return np.asarray(np.where(possible.may, asked, asked.max()).min(axis=1))
