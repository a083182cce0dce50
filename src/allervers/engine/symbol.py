"""Symbols: what formulas compute with instead of arrays. Each numpy operation on a symbol becomes a node of the graph.

What the graph cannot say raises CannotTrace, never a guess. Nothing here knows OpenFisca.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from allervers.engine.build import Builder
from allervers.engine.node import Node
from allervers.engine.ops import TEXT


class CannotTrace(Exception):
    """A formula does with its values what the graph cannot say. The message is the reason, for developers."""


class Recorder(Protocol):
    """Where the nodes of a trace are made, and what is noted of them (engine.trace.Trace)."""

    builder: Builder

    def note(self, node: Node, operands: Sequence[Any]) -> None:
        """Note where a node comes from: the formula that runs, the parameters among its operands."""
        ...

    def any_of(self, symbol: Symbol) -> bool:
        """What a formula that branches on `any()` is answered. Raises CannotTrace."""
        ...

    def looped(self, symbol: Symbol) -> Iterator[str]:
        """The texts that a formula which loops over a column is given. Raises CannotTrace."""
        ...

    def unlooped(self, values: np.ndarray[Any, Any]) -> Symbol | None:
        """The column that an array made by such a loop is; None for another array."""
        ...


class Symbol(NDArrayOperatorsMixin):
    """A value for each row of an entity: a node of the graph. `enum`: the class of its items, for an enumeration
    (`bytes` for a text that numpy holds as bytes: it never equals a str).

    `mask` is the condition of a selection `x[condition]`: such values only meet values under the same condition.
    """

    __slots__ = ("entity", "enum", "mask", "node", "recorder")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, recorder: Recorder, node: Node, entity: str, enum: Any = None, mask: Node | None = None) -> None:
        self.recorder = recorder
        self.node = node
        self.entity = entity
        self.enum = enum
        self.mask = mask

    # --- what formulas ask of an array ---

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the values."""
        return self.node.dtype

    @property
    def possible_values(self) -> Any:
        """The enumeration, or None."""
        return self.enum

    @property
    def ndim(self) -> int:
        """One dimension: the rows."""
        return 1

    @property
    def shape(self) -> tuple[int]:
        """A number of rows that stands for any (see LENGTHS)."""
        return (LENGTHS[self.entity],)

    @property
    def size(self) -> int:
        """A number of rows that stands for any (see LENGTHS)."""
        return LENGTHS[self.entity]

    def __len__(self) -> int:
        return LENGTHS[self.entity]

    def __iter__(self) -> Iterator[Any]:
        if not self.node.is_const:
            return self.recorder.looped(self)
        if self.dtype.kind in "iufb" and self.node.value != 0:
            # A sum of rows would tell how many there are; a sum of zeros does not.
            raise CannotTrace("the formula loops over persons or groups that share a value")
        return iter([self.node.value] * len(self))

    def __array__(self, *_args: Any, **_kwargs: Any) -> Any:
        raise CannotTrace("a numpy function that the tracer does not know")

    def __bool__(self) -> bool:
        raise CannotTrace("the formula branches on data")

    def __float__(self) -> float:
        raise CannotTrace("the formula makes one number of a column")

    def __int__(self) -> int:
        raise CannotTrace("the formula makes one whole number of a column")

    def __repr__(self) -> str:
        return f"Symbol({self.entity}, {self.dtype}, {self.node!r})"

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        options = {name: value for name, value in kwargs.items() if value is not None}
        out = options.pop("out", None)
        where = options.pop("where", None)
        if method != "__call__" or options:
            raise CannotTrace(f"{ufunc.__name__}.{method} with {sorted(options)}")
        result = HANDLERS["applied"](ufunc, inputs)
        if out is None:
            if where is not None:
                raise CannotTrace(f"{ufunc.__name__} under a condition, without a result to write to")
            return result
        return _written(lifted(out[0], self), result, where)

    def __array_function__(self, function: Any, _types: Any, args: Any, kwargs: Any) -> Any:
        known = FUNCTIONS.get(function)
        if known is None:
            raise CannotTrace(f"numpy.{function.__name__} is not known to the tracer")
        return known(*args, **kwargs)

    def __eq__(self, other: Any) -> Any:
        if other is None:
            return False
        if self.dtype == TEXT:
            return HANDLERS["text_among"](self, (other,))
        return HANDLERS["applied"](np.equal, (plain(self), self._item(other)))

    def __ne__(self, other: Any) -> Any:
        return HANDLERS["applied"](np.logical_not, (self == other,))

    def _item(self, other: Any) -> Any:
        if self.enum is not None and hasattr(other, "index") and hasattr(other, "name"):
            if type(other).__name__ != self.enum.__name__:
                raise CannotTrace(f"an item of {type(other).__name__} compared with {self.enum.__name__}")
            return int(other.index)
        return plain(other) if isinstance(other, Symbol) else other

    def astype(self, dtype: Any, copy: bool = True) -> Symbol:  # noqa: ARG002 - the signature of numpy
        """The values in another type."""
        return converted(plain(self), dtype)

    def copy(self) -> Symbol:
        """Another symbol of the same values: writing to one leaves the other as it was."""
        return Symbol(self.recorder, self.node, self.entity, self.enum, self.mask)

    def view(self, _type: Any = None) -> Symbol:
        """The positions behind an enumeration."""
        return Symbol(self.recorder, self.node, self.entity, None, self.mask)

    def round(self, decimals: int = 0) -> Symbol:
        """Rounded to the even, as numpy does."""
        result: Symbol = HANDLERS["rounded"](self, decimals)
        return result

    def clip(self, low: Any, high: Any) -> Any:
        """Kept between two limits."""
        return np.minimum(np.maximum(self, low), high)

    def any(self) -> bool:
        """Whether some row is true: a constant says, else the recorder."""
        return bool(self.node.value) if self.node.is_const else self.recorder.any_of(self)

    def all(self) -> bool:
        """Whether every row is true: a constant says, else it cannot be traced."""
        if not self.node.is_const:
            raise CannotTrace("the formula branches on all rows")
        return bool(self.node.value)

    def max(self) -> Any:
        """Greatest value over all rows: refused, it would mix households."""
        raise CannotTrace("the formula takes an extreme over the whole population")

    min = sum = mean = max

    def __getitem__(self, key: Any) -> Symbol:
        if not (isinstance(key, Symbol) and key.dtype == bool and key.entity == self.entity and self.mask is None):
            raise CannotTrace("rows picked otherwise than by a condition")
        return Symbol(self.recorder, self.node, self.entity, self.enum, key.node)

    def __setitem__(self, key: Any, value: Any) -> None:
        if not (isinstance(key, Symbol) and key.dtype == bool):
            raise CannotTrace("rows written otherwise than under a condition")
        if isinstance(value, Symbol):
            if value.mask is not None and value.mask is not key.node:
                raise CannotTrace("rows picked by a condition, written under another")
            value = Symbol(self.recorder, value.node, self.entity)
        self.node = converted(HANDLERS["chosen"](key, value, plain(self)), self.dtype).node


FUNCTIONS: dict[Any, Callable[..., Any]] = {}
"""numpy functions (not ufuncs) that symbols know: filled by symbol_functions."""

HANDLERS: dict[str, Callable[..., Any]] = {}
"""What symbols ask of symbol_operations (applied) and symbol_functions (chosen, rounded, text_among, text_compared)."""

LENGTHS: Mapping[str, int] = {"individu": 10007, "famille": 10009, "foyer_fiscal": 10037, "menage": 10039}
"""What `len` of a symbol says: one prime an entity, so that an array made with it tells which rows it is for."""
_ENTITY_OF_LENGTH = {length: entity for entity, length in LENGTHS.items()}


def plain(value: Any) -> Any:
    """A symbol without its enumeration; anything else unchanged."""
    if isinstance(value, Symbol) and value.enum is not None:
        return Symbol(value.recorder, value.node, value.entity, None, value.mask)
    return value


def lifted(value: Any, near: Symbol) -> Any:
    """An array that a formula made as a symbol, when all its rows are the same; a scalar array as its scalar."""
    if isinstance(value, date):
        return np.datetime64(value, "D")
    if not isinstance(value, np.ndarray):
        return value
    if value.ndim == 0:
        return value[()]
    entity = _ENTITY_OF_LENGTH.get(len(value))
    looped = near.recorder.unlooped(value) if entity is None else None
    if looped is not None:
        return looped
    if entity is None and len(value) == 1:
        entity = near.entity
    if value.ndim != 1 or entity is None:
        raise CannotTrace(f"a real array of shape {value.shape} meets a symbol")
    return _of_one_value(value, near, entity)


def _of_one_value(value: Any, near: Symbol, entity: str) -> Symbol:
    builder = near.recorder.builder
    if value.dtype.kind in "OSU":
        first = value[0]
        if hasattr(first, "index") and hasattr(first, "name"):
            return Symbol(near.recorder, builder.const(first.index, np.int16), entity, type(first))
        if all(item == first for item in value):
            return Symbol(near.recorder, builder.const(first, TEXT), entity)
    elif bool(np.all(np.asarray(value) == np.asarray(value)[0])):
        enum = getattr(value, "possible_values", None)
        return Symbol(near.recorder, builder.const(np.asarray(value)[0]), entity, enum)
    raise CannotTrace("a real array whose rows differ meets a symbol")


def frame_of(values: Sequence[Any]) -> Symbol:
    """A symbol among the operands, for its recorder, entity and condition. Raises CannotTrace when two do not fit."""
    found: Symbol | None = None
    for value in values:
        if isinstance(value, Symbol):
            if found is None:
                found = value
            elif value.entity != found.entity or value.mask is not found.mask:
                raise CannotTrace(f"rows of {found.entity} and of {value.entity} together (or under two conditions)")
    assert found is not None
    return found


def like(frame: Symbol, node: Node, enum: Any = None) -> Symbol:
    """The symbol of a node, with the rows of `frame`."""
    return Symbol(frame.recorder, node, frame.entity, enum, frame.mask)


def operand(frame: Symbol, value: Any, dtype: np.dtype[Any]) -> Node:
    """The node of an operand, in the type that the operation computes with."""
    builder = frame.recorder.builder
    node = value.node if isinstance(value, Symbol) else None
    if node is None:
        if isinstance(value, str | bytes) or dtype == TEXT:
            return builder.const(value, TEXT)
        if isinstance(value, np.generic) and value.dtype != dtype:
            return builder.make("cast", (builder.const(value),), dtype.str)
        return builder.const(value, dtype)
    return node if node.dtype == dtype else builder.make("cast", (node,), dtype.str)


def emitted(frame: Symbol, op: str, args: tuple[Node, ...], attr: Any, operands: Sequence[Any]) -> Symbol:
    """The symbol of an operation, noted."""
    node = frame.recorder.builder.make(op, args, attr)
    frame.recorder.note(node, operands)
    return like(frame, node)


def converted(symbol: Symbol, dtype: Any) -> Symbol:
    """`astype`: the values in another type. A text stays as it is."""
    target = np.dtype(dtype)
    if symbol.dtype == TEXT:
        if target.kind not in "OSU":
            raise CannotTrace("a text made a number")
        return symbol
    if target.kind in "OSU":
        raise CannotTrace("a number made a text")
    if target.kind in "mM" and np.datetime_data(target)[0] == "generic":
        target = symbol.dtype if symbol.dtype.kind == target.kind else np.dtype(f"{target.kind}8[D]")
    if target == symbol.dtype:
        return symbol
    return emitted(symbol, "cast", (symbol.node,), target.str, (symbol,))


def _written(target: Any, result: Symbol, where: Any) -> Symbol:
    """`out=`: numpy writes into the array, so every name of the array sees it."""
    if not isinstance(target, Symbol):
        raise CannotTrace("a result written into something else than a column")
    if where is not None and where is not True:
        result = HANDLERS["chosen"](where, converted(result, target.dtype), plain(target.copy()))
    target.node = converted(result, target.dtype).node
    target.entity, target.mask = result.entity, result.mask
    return target
