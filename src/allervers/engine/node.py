"""The graph: interned nodes. Two computations that are the same are one node, whoever asked them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from allervers.engine.ops import OPS, TEXT, IllFormed

SCALAR = ""
"""Entity of a constant: the same value for every row of any entity."""


class Node:
    """A value of the graph: `op` over `args`, for the rows of `entity`, of type `dtype`.

    `finite`: True when the value is a finite number for every row, provided that the inputs are.
    """

    __slots__ = ("args", "attr", "dtype", "entity", "finite", "id", "op")

    def __init__(
        self, number: int, op: str, args: tuple[Node, ...], attr: Any, entity: str, dtype: np.dtype[Any], finite: bool
    ) -> None:
        self.id = number
        self.op = op
        self.args = args
        self.attr = attr
        self.entity = entity
        self.dtype = dtype
        self.finite = finite

    @property
    def is_const(self) -> bool:
        """True for a constant."""
        return self.op == "const"

    @property
    def value(self) -> Any:
        """The value of a constant (a numpy scalar, or a text)."""
        return self.attr[2] if self.dtype == TEXT else self.attr

    def __repr__(self) -> str:
        return f"n{self.id}:{self.op}"


class Graph:
    """Nodes in creation order, so that operands come before what uses them. `raw_ops`: operations asked for."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._index: dict[Any, Node] = {}
        self.raw_ops = 0

    def const(self, value: Any, dtype: np.dtype[Any] | None = None) -> Node:
        """The constant `value`, of its own type or of `dtype`."""
        if dtype == TEXT or (dtype is None and not isinstance(value, np.generic | bool | int | float)):
            # A text may be a str, bytes, or the number zero that stands for nobody: types are told apart.
            key: Any = ("const", type(value).__name__, value)
            return self._interned(key, "const", (), key, SCALAR, TEXT, False)
        scalar = np.asarray(value).astype(dtype)[()] if dtype is not None else np.asarray(value)[()]
        key = ("const", scalar.dtype.str, scalar.tobytes())
        found = self._index.get(key)
        if found is not None:
            return found
        return self._interned(key, "const", (), scalar, SCALAR, scalar.dtype, bool(_is_finite(scalar)))

    def node(self, op: str, args: tuple[Node, ...], attr: Any, entity: str) -> Node:
        """The node of `op` over `args`, made if it is not there. No rule is applied. Raises IllFormed."""
        definition = OPS[op]
        if definition.commutes and args[0].id > args[1].id:
            args = (args[1], args[0])
        key = (op, attr, entity, *[a.id for a in args])
        found = self._index.get(key)
        if found is not None:
            return found
        if len(args) != definition.arity:
            raise IllFormed(f"{op} takes {definition.arity} operands")
        dtype = definition.dtype([a.dtype for a in args], attr)
        return self._interned(key, op, args, attr, entity, dtype, _stays_finite(op, args, attr, dtype))

    def _interned(
        self,
        key: Any,
        op: str,
        args: tuple[Node, ...],
        attr: Any,
        entity: str,
        dtype: np.dtype[Any],
        finite: bool,
    ) -> Node:
        found = self._index.get(key)
        if found is None:
            found = Node(len(self.nodes), op, args, attr, entity, dtype, finite)
            self.nodes.append(found)
            self._index[key] = found
        return found


def _is_finite(scalar: Any) -> Any:
    return np.isfinite(scalar) if scalar.dtype.kind in "fiub" else True


def _stays_finite(op: str, args: Sequence[Node], attr: Any, dtype: np.dtype[Any]) -> bool:
    """Whether the result is finite when the inputs are. Sums and products of bounded inputs do not overflow (the
    bounds of inputs are checked when data are bound: limits.MAX_INPUT)."""
    if dtype.kind != "f":
        return True
    if op == "div":
        return args[0].finite and args[1].is_const and bool(args[1].value != 0) and args[1].finite
    if op in ("take", "text"):
        return op == "take" and bool(np.isfinite(attr.values).all())
    if op in ("pow", "exp", "log", "sqrt", "mod"):
        return False
    return all(a.finite for a in args)


def reachable(roots: Iterable[Node]) -> list[Node]:
    """The nodes that the roots depend on, themselves included, operands first (order of creation)."""
    seen: dict[int, Node] = {}
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node.id not in seen:
            seen[node.id] = node
            stack.extend(a for a in node.args if a.id not in seen)
    return [seen[i] for i in sorted(seen)]


def depth_first(roots: Iterable[Node], given: frozenset[int] = frozenset()) -> Iterator[Node]:
    """The nodes that the roots depend on, each after its operands, an operand as late as its first use allows.

    `given`: nodes taken as they are, whose operands are not visited.
    """
    done: set[int] = set()
    for root in roots:
        stack: list[tuple[Node, int]] = [(root, 0)]
        while stack:
            node, position = stack.pop()
            if node.id in done:
                continue
            args = () if node.id in given else node.args
            while position < len(args) and args[position].id in done:
                position += 1
            if position < len(args):
                stack.append((node, position + 1))
                stack.append((args[position], 0))
            else:
                done.add(node.id)
                yield node
