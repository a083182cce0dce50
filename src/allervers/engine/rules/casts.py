"""Conversions between types."""

from __future__ import annotations

import numpy as np

from allervers.engine.node import Node
from allervers.engine.ops import BOOL
from allervers.engine.rules.base import Asked, Maker, rule, widens


@rule("cast")
def to_its_own_type(_make: Maker, asked: Asked) -> Node | None:
    """A value cast to the type that it has."""
    return asked.args[0] if asked.args[0].dtype == np.dtype(asked.attr) else None


@rule("cast")
def through_a_wider_type(make: Maker, asked: Asked) -> Node | None:
    """A conversion that loses nothing, followed by another, is the second alone."""
    x = asked.args[0]
    if x.op == "cast" and widens(x.args[0].dtype, x.dtype) and x.args[0].dtype.kind in "biuf":
        return make.make("cast", (x.args[0],), asked.attr)
    return None


@rule("cast")
def of_a_choice_between_constants(make: Maker, asked: Asked) -> Node | None:
    """The constants of a choice are cast, rather than its result."""
    x = asked.args[0]
    if x.op == "where" and x.args[1].is_const and x.args[2].is_const and x.dtype.kind in "biuf":
        return make.make("where", (x.args[0], *(make.make("cast", (c,), asked.attr) for c in x.args[1:])))
    return None


@rule("and", "or", "max", "min")
def of_conditions_as_numbers(make: Maker, asked: Asked) -> Node | None:
    """The greater of two conditions as numbers is `or`, the smaller is `and`."""
    a, b = asked.args
    if asked.op in ("and", "or") or not all(x.op == "cast" and x.args[0].dtype == BOOL for x in (a, b)):
        return None
    joined = make.make("or" if asked.op == "max" else "and", (a.args[0], b.args[0]))
    return make.make("cast", (joined,), a.dtype.str)
