"""The closed table of operations of the graph: what each takes, the dtype that it gives, its value on numpy arrays.

Operands of an operation have exactly the dtypes that it computes with: every conversion is a `cast` node of its own.
`OPS[...].compute` is the definition; a back-end may compute otherwise, never differently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BOOL = np.dtype(bool)
I8 = np.dtype(np.int64)
F8 = np.dtype(np.float64)
TEXT = np.dtype(object)
DAY = np.dtype("datetime64[D]")

Array = NDArray[Any]
Dtypes = Sequence[np.dtype[Any]]


class IllFormed(ValueError):
    """A node that the table of operations does not allow."""


@dataclass(frozen=True, slots=True)
class Op:
    """One operation. `arity`: number of operands. `dtype(dtypes of operands, attr)`: dtype of the result, or IllFormed.

    `compute(attr, *operands)` is its value row by row; None for what reads the structure of groups (see structure.py).
    """

    name: str
    arity: int
    dtype: Callable[[Dtypes, Any], np.dtype[Any]]
    compute: Callable[..., Array] | None = None
    commutes: bool = False

    @property
    def is_rowwise(self) -> bool:
        """True when a row of the result depends on the same row of the operands only."""
        return self.compute is not None


def _same(dtypes: Dtypes, _attr: Any) -> np.dtype[Any]:
    if len(set(dtypes)) != 1:
        raise IllFormed(f"operands of different types: {dtypes}")
    return dtypes[0]


def _number(dtypes: Dtypes, attr: Any) -> np.dtype[Any]:
    found = _same(dtypes, attr)
    if found.kind not in "iuf":
        raise IllFormed(f"not a number: {found}")
    return found


def _whole(dtypes: Dtypes, attr: Any) -> np.dtype[Any]:
    found = _same(dtypes, attr)
    if found.kind not in "iu":
        raise IllFormed(f"not a whole number: {found}")
    return found


def _real(dtypes: Dtypes, attr: Any) -> np.dtype[Any]:
    found = _same(dtypes, attr)
    if found.kind != "f":
        raise IllFormed(f"not a real number: {found}")
    return found


def _truth(dtypes: Dtypes, attr: Any) -> np.dtype[Any]:
    if _same(dtypes, attr) != BOOL:
        raise IllFormed(f"not a truth value: {dtypes[0]}")
    return BOOL


def _comparison(dtypes: Dtypes, attr: Any) -> np.dtype[Any]:
    if _same(dtypes, attr) == TEXT:
        raise IllFormed("texts are compared by `text`")
    return BOOL


def _choice(dtypes: Dtypes, attr: Any) -> np.dtype[Any]:
    if dtypes[0] != BOOL:
        raise IllFormed("a choice needs a condition")
    return _same(dtypes[1:], attr)


def _table(dtypes: Dtypes, attr: Any) -> np.dtype[Any]:
    if dtypes[0] != I8:
        raise IllFormed("a table is read by 64-bit integers")
    found: np.dtype[Any] = np.dtype(attr.dtype)
    return found


def _dates(dtypes: Dtypes, attr: Any) -> np.dtype[Any]:
    if any(d.kind not in "mM" for d in dtypes):
        raise IllFormed(f"not dates: {dtypes}")
    found: np.dtype[Any] = np.dtype(attr)
    return found


def _marginal(dtypes: Dtypes, _attr: Any) -> np.dtype[Any]:
    if any(d != F8 for d in dtypes):
        raise IllFormed("a scale is computed in 64 bits")
    return F8


def _position(dtypes: Dtypes, attr: Any) -> np.dtype[Any]:
    _marginal(dtypes, attr)
    return I8


def _days(dtypes: Dtypes, _attr: Any) -> np.dtype[Any]:
    _dates(dtypes, "m8[D]")
    return I8


def _ranked(dtypes: Dtypes, attr: Any) -> np.dtype[Any]:
    _real(dtypes, attr)
    return I8


def _tested(dtypes: Dtypes, attr: Any) -> np.dtype[Any]:
    _real(dtypes, attr)
    return BOOL


def _dtype_of_attr(_dtypes: Dtypes, attr: Any) -> np.dtype[Any]:
    found: np.dtype[Any] = np.dtype(attr.dtype)
    return found


def _to(target: np.dtype[Any]) -> Callable[[Dtypes, Any], np.dtype[Any]]:
    return lambda _dtypes, _attr: target


def _attr_dtype(_dtypes: Dtypes, attr: Any) -> np.dtype[Any]:
    found: np.dtype[Any] = np.dtype(attr)
    return found


# --- values ---


@dataclass(frozen=True, slots=True)
class Table:
    """Values read by position. `names` says what each position stands for, for explanations."""

    dtype: str
    data: bytes
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, values: Array, names: Sequence[str] = ()) -> Table:
        """The table of a one-dimensional array."""
        return cls(values.dtype.str, np.ascontiguousarray(values).tobytes(), tuple(names))

    @property
    def values(self) -> Array:
        """The table as an array."""
        return np.frombuffer(self.data, dtype=self.dtype)


@dataclass(frozen=True, slots=True)
class InputKey:
    """An input of the graph: a column of the data. Periods with the same values share a column.

    `period`: the first of these periods, in OpenFisca's words (`ETERNITY` for none). `dtype`: in numpy's words.
    """

    variable: str
    period: str
    dtype: str


@dataclass(frozen=True, slots=True)
class Scale:
    """A marginal scale: rates by bracket. `decimals`: rounding of bases and amounts, None for none."""

    thresholds: tuple[float, ...]
    rates: tuple[float, ...]
    decimals: int | None = None
    name: str = ""


def _marginal_value(scale: Scale, base: Array, factor: Array) -> Array:
    """Tax by the scale, bracket after bracket, thresholds times `factor` (as openfisca_core MarginalRateTaxScale)."""
    above = factor + np.finfo(np.float64).eps
    total = np.zeros(np.broadcast_shapes(np.shape(base), np.shape(above)))
    bounds = [*scale.thresholds, np.inf]
    for low, high, rate in zip(bounds[:-1], bounds[1:], scale.rates, strict=True):
        if rate == 0:
            continue
        first, last = _rounded(above * low, scale.decimals), _rounded(above * high, scale.decimals)
        inside = np.maximum(np.minimum(base, last) - first, 0.0)
        total = total + _rounded(_rounded(inside, scale.decimals) * rate, scale.decimals)
    return total


def _rounded(values: Array, decimals: int | None) -> Array:
    return values if decimals is None else np.round(values, decimals)


def _bracket_value(attr: tuple[tuple[float, ...], int | None], base: Array, factor: Array) -> Array:
    """Position of the bracket that holds `base` (-1 under the first), thresholds times `factor`."""
    thresholds, decimals = attr
    above = factor + np.finfo(np.float64).eps
    count = np.full(np.broadcast_shapes(np.shape(base), np.shape(above)), -1, dtype=np.int64)
    for threshold in thresholds:
        count = count + (base - _rounded(above * threshold, decimals) >= 0)
    return count


def _digitize_value(attr: tuple[tuple[float, ...], bool], base: Array) -> Array:
    """Number of thresholds at or under `base` (strictly under, with the flag `right`)."""
    thresholds, right = attr
    return np.asarray(np.digitize(base, np.array(thresholds), right=right), dtype=np.int64)


def _round_value(decimals: int, value: Array) -> Array:
    return np.asarray(np.round(value, decimals))


def _busdays_value(mask: str, begin: Array, end: Array) -> Array:
    return np.asarray(np.busday_count(begin, end, weekmask=mask), dtype=np.int64)


def _ufunc(function: Any) -> Callable[..., Array]:
    return lambda _attr, *operands: function(*operands)


def _cast_value(attr: str, value: Array) -> Array:
    return np.asarray(value).astype(attr)


_NUMBERS: Mapping[str, Any] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "floordiv": np.floor_divide, "mod": np.remainder,
    "min": np.minimum, "max": np.maximum, "pow": np.power,
}  # fmt: skip
_REALS: Mapping[str, tuple[int, Any]] = {
    "div": (2, np.true_divide), "rint": (1, np.rint), "floor": (1, np.floor), "ceil": (1, np.ceil),
    "trunc": (1, np.trunc), "sqrt": (1, np.sqrt), "exp": (1, np.exp), "log": (1, np.log),
}  # fmt: skip
_COMPARISONS: Mapping[str, Any] = {
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal, "ne": np.not_equal,
}  # fmt: skip
_COMMUTATIVE = {"add", "mul", "min", "max", "eq", "ne", "and", "or", "xor"}


def _all_ops() -> list[Op]:
    numbers = [Op(n, 2, _number, _ufunc(f), n in _COMMUTATIVE) for n, f in _NUMBERS.items()]
    reals = [Op(n, arity, _real, _ufunc(f)) for n, (arity, f) in _REALS.items()]
    comparisons = [Op(n, 2, _comparison, _ufunc(f), n in _COMMUTATIVE) for n, f in _COMPARISONS.items()]
    return [
        *numbers,
        *reals,
        *comparisons,
        Op("neg", 1, _number, _ufunc(np.negative)),
        Op("abs", 1, _number, _ufunc(np.absolute)),
        Op("round", 1, _real, _round_value),
        Op("and", 2, _truth, _ufunc(np.logical_and), True),
        Op("or", 2, _truth, _ufunc(np.logical_or), True),
        Op("xor", 2, _truth, _ufunc(np.logical_xor), True),
        Op("not", 1, _truth, _ufunc(np.logical_not)),
        Op("bitand", 2, _whole, _ufunc(np.bitwise_and), True),
        Op("bitor", 2, _whole, _ufunc(np.bitwise_or), True),
        Op("isnan", 1, _tested, _ufunc(np.isnan)),
        Op("where", 3, _choice, lambda _attr, c, a, b: np.where(c, a, b)),
        Op("cast", 1, _attr_dtype, _cast_value),
        Op("take", 1, _table, lambda table, index: table.values[index]),
        Op("marginal", 2, _marginal, _marginal_value),
        Op("bracket", 2, _position, _bracket_value),
        Op("digitize", 1, _position, _digitize_value),
        Op("date_add", 2, _dates, lambda _attr, a, b: a + b),
        Op("date_sub", 2, _dates, lambda _attr, a, b: a - b),
        Op("busdays", 2, _days, _busdays_value),
        # What reads the structure of groups.
        Op("text", 1, _dtype_of_attr),
        Op("input", 0, _dtype_of_attr),
        Op("has_role", 0, _to(BOOL)),
        Op("position", 0, _to(np.dtype(np.int32))),
        Op("size", 0, _to(I8)),
        Op("project", 1, _same),
        Op("sum", 1, _marginal),
        Op("of_role", 1, _same),
        Op("nth", 1, _same),
        Op("group_max", 1, _real),
        Op("group_min", 1, _real),
        Op("group_all", 1, _truth),
        Op("rank", 1, _ranked),
    ]


OPS: Mapping[str, Op] = {op.name: op for op in _all_ops()}
"""Every operation, by name, less `const` (a value, the same for every row)."""
