"""What is missing: the smallest set of conditions to meet for a truth value to change, an amount to be above zero.

Follows the graph down from what fails. Among several ways, the one with the fewest conditions, then the nearest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from allervers.engine.explain.conditions import COMPARISONS, Conditions
from allervers.engine.explain.quantities import group_label, is_count
from allervers.engine.explain.reading import Reading, Spot
from allervers.engine.explain.record import Condition, Quantity
from allervers.engine.node import Node

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

    def nearness(self, spot: Spot) -> float:
        """How far a truth value, or a number that stands for one, is from being true. For ordering."""
        way = self.for_amount(spot)
        return 1e9 if way is None else sum(map(_cost, way)) + sum(map(_nearness, way)) / 1e3

    def for_truth(self, spot: Spot, wanted: bool = True) -> Way | None:
        """What must change for a truth value to become `wanted`: nothing when it is; None when no way is known."""
        if self.conditions.holds(spot) is wanted:
            return ()
        if spot.node.is_const:
            return None
        key = (spot.node.id, spot.row, wanted)
        if key not in self._known:
            self._known[key] = None
            with self.reading.inside(spot.node):
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
        if self._is_count(spot.node):
            return (self.conditions.above_zero(spot),)
        key = (spot.node.id, spot.row, True)
        if key not in self._known:
            self._known[key] = None
            with self.reading.inside(spot.node):
                self._known[key] = self._amount(spot)
        return self._known[key]

    def _is_count(self, node: Node) -> bool:
        """Whether a node is a named whole number: how many children, say. It is told as such."""
        return node.dtype.kind in "iu" and self.reading.name(node) is not None

    def _truth(self, spot: Spot, wanted: bool) -> Way | None:  # noqa: PLR0911 - a case an operation
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
        if node.op == "cast":
            is_truth = args[0].node.dtype.kind == "b"
            if is_truth or wanted:
                return self.for_truth(args[0], wanted) if is_truth else self.for_amount(args[0])
        return self._comparison(spot, wanted)

    def _comparison(self, spot: Spot, wanted: bool) -> Way | None:
        """A comparison that fails because an amount is nil: what makes it nil says more."""
        if spot.node.op == ("eq" if wanted else "ne"):
            counts = [s for s in self.reading.operands(spot) if not s.node.is_const and s.node.dtype.kind in "iuf"]
            way = self._opened(counts[0]) if len(counts) == 1 and self.reading.value(counts[0]) == 0 else None
            if way and all(c.relation != "above_zero" for c in way):
                return way
        if spot.node.op in COMPARISONS:
            above = {"gt": 0, "ge": 0, "lt": 1, "le": 1}.get(spot.node.op)
            if above is not None and not wanted:
                above = 1 - above
            if above is not None:
                low = self.reading.operands(spot)[above]
                is_number = not low.node.is_const and low.node.dtype.kind in "iuf"
                if is_number and self.reading.value(low) <= 0 and self._is_computed(low):
                    way = self.for_amount(low)
                    if way:
                        return way
        return (self.conditions.leaf(spot, wanted),)

    def _opened(self, spot: Spot) -> Way | None:
        """What a count lacks, through its own formula."""
        with self.reading.inside(spot.node):
            return self._amount(spot)

    def _is_computed(self, spot: Spot) -> bool:
        """Whether an amount has conditions of its own: neither a datum, nor an age, nor a count of persons."""
        source, _user = self.conditions.quantities.source(spot)
        if source.node.op == "input" or is_count(source.node):
            return False
        name = self.reading.name(source.node)
        return name is None or self.reading.words.unit(name[0]) in ("euros", "euros_a_year")

    def _amount(self, spot: Spot) -> Way | None:  # noqa: PLR0911 - a case an operation
        node, args = spot.node, self.reading.operands(spot)
        if node.op == "input" or len(self._known) > _MOST_READ:
            return (self.conditions.above_zero(spot),)
        if node.op == "cast" and self._is_count(args[0].node):
            return (self.conditions.above_zero(args[0]),)
        if node.op in ("of_role", "nth") and not args:
            return (self.conditions.leaf(spot, True),)
        if node.op in ("cast", "project", "of_role", "nth", "round", "rint", "floor", "ceil", "trunc"):
            return self.for_amount(args[0])
        if node.op == "where":
            return self._choice(args, self.for_amount)
        if node.op == "mul":
            return self._product(args)
        if node.op == "min":
            return joined(self.for_amount(arg) for arg in args)
        if node.op == "div":
            return self.for_amount(args[0])
        if node.op in ("max", "group_max"):
            return nearest(self.for_amount(arg) for arg in args)
        if node.op in ("add", "sub", "sum"):
            return self._sum(spot)
        return (self.conditions.above_zero(spot),) if self.reading.name(node) is not None else None

    def _choice(self, args: list[Spot], find: Callable[[Spot], Way | None]) -> Way | None:
        condition, *branches = args
        held = self.conditions.holds(condition)
        taken, other = branches if held else reversed(branches)
        return nearest([find(taken), then(self.for_truth(condition, not held), find(other))])

    def _product(self, args: list[Spot]) -> Way | None:
        """A product: its conditions, then what of its amounts would still be too much."""
        truths = [a for a in args if a.node.op == "cast" and a.node.args[0].dtype.kind == "b"]
        ways = [self.for_amount(arg) for arg in args]
        if truths and None not in ways:
            first = joined(way for arg, way in zip(args, ways, strict=True) if arg in truths)
            rest = joined(way for arg, way in zip(args, ways, strict=True) if arg not in truths)
            return then(first, rest) if first else rest
        return joined(ways)

    def _sum(self, spot: Spot) -> Way | None:
        """A sum that is nil or negative: too much is taken away, or nothing is there to begin with."""
        signed = self.conditions.quantities.linear(spot, spot.node)
        if any(sign == "+" for sign, _spot, _user in signed):
            return (self.conditions.above_zero(spot),)
        ways = [self.for_amount(addend) for addend in self.conditions.quantities.nil_addends(spot)]
        if any(ways):
            return nearest(ways)
        # Nobody to count, or to add up: that is what is missing.
        return (self.conditions.above_zero(spot),) if signed or group_label(spot.node) else None


def then(first: Way | None, rest: Way | None) -> Way | None:
    """A way, and what of another is about something else: what depends on the same data is likely to follow."""
    if first is None or rest is None:
        return None
    about = {name for c in first for name in _variables(c)}
    return joined([first, tuple(c for c in rest if not about & set(_variables(c)))])


def _variables(condition: Condition) -> list[tuple[str, int]]:
    """The variables that a condition is about, and their row; those of the threshold left out."""
    told = [condition.left] if condition.left is not None and not condition.terms else []
    return [name for q in [*told, *(q for _sign, q in condition.terms)] for name in _named_in(q)]


def _named_in(quantity: Quantity) -> list[tuple[str, int]]:
    own = [(quantity.variable, quantity.place.row)] if quantity.variable else []
    return own + [name for _sign, part in quantity.parts for name in _named_in(part)]


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
    return min(known, key=lambda way: (sum(map(_cost, way)), sum(map(_nearness, way))), default=None)


def _cost(condition: Condition) -> float:
    """One a condition. A datum that is nil, or a value without a name, says less than a comparison."""
    if condition.relation == "above_zero" and condition.left is not None and condition.left.kind == "input":
        return 1.5
    left = condition.left
    if left is not None and left.variable.startswith("residence_"):
        return 5.0  # Where one lives is not what is missing.
    if left is None or left.label or condition.terms or (condition.right is not None and condition.right.label):
        return 1.0
    return 1.25 if any(part.label for _sign, part in left.parts) else 3.0


def _nearness(condition: Condition) -> float:
    if condition.gap is None:
        return 0.5
    scale = abs(float(condition.right.value)) if condition.right is not None else condition.gap
    return condition.gap / (scale + condition.gap) if scale + condition.gap > 0 else 0.0


def told_once(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Conditions without repetition, those with a gap first."""
    found = {(c.node, c.place.row): c for c in conditions}
    return tuple(sorted((replace(c) for c in found.values()), key=lambda c: c.gap is None))
