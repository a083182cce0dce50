"""Formulas that loop over texts: run by OpenFisca on the distinct texts, then read as a dictionary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from allervers.engine.symbol import CannotTrace, Symbol
from allervers.engine.symbol_functions import TextFunction, text_function


class Dictionary(NamedTuple):
    """A formula of one text: the variable that it reads, and why it is not traced."""

    reads: str
    reason: str


_LOOP = "looks up each commune of the column in a Python dictionary"
DICTIONARY_FORMULAS: Mapping[str, Dictionary] = {"zone_apl": Dictionary("depcom", _LOOP)}
"""Formulas run on distinct texts. Checked at each upgrade of OpenFisca-France."""


NOBODY = "0"
"""What OpenFisca puts where nobody holds a role, as a text."""


def dictionary_result(simulation: Any, variable: Any, population: Any, period: Any) -> Symbol:
    """The result of a dictionary formula: a function of the text, with its values for the texts known today.

    A text met later is computed by the law, or refused where the law is not loaded: never guessed.
    """
    entry = DICTIONARY_FORMULAS[variable.name]
    text = population(entry.reads, period)
    if not isinstance(text, Symbol):
        raise CannotTrace(f"{entry.reads} is not a symbol")
    words = [str(text.node.value)] if text.node.is_const else sorted({*simulation.words, "", NOBODY})
    values = formula_on_texts(variable, period, words)
    dtype = np.dtype(np.int16) if variable.possible_values is not None else np.dtype(variable.dtype)
    function = TextFunction("law", dtype.str, tuple(words), tuple(values), formula=f"{variable.name}@{period}")
    result = text_function(text, function)
    return Symbol(result.recorder, result.node, result.entity, getattr(variable, "possible_values", None))


def formula_on_texts(variable: Any, period: Any, words: Sequence[str]) -> list[Any]:
    """The values of a dictionary formula for these texts, computed by OpenFisca's own formula."""
    if not words:
        return []
    array = np.array(words, dtype=object)

    def read(*_args: Any, **_kwargs: Any) -> Any:
        return array

    formula = variable.get_formula(period)
    result = np.asarray(formula(read, period))
    return [item.item() for item in result]
