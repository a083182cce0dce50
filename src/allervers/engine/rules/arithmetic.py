"""Neutral and absorbing numbers. What needs a finite value says so: 0 times infinity is not 0."""

from __future__ import annotations

from allervers.engine.node import Node
from allervers.engine.ops import BOOL
from allervers.engine.rules.base import Asked, Maker, is_value, rule


@rule("add")
def add_zero(_make: Maker, asked: Asked) -> Node | None:
    """x + 0 is x."""
    a, b = asked.args
    return a if is_value(b, 0) else b if is_value(a, 0) else None


@rule("sub")
def subtract_zero_or_itself(make: Maker, asked: Asked) -> Node | None:
    """x - 0 is x; x - x is 0 when x is finite."""
    a, b = asked.args
    if is_value(b, 0):
        return a
    return make.const(0, a.dtype) if a is b and a.finite else None


@rule("mul")
def multiply_by_one_or_zero(_make: Maker, asked: Asked) -> Node | None:
    """x * 1 is x; x * 0 is 0 when x is finite."""
    a, b = asked.args
    for x, c in ((a, b), (b, a)):
        if is_value(c, 1):
            return x
        if is_value(c, 0) and x.finite:
            return c
    return None


@rule("mul")
def multiply_by_a_condition(make: Maker, asked: Asked) -> Node | None:
    """A condition as a number, times x, is a choice between x and 0 when x is finite."""
    a, b = asked.args
    for x, c in ((a, b), (b, a)):
        if c.op == "cast" and c.args[0].dtype == BOOL and x.finite:
            return make.make("where", (c.args[0], x, make.const(0, x.dtype)))
    return None


@rule("div", "floordiv")
def divide_by_one(_make: Maker, asked: Asked) -> Node | None:
    """x / 1 is x (a whole number for the whole division)."""
    a, b = asked.args
    return a if is_value(b, 1) and (asked.op == "div" or a.dtype.kind in "iu") else None


@rule("min", "max")
def extreme_of_one(_make: Maker, asked: Asked) -> Node | None:
    """The smaller of x and x is x; one limit within another is the narrower of the two."""
    a, b = asked.args
    if a is b:
        return a
    for x, c in ((a, b), (b, a)):
        if c.is_const and x.op == asked.op and c in x.args:
            return x
    return None


@rule("neg")
def negative_of_negative(_make: Maker, asked: Asked) -> Node | None:
    """- - x is x."""
    return asked.args[0].args[0] if asked.args[0].op == "neg" else None


@rule("rint", "floor", "ceil", "trunc")
def whole_already(_make: Maker, asked: Asked) -> Node | None:
    """A whole number rounded is itself."""
    x = asked.args[0]
    whole = x.op in ("rint", "floor", "ceil", "trunc") or (x.op == "cast" and x.args[0].dtype.kind in "biu")
    return x if whole else None


@rule("marginal")
def scale_of_nothing(make: Maker, asked: Asked) -> Node | None:
    """A scale whose thresholds are not negative gives 0 on a base of 0."""
    base, factor = asked.args
    if is_value(base, 0) and factor.finite and min(asked.attr.thresholds, default=-1) >= 0:
        positive = not factor.is_const or factor.attr >= 0
        return make.const(0, asked.args[0].dtype) if positive and factor.is_const else None
    return None
