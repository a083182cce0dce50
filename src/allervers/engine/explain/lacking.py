"""What is missing: the smallest set of conditions to meet for a truth value to change or for an amount to be above zero.

Follows the graph down from what fails. Among several ways, the one with the fewest conditions, then the nearest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from allervers.engine.explain.conditions import COMPARISONS, Conditions
from allervers.engine.explain.reading import Reading, Spot
from allervers.engine.explain.record import Condition

Way = tuple[Condition, ...]
"""Conditions to meet together."""

_MOST_READ = 4_000
"""Values looked at before giving up: what remains is then told by its name."""


class Lacking:
    """Finds what is missing in a reading."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.conditions = Conditions(reading)
        self._known: dict[tuple[int, int, bool], Way | None] = {}

    def for_truth(self, spot: Spot, wanted: bool = True) -> Way | None:
        """What must change for a truth value to become `wanted`: nothing when it is; None when no way is known."""
        if self.conditions.holds(spot) is wanted:
            return ()
        if spot.node.is_const:
            return None
        key = (spot.node.id, spot.row, wanted)
        if key not in self._known:
            self._known[key] = None
            self._known[key] = self._truth(spot, wanted)
        return self._known[key]

    def for_amount(self, spot: Spot) -> Way | None:
        """What must change for an amount to be above zero: nothing when it is; None when no way is known."""
        if spot.node.dtype.kind == "b":
            return self.for_truth(spot)
        if self.reading.value(spot) > 0:
            return ()
        if spot.node.is_const or spot.node.dtype.kind not in "iuf":
            return None
        key = (spot.node.id, spot.row, True)
        if key not in self._known:
            self._known[key] = None
            self._known[key] = self._amount(spot)
        return self._known[key]

    def _truth(self, spot: Spot, wanted: bool) -> Way | None:
        node, args = spot.node, self.reading.operands(spot)
        if len(self._known) > _MOST_READ:
            return (self.conditions.leaf(spot, wanted),)
        if node.op == "not":
            return self.for_truth(args[0], not wanted)
        if node.op in ("and", "or", "group_all"):
            ways = [self.for_truth(arg, wanted) for arg in args]
            return joined(ways) if wanted is (node.op != "or") else nearest(ways)
        if node.op == "where":
            return self._choice(args, lambda branch: self.for_truth(branch, wanted))
        if node.op in ("project", "of_role", "nth") and args:
            return self.for_truth(args[0], wanted)
        members = self.conditions.members(spot)
        if members:
            ways = [self.for_truth(member, wanted) for member in members]
            return nearest(ways) if wanted else joined(ways)
        if node.op == "cast" and wanted:
            return self.for_amount(args[0])
        return self._comparison(spot, wanted)

    def _comparison(self, spot: Spot, wanted: bool) -> Way | None:
        """A comparison that fails because an amount is nil: what makes it nil says more."""
        if spot.node.op in COMPARISONS:
            above = {"gt": 0, "ge": 0, "lt": 1, "le": 1}.get(spot.node.op)
            if above is not None and not wanted:
                above = 1 - above
            if above is not None:
                low, high = (self.reading.operands(spot)[i] for i in (above, 1 - above))
                is_nil = high.node.is_const and not low.node.is_const and low.node.dtype.kind in "iuf"
                if is_nil and self.reading.value(low) <= 0 and self._is_computed(low):
                    way = self.for_amount(low)
                    if way:
                        return way
        return (self.conditions.leaf(spot, wanted),)

    def _is_computed(self, spot: Spot) -> bool:
        """Whether an amount has conditions of its own: neither a datum nor an age."""
        source, _user = self.conditions.quantities.source(spot)
        name = self.reading.name(source.node)
        return source.node.op != "input" and (name is None or self.reading.words.unit(name[0]) in ("euros", "euros_a_year"))

    def _amount(self, spot: Spot) -> Way | None:
        node, args = spot.node, self.reading.operands(spot)
        if node.op == "input" or len(self._known) > _MOST_READ:
            return (self.conditions.above_zero(spot),)
        if node.op in ("of_role", "nth") and not args:
            return (self.conditions.leaf(spot, True),)
        if node.op in ("cast", "project", "of_role", "nth", "round", "rint", "floor", "ceil", "trunc"):
            return self.for_amount(args[0])
        if node.op == "where":
            return self._choice(args, self.for_amount)
        if node.op in ("mul", "min"):
            return joined(self.for_amount(arg) for arg in args)
        if node.op == "div":
            return self.for_amount(args[0])
        if node.op in ("max", "group_max"):
            return nearest(self.for_amount(arg) for arg in args)
        if node.op in ("add", "sub", "sum"):
            return self._sum(spot, args)
        return (self.conditions.above_zero(spot),) if self.reading.name(node) is not None else None

    def _choice(self, args: list[Spot], way_of: object) -> Way | None:
        condition, *branches = args
        held = self.conditions.holds(condition)
        taken, other = branches if held else reversed(branches)
        find = way_of if callable(way_of) else None
        assert find is not None
        stay = find(taken)
        turn = joined([self.for_truth(condition, not held), find(other)])
        return nearest([stay, turn])

    def _sum(self, spot: Spot, args: list[Spot]) -> Way | None:
        """A sum that is nil or negative: too much is taken away, or nothing is there to begin with."""
        signed = self.conditions.quantities.linear(spot, spot.node)
        if any(sign == "+" for sign, _spot, _user in signed):
            return (self.conditions.above_zero(spot),)
        if spot.node.op == "sub":
            return self.for_amount(args[0])
        return nearest(self.for_amount(arg) for arg in args)


def joined(ways: Iterable[Way | None]) -> Way | None:
    """Every way at once, a condition told once; None when one of them is not known."""
    found: dict[tuple[int, int, bool], Condition] = {}
    for way in ways:
        if way is None:
            return None
        found |= {(c.node, c.place.row, c.wanted): c for c in way}
    return tuple(found.values())


def nearest(ways: Iterable[Way | None]) -> Way | None:
    """The way with the fewest conditions, the nearest to be met among those; None when none is known."""
    known = [way for way in ways if way is not None]
    return min(known, key=lambda way: (sum(map(_cost, way)), sum(map(_distance, way))), default=None)


def _cost(condition: Condition) -> float:
    """One a condition. A datum that is nil, or a value without a name, says less than a comparison."""
    if condition.relation == "above_zero" and condition.left is not None and condition.left.kind == "input":
        return 1.5
    is_named = condition.left is None or bool(condition.left.label) or bool(condition.terms)
    return 1.0 if is_named else 1.25


def _distance(condition: Condition) -> float:
    if condition.gap is None:
        return 0.5
    scale = abs(float(condition.right.value)) if condition.right is not None else condition.gap
    return condition.gap / (scale + condition.gap) if scale + condition.gap > 0 else 0.0


def told_once(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Conditions without repetition, those with a gap first."""
    found = {(c.node, c.place.row): c for c in conditions}
    return tuple(sorted((replace(c) for c in found.values()), key=lambda c: c.gap is None))
