"""From nodes to the steps of the numpy back-end: a function and the positions of its operands among the frame's views.

A step is (function, a, b, c, d): `function(a, d)` where b is 0, `function(a, b, d)` where c is 0, else
`function(a, b, c, d)`; d is where the result is written. Position 0 is never an operand; position FRAME is the frame.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from allervers.engine.backends import numpy_groups
from allervers.engine.backends.numpy_frame import Array, Frame
from allervers.engine.ops import OPS, Scale

Function = Callable[..., Any]
Step = tuple[Function, int, int, int, int]
FRAME = 1

UFUNCS: Mapping[str, np.ufunc] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "floordiv": np.floor_divide, "mod": np.remainder,
    "min": np.minimum, "max": np.maximum, "pow": np.power, "div": np.true_divide, "rint": np.rint, "floor": np.floor,
    "ceil": np.ceil, "trunc": np.trunc, "sqrt": np.sqrt, "exp": np.exp, "log": np.log, "lt": np.less,
    "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal, "ne": np.not_equal,
    "neg": np.negative, "abs": np.absolute, "and": np.logical_and, "or": np.logical_or, "xor": np.logical_xor,
    "bitand": np.bitwise_and, "bitor": np.bitwise_or, "not": np.logical_not, "isnan": np.isnan,
    "date_add": np.add, "date_sub": np.subtract,
}  # fmt: skip
"""Operations that are one ufunc, whose result has the type of the register that it is written in."""

MOVES = frozenset({"input", "where", "project", "of_role", "nth"})
"""Operations that copy values whatever they mean: dates and texts are moved as 64-bit numbers."""


def cast(a: Array, out: Array) -> None:
    """Conversion, as `astype` does it."""
    out[...] = a


def rounded(decimals: int, dtype: np.dtype[Any]) -> Function:
    """Rounding to a number of decimals: as `np.round`, times a power of ten, to the even, divided."""
    power = np.array(10.0 ** abs(decimals), dtype=dtype)
    before, after = (np.multiply, np.true_divide) if decimals >= 0 else (np.true_divide, np.multiply)

    def step(a: Array, out: Array) -> None:
        before(a, power, out)
        np.rint(out, out)
        after(out, power, out)

    return step


def where(condition: Array, a: Array, b: Array, out: Array) -> None:
    """A choice between two columns or constants."""
    out[...] = b
    np.putmask(out, condition, a)


def kept(condition: Array, a: Array, mask: Array, out: Array) -> None:
    """A choice between bits and zero, without a branch on each row. `mask`: a column of work."""
    mask[...] = condition
    np.negative(mask, mask)
    np.bitwise_and(mask, a, out)


def dropped(condition: Array, b: Array, mask: Array, out: Array) -> None:
    """A choice between zero and bits."""
    mask[...] = condition
    np.subtract(mask, _ONE[mask.dtype], mask)
    np.bitwise_and(mask, b, out)


_ONE = {np.dtype(t): np.array(1, dtype=t) for t in (np.int16, np.int32, np.int64)}


def take(table: Array) -> Function:
    """Values read by position; from the end where the position is negative."""

    def step(index: Array, out: Array) -> None:
        table.take(index, None, out, "wrap")

    return step


def text(slot: int) -> Function:
    """Values of a text function, read by number of word in the table of the run."""

    def step(words: Array, _b: Array, frame: Frame, out: Array) -> None:
        frame.shared.tables[slot].take(words, None, out, "clip")

    return step


def busdays(mask: str) -> Function:
    """Number of working days between two dates."""

    def step(begin: Array, end: Array, out: Array) -> None:
        np.busday_count(begin, end, weekmask=mask, out=out)

    return step


def digitize(attr: tuple[tuple[float, ...], bool]) -> Function:
    """Number of thresholds under a value, by the definition."""
    definition = OPS["digitize"].compute
    assert definition is not None

    def step(base: Array, out: Array) -> None:
        out[...] = definition(attr, base)

    return step


def load(slot: int, entity: str) -> Function:
    """A column of the data, in the order of the block."""

    def step(_a: Array, _b: Array, frame: Frame, out: Array) -> None:
        frame.shared.columns[slot].take(frame.order[entity], None, out, "clip")

    return step


def store(slot: int, entity: str) -> Function:
    """An output, written back in the order of the population. The operand is also the place of the result."""

    def step(_a: Array, _b: Array, frame: Frame, out: Array) -> None:
        frame.shared.outputs[slot][frame.order[entity]] = out

    return step


def marginal(scale: Scale, factor: Any, work: Sequence[int]) -> Function:
    """Tax by a marginal scale. `factor`: its value when constant, else None; `work`: positions of WORK columns."""
    bounds = [*scale.thresholds, np.inf]
    decimals = scale.decimals
    cents = None if decimals is None else rounded(decimals, _EPSILON.dtype)
    brackets = [
        (_bound(low, factor, decimals), _bound(high, factor, decimals), np.array(rate))
        for low, high, rate in zip(bounds[:-1], bounds[1:], scale.rates, strict=True)
        if rate != 0
    ]

    def step(base: Array, times: Array, frame: Frame, out: Array) -> None:
        inside, above, limit, zero = (frame.views[i] for i in work)
        if factor is None:
            np.add(times, _EPSILON, above)
        total = zero
        for low, high, rate in brackets:
            part = base
            if high is not _INFINITE:
                part = np.minimum(base, _limit(high, above, limit, decimals), inside)
            if low is not _NOTHING:
                part = np.subtract(part, _limit(low, above, limit, decimals), inside)
            np.maximum(part, zero, inside)
            if cents is not None:
                cents(inside, inside)
            np.multiply(inside, rate, inside)
            if cents is not None:
                cents(inside, inside)
            total = np.add(total, inside, out)
        if not brackets:
            out.fill(0.0)

    return step


WORK = 4
"""Columns of work of a scale: three, and one of zeros."""
_EPSILON = np.array(np.finfo(np.float64).eps)
_INFINITE = np.array(np.inf)
_NOTHING = np.array(0.0)


def _bound(threshold: float, factor: Any, decimals: int | None) -> Any:
    """A threshold times a constant factor, rounded; the threshold itself when the factor is a column."""
    if factor is None:
        return threshold
    limit = (np.asarray(factor, dtype=np.float64) + _EPSILON) * threshold
    limit = limit if decimals is None else np.round(limit, decimals)
    return _INFINITE if limit == np.inf else _NOTHING if limit == 0 else np.asarray(limit)


def _limit(bound: Any, above: Array, limit: Array, decimals: int | None) -> Array:
    """A bound when it is known, else a threshold times the factor of each row, written in `limit`."""
    if isinstance(bound, np.ndarray):
        return bound
    np.multiply(above, bound, limit)
    if decimals is not None:
        limit.round(decimals, limit)
    return limit


def bracket(attr: tuple[tuple[float, ...], int | None], factor: Any, work: Sequence[int]) -> Function:
    """Position of the bracket, -1 under the first (see `marginal`)."""
    thresholds, decimals = attr
    bounds = [_bound(t, factor, decimals) for t in thresholds]

    def step(base: Array, times: Array, frame: Frame, out: Array) -> None:
        over, above, limit, zero = (frame.views[i] for i in work)
        if factor is None:
            np.add(times, _EPSILON, above)
        out.fill(-1)
        for bound in bounds:
            np.subtract(base, _limit(bound, above, limit, decimals), over)
            np.add(out, np.greater_equal(over, zero), out)

    return step


def group_step(op: str, attr: Any, default: Any) -> Function:
    """The step of an operation on groups. Raises KeyError for another operation."""
    if op in ("of_role", "nth"):
        make = numpy_groups.of_role if op == "of_role" else numpy_groups.nth
        return make(attr[0], attr[1], default)
    if op == "sum":
        return numpy_groups.summed(attr[0], attr[1])
    group = attr if isinstance(attr, str) else attr[0]
    if op in _REDUCED:
        return numpy_groups.reduced(group, *_REDUCED[op])
    return {"project": numpy_groups.project, "rank": numpy_groups.rank}[op](group)


_REDUCED: Mapping[str, tuple[np.ufunc, Any]] = {
    "group_max": (np.maximum, -np.inf),
    "group_min": (np.minimum, np.inf),
    "group_all": (np.logical_and, True),
}
"""Function and neutral value of each reduction."""
