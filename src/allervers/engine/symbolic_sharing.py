"""Results that several simulations would compute alike: taken again rather than traced again.

A result is taken again when its computation met no cycle, shares no variable with what is being computed now, and went
through no variable that was given otherwise then. What it went through is held as bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from allervers.engine.block import Column
from allervers.engine.node import Node
from allervers.engine.symbol import Symbol


class Frame:
    """A computation under way: the variables and columns that it went through, whether it depends on the order."""

    __slots__ = ("bit", "is_dependent", "mask", "reads")

    def __init__(self, bit: int) -> None:
        self.bit = bit
        self.mask = bit
        self.reads = 0
        self.is_dependent = False


class Shared(NamedTuple):
    """A result, the variables that its computation went through, the columns that it read, what was given then."""

    symbol: Symbol
    mask: int
    reads: int
    given: int


class SharedResults:
    """The results of every simulation of a trace."""

    def __init__(self) -> None:
        self.columns: list[Column] = []
        self._results: dict[tuple[str, Any], list[Shared]] = {}
        self._bits: dict[str, int] = {}
        self._columns: dict[Column, int] = {}
        self._givens: list[Mapping[Column, Any]] = []
        self._differences: dict[tuple[int, int], int] = {}

    def bit(self, variable: str) -> int:
        """A bit of its own for each variable."""
        return self._bits.setdefault(variable, 1 << len(self._bits))

    def column_bit(self, column: Column) -> int:
        """A bit of its own for each column given."""
        if column not in self._columns:
            self._columns[column] = 1 << len(self.columns)
            self.columns.append(column)
        return self._columns[column]

    def columns_of(self, bits: int) -> frozenset[Column]:
        """The columns of some bits."""
        return frozenset(column for position, column in enumerate(self.columns) if bits >> position & 1)

    def given(self, sources: Mapping[Column, Any]) -> int:
        """A number for what is given to a simulation: the same number for the same columns from the same sources."""
        for number, known in enumerate(self._givens):
            if known == sources:
                return number
        self._givens.append(dict(sources))
        return len(self._givens) - 1

    def find(self, key: tuple[str, Any], running: int, given: int) -> Shared | None:
        """A result that can be taken again by a simulation to which this is given, while these variables run."""
        for known in self._results.get(key, ()):
            if not known.mask & running and not known.mask & self._difference(known.given, given):
                return known
        return None

    def keep(self, key: tuple[str, Any], result: Shared) -> None:
        """Keep a result."""
        self._results.setdefault(key, []).append(result)

    def results(self, reachable: Mapping[int, Node]) -> dict[tuple[str, str], Node]:
        """The node of each (variable, period), among these nodes."""
        return {
            (variable, str(period)): result.symbol.node
            for (variable, period), results in self._results.items()
            for result in results
            if result.symbol.node.id in reachable or result.symbol.node.is_const
        }

    def _difference(self, a: int, b: int) -> int:
        """The variables that are not given alike."""
        if a == b:
            return 0
        found = self._differences.get((a, b))
        if found is None:
            first, second = self._givens[a], self._givens[b]
            names = {c[0] for c in first.keys() | second.keys() if first.get(c) != second.get(c)}
            found = 0
            for name in names:
                found |= self.bit(name)
            self._differences[a, b] = self._differences[b, a] = found
        return found
