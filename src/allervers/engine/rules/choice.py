"""Choices: `where(condition, value if true, value if false)`."""

from __future__ import annotations

from allervers.engine.node import Node
from allervers.engine.ops import BOOL
from allervers.engine.rules.base import Asked, Maker, is_value, rule


@rule("where")
def settled(_make: Maker, asked: Asked) -> Node | None:
    """A known condition, or the same value on both sides."""
    c, a, b = asked.args
    if c.is_const:
        return a if bool(c.attr) else b
    return a if a is b else None


@rule("where")
def opposite_condition(make: Maker, asked: Asked) -> Node | None:
    """Where not c: the two values change places."""
    c, a, b = asked.args
    return make.make("where", (c.args[0], b, a), None, asked.entity) if c.op == "not" else None


@rule("where")
def within_the_same_condition(make: Maker, asked: Asked) -> Node | None:
    """A choice on c inside the branch where c is known."""
    c, a, b = asked.args
    if a.op == "where" and a.args[0] is c:
        return make.make("where", (c, a.args[1], b), None, asked.entity)
    if b.op == "where" and b.args[0] is c:
        return make.make("where", (c, a, b.args[2]), None, asked.entity)
    return None


@rule("where")
def of_truth_values(make: Maker, asked: Asked) -> Node | None:
    """A choice between truth values is logic."""
    c, a, b = asked.args
    if a.dtype != BOOL or not (a.is_const or b.is_const):
        return None
    if a.is_const:
        return make.make("or", (c, b)) if bool(a.attr) else make.make("and", (make.make("not", (c,)), b))
    return make.make("or", (make.make("not", (c,)), a)) if bool(b.attr) else make.make("and", (c, a))


@rule("where")
def one_or_zero(make: Maker, asked: Asked) -> Node | None:
    """A choice between 1 and 0 is the condition as a number."""
    c, a, b = asked.args
    if a.dtype.kind not in "iuf" or not (is_value(a, 1) and is_value(b, 0)):
        return None
    return make.make("cast", (c,), a.dtype.str)


@rule("where")
def nested_with_a_shared_value(make: Maker, asked: Asked) -> Node | None:
    """where(c, where(d, x, y), y) is where(c and d, x, y)."""
    c, a, b = asked.args
    if a.op == "where" and a.args[2] is b:
        return make.make("where", (make.make("and", (c, a.args[0])), a.args[1], b), None, asked.entity)
    return None
