"""Formulas taken as tables: what they are trusted with is what OpenFisca's own formulas do."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from allervers.engine.door import periods
from allervers.engine.symbolic_dictionary import DICTIONARY_FORMULAS, on_values
from allervers.engine.trace import UNKNOWN_WORD

pytestmark = pytest.mark.law

WITH_WORDS = sorted(name for name, entry in DICTIONARY_FORMULAS.items() if entry.words)


def _texts(seed: int) -> list[str]:
    rng = random.Random(seed)
    made = ["".join(rng.choices("0123456789ABxé -", k=rng.randint(0, 7))) for _ in range(300)]
    return [*made, "", "00000", "999999", "93008 ", "é" * 50]


@pytest.mark.parametrize("name", WITH_WORDS)
def test_a_text_that_is_not_among_the_words_gives_one_same_value(openfisca: Any, name: str) -> None:
    variable = openfisca.system.get_variable(name)
    for when in ("2024-03", "2026-01") if variable.definition_period == "month" else ("2024", "2026"):
        period = periods.period(when)
        formula = variable.get_formula(period)
        known = set(DICTIONARY_FORMULAS[name].words(formula.__globals__, period))
        texts = [text for text in _texts(93) if text not in known]
        given, _ = on_values(formula, period, np.array([UNKNOWN_WORD, *texts], dtype=object))
        assert set(given.tolist()) == {given[0]}


def test_such_a_formula_gives_the_same_all_the_year(openfisca: Any) -> None:
    variable = openfisca.system.get_variable("zone_apl")
    months = [periods.period(f"2026-{month:02d}") for month in range(1, 13)]
    words = np.array(sorted(DICTIONARY_FORMULAS["zone_apl"].words(variable.get_formula(months[0]).__globals__, None)))
    found = {on_values(variable.get_formula(m), m, words.astype(object))[0].tobytes() for m in months}
    assert len(words) > 30_000
    assert len(found) == 1


def test_the_column_is_read_for_the_period_that_the_formula_asks(openfisca: Any) -> None:
    variable = openfisca.system.get_variable("taux_th_commune")
    year = periods.period("2026")
    assert str(on_values(variable.get_formula(year), year, None)[1]) == "2026-01"
