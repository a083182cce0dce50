"""What a rule is given, and how rules are registered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from allervers.engine.node import Node


class Maker(Protocol):
    """Makes nodes, rules applied (engine.build.Builder)."""

    def make(self, op: str, args: tuple[Node, ...], attr: Any = None, entity: str | None = None) -> Node:
        """The simplest node known to be equal to `op` over `args`."""
        ...

    def const(self, value: Any, dtype: Any = None) -> Node:
        """A constant."""
        ...

    def is_always_held(self, group: str, role: str) -> bool:
        """True when every group of the data has exactly one person with this role."""
        ...


class Asked(NamedTuple):
    """The node that is asked for."""

    op: str
    args: tuple[Node, ...]
    attr: Any
    entity: str


Rule = Callable[[Maker, Asked], Node | None]
_RULES: defaultdict[str, list[Rule]] = defaultdict(list)


def rule(*ops: str) -> Callable[[Rule], Rule]:
    """Register a rule for these operations. It gives an equal, simpler node, or None."""

    def register(function: Rule) -> Rule:
        for op in ops:
            _RULES[op].append(function)
        return function

    return register


def registered() -> Mapping[str, list[Rule]]:
    """Every rule, by operation."""
    return _RULES


def is_value(node: Node, value: float) -> bool:
    """True for the constant `value` (a number or a truth value)."""
    return node.is_const and node.dtype.kind in "iufb" and bool(node.attr == value)


def widens(source: Any, target: Any) -> bool:
    """True when every value of the dtype `source` is exactly a value of the dtype `target`."""
    order = {("b", 1): 0, ("i", 2): 1, ("i", 4): 2, ("i", 8): 3}
    a, b = (source.kind, source.itemsize), (target.kind, target.itemsize)
    if a in order and b in order:
        return order[a] <= order[b]
    if b == ("f", 8):
        return a in (("b", 1), ("i", 2), ("i", 4), ("f", 4), ("f", 8))
    return b == ("f", 4) and a in (("b", 1), ("i", 2), ("f", 4))
