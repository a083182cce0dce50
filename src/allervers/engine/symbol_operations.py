"""numpy's operations on symbols as operations of the graph, in the types that numpy computes with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np

from allervers.engine.node import Node
from allervers.engine.ops import BOOL, TEXT
from allervers.engine.symbol import HANDLERS, CannotTrace, Symbol, frame_of, lifted, like, operand, plain

_SIMPLE: Mapping[str, str] = {
    "subtract": "sub", "multiply": "mul", "true_divide": "div", "divide": "div", "floor_divide": "floordiv",
    "remainder": "mod", "fmod": "", "power": "pow", "negative": "neg", "absolute": "abs", "fabs": "abs",
    "minimum": "min", "maximum": "max", "rint": "rint", "floor": "floor", "ceil": "ceil", "trunc": "trunc",
    "sqrt": "sqrt", "exp": "exp", "log": "log", "add": "add", "less": "lt", "less_equal": "le", "greater": "gt",
    "greater_equal": "ge", "equal": "eq", "not_equal": "ne", "isnan": "isnan", "bitwise_or": "bitor",
    "bitwise_and": "bitand",
}  # fmt: skip
_ON_TRUTH: Mapping[str, str] = {
    "add": "or", "multiply": "and", "minimum": "and", "maximum": "or", "bitwise_and": "and", "bitwise_or": "or",
    "bitwise_xor": "xor", "logical_and": "and", "logical_or": "or", "logical_xor": "xor", "logical_not": "not",
    "invert": "not", "not_equal": "xor",
}  # fmt: skip
_LOGICAL = {"logical_and", "logical_or", "logical_xor", "logical_not"}
_resolved: dict[Any, tuple[np.dtype[Any], ...]] = {}


def applied(ufunc: Any, inputs: Sequence[Any]) -> Symbol:
    """A numpy ufunc over symbols and scalars, converted as numpy converts. Raises CannotTrace."""
    values = _operands(ufunc, inputs)
    frame = frame_of(values)
    # Formulas ask the same thing of the same operands over and over, month after month.
    known = frame.recorder.builder.applied
    key = (ufunc, *[v.node.id if isinstance(v, Symbol) else (type(v), str(v)) for v in values])
    node = known.get(key)
    if node is None:
        node = known[key] = _node_of(ufunc, frame, values)
    frame.recorder.note(node, values)
    return like(frame, node)


def _node_of(ufunc: Any, frame: Symbol, values: Sequence[Any]) -> Node:
    name = ufunc.__name__
    if any(v.dtype == TEXT if isinstance(v, Symbol) else isinstance(v, str | bytes) for v in values):
        compared: Symbol = HANDLERS["text_compared"](name, values)
        return compared.node
    dtypes = resolved(ufunc, values)
    if any(d.kind in "mM" for d in dtypes):
        return _on_dates(frame, name, values, dtypes)
    on_truth = name in _LOGICAL or (name in _ON_TRUTH and dtypes[0] == BOOL and dtypes[-1] == BOOL)
    op = _ON_TRUTH[name] if on_truth else _SIMPLE.get(name)
    if name == "positive":
        return operand(frame, values[0], dtypes[-1])
    if not op:
        raise CannotTrace(f"numpy.{name} is not known to the tracer")
    types = [np.dtype(bool)] * len(values) if on_truth else dtypes[: len(values)]
    args = tuple(operand(frame, v, t) for v, t in zip(values, types, strict=True))
    return frame.recorder.builder.make(op, args, None)


def _operands(ufunc: Any, inputs: Sequence[Any]) -> list[Any]:
    """The operands as symbols and scalars, enumerations as their positions."""
    near = next(value for value in inputs if isinstance(value, Symbol))
    values = []
    for value in inputs:
        if isinstance(value, Symbol):
            values.append(value if value.enum is None else plain(value))
        elif isinstance(value, float | int):
            values.append(value)
        else:
            made = plain(lifted(value, near))
            if not isinstance(made, Symbol | bool | str | bytes | np.generic | int | float):
                raise CannotTrace(f"{type(made).__name__} as an operand of {ufunc.__name__}")
            values.append(made)
    return values


def resolved(ufunc: Any, values: Sequence[Any]) -> tuple[np.dtype[Any], ...]:
    """Types that numpy computes with and gives, for these operands (Python numbers take the type of the others)."""
    kinds = tuple(_weak(value) for value in values)
    found = _resolved.get((ufunc, kinds))
    if found is None:
        try:
            found = ufunc.resolve_dtypes((*kinds, *([None] * ufunc.nout)))
        except TypeError as error:
            raise CannotTrace(f"numpy.{ufunc.__name__} refuses {kinds}") from error
        found = tuple(np.dtype(d) for d in cast("tuple[Any, ...]", found))
        _resolved[ufunc, kinds] = found
    return found


def _weak(value: Any) -> Any:
    if isinstance(value, Symbol):
        return value.node.dtype
    if isinstance(value, np.generic):
        return value.dtype
    return np.dtype(bool) if isinstance(value, bool) else int if isinstance(value, int) else float


def _on_dates(frame: Symbol, name: str, values: Sequence[Any], dtypes: tuple[np.dtype[Any], ...]) -> Node:
    builder = frame.recorder.builder
    op = {"add": "date_add", "subtract": "date_sub"}.get(name)
    args = tuple(operand(frame, v, t) for v, t in zip(values, dtypes[: len(values)], strict=True))
    if op:
        return builder.make(op, args, dtypes[-1].str)
    if name in ("minimum", "maximum"):
        return builder.make("where", (builder.make("le" if name == "minimum" else "ge", args), *args))
    if dtypes[-1] == BOOL:
        return builder.make(_SIMPLE[name], args)
    raise CannotTrace(f"numpy.{name} on dates")


HANDLERS["applied"] = applied
