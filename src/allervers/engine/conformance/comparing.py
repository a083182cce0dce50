"""Is a computed value near the expected one: the rule of OpenFisca's own test runner, to the same rounding."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.conformance.expressions import number_in


def gap(actual: NDArray[Any], expected: Any, absolute: float | None, relative: float | None) -> str | None:
    """None when `actual` (any shape) meets `expected` (a value, or a list of one a row); else a short French text.

    Without a margin the values must be equal, as 32-bit numbers. A margin is a bound that is reached: a difference
    equal to it passes, and is itself a 32-bit number. Texts, dates and items of an enumeration take no margin.
    """
    if absolute is None and relative is None:
        absolute = 0
    try:
        return _gap(np.asarray(actual), expected, absolute, relative)
    except (ValueError, TypeError, OverflowError):
        return "valeur attendue d'un autre type ou d'une autre longueur que la valeur calculée"


def _gap(actual: NDArray[Any], expected: Any, absolute: float | None, relative: float | None) -> str | None:
    if actual.dtype.kind == "M":
        return _unless(bool((actual == np.array(expected, dtype=actual.dtype)).all()))
    if isinstance(expected, str):
        number = None if actual.dtype.kind == "U" and not _is_numeric(actual) else number_in(expected)
        if number is None:
            return _unless(_same_texts(actual, [expected]))
        expected = number
    if isinstance(expected, list) and expected and isinstance(expected[0], str):
        return _unless(_same_texts(actual, expected))
    if expected is None or isinstance(expected, dict) or expected == []:
        raise TypeError
    target = np.array(expected).astype(np.float32)
    value = actual.astype(np.float32)
    difference = abs(target - value)
    if absolute is not None and not (difference <= absolute).all():
        return f"écart {_largest(difference)} au-delà de la marge {absolute:g}"
    if relative is not None and not (difference <= abs(relative * target)).all():
        return f"écart {_largest(difference)} au-delà de la marge relative {relative:g}"
    return None


def _is_numeric(actual: NDArray[Any]) -> bool:
    try:
        actual.astype(np.float32)
    except ValueError:
        return False
    return True


def _same_texts(actual: NDArray[Any], expected: list[Any]) -> bool:
    if actual.ndim and actual.shape != (len(expected),):
        return False
    return bool((actual.astype(str) == np.array(expected, dtype=str)).all())


def _unless(holds: bool) -> str | None:
    return None if holds else "valeur différente"


def _largest(difference: NDArray[Any]) -> str:
    return f"{float(np.max(difference)):g}" if difference.size else "indéfini"


def same_bits(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Same type, same length, same values: == for each, NaN equal to NaN. Shapes (rows of the entity,)."""
    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape or one.dtype.kind != other.dtype.kind:
        return False
    if one.dtype.kind in "US":
        return bool((one == other).all())
    if one.dtype != other.dtype:
        return False
    same = one == other
    if one.dtype.kind == "f":
        same |= np.isnan(one) & np.isnan(other)
    return bool(same.all())
