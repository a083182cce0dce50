"""Local aids as small cases in French (aides_locales.toml), run against the declared tables."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from allervers.rights.local_aids import local_tables, outcome

CASES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("aides_locales.toml").read_text("utf-8"))["cas"]


def test_each_table_has_an_open_or_judged_case_and_a_closed_one() -> None:
    for name in local_tables():
        verdicts = {case["attendu"]["verdict"] for case in CASES if case["droit"] == name}
        assert verdicts & {"open", "person"}, name
        assert "closed" in verdicts, name


def test_cases_are_told_apart() -> None:
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert all(case["situation"] for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case(case: dict[str, Any]) -> None:
    found = outcome(case["droit"], case["reponses"])
    expected = {name: tuple(v) if isinstance(v, list) else v for name, v in case["attendu"].items()}
    assert {name: getattr(found, name) for name in expected} == expected
