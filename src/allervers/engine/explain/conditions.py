"""A truth value of the graph as conditions in the words of the law: those that decide it, the others left out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
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
        self.nearness: Callable[[Spot], float] = lambda spot: spot.row
        """How far a member is from meeting a condition: the nearest are told first."""

    def holds(self, spot: Spot) -> bool:
        """A truth value."""
        return bool(self.reading.value(spot))

    def deciding(self, spot: Spot, wanted: bool, *, is_start: bool = True) -> list[Condition]:  # noqa: PLR0911 - a case an operation
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
            held = self.holds(args[0])
            branch = args[1] if held else args[2]
            turned = branch.node.is_const and not value and wanted
            tested = self.deciding(args[0], held is not turned, is_start=False)
            return (tested if value or turned else []) + self.deciding(branch, wanted, is_start=False)
        members = self.members(spot)
        if members:
            told = [m for m in members if self.holds(m)] if value else sorted(members, key=self.nearness)
            ways = [self.deciding(m, wanted, is_start=False) for m in told]
            fewest = min((len(way) for way in ways), default=0)
            return [c for way in ways if len(way) == fewest for c in way][:_MOST_MEMBERS]
        return self._of_number(spot, args, wanted) if node.dtype.kind in "iuf" else [self.leaf(spot, wanted)]

    def _of_number(self, spot: Spot, args: list[Spot], wanted: bool) -> list[Condition]:
        """A condition that was made a number: nil or not."""
        if spot.node.op == "cast" and args[0].node.dtype.kind == "b":
            return self.deciding(args[0], wanted, is_start=False)
        return [self.leaf(spot, wanted)]

    def _junction(self, node: Node, args: list[Spot], value: bool, wanted: bool) -> list[Condition]:
        """What decides `and` and `or`: all when all count, else those that fail or the first that holds."""
        needs_all = node.op != "or"
        if value is needs_all:
            told = args  # `and` that holds, `or` that fails: all count.
        else:
            told = [arg for arg in args if self.holds(arg) is value]
            told = told if not value else sorted(told, key=self._simplicity)[:1]
        arms = [self.deciding(arg, wanted, is_start=False) for arg in told]
        # Which one is enough can be said of single conditions only: an arm of several needs them all.
        is_choice = len(told) > 1 and value is not wanted and value is needs_all and all(len(arm) == 1 for arm in arms)
        return [replace(c, one_is_enough=c.one_is_enough or is_choice) for arm in arms for c in arm]

    def _simplicity(self, spot: Spot) -> int:
        return 0 if self.reading.name(spot.node) is not None else 1 + (spot.node.op not in COMPARISONS)

    def members(self, spot: Spot) -> list[Spot]:
        """The truth value of each member, for a condition that asks whether some member meets it; else nothing."""
        node = spot.node
        if node.op not in ("gt", "ne", "ge") or (self.reading.name(node) is not None and node.op == "ge"):
            return []
        total, bound = self.reading.operands(spot)
        if not bound.node.is_const or total.node.op != "sum" or self.reading.name(total.node) is not None:
            return []
        if float(bound.node.value) != (1 if node.op == "ge" else 0):
            return []
        counted = total.node.args[0]
        if not _is_condition(counted):
            return []
        return [Spot(counted, person) for person in self.reading.rows_read(total.node, total.row)]

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
        if not any(sign == "+" for sign, _spot, _user in signed):
            signed = self.quantities.first_nil(spot) + signed
        terms = self.quantities.terms(signed, "euros")
        amount = self.quantities.of(spot, hint=terms[0][1].unit if terms else "number")
        short = -float(self.reading.value(spot))
        return self._made(spot, "above_zero", True, left=amount, gap=short, unit=amount.unit, terms=terms)

    def articles(self, variables: Iterable[str]) -> tuple[str, ...]:
        """The articles of these variables, each once."""
        found = (article for variable in sorted(variables) for article in self.reading.words.article(variable))
        return tuple(dict.fromkeys(found))

    def _comparison(self, spot: Spot, wanted: bool) -> Condition:
        node = spot.node
        first, second = self.reading.operands(spot)
        relation = node.op
        if first.node.is_const:
            first, second, relation = second, first, _MIRROR[relation]
        left = self.quantities.of(first, node)
        right = self.quantities.of(second, node, left.unit)
        if left.unit == "truth" and right.kind == "constant":
            return self._made(spot, "is", wanted, left=left)
        if left.kind == "constant":
            left = self.quantities.of(first, node, right.unit)
        if right.kind == "constant" and left.unit == "item":
            right = self._item(right, left)
        if left.kind == "calculation" and left.unit == "number" and right.unit != "number":
            left = self.quantities.of(first, node, right.unit)
        is_number = left.unit in _NUMBERS and right.unit in _NUMBERS
        fails = self.holds(spot) is not wanted
        gap = None
        if is_number and fails and relation not in ("eq", "ne"):
            is_strict = (relation in ("lt", "gt")) is wanted
            whole = is_strict and first.node.dtype.kind in "iu"
            apart = abs(float(left.value) - float(right.value)) + whole
            gap = apart if math.isfinite(apart) else None
        age = self.quantities.age(left) if left.unit in ("years", "months") else None
        return self._made(spot, relation, wanted, left=left, right=right, gap=gap, unit=left.unit, age=age)

    def _item(self, right: Quantity, left: Quantity) -> Quantity:
        text = self.reading.words.item(left.variable, int(right.value))
        return Quantity(text, "item", right.kind, right.node, right.place)

    def _made(self, spot: Spot, relation: str, wanted: bool, **rest: Any) -> Condition:
        origin = self.reading.origin(spot.node)
        name = self.reading.name(spot.node)
        kind: Relation = relation  # type: ignore[assignment]
        held = self.holds(spot) if kind != "above_zero" else self.reading.number(spot) > 0
        return Condition(
            spot.node.id, self.quantities.place(spot), kind, held, wanted=wanted,
            file=origin.file if origin is not None else "", line=origin.line if origin is not None else 0,
            article=self.articles({name[0]} if name is not None else self.reading.formulas), **rest,
        )  # fmt: skip


def _is_condition(node: Node) -> bool:
    """Whether a number is a condition, or a choice between conditions and nothing."""
    if node.op == "where":
        return all(arg.is_const or _is_condition(arg) for arg in node.args[1:])
    return node.op == "cast" and node.args[0].dtype.kind == "b"


_MOST_MEMBERS = 2
"""Members of a group told one by one when a condition fails for each."""
