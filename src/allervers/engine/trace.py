"""What a trace notes beside the graph: where each node comes from. A side map, so that nodes stay interned."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from numpy.typing import NDArray

from allervers.engine.build import Builder
from allervers.engine.errors import Untraceable
from allervers.engine.node import Graph, Node
from allervers.engine.ops import TEXT
from allervers.engine.symbol import CannotTrace, Symbol, plain
from allervers.engine.symbol_functions import text_function
from allervers.engine.texts import table_of

UNKNOWN_WORD = "-"
"""A text that no file of the law holds."""


class Parameter(NamedTuple):
    """A parameter of the law that an operation used: its path, its value, the instant (YYYY-MM-DD) it was read for."""

    path: str
    value: Any
    instant: str


class Origin(NamedTuple):
    """Where a node comes from: variable and period whose formula made it, file and line, parameters it used."""

    variable: str
    period: str
    file: str
    line: int
    parameters: tuple[Parameter, ...] = ()


class NamedNumber(float):
    """A parameter of the law as a number that knows its name. Computes as a plain Python number does."""

    __slots__ = ("parameter",)
    parameter: Parameter


class NamedInteger(int):
    """A whole parameter of the law that knows its name."""

    parameter: Parameter


def named(parameter: Parameter) -> Any:
    """The value of a parameter, with its name when it is a number."""
    value = parameter.value
    if type(value) is float:
        number = NamedNumber(value)
        number.parameter = parameter
        return number
    if type(value) is int:
        whole = NamedInteger(value)
        whole.parameter = parameter
        return whole
    return value


@dataclass(slots=True)
class Trace:
    """A trace under way: the graph, the origins of its nodes, the formula that runs.

    `branches`: variables whose formulas may ask `any()`, which is then answered True: what they do under it changes
    only the rows that meet the condition (each is named, with its reason, by the adapter).
    """

    builder: Builder
    branches: Iterable[str] = ()
    origins: dict[int, Origin] = field(default_factory=dict)
    running: list[tuple[str, str]] = field(default_factory=list)
    words: tuple[str, ...] | None = None
    """The texts known to the formula that runs, where it is one of those that loop over a column of texts."""
    _loop: Symbol | None = None

    @classmethod
    def new(cls, always_held: Iterable[tuple[str, str]] = (), branches: Iterable[str] = ()) -> Trace:
        """A trace on an empty graph."""
        return cls(Builder(Graph(), always_held), frozenset(branches))

    def note(self, node: Node, operands: Sequence[Any]) -> None:
        """Note where a node comes from, the first time that it is made."""
        if node.id in self.origins or not self.running or node.op in ("const", "input"):
            return
        parameters = tuple(o.parameter for o in operands if isinstance(o, NamedNumber | NamedInteger))
        file, line = formula_place()
        variable, period = self.running[-1]
        self.origins[node.id] = Origin(variable, period, file, line, parameters)

    def any_of(self, symbol: Symbol) -> bool:  # noqa: ARG002 - what the formula asks about
        """True in the formulas that are known to branch on it as a mere shortcut. Raises CannotTrace."""
        if self.running and self.running[-1][0] in self.branches:
            return True
        raise CannotTrace("the formula branches on whether some row is true")

    def looped(self, symbol: Symbol) -> Iterator[str]:
        """Every text that the formula which runs knows, then one that it does not."""
        if self.words is None or symbol.dtype != TEXT:
            raise CannotTrace("the formula loops over persons or groups")
        self._loop = plain(symbol)
        return iter([*self.words, UNKNOWN_WORD])

    def unlooped(self, values: NDArray[Any]) -> Symbol | None:
        """The values that a loop gave, one a text, as a table of the column looped over."""
        if self._loop is None or self.words is None or len(values) != len(self.words) + 1:
            return None
        return text_function(self._loop, table_of(self.words, values))

    def untraceable(self, reason: str, traceback: Any = None) -> Untraceable:
        """The error that says which formula cannot be traced, for when, where and why."""
        variable, period = self.running[-1] if self.running else ("", "")
        file, line = formula_place(traceback)
        return Untraceable(variable, period, file, line, reason)


def formula_place(traceback: Any = None) -> tuple[str, int]:
    """File and line of the formula that runs (or ran, given a traceback): the innermost frame in a module of the law.

    The file is told from the root of its package: `openfisca_france/model/...`.
    """
    if traceback is not None:
        found = ("", 0)
        while traceback is not None:
            file = _law_file(traceback.tb_frame.f_code.co_filename)
            if file:
                found = (file, traceback.tb_lineno)
            traceback = traceback.tb_next
        return found
    frame = sys._getframe(2)
    # A formula is a few calls away from the operation; further up are the formulas that asked for its variable.
    for _ in range(_NEAR):
        file = _law_file(frame.f_code.co_filename)
        if file:
            return file, frame.f_lineno
        if frame.f_back is None:
            break
        frame = frame.f_back
    return "", 0


_NEAR = 14


LAW_FOLDERS = ("openfisca_france/", "allervers/rights/")
"""Folders that hold formulas: a place in them says where a node comes from."""


@cache
def _law_file(path: str) -> str:
    """A source file from the root of its package, "" when it is no file of the law."""
    path = path.replace("\\", "/")
    for folder in LAW_FOLDERS:
        _, found, rest = path.partition(f"/{folder}")
        if found:
            return folder + rest
    return ""
