"""Parameters of the law as formulas read them while traced: numbers keep their names, columns may index nodes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from allervers.engine.door import ParameterNode, ParameterNodeAtInstant, ParameterNotFoundError, periods
from allervers.engine.node import Node
from allervers.engine.ops import I8, TEXT, Table
from allervers.engine.symbol import CannotTrace, Symbol, emitted, frame_of, operand, plain
from allervers.engine.symbolic_scales import install_scales
from allervers.engine.texts import TextFunction
from allervers.engine.trace import Parameter, named

install = install_scales


class LawParameters:
    """The parameters of a law at each instant, read as formulas walk them: an instant costs what is used of it."""

    def __init__(self, system: Any) -> None:
        self._system = system
        self._at: dict[str, NamedNode] = {}

    def at(self, period: Any) -> NamedNode:
        """The parameters at the start of a period (or at an instant, or at a date `YYYY-MM-DD`)."""
        instant = str(periods.instant(getattr(period, "start", period)))
        found = self._at.get(instant)
        if found is None:
            found = self._at[instant] = NamedNode(self._system.parameters, instant)
        return found


class NamedNode:
    """A node of parameters at an instant, whose numbers know their names. Reads as OpenFisca's own node does."""

    def __init__(self, node: Any, instant: str) -> None:
        self._node = node
        self._name = node.name
        self._instant_str = instant

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        child = self._child(name)
        self.__dict__[name] = child
        return child

    def _child(self, name: str) -> Any:
        path = f"{self._name}.{name}" if self._name else name
        child = self._node.children.get(name)
        if isinstance(child, ParameterNode):
            return NamedNode(child, self._instant_str)
        value = None if child is None else child.get_at_instant(self._instant_str)
        if value is None:
            raise ParameterNotFoundError(path, self._instant_str)
        return named(Parameter(path, value, self._instant_str))

    def plain(self) -> Any:
        """OpenFisca's own node, all of it read at this instant."""
        return self._node.get_at_instant(self._instant_str)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, Symbol):
            return _resolved(self.plain(), [key])
        if isinstance(key, np.ndarray):
            return self.plain()[key]
        return getattr(self, str(key))

    def __iter__(self) -> Iterator[str]:
        return iter(self.plain())

    def __contains__(self, name: object) -> bool:
        return name in self.plain()


class IndexedNode:
    """A node of parameters under one that a column indexes: `node[column].child`."""

    def __init__(self, root: Any, keys: Sequence[Any]) -> None:
        self._root = root
        self._keys = list(keys)

    def __getitem__(self, key: Any) -> Any:
        return _resolved(self._root, [*self._keys, key])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _resolved(self._root, [*self._keys, name])


def _resolved(root: Any, keys: Sequence[Any]) -> Any:
    """`root[keys]`: a table when the keys lead to values, a node to index further otherwise."""
    axes: list[tuple[Symbol, tuple[str, ...]]] = []
    nodes = [root]
    for key in keys:
        if isinstance(key, str):
            nodes = [n._children[key] for n in nodes if key in n._children]
        else:
            names = _names(nodes, key)
            axes.append((key, names))
            nodes = [n._children[name] for n in nodes for name in names if name in n._children]
    if not nodes:
        raise ParameterNotFoundError(f"{root._name}[...]", root._instant_str)
    if isinstance(nodes[0], ParameterNodeAtInstant):
        return IndexedNode(root, keys)
    return _table_of(root, keys, axes)


def _names(nodes: Sequence[Any], key: Symbol) -> tuple[str, ...]:
    """Names of the children that a column may name, in the order of its values."""
    if key.enum is not None:
        return tuple(item.name for item in key.enum)
    found = dict.fromkeys(name for node in nodes for name in node._children)
    if key.dtype.kind in "iu":
        return tuple(sorted(found, key=int))
    if key.dtype == TEXT or key.dtype.kind == "M":
        return tuple(found)
    raise CannotTrace(f"parameters indexed by {key.dtype}")


def _table_of(root: Any, keys: Sequence[Any], axes: Sequence[tuple[Symbol, tuple[str, ...]]]) -> Symbol:
    paths = list(itertools.product(*(names for _, names in axes)))
    values = [_value_at(root, keys, path) for path in paths]
    known = np.array([v for v in values if v is not None])
    if known.dtype.kind not in "iufb":
        raise CannotTrace("parameters that are no numbers, indexed by a column")
    if any(v is None for v in values):
        # OpenFisca refuses such a row; here its result is NaN, that is unknown.
        known = known.astype(float) if known.dtype.kind in "iu" else known
        gap = np.nan if known.dtype.kind == "f" else False
    else:
        gap = None
    table = np.array([gap if v is None else v for v in values], dtype=known.dtype)
    frame = frame_of([symbol for symbol, _ in axes])
    index: Node | None = None
    for symbol, names in axes:
        position = _position(frame, symbol, names)
        if index is None:
            index = position
        else:
            builder = frame.recorder.builder
            scaled = builder.make("mul", (index, operand(frame, len(names), I8)))
            index = builder.make("add", (scaled, position))
    assert index is not None
    labels = tuple(f"{root._name}.{'.'.join(path)}@{root._instant_str}" for path in paths)
    return emitted(frame, "take", (index,), Table.of(table, labels), ())


def _value_at(root: Any, keys: Sequence[Any], path: Sequence[str]) -> Any:
    node, names = root, iter(path)
    for key in keys:
        name = key if isinstance(key, str) else next(names)
        if name not in node._children:
            return None
        node = node._children[name]
    return node


def _position(frame: Symbol, symbol: Symbol, names: Sequence[str]) -> Node:
    """Position of each row's key among the names."""
    builder = frame.recorder.builder
    if symbol.enum is not None:
        return operand(frame, plain(symbol), I8)
    if symbol.dtype == TEXT:
        from allervers.engine.symbol_functions import text_function

        spots = tuple(range(len(names)))
        return text_function(symbol, TextFunction("table", "<i8", tuple(names), spots, default=0)).node
    if symbol.dtype.kind == "M":
        dates = [np.datetime64("-".join(n[len("after_") :].split("_"))) for n in names if not n.startswith("before")]
        total = operand(frame, 0, I8)
        for date in dates:
            reached = builder.make("le", (builder.const(date, symbol.dtype), symbol.node))
            total = builder.make("add", (total, builder.make("cast", (reached,), I8.str)))
        return total
    numbers = [int(n) for n in names]
    low = numbers[0]
    spots_by_number = np.zeros(numbers[-1] - low + 1, dtype=np.int64)
    for position, number in enumerate(numbers):
        spots_by_number[number - low] = position
    shifted = builder.make("sub", (operand(frame, plain(symbol), I8), operand(frame, low, I8)))
    inside = builder.make("min", (builder.make("max", (shifted, operand(frame, 0, I8))),
                                  operand(frame, len(spots_by_number) - 1, I8)))  # fmt: skip
    return builder.make("take", (inside,), Table.of(spots_by_number))
