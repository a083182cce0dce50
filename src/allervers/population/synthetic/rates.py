"""The table of published non-take-up rates (take_up_rates.toml), read and checked."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

from allervers.foundation.errors import NotFound

DIMENSIONS = ("logement_aide", "famille", "tenure")
"""Columns of the covariates that rates by group refer to."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Non-take-up of one right: share of entitled units, by group where published, source and confidence (A, B, C).

    lasting: share that does not take up three quarters in a row. automatic_after: the right whose receipt gives this
    one without a claim; automatic_not_executed: share of these cases where it is not given. quarterly: claimed again
    every quarter, so that take-up comes and goes.
    """

    right: str
    rate: float
    slope: float
    source: str
    confidence: str
    lasting: float | None = None
    quarterly: bool = False
    threshold_eur: float = 0.0
    automatic_after: str | None = None
    automatic_not_executed: float = 0.0
    groups: dict[str, dict[str, float]] = field(default_factory=dict)


@lru_cache(maxsize=1)
def _rates() -> dict[str, Rate]:
    text = (files("allervers.population.synthetic") / "take_up_rates.toml").read_text("utf-8")
    return {right: Rate(right=right, **values) for right, values in tomllib.loads(text).items()}


def published_rates() -> tuple[Rate, ...]:
    """Every rate of the table, in its order."""
    return tuple(_rates().values())


def published_rate(right: str) -> Rate:
    """Rate of a right; raises NotFound for a right that the table does not hold."""
    try:
        return _rates()[right]
    except KeyError:
        raise NotFound(f"Aucun taux de non-recours n'est donné pour le droit {right!r}.", right=right) from None
