"""What an unknown value may be: a range of numbers, a range of days, a choice. Stated by the caller, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import Column
from allervers.engine.facts import DTYPES, positions_of_items
from allervers.engine.limits import MAX_INPUT
from allervers.engine.ops import TEXT
from allervers.engine.variables import Variable
from allervers.foundation.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Range:
    """Any number from `low` to `high`, both included, in the unit of the variable."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Days:
    """Any day from `first` to `last`, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these values: truth values, items of an enumeration, texts (or numbers, when they are few)."""

    values: tuple[Any, ...]


Domain = Range | Days | Choice


class Cell(NamedTuple):
    """One value of the data: variable, period, row of its entity."""

    variable: str
    period: str
    row: int


Domains = Mapping[str | Column | Cell, Domain]
"""What unknown values may be: by variable, by column, by cell. The most precise is read first."""


def domain_of(variable: Variable, cell: Cell, stated: Domains) -> Domain:
    """The domain of an unknown cell, as stated; a truth value or an item of which nothing is stated may be any.

    Raises InvalidInput for a number, a day or a text of which nothing is stated.
    """
    found = stated.get(cell) or stated.get((cell.variable, cell.period)) or stated.get(cell.variable)
    if found is not None:
        return found
    if variable.value_type == "bool":
        return Choice((False, True))
    if variable.value_type == "enum":
        return Choice(variable.items)
    raise InvalidInput(
        f"« {variable.label} » ({variable.name}) est inconnue et rien ne dit entre quelles valeurs elle se trouve : "
        "donnez-lui une étendue (deux nombres, deux dates) ou une liste de valeurs.",
        variable=variable.name,
    )


def engine_range(variable: Variable, domain: Domain) -> tuple[Any, Any]:
    """Least and greatest value of a domain in the engine's type. Raises InvalidInput when it does not fit."""
    kind = variable.value_type
    if kind == "date" and isinstance(domain, Days):
        ends: tuple[Any, Any] = (domain.first, domain.last)
    elif kind in ("float", "int") and isinstance(domain, Range):
        ends = (domain.low, domain.high)
    elif isinstance(domain, Choice) and domain.values and kind in ("float", "int", "bool", "date"):
        ends = (min(domain.values), max(domain.values))
    else:
        raise _misfit(variable)
    if not ends[0] <= ends[1] or (kind in ("float", "int") and max(abs(ends[0]), abs(ends[1])) > MAX_INPUT):
        raise _misfit(variable)
    low, high = (np.array([end]).astype(DTYPES[kind])[0] for end in ends)
    return low, high


def engine_choices(variable: Variable, domain: Domain) -> NDArray[Any]:
    """The values of a choice in the engine's type: positions of items, texts. Raises InvalidInput."""
    if not isinstance(domain, Choice) or not domain.values:
        raise _misfit(variable)
    if variable.value_type == "enum":
        try:
            return positions_of_items(variable.items, np.array([str(v) for v in domain.values]))
        except ValueError:
            raise _misfit(variable) from None
    return np.array([str(v) for v in domain.values], dtype=TEXT)


def _misfit(variable: Variable) -> InvalidInput:
    expected = {"enum": f"une liste parmi {', '.join(variable.items)}", "date": "deux dates, dans l'ordre",
                "bool": "vrai, faux, ou les deux", "str": "une liste de textes"}  # fmt: skip
    return InvalidInput(
        f"L'étendue donnée pour « {variable.label} » ({variable.name}) ne convient pas : il faut "
        f"{expected.get(variable.value_type, 'deux nombres, le plus petit en premier')}.",
        variable=variable.name,
    )
