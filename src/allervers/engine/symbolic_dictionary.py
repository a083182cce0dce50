"""Formulas that loop over the rows of one column and look each value up: taken whole, as a table of its values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from allervers.engine.ops import I8, Table
from allervers.engine.symbol import CannotTrace, Symbol, emitted, operand, plain
from allervers.engine.symbol_functions import text_function
from allervers.engine.texts import TextFunction, table_of
from allervers.engine.trace import UNKNOWN_WORD

Words = Callable[[Mapping[str, Any], Any], Sequence[str]]
"""From the names of a formula's module, at a period, to the texts that the formula knows."""


class Dictionary(NamedTuple):
    """Such a formula: the variable that it reads, and the texts that it knows (None: it reads an enumeration).

    A text that is not among them gives one same value, whichever it is (a test asks random texts).
    """

    reads: str
    words: Words | None = None


def _communes_with_zone(names: Mapping[str, Any], _period: Any) -> Sequence[str]:
    names["preload_zone_apl"]()
    return list(names["zone_apl_by_depcom"])


def _communes_with_rates(names: Mapping[str, Any], period: Any) -> Sequence[str]:
    rates = names["preload_parametres_locaux_taxe_habitation"](period.start.year, "taux_com")
    return [] if rates is None else list(rates)


_HOUSING_TAX = (
    "taux_th", "valeur_locative_moyenne_th", "abt_general_base_th", "abt_pac_1_2_th", "abt_pac_3pl_th",
    "abt_condition_modeste_th",
)  # fmt: skip
DICTIONARY_FORMULAS: Mapping[str, Dictionary] = {
    "zone_apl": Dictionary("depcom", _communes_with_zone),
    "domaine_specialites_formation": Dictionary("groupe_specialites_formation"),
    **{
        f"{name}_{level}": Dictionary("depcom", _communes_with_rates)
        for name in _HOUSING_TAX
        for level in ("commune", "epci")
    },
}
"""Formulas taken as dictionaries. Checked at each upgrade of OpenFisca-France."""


def _communes_with_levy(names: Mapping[str, Any], _period: Any) -> Sequence[str]:
    names["preload_taux_versement_transport"]()
    return list(names["table_versement_transport"])


LOOPED_FORMULAS: Mapping[str, Words] = {"taux_versement_transport": _communes_with_levy}
"""Formulas that loop over a column of texts among others: they are given, once, every text that they know."""


def words_of(variable: str, formula: Any, period: Any) -> tuple[str, ...] | None:
    """The texts known to a formula that loops over a column of texts, None for another formula."""
    words = LOOPED_FORMULAS.get(variable)
    return None if words is None else tuple(sorted(words(formula.__globals__, period)))


def dictionary_result(variable: Any, population: Any, period: Any) -> Symbol:
    """The result of a dictionary formula: a table of the items, or of the texts whose value is not that of others."""
    entry = DICTIONARY_FORMULAS[variable.name]
    formula = variable.get_formula(period)
    _, asked = on_values(formula, period, np.array([UNKNOWN_WORD], dtype=object) if entry.words else None)
    read = population(entry.reads, asked)
    if not isinstance(read, Symbol):
        raise CannotTrace(f"{entry.reads} is not a symbol")
    enum = getattr(variable, "possible_values", None)
    dtype = np.dtype(np.int16) if enum is not None else np.dtype(variable.dtype)
    if entry.words is None:
        values, _ = on_values(formula, period, _items(read.enum))
        table = Table.of(values.astype(dtype), [f"{entry.reads}={item.name}" for item in read.enum])
        result = emitted(plain(read), "take", (operand(read, plain(read), I8),), table, (read,))
    else:
        key = (formula, period.start.year)
        if key not in _TABLES:
            _TABLES[key] = _table(formula, entry.words(formula.__globals__, period), period, dtype)
        result = text_function(plain(read), _TABLES[key])
    return Symbol(result.recorder, result.node, result.entity, enum)


_TABLES: dict[Any, TextFunction] = {}
"""The table of each formula and year: such formulas give the same all the year (a test asks several months)."""


def _table(formula: Any, words: Sequence[str], period: Any, dtype: np.dtype[Any]) -> TextFunction:
    words = sorted(words)
    values, _ = on_values(formula, period, np.array([*words, UNKNOWN_WORD], dtype=object))
    return table_of(words, values.astype(dtype))


def _items(enum: Any) -> Any:
    """Every item of an enumeration, in the order of its positions, as OpenFisca holds them."""
    return enum.encode(np.array([item.name for item in enum]))


def on_values(formula: Any, period: Any, values: Any) -> tuple[Any, Any]:
    """What OpenFisca's own formula gives for these values of the column that it reads, and the period it reads it for.

    Without values, the formula is stopped where it reads: only the period is known.
    """
    asked: list[Any] = []

    def read(_name: str, when: Any) -> Any:
        asked.append(when)
        if values is None:
            raise _Stopped
        return values

    try:
        result = np.asarray(formula(read, period))
    except _Stopped:
        result = None
    return result, asked[0]


class _Stopped(Exception):
    pass
