"""numpy functions (not ufuncs) on symbols: choices, rounding, texts, tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from allervers.engine.node import Node
from allervers.engine.ops import BOOL, TEXT, Table
from allervers.engine.symbol import (
    FUNCTIONS,
    HANDLERS,
    CannotTrace,
    Symbol,
    converted,
    emitted,
    frame_of,
    lifted,
    like,
    operand,
    plain,
)
from allervers.engine.symbol_operations import applied
from allervers.engine.texts import TextFunction, text_values


def chosen(condition: Any, if_true: Any, if_false: Any) -> Symbol:
    """`np.where`."""
    near = next(v for v in (condition, if_true, if_false) if isinstance(v, Symbol))
    values = [_choice(v, near) for v in (if_true, if_false)]
    enum = values[0][1] or values[1][1]
    a, b = values[0][0], values[1][0]
    frame = frame_of([v for v in (condition, a, b) if isinstance(v, Symbol)])
    is_text = any(isinstance(v, str) or (isinstance(v, Symbol) and v.dtype == TEXT) for v in (a, b))
    dtype = TEXT if is_text else _common(a, b)
    test = _condition(frame, condition)
    args = (test, operand(frame, a, dtype), operand(frame, b, dtype))
    node = frame.recorder.builder.make("where", args, None)
    frame.recorder.note(node, (a, b))
    return like(frame, node, enum)


def selected(conditions: Sequence[Any], choices: Sequence[Any], default: Any = 0) -> Any:
    """`np.select`: the choice of the first condition that holds."""
    everything = [*conditions, *choices, default]
    near = next(v for v in everything if isinstance(v, Symbol))
    frame = frame_of([v for v in (lifted(x, near) for x in everything) if isinstance(v, Symbol)])
    values = [_choice(v, near) for v in [*choices, default]]
    enum = next((e for _, e in values if e is not None), None)
    plains = [v for v, _ in values]
    if any(isinstance(v, str) or (isinstance(v, Symbol) and v.dtype == TEXT) for v in plains):
        dtype = TEXT
    else:
        dtype = np.result_type(*(_typed(v) for v in plains))
    node = operand(frame, plains[-1], dtype)
    builder = frame.recorder.builder
    for condition, value in zip(reversed(conditions), reversed(plains[:-1]), strict=True):
        node = builder.make("where", (_condition(frame, condition), operand(frame, value, dtype), node), None)
    frame.recorder.note(node, plains)
    return like(frame, node, enum)


def rounded(symbol: Any, decimals: int = 0, out: Any = None) -> Symbol:
    """`np.round`."""
    if out is not None:
        raise CannotTrace("numpy.round with out=")
    value = plain(symbol)
    if value.dtype.kind in "iub":
        return converted(value, np.float16) if value.dtype == bool else value
    if decimals == 0:
        return emitted(value, "rint", (value.node,), None, (value,))
    return emitted(value, "round", (value.node,), int(decimals), (value,))


def _choice(value: Any, near: Symbol) -> tuple[Any, Any]:
    """A value of a choice, without its enumeration, and that enumeration."""
    value = lifted(value, near)
    if hasattr(value, "index") and hasattr(value, "name") and not isinstance(value, str | bytes | Symbol):
        return np.int16(value.index), type(value)
    if isinstance(value, Symbol):
        return plain(value), value.enum
    return value, None


def _condition(frame: Symbol, condition: Any) -> Node:
    condition = lifted(condition, frame)
    if isinstance(condition, Symbol | bool | np.bool_ | int | float | np.generic):
        return operand(frame, plain(condition), np.dtype(bool))
    raise CannotTrace(f"{type(condition).__name__} as a condition")


def _common(a: Any, b: Any) -> np.dtype[Any]:
    """Type of `np.where(c, a, b)`. Python numbers take the type of the other value."""
    return np.result_type(_typed(a), _typed(b))


def _typed(value: Any) -> Any:
    if isinstance(value, Symbol):
        return value.dtype
    return value.dtype if isinstance(value, np.generic) else value


def text_compared(name: str, values: Sequence[Any]) -> Symbol:
    """Texts compared with a constant: a function of the distinct texts."""
    if name == "startswith":
        return _starts_with(*values)
    if name not in ("equal", "not_equal"):
        raise CannotTrace(f"numpy.{name} on texts")
    first, second = values
    frame = next(value for value in values if isinstance(value, Symbol))
    if not any(isinstance(value, Symbol) and value.dtype == TEXT for value in values):
        # A number never equals a text, says numpy.
        return like(frame, frame.recorder.builder.const(name == "not_equal", BOOL))
    if not (isinstance(first, Symbol) and first.dtype == TEXT):
        first, second = second, first
    result = text_among(first, (second,))
    return result if name == "equal" else applied(np.logical_not, (result,))


def text_among(symbol: Symbol, others: Sequence[Any]) -> Symbol:
    """Whether each text is one of these constants. As in numpy and Python, bytes never equal a str."""
    kind = bytes if symbol.enum is bytes else str
    words = []
    for other in others:
        value = other.node.value if isinstance(other, Symbol) and other.node.is_const else other
        if isinstance(value, Symbol):
            raise CannotTrace("two columns of texts compared")
        if isinstance(value, kind) or isinstance(other, Symbol):
            words.append(value.decode() if isinstance(value, bytes) else str(value))
    return text_function(plain(symbol), TextFunction("isin", "|b1", tuple(words)))


def text_function(symbol: Symbol, function: TextFunction) -> Symbol:
    """A function of each text; computed at once for a constant."""
    if symbol.node.is_const:
        (value,) = text_values(function, [symbol.node.value])
        return like(symbol, symbol.recorder.builder.const(value, np.dtype(function.dtype)))
    return emitted(symbol, "text", (symbol.node,), function, (symbol,))


def _starts_with(texts: Any, prefix: Any, start: int = 0, end: Any = None) -> Symbol:
    prefix = str(prefix) if isinstance(prefix, np.str_) else prefix
    whole = end is None or int(end) >= np.iinfo(np.int64).max
    if start or not whole or not isinstance(prefix, str):
        raise CannotTrace("numpy.char.startswith on a part of the text")
    return text_function(texts, TextFunction("startswith", "|b1", (prefix,)))


def _is_in(element: Any, test_elements: Any, **options: Any) -> Any:
    if options:
        raise CannotTrace("numpy.isin with options")
    if element.dtype == TEXT:
        return text_among(element, list(test_elements))
    results = [plain(element) == item for item in test_elements]
    return np.logical_or.reduce(results) if not results else _any_of(results)


def _any_of(results: Sequence[Symbol]) -> Symbol:
    total = results[0]
    for result in results[1:]:
        total = applied(np.logical_or, (total, result))
    return total


def _filled(value: Any) -> Callable[..., Symbol]:
    def like_it(symbol: Any, *_args: Any, dtype: Any = None, **_options: Any) -> Symbol:
        target = np.dtype(dtype) if dtype is not None else symbol.dtype
        return like(symbol, symbol.recorder.builder.const(value, target))

    return like_it


def _full_like(symbol: Any, value: Any, dtype: Any = None, **_options: Any) -> Symbol:
    target = np.dtype(dtype) if dtype is not None else symbol.dtype
    return like(symbol, operand(symbol, value, target))


def _business_days(begin: Any, end: Any, weekmask: Any = "1111100", **options: Any) -> Symbol:
    if options:
        raise CannotTrace("numpy.busday_count with holidays")
    frame = frame_of([v for v in (begin, end) if isinstance(v, Symbol)])
    mask = weekmask if isinstance(weekmask, str) else "".join(str(int(day)) for day in weekmask)
    day = np.dtype("datetime64[D]")
    args = tuple(operand(frame, v if isinstance(v, Symbol) else np.datetime64(v), day) for v in (begin, end))
    return emitted(frame, "busdays", args, mask, (begin, end))


def _broadcast(function: Any, symbol: Any) -> Any:
    if symbol.node.is_const:
        return function(np.array([symbol.node.value]))
    return symbol.any() if function is np.any else symbol.all()


def _full_any(symbol: Any, *_args: Any, **_kwargs: Any) -> Any:
    return _broadcast(np.any, symbol)


def _full_all(symbol: Any, *_args: Any, **_kwargs: Any) -> Any:
    return _broadcast(np.all, symbol)


def _nan_to_num(symbol: Any, copy: bool = True, nan: float = 0.0, **options: Any) -> Symbol:  # noqa: ARG001
    if options:
        raise CannotTrace("numpy.nan_to_num with limits")
    if symbol.node.finite:
        result: Symbol = plain(symbol)
        return result
    raise CannotTrace("numpy.nan_to_num on values that may be infinite")


def _fix(symbol: Any) -> Symbol:
    return applied(np.trunc, (symbol,))


def _clip(symbol: Any, low: Any, high: Any, **_options: Any) -> Any:
    return np.minimum(np.maximum(symbol, low), high)


def _copied(symbol: Any, **_options: Any) -> Any:
    return symbol.copy()


def table_read(frame: Symbol, table: Table, index: Node, operands: Sequence[Any] = ()) -> Symbol:
    """`table[index]`, the index being a 64-bit node."""
    return emitted(frame, "take", (index,), table, operands)


def as_index(frame: Symbol, value: Any) -> Node:
    """A whole number as an index of tables."""
    return operand(frame, plain(value), np.dtype(np.int64))


FUNCTIONS |= {
    np.where: chosen,
    np.select: selected,
    np.round: rounded,
    np.around: rounded,
    np.zeros_like: _filled(0),
    np.ones_like: _filled(1),
    np.empty_like: _filled(0),
    np.full_like: _full_like,
    np.any: _full_any,
    np.all: _full_all,
    np.clip: _clip,
    np.copy: _copied,
    np.fix: _fix,
    np.nan_to_num: _nan_to_num,
    np.isin: _is_in,
    np.busday_count: _business_days,
    np.char.startswith: _starts_with,
    np.shape: lambda symbol: symbol.shape,
    np.ndim: lambda _symbol: 1,
    np.size: lambda symbol, axis=None: symbol.size,  # noqa: ARG005
}
HANDLERS |= {"chosen": chosen, "rounded": rounded, "text_among": text_among, "text_compared": text_compared}
