"""Values that go from persons to their group and back."""

from __future__ import annotations

from allervers.engine.node import Node
from allervers.engine.rules.base import Asked, Maker, is_value, rule

LARGEST_WHOLE = 2**31
"""Whole numbers under it, times a number of persons, are exact in 64 bits."""


@rule("project")
def constant_for_the_members(_make: Maker, asked: Asked) -> Node | None:
    """A constant of the group is a constant of its members."""
    return asked.args[0] if asked.args[0].is_const else None


@rule("sum")
def sum_of_nothing(_make: Maker, asked: Asked) -> Node | None:
    """Zeros add up to zero."""
    return asked.args[0] if is_value(asked.args[0], 0) else None


@rule("sum")
def sum_of_a_whole_constant(make: Maker, asked: Asked) -> Node | None:
    """A whole constant added up over the members is that many times the number of members: exact, no rounding."""
    x = asked.args[0]
    group, role = asked.attr
    if role is not None or not x.is_const or float(x.attr) != int(x.attr) or abs(x.attr) > LARGEST_WHOLE:
        return None
    count = make.make("cast", (make.make("size", (), group, group),), x.dtype.str)
    return make.make("mul", (count, x))


@rule("of_role")
def constant_of_a_role(make: Maker, asked: Asked) -> Node | None:
    """A constant, where somebody holds the role; the default where nobody does."""
    x = asked.args[0]
    group, role, default = asked.attr
    if not x.is_const:
        return None
    other = make.const(default, x.dtype)
    if other is x or make.is_always_held(group, role):
        return x
    count = make.make("sum", (make.make("cast", (make.make("has_role", (), (group, role), "individu"),), "<f8"),),
                      (group, None), group)  # fmt: skip
    return make.make("where", (make.make("gt", (count, make.const(0.0))), x, other), None, group)


@rule("of_role")
def back_to_the_group(make: Maker, asked: Asked) -> Node | None:
    """A value of the group, given to its members, read from the one whose role is always held."""
    x = asked.args[0]
    group, role, _default = asked.attr
    return x.args[0] if x.op == "project" and x.attr == group and make.is_always_held(group, role) else None


@rule("nth")
def constant_of_a_member(make: Maker, asked: Asked) -> Node | None:
    """A constant, read from the first member, or equal to the default."""
    x = asked.args[0]
    group, position, default = asked.attr
    if x.op == "project" and x.attr == group and position == 0:
        return x.args[0]
    return x if x.is_const and (position == 0 or make.const(default, x.dtype) is x) else None


@rule("group_max", "group_min", "group_all")
def constant_of_every_member(_make: Maker, asked: Asked) -> Node | None:
    """A group has one member at least: the extreme of a constant is the constant."""
    return asked.args[0] if asked.args[0].is_const else None
