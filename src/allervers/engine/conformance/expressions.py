"""Numbers written as arithmetic ("1500 * 12"): OpenFisca evaluates such texts, so do we, on numbers alone."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping

Number = bool | int | float

MAX_LENGTH = 1_000
MAX_DEPTH = 50
MAX_POWER = 64

_BINARY: Mapping[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[Number], Number]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_FUNCTIONS: Mapping[str, Callable[..., Number]] = {"floor": math.floor, "ceil": math.ceil, "abs": abs, "round": round}
_ARITHMETIC = re.compile(r"(?!\s)(?:[\d.eE_+\-*/%(),\s]|floor|ceil|abs|round|True|False)+")


class _NotArithmetic(ValueError):
    pass


def number_in(text: str) -> Number | None:
    """The number that a text is or computes; None when it is not arithmetic on numbers (the text is then a text)."""
    if len(text) > MAX_LENGTH or not _ARITHMETIC.fullmatch(text):
        return None
    try:
        value = _value(ast.parse(text, mode="eval").body, 0)
    except (SyntaxError, ValueError, ArithmeticError, TypeError, KeyError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, bool) or abs(value) < 2**63 or isinstance(value, float) else None


def _value(node: ast.expr, depth: int) -> Number:
    if depth > MAX_DEPTH:
        raise _NotArithmetic
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        return _UNARY[type(node.op)](_value(node.operand, depth + 1))
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left, depth + 1), _value(node.right, depth + 1)
        if isinstance(node.op, ast.Pow):
            return _power(left, right)
        if type(node.op) in _BINARY:
            return _BINARY[type(node.op)](left, right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        return _FUNCTIONS[node.func.id](*(_value(argument, depth + 1) for argument in node.args))
    raise _NotArithmetic


def _power(base: Number, exponent: Number) -> Number:
    if abs(exponent) > MAX_POWER or abs(base) > 1e9:
        raise _NotArithmetic
    value = base**exponent
    if isinstance(value, complex):
        raise _NotArithmetic
    return value
