"""A truth value of the graph as conditions in the words of the law: those that decide it, the others left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allervers.engine.explain.quantities import Quantities
from allervers.engine.explain.reading import Reading, Spot
from allervers.engine.explain.record import Condition, Quantity, Relation, Unit
from allervers.engine.node import Node

COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")
_MIRROR: Mapping[str, str] = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq", "ne": "ne"}
_NUMBERS: tuple[Unit, ...] = ("euros", "euros_a_year", "number", "years", "months", "rate")


class Conditions:
    """Makes the conditions of a reading."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.quantities = Quantities(reading)

    def holds(self, spot: Spot) -> bool:
        """A truth value."""
        return bool(self.reading.value(spot))

    def deciding(self, spot: Spot, wanted: bool, *, is_start: bool = True) -> list[Condition]:
        """The conditions that make a truth value what it is. `wanted`: what it should be for the right to be open."""
        node, value = spot.node, self.holds(spot)
        if node.is_const:
            return []
        if self.reading.name(node) is not None and not is_start:
            return [self.leaf(spot, wanted)]
        args = self.reading.operands(spot)
        if node.op == "not":
            return self.deciding(args[0], not wanted, is_start=False)
        if node.op in ("and", "or", "group_all"):
            return self._junction(node, args, value, wanted)
        if node.op in ("project", "of_role", "nth") and args:
            return self.deciding(args[0], wanted, is_start=False)
        if node.op == "where":
            branch = args[1] if self.holds(args[0]) else args[2]
            tested = self.deciding(args[0], self.holds(args[0]), is_start=False)
            return tested + self.deciding(branch, wanted, is_start=False)
        members = self.members(spot)
        if members:
            held = [m for m in members if self.holds(m)]
            told = held if value else members[:_MOST_MEMBERS]
            return [c for m in told for c in self.deciding(m, wanted, is_start=False)]
        return [self.leaf(spot, wanted)]

    def _junction(self, node: Node, args: list[Spot], value: bool, wanted: bool) -> list[Condition]:
        """What decides `and` and `or`: all that hold when all must, the first that holds or fails when one is enough."""
        needs_all = node.op != "or"
        if value is needs_all:
            told = args
        else:
            told = [arg for arg in args if self.holds(arg) is value]
            told = told if not value else sorted(told, key=self._simplicity)[:1]
        return [c for arg in told for c in self.deciding(arg, wanted, is_start=False)]

    def _simplicity(self, spot: Spot) -> int:
        return 0 if self.reading.name(spot.node) is not None else 1 + (spot.node.op not in COMPARISONS)

    def members(self, spot: Spot) -> list[Spot]:
        """The truth value of each member, for a condition that asks whether some member meets it; else nothing."""
        node = spot.node
        if node.op not in ("gt", "ne", "ge") or self.reading.name(node) is not None and node.op == "ge":
            return []
        total, bound = self.reading.operands(spot)
        if not bound.node.is_const or total.node.op != "sum" or self.reading.name(total.node) is not None:
            return []
        if float(bound.node.value) != (1 if node.op == "ge" else 0):
            return []
        counted = total.node.args[0]
        if counted.op != "cast" or counted.args[0].dtype.kind != "b":
            return []
        return [Spot(counted.args[0], person) for person in self.reading.rows_read(total.node, total.row)]

    def leaf(self, spot: Spot, wanted: bool) -> Condition:
        """A condition told as it is, not taken apart."""
        node = spot.node
        if self.reading.name(node) is None:
            if node.op in COMPARISONS:
                return self._comparison(spot, wanted)
            if node.op == "has_role":
                return self._made(spot, "in_role", wanted, role=f"{node.attr[0]}.{node.attr[1]}")
            if node.op in ("of_role", "nth"):
                role = f"{node.attr[0]}.{node.attr[1]}"
                return self._made(spot, "somebody", wanted, role=role)
        return self._made(spot, "is", wanted, left=self.quantities.of(spot))

    def above_zero(self, spot: Spot) -> Condition:
        """An amount that had to be above zero, and what it is made of."""
        signed = self.quantities.linear(spot, spot.node)
        terms = self.quantities.terms(signed, "euros")
        amount = self.quantities.of(spot, hint=terms[0][1].unit if terms else "number")
        short = -float(self.reading.value(spot))
        return self._made(spot, "above_zero", True, left=amount, gap=short, unit=amount.unit, terms=terms)

    def _comparison(self, spot: Spot, wanted: bool) -> Condition:
        node = spot.node
        first, second = self.reading.operands(spot)
        relation = node.op
        if first.node.is_const:
            first, second, relation = second, first, _MIRROR[relation]
        left = self.quantities.of(first, node)
        right = self.quantities.of(second, node, left.unit)
        if right.kind == "constant" and left.unit == "item":
            right = self._item(right, left)
        if left.kind == "calculation" and left.unit == "number" and right.unit != "number":
            left = self.quantities.of(first, node, right.unit)
        is_number = left.unit in _NUMBERS and right.unit in _NUMBERS
        fails = self.holds(spot) is not wanted
        gap = abs(float(left.value) - float(right.value)) if is_number and fails and relation not in ("eq", "ne") else None
        age = self.quantities.age(left) if left.unit in ("years", "months") else None
        return self._made(spot, relation, wanted, left=left, right=right, gap=gap, unit=left.unit, age=age)

    def _item(self, right: Quantity, left: Quantity) -> Quantity:
        text = self.reading.words.item(left.variable, int(right.value))
        return Quantity(text, "item", right.kind, right.node, right.place)

    def _made(self, spot: Spot, relation: str, wanted: bool, **rest: Any) -> Condition:
        origin = self.reading.origin(spot.node)
        name = self.reading.name(spot.node)
        variable = name[0] if name is not None else origin.variable if origin is not None else ""
        kind: Relation = relation  # type: ignore[assignment]
        held = self.holds(spot) if kind != "above_zero" else self.reading.number(spot) > 0
        return Condition(
            spot.node.id, self.quantities.place(spot), kind, held, wanted=wanted,
            file=origin.file if origin is not None else "", line=origin.line if origin is not None else 0,
            article=self.reading.words.article(variable) if variable else (), **rest,
        )  # fmt: skip


_MOST_MEMBERS = 4
"""Members of a group told one by one when a condition fails for each."""
