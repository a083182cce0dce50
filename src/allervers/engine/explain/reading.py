"""Values of one household read by node and row: from persons to their groups and back, with names and parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from allervers.engine.backends.reference import Values, computed
from allervers.engine.block import Block
from allervers.engine.explain.naming import Name, NamedProgram
from allervers.engine.explain.words import Words
from allervers.engine.node import Node
from allervers.engine.structure import Structure
from allervers.engine.trace import Origin, Parameter


class Spot(NamedTuple):
    """A node at a row of its entity. A constant has the row of what reads it."""

    node: Node
    row: int


@dataclass
class Reading:
    """Every value of a program over a block, one household or several, and the names of what was computed.

    `whose(entity, row)`: name that the situation gives to a row, "" for none.
    """

    named: NamedProgram
    structure: Structure
    values: Values
    words: Words
    period: str
    whose: Callable[[str, int], str] = lambda _entity, _row: ""
    formulas: frozenset[str] = frozenset()
    """The variables whose formula is being read: a node shared with another formula has the names of the other."""
    _names: dict[int, Name | None] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        named: NamedProgram,
        block: Block,
        words: Words,
        period: str,
        whose: Callable[[str, int], str] = lambda _entity, _row: "",
    ) -> Reading:
        """The reading of a block. `period`: the one explained, whose names are preferred."""
        structure = Structure.of(block)
        values = computed(named.program.roots.values(), structure, named.program.bound(block))
        return cls(named, structure, values, words, period, whose)

    def value(self, spot: Spot) -> Any:
        """The value of a node at a row: a numpy scalar or a text."""
        array = self.values[spot.node.id]
        return array[0] if len(array) == 1 else array[spot.row]

    def number(self, spot: Spot) -> float:
        """The value as a number."""
        return float(self.value(spot))

    def name(self, node: Node) -> Name | None:
        """The variable and period that a node is the value of; None for an intermediate value or a constant.

        Of several, the one of the period explained, else the latest; then the innermost formula.
        """
        if node.id not in self._names:
            found = self.named.names.get(node.id, ())
            best = max(enumerate(found), key=lambda item: (self._nearness(item[1][1]), -item[0]), default=None)
            self._names[node.id] = best[1] if best else None
        name = self._names[node.id]
        if name is None and node.op == "input":
            return node.attr.variable, node.attr.period
        return name

    def _nearness(self, period: str) -> tuple[int, str]:
        return int(period == self.period) + int(period in (self.period, self.period[:4])), period

    @contextmanager
    def inside(self, node: Node) -> Iterator[None]:
        """Reads the formula of the variable that a node is the value of; the same formula for any other node."""
        before = self.formulas
        self.formulas = self.variables_of(node) or before
        try:
            yield
        finally:
            self.formulas = before

    def variables_of(self, node: Node) -> frozenset[str]:
        """Every variable that a node is the value of."""
        return frozenset(variable for variable, _period in self.named.names.get(node.id, ()))

    def origin(self, node: Node) -> Origin | None:
        """Where a node comes from: None when it was folded, made by our own rules, or first made by another formula."""
        found = self.named.program.origins.get(node.id)
        return found if found is not None and found.variable in self.formulas else None

    def parameter_for(self, user: Node, constant: Node) -> Parameter | None:
        """The parameter of the law that a constant is, among those that its user read; None when that is not sure."""
        origin = self.origin(user)
        same = {p for p in (origin.parameters if origin is not None else ()) if _is_same(p.value, constant)}
        return same.pop() if len(same) == 1 else None

    def operands(self, spot: Spot) -> list[Spot]:
        """The operands at the rows that the value comes from. Persons of a group for what adds them up.

        Empty when nobody holds the role or the place that is read: the value is then the default.
        """
        node, row = spot
        if not node.args:
            return []
        persons = self.rows_read(node, row)
        return [Spot(arg, r) for arg in node.args for r in persons]

    def rows_read(self, node: Node, row: int) -> Sequence[int]:
        """Rows of the operands that a row depends on."""
        if node.op == "project":
            return [int(self.structure.groups[node.attr].index[row])]
        if node.op not in ("of_role", "nth", "sum", "group_max", "group_min", "group_all"):
            return [row]
        groups = self.structure.groups[node.attr if isinstance(node.attr, str) else node.attr[0]]
        if node.op in ("of_role", "nth"):
            found = groups.of_role(node.attr[1]) if node.op == "of_role" else groups.nth(node.attr[1])
            return [] if found[row] < 0 else [int(found[row])]
        members = np.flatnonzero(groups.index == row)
        if node.op == "sum" and node.attr[1] is not None:
            members = members[groups.has_role(node.attr[1])[members]]
        return [int(person) for person in members]

    @cached_property
    def births(self) -> Node | None:
        """The column of dates of birth, where the program reads it."""
        nodes = self.named.program.nodes()
        return next((n for n in nodes if n.op == "input" and n.attr.variable == "date_naissance"), None)

    @cached_property
    def by_name(self) -> Mapping[Name, int]:
        """Number of the node of each variable and period that has one."""
        return {name: node for node, names in self.named.names.items() for name in names}


def _is_same(value: Any, constant: Node) -> bool:
    """Whether a constant is the value of a parameter, in the constant's type."""
    if isinstance(value, bool | int | float) and constant.dtype.kind in "iufb":
        return bool(np.asarray(value).astype(constant.dtype) == constant.value)
    return False
