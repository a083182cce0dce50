"""Formulas that look each text up in a Python dictionary: their dictionary is taken whole, as a table of texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from allervers.engine.symbol import CannotTrace, Symbol, plain
from allervers.engine.symbol_functions import text_function
from allervers.engine.texts import TextFunction


class Dictionary(NamedTuple):
    """Such a formula: the variable that it reads, the function of its module that loads the dictionary, its name there.

    The formula gives one same value for every text that its dictionary lacks (a test asks it random texts).
    """

    reads: str
    load: str
    name: str


DICTIONARY_FORMULAS: Mapping[str, Dictionary] = {
    "zone_apl": Dictionary("depcom", "preload_zone_apl", "zone_apl_by_depcom")
}
"""Formulas taken as dictionaries. Checked at each upgrade of OpenFisca-France."""

_NO_COMMUNE = "-"
"""A text that no dictionary holds."""


def dictionary_result(variable: Any, population: Any, period: Any) -> Symbol:
    """The result of a dictionary formula: a table of the texts whose value is not the one of any other text."""
    entry = DICTIONARY_FORMULAS[variable.name]
    text = population(entry.reads, period)
    if not isinstance(text, Symbol):
        raise CannotTrace(f"{entry.reads} is not a symbol")
    names = variable.get_formula(period).__globals__
    names[entry.load]()
    words = sorted(names[entry.name])
    *values, other = formula_on_texts(variable, period, [*words, _NO_COMMUNE])
    kept = [(word, value) for word, value in zip(words, values, strict=True) if value != other]
    enum = variable.possible_values
    dtype = np.dtype(np.int16) if enum is not None else np.dtype(variable.dtype)
    function = TextFunction("table", dtype.str, tuple(w for w, _ in kept), tuple(v for _, v in kept), other)
    result = text_function(plain(text), function)
    return Symbol(result.recorder, result.node, result.entity, enum)


def formula_on_texts(variable: Any, period: Any, words: Sequence[str]) -> list[Any]:
    """The values of a dictionary formula for these texts, computed by OpenFisca's own formula."""
    array = np.array(words, dtype=object)

    def read(*_args: Any, **_kwargs: Any) -> Any:
        return array

    return [item.item() for item in np.asarray(variable.get_formula(period)(read, period))]
