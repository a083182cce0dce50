"""Makes nodes: constants are folded, rules applied, what remains is interned."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from allervers.engine.node import SCALAR, Graph, Node
from allervers.engine.ops import OPS, IllFormed
from allervers.engine.rules import arithmetic, casts, choice, groups, logic
from allervers.engine.rules.base import Asked, registered

THEMES = (arithmetic, casts, choice, groups, logic)
"""Every theme of rules; importing one registers its rules."""


class Builder:
    """Makes nodes of a graph. `always_held`: (group, role) that every group of the data has exactly once."""

    def __init__(self, graph: Graph, always_held: Iterable[tuple[str, str]] = ()) -> None:
        self.graph = graph
        self.always_held = frozenset(always_held)
        self._rules = registered()
        self._folds: dict[Any, Node] = {}
        self.applied: dict[Any, Node] = {}
        """What each operation of numpy gave for the same operands (kept by engine.symbol)."""

    def const(self, value: Any, dtype: Any = None) -> Node:
        """A constant."""
        return self.graph.const(value, dtype)

    def is_always_held(self, group: str, role: str) -> bool:
        """True when every group of the data has exactly one person with this role."""
        return (group, role) in self.always_held

    def make(self, op: str, args: tuple[Node, ...], attr: Any = None, entity: str | None = None) -> Node:
        """The simplest node known to be equal to `op` over `args`. Raises IllFormed for operands that do not fit."""
        self.graph.raw_ops += 1
        if entity is None:
            entity = entity_of(args)
        definition = OPS[op]
        if args and definition.compute is not None and all(a.op == "const" for a in args):
            key = (op, attr, *[a.id for a in args])
            found = self._folds.get(key)
            if found is None:
                found = self._folds[key] = self._folded(op, args, attr)
            return found
        asked = Asked(op, args, attr, entity)
        for rule in self._rules.get(op, ()):
            found = rule(self, asked)
            if found is not None:
                return found
        return self.graph.node(op, args, attr, entity)

    def _folded(self, op: str, args: Sequence[Node], attr: Any) -> Node:
        definition = OPS[op]
        dtype = definition.dtype([a.dtype for a in args], attr)
        compute = definition.compute
        assert compute is not None
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = compute(attr, *(np.array([a.value], dtype=a.dtype) for a in args))
        return self.graph.const(np.asarray(value).reshape(-1)[0], dtype)


def entity_of(args: Iterable[Node]) -> str:
    """The entity whose rows the operands share. Raises IllFormed when there are two."""
    found = SCALAR
    for a in args:
        if a.entity not in (SCALAR, found):
            if found != SCALAR:
                raise IllFormed(f"values of {found} and of {a.entity} together")
            found = a.entity
    return found
