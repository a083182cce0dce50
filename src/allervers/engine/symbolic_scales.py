"""Scales of the law on symbols: the methods of OpenFisca's scales, taught to answer a symbol with a node.

They answer arrays as before. Installed once, when the first symbolic simulation starts.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from allervers.engine.door import (
    LinearAverageRateTaxScale,
    MarginalAmountTaxScale,
    MarginalRateTaxScale,
    SingleAmountTaxScale,
)
from allervers.engine.node import Node
from allervers.engine.ops import F8, I8, Scale, Table
from allervers.engine.symbol import CannotTrace, Symbol, converted, emitted, frame_of, operand, plain
from allervers.engine.symbol_functions import chosen
from allervers.engine.symbol_operations import applied


def install_scales() -> None:
    """Teach the scales, once."""
    for kind, methods in _METHODS.items():
        for name, on_symbols in methods.items():
            original = getattr(kind, name)
            if not hasattr(original, "on_symbols"):
                setattr(kind, name, _taught(original, on_symbols))


def _taught(original: Callable[..., Any], on_symbols: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if any(isinstance(a, Symbol) for a in (*args, *kwargs.values())):
            return on_symbols(self, *args, **kwargs)
        return original(self, *args, **kwargs)

    method.on_symbols = on_symbols  # type: ignore[attr-defined]
    return method


def _marginal(self: Any, tax_base: Any, factor: Any = 1.0, round_base_decimals: int | None = None) -> Symbol:
    scale = Scale(
        tuple(float(t) for t in self.thresholds),
        tuple(float(r) for r in self.rates),
        round_base_decimals,
        str(self.name or ""),
    )
    frame = frame_of([x for x in (tax_base, factor) if isinstance(x, Symbol)])
    return emitted(frame, "marginal", (_real(frame, tax_base), _real(frame, factor)), scale, (tax_base, factor))


def _real(frame: Symbol, value: Any) -> Node:
    if isinstance(value, np.ndarray):
        if value.size != 1:
            raise CannotTrace("a scale computed on a real array")
        value = value.reshape(-1)[0]
    return operand(frame, plain(value), F8)


def _bracket(self: Any, tax_base: Any, factor: Any = 1.0, round_decimals: int | None = None) -> Symbol:
    frame = frame_of([x for x in (tax_base, factor) if isinstance(x, Symbol)])
    attr = (tuple(float(t) for t in self.thresholds), round_decimals)
    return emitted(frame, "bracket", (_real(frame, tax_base), _real(frame, factor)), attr, (tax_base, factor))


def _read(values: Any, index: Symbol) -> Symbol:
    """`values[index]` with numpy's meaning of -1 (the last)."""
    array = np.array(values)
    padded = np.append(array, array[-1])
    shifted = index.recorder.builder.make("where", (
        index.recorder.builder.make("lt", (index.node, operand(index, 0, I8))),
        operand(index, len(array), I8), index.node))  # fmt: skip
    return emitted(index, "take", (shifted,), Table.of(padded), ())


def _rate_from_bracket(self: Any, bracket_indice: Symbol) -> Symbol:
    """OpenFisca refuses a bracket that the scale has not; here such a row's rate is NaN, that is unknown."""
    index, last = converted(plain(bracket_indice), I8), len(self.rates) - 1
    position = chosen(index > last, last + 1, chosen(index < 0, last, index))
    rates = Table.of(np.array([*self.rates, np.nan], dtype=float))
    return emitted(index, "take", (operand(index, position, I8),), rates, ())


def _marginal_rates(self: Any, tax_base: Any, factor: Any = 1.0, round_base_decimals: int | None = None) -> Symbol:
    return _read(self.rates, _bracket(self, tax_base, factor, round_base_decimals))


def _threshold_from_tax_base(self: Any, tax_base: Any) -> Symbol:
    return _read(self.thresholds, _bracket(self, tax_base))


def _rate_from_tax_base(self: Any, tax_base: Any) -> Symbol:
    return _read(self.rates, _bracket(self, tax_base))


def _single_amount(self: Any, tax_base: Any, right: bool = False) -> Symbol:
    position = _digitized(tax_base, self.thresholds, right)
    return emitted(position, "take", (position.node,), Table.of(np.array([0, *self.amounts, 0])), ())


def _digitized(tax_base: Any, thresholds: Any, right: bool) -> Symbol:
    frame = plain(tax_base)
    attr = (tuple(float(t) for t in thresholds), bool(right))
    return emitted(frame, "digitize", (_real(frame, tax_base),), attr, (tax_base,))


def _marginal_amount(self: Any, tax_base: Any, right: bool = False) -> Symbol:  # noqa: ARG001 - OpenFisca's signature
    position = _digitized(tax_base, self.thresholds, True)
    totals = np.concatenate([[0.0], np.cumsum(np.array(self.amounts, dtype=float))])
    return emitted(position, "take", (position.node,), Table.of(totals), ())


def _linear_average(self: Any, tax_base: Any, right: bool = False) -> Any:  # noqa: ARG001 - OpenFisca's signature
    base = plain(tax_base)
    if len(self.rates) == 1:
        return base * self.rates[0]
    rates, thresholds = np.array(self.rates, float), np.array(self.thresholds, float)
    slopes = (rates[1:] - rates[:-1]) / (thresholds[1:] - thresholds[:-1])
    position = _digitized(base, self.thresholds, False)
    # Under the first threshold and above the last, every term is 0.
    slope, start, low = (
        emitted(position, "take", (position.node,), Table.of(np.array([0.0, *column, 0.0])), ())
        for column in (slopes, rates[:-1], thresholds[:-1])
    )
    return applied(np.multiply, (base, start + (base - low) * slope))


_METHODS: dict[Any, dict[str, Callable[..., Any]]] = {
    MarginalRateTaxScale: {
        "calc": _marginal,
        "bracket_indices": _bracket,
        "marginal_rates": _marginal_rates,
        "threshold_from_tax_base": _threshold_from_tax_base,
        "rate_from_bracket_indice": _rate_from_bracket,
        "rate_from_tax_base": _rate_from_tax_base,
    },
    LinearAverageRateTaxScale: {"calc": _linear_average},
    SingleAmountTaxScale: {"calc": _single_amount},
    MarginalAmountTaxScale: {"calc": _marginal_amount},
}
