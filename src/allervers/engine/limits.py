"""What the numbers of the data may be, so that the rules of programs hold for them."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from allervers.engine.ops import InputKey
from allervers.foundation.errors import InvalidInput

MAX_INPUT = 1e12
"""No number of the data may exceed this: products of inputs then stay finite (see node._stays_finite)."""


def checked(key: InputKey, values: NDArray[Any]) -> NDArray[Any]:
    """The column, once it is sure that the program's rules hold for it: finite, not huge. Raises InvalidInput."""
    if values.dtype.kind == "f" and len(values) and not max(values.max(), -values.min()) <= MAX_INPUT:
        raise InvalidInput(
            f"« {key.variable}@{key.period} » contient un nombre infini, absent ou plus grand que mille milliards.",
            column=key.variable,
        )
    return values
