"""What a number of the graph is, in the words of the law: a variable, a parameter, a datum given, or a calculation."""

from __future__ import annotations

from typing import Any

import numpy as np

from allervers.engine.explain.reading import Reading, Spot
from allervers.engine.explain.record import Age, Place, Quantity, Unit
from allervers.engine.node import SCALAR, Node
from allervers.engine.ops import TEXT

_SAME = ("cast", "project", "of_role", "nth", "round", "rint", "group_max", "group_min")
_DEEPEST_PART = 2
COUNTED = "nombre de personnes qui remplissent la condition"
"""What a count without a name is."""
Signed = tuple[str, Spot, Node]
"""`+` or `-`, what is added, the node that reads it."""


class Quantities:
    """Makes the quantities of a reading."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def place(self, spot: Spot) -> Place:
        """Where a value is."""
        entity = spot.node.entity
        return Place(entity, spot.row, self.reading.whose(entity, spot.row) if entity != SCALAR else "")

    def of(self, spot: Spot, user: Node | None = None, hint: Unit = "number", depth: int = 0) -> Quantity:
        """The quantity at a spot: what has a name on the way to where the value comes from, else a calculation.

        `user`: the node that reads it, which knows the parameter that a constant is. `hint`: unit of a bare constant.
        """
        spot, user = self.source(spot, user)
        name = self.reading.name(spot.node)
        if name is not None:
            return self._variable(spot, *name)
        if spot.node.is_const:
            return self._constant(spot, user, hint)
        return self._calculation(spot, hint, depth)

    def source(self, spot: Spot, user: Node | None = None) -> tuple[Spot, Node | None]:
        """Down to where a value comes from unchanged: through types, groups, the branch taken, terms that are zero."""
        while self.reading.name(spot.node) is None:
            below = self.unchanged(spot)
            if below is None:
                break
            user, spot = spot.node, below
        return spot, user

    def unchanged(self, spot: Spot) -> Spot | None:
        """The operand that a value is, one step down; None when it is made of several, or changed."""
        reading, op = self.reading, spot.node.op
        args = reading.operands(spot)
        if not args or spot.node.dtype == TEXT:
            return None
        value = reading.value(spot)
        if op in _SAME:
            return next((arg for arg in args if _alike(reading.value(arg), value)), None)
        if op == "where":
            return args[1] if bool(reading.value(args[0])) else args[2]
        if op in ("max", "min"):
            # Of two equal values, the one with a name says more.
            held = [arg for arg in args if _alike(reading.value(arg), value)]
            return next((a for a in held if not a.node.is_const), held[0] if held else None)
        return self._with_neutral(op, args, value)

    def _with_neutral(self, op: str, args: list[Spot], value: Any) -> Spot | None:
        reading = self.reading
        if op == "sum":
            counted = [arg for arg in args if reading.value(arg) != 0]
            return counted[0] if len(counted) == 1 and _alike(reading.value(counted[0]), value) else None
        if op == "div" and args[0].node.op == "mul" and args[1].node.is_const:
            # Cents: multiplied by a hundred, rounded, divided by it again.
            factors = reading.operands(args[0])
            kept = [f for f in factors if not (f.node.is_const and reading.value(f) == reading.value(args[1]))]
            return kept[0] if len(kept) == 1 and _alike(reading.value(kept[0]), value) else None
        neutral = {"add": 0, "sub": 0, "mul": 1, "div": 1}.get(op)
        if neutral is None:
            return None
        first, second = args
        if reading.value(second) == neutral and _alike(reading.value(first), value):
            return first
        if op in ("add", "mul") and reading.value(first) == neutral and _alike(reading.value(second), value):
            return second
        return None

    def linear(self, spot: Spot, user: Node) -> list[Signed]:
        """What adds up to a value, signs in front. Zeros are left out; opposites as well."""
        found = without_opposites(self._linear(spot, user, "+", is_start=True))
        return [one for one in found if self.reading.value(one[1]) != 0]

    def nil_addends(self, spot: Spot) -> list[Spot]:
        """What is added up in a value and is nil for this row."""
        node, args = spot.node, self.reading.operands(spot)
        if node.op == "sub":
            args = args[:1]
        found: list[Spot] = []
        for arg in args:
            opened = arg.node.op in ("add", "sub", "sum") or (
                arg.node.op == "cast" and arg.node.args[0].dtype.kind == "f"
            )
            if self.reading.value(arg) == 0 and (not opened or arg.node.op == "sub"):
                found.append(arg)
            elif opened and self.reading.name(arg.node) is None:
                found += self.nil_addends(arg)
            elif self.reading.value(arg) == 0:
                found.append(arg)
        return [one for one in found if not one.node.is_const]

    def first_nil(self, spot: Spot) -> list[Signed]:
        """The amount from which others are taken away, when it is nil and has a name."""
        user = spot.node
        while spot.node.op in ("sub", "cast"):
            user, spot = spot.node, self.reading.operands(spot)[0]
        source, user_of = self.source(spot, user)
        is_nil = self.reading.value(source) == 0 and self.reading.name(source.node) is not None
        return [("+", source, user_of or user)] if is_nil else []

    def _linear(self, spot: Spot, user: Node, sign: str, *, is_start: bool = False) -> list[Signed]:
        if not is_start:
            spot, below = self.source(spot, user)
            user = below or user
        node = spot.node
        if (self.reading.name(node) is not None and not is_start) or node.op not in (
            "add",
            "sub",
            "neg",
            "sum",
            "cast",
        ):
            return [(sign, spot, user)]
        if node.op == "cast" and node.args[0].dtype.kind not in "iuf":
            return [(sign, spot, user)]
        other = "-" if sign == "+" else "+"
        found: list[Signed] = []
        for position, arg in enumerate(self.reading.operands(spot)):
            turned = node.op == "neg" or (node.op == "sub" and position == 1)
            found += self._linear(arg, node, other if turned else sign)
        return found

    def terms(self, signed: list[Signed], hint: Unit, depth: int = 0) -> tuple[tuple[str, Quantity], ...]:
        """Signed spots as signed quantities."""
        return tuple((sign, self.of(spot, user, hint, depth)) for sign, spot, user in signed)

    def age(self, quantity: Quantity) -> Age | None:
        """An age in years known to the month, where a date of birth is given and tells the same years."""
        births = self.reading.births
        if quantity.variable not in ("age", "age_en_mois") or births is None or quantity.place.entity != births.entity:
            return None
        birth = self.reading.value(Spot(births, quantity.place.row))
        on = f"{quantity.period}-01"
        months = whole_months(birth, np.datetime64(on))
        told = months // 12 if quantity.variable == "age" else months
        if told != quantity.value:
            return None
        return Age(months, on, str(birth), births.id, quantity.place)

    def _variable(self, spot: Spot, variable: str, period: str) -> Quantity:
        words = self.reading.words
        raw = self.reading.value(spot)
        unit = words.unit(variable)
        value = words.item(variable, int(raw)) if unit == "item" else natural(raw)
        kind = "variable" if spot.node.op != "input" else "input"
        label = words.label(variable)
        return Quantity(value, unit, kind, spot.node.id, self.place(spot), label, variable, period)  # type: ignore[arg-type]

    def _constant(self, spot: Spot, user: Node | None, hint: Unit) -> Quantity:
        value = natural(self.reading.value(spot))
        found = self.reading.parameter_for(user, spot.node) if user is not None else None
        if found is None:
            return Quantity(value, hint, "constant", spot.node.id, self.place(spot))
        named = self.reading.words.parameter(found)
        unit = self.reading.words.parameter_unit(found.path) or hint
        return Quantity(value, unit, "parameter", spot.node.id, self.place(spot), named.label, parameter=named)

    def _calculation(self, spot: Spot, hint: Unit, depth: int) -> Quantity:
        value = natural(self.reading.value(spot))
        parts = self._parts(spot, hint, depth) if depth < _DEEPEST_PART else ()
        unit = unit_of(spot.node, parts, hint)
        label = group_label(spot.node)
        return Quantity(value, unit, "calculation", spot.node.id, self.place(spot), label, parts=parts)

    def _parts(self, spot: Spot, hint: Unit, depth: int) -> tuple[tuple[str, Quantity], ...]:
        node = spot.node
        if is_count(node):
            return ()
        if node.op in ("add", "sub", "neg", "sum"):
            return self.terms(self.linear(spot, node), hint, depth + 1)
        if node.op in ("mul", "div"):
            first, second = self.reading.operands(spot)
            sign = "×" if node.op == "mul" else "÷"
            return (
                ("+", self.of(first, node, "number", depth + 1)),
                (sign, self.of(second, node, "number", depth + 1)),
            )
        return ()


def group_label(node: Node) -> str:
    """What a count or a total over the persons of a role is; nothing for another calculation."""
    if node.op != "sum" or (node.attr[1] is None and not is_count(node)):
        return ""
    role = f" (rôle : {node.attr[1].replace('_', ' ')})" if node.attr[1] is not None else ""
    return f"{COUNTED if is_count(node) else 'total sur les personnes'}{role}"


def is_count(node: Node) -> bool:
    """Whether a node counts the members of a group who meet a condition."""
    return node.op == "sum" and node.args[0].op == "cast" and node.args[0].args[0].dtype.kind == "b"


def unit_of(node: Node, parts: tuple[tuple[str, Quantity], ...], hint: Unit) -> Unit:
    """The unit of a calculation: that of its terms; money when a factor is money."""
    if node.dtype.kind == "b":
        return "truth"
    if node.dtype.kind in "mM":
        return "date" if node.dtype.kind == "M" else "number"
    units = [quantity.unit for _sign, quantity in parts]
    money = next((u for u in units if u in ("euros", "euros_a_year")), None)
    if node.op == "mul" and money:
        return money
    if node.op == "div":
        return money if money and units[1:] and units[1] not in ("euros", "euros_a_year") else hint
    return units[0] if units and node.op in ("add", "sub", "sum", "neg") else hint


def without_opposites(signed: list[Signed]) -> list[Signed]:
    """Signed spots less those that are both added and taken away."""
    kept: list[Signed] = []
    for one in signed:
        sign, spot, _user = one
        opposite = next(
            (k for k in kept if (k[1].node.id, k[1].row) == (spot.node.id, spot.row) and k[0] != sign), None
        )
        if opposite is None:
            kept.append(one)
        else:
            kept.remove(opposite)
    return kept


def natural(value: Any) -> Any:
    """A value of the engine as a plain one: bool, int, float, text. A date is its text."""
    if isinstance(value, np.datetime64 | np.timedelta64):
        return str(value)
    if isinstance(value, np.generic):
        return value.item()
    return value.decode() if isinstance(value, bytes) else value


def whole_months(birth: Any, on: Any) -> int:
    """Whole months lived from a date of birth to a day, as the calendar counts them."""
    born, day = (np.datetime64(d, "D").astype(object) for d in (birth, on))
    months = (day.year - born.year) * 12 + day.month - born.month
    return int(months - (1 if day.day < born.day else 0))


def _alike(a: Any, b: Any) -> bool:
    if isinstance(a, np.datetime64 | np.timedelta64 | str | bytes) or isinstance(b, np.datetime64 | np.timedelta64):
        return bool(type(a) is type(b) and a == b)
    return bool(np.float32(a) == np.float32(b)) if not isinstance(b, str | bytes) else bool(a == b)
