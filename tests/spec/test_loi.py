"""The law as small cases in French (cas.toml), run against the corrected law."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from allervers.engine.law import Law
from allervers.foundation.periods import Month
from allervers.population.inputs import INCOMES
from household_situations import Household, Person, block_of, income

CASES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("cas.toml").read_text("utf-8"))["cas"]
NATURES = {kind.nature for kind in INCOMES}
MONTH = Month(2026, 11)


def _person(facts: dict[str, Any]) -> Person:
    values = {name: value for name, value in facts.items() if name not in NATURES and name != "role"}
    for nature in NATURES & set(facts):
        values |= income(nature, float(facts[nature]))
    return Person(facts["role"], values)


def test_cases_are_told_apart_and_say_their_article_and_computation() -> None:
    assert len({case["id"] for case in CASES}) == len(CASES) >= 15
    assert all(case["situation"] and case["article"] and case["calcul"] for case in CASES)


@pytest.mark.law
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case(case: dict[str, Any], corrected: Law) -> None:
    month = Month.parse(case.get("mois", str(MONTH)))
    block = block_of([Household([_person(p) for p in case["personnes"]], case.get("menage", {}))], month)
    found = {output: float(corrected.evaluate(block, output, str(month)).values[0]) for output in case["attendu"]}
    assert found == pytest.approx(case["attendu"], abs=0.01)
