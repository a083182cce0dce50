"""Truth values and comparisons."""

from __future__ import annotations

from allervers.engine.node import Node
from allervers.engine.ops import BOOL
from allervers.engine.rules.base import Asked, Maker, is_value, rule

_OPPOSITE = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt", "eq": "ne", "ne": "eq"}
_TRUE_OF_ITSELF = {"le", "ge", "eq"}
_NEVER_NAN = "biumM"


@rule("and", "or")
def settled_by_a_constant(make: Maker, asked: Asked) -> Node | None:
    """`x and False` is False, `x and True` is x; the other way round for `or`. `x and x` is x, `x and not x` False."""
    absorbing = asked.op == "or"
    a, b = asked.args
    for x, c in ((a, b), (b, a)):
        if c.is_const:
            return c if bool(c.attr) is absorbing else x
    if a is b:
        return a
    for x, y in ((a, b), (b, a)):
        if y.op == "not" and y.args[0] is x:
            return make.const(absorbing)
        # x and (x and y) is x and y; x and (x or y) is x.
        if y.op in ("and", "or") and x in y.args:
            return y if y.op == asked.op else x
    return None


@rule("xor")
def exclusive_with_a_constant(make: Maker, asked: Asked) -> Node | None:
    """`x xor False` is x, `x xor True` is not x."""
    a, b = asked.args
    for x, c in ((a, b), (b, a)):
        if c.is_const:
            return make.make("not", (x,)) if bool(c.attr) else x
    return make.const(False) if a is b else None


@rule("not")
def not_of_not(make: Maker, asked: Asked) -> Node | None:
    """Not not x is x; not (x < y) is x >= y where neither can be NaN."""
    x = asked.args[0]
    if x.op == "not":
        return x.args[0]
    if x.op in ("eq", "ne") or (x.op in _OPPOSITE and all(a.finite or a.dtype.kind in _NEVER_NAN for a in x.args)):
        return make.make(_OPPOSITE[x.op], x.args)
    return None


@rule("lt", "le", "gt", "ge", "eq", "ne")
def compared_with_itself(make: Maker, asked: Asked) -> Node | None:
    """x <= x, where x cannot be NaN."""
    a, b = asked.args
    if a is b and (a.finite or a.dtype.kind in _NEVER_NAN):
        return make.const(asked.op in _TRUE_OF_ITSELF)
    return None


@rule("lt", "le", "gt", "ge", "eq", "ne")
def condition_as_a_number(make: Maker, asked: Asked) -> Node | None:
    """A condition cast to a number and compared with a constant is the condition, its opposite, or settled."""
    for position, x in enumerate(asked.args):
        c = asked.args[1 - position]
        condition = x.args[0] if x.op == "cast" and x.args[0].dtype == BOOL else x if x.dtype == BOOL else None
        if condition is None or not c.is_const or condition.is_const:
            continue
        no, yes = (_compares(asked.op, value, c.attr, position) for value in (False, True))
        if no == yes:
            return make.const(yes)
        return condition if yes else make.make("not", (condition,))
    return None


@rule("eq", "ne")
def choice_compared(make: Maker, asked: Asked) -> Node | None:
    """A choice between constants, compared with a constant, is its condition (or settled)."""
    a, b = asked.args
    for x, c in ((a, b), (b, a)):
        if x.op == "where" and c.is_const and x.args[1].is_const and x.args[2].is_const:
            yes, no = (make.make(asked.op, (choice, c)) for choice in x.args[1:])
            return make.make("where", (x.args[0], yes, no))
    return None


@rule("gt", "ne")
def some_of_a_group(make: Maker, asked: Asked) -> Node | None:
    """A number of persons above 0, over persons of whom nobody counts, is False."""
    a, b = asked.args
    if a.op == "sum" and is_value(b, 0) and is_value(a.args[0], 0):
        return make.const(False)
    return None


def _compares(op: str, left: object, right: object, position: int) -> bool:
    from allervers.engine.ops import OPS

    pair = (left, right) if position == 0 else (right, left)
    compute = OPS[op].compute
    assert compute is not None
    return bool(compute(None, *pair))
