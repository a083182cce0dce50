"""Incomes: what is said, what is zero because something else was said, what is unknown."""

from datetime import date

import polars as pl
import pytest
from canonical_tables import CAF, CPAM, table

from allervers.extracts.assembly.incomes import Incomes, income_columns, incomes_of
from allervers.extracts.assembly.sources import canonical
from allervers.foundation.periods import Month

MONTH = Month(2026, 11)
PEOPLE = pl.DataFrame(
    {"person_id": ["P1", "P2", "child"], "date_naissance": [date(1990, 1, 1), date(1985, 1, 1), date(2020, 1, 1)]}
)


def incomes(*rows: dict[str, object]) -> Incomes:
    """Incomes of PEOPLE from rows whose source_key is already a person."""
    frame = canonical({"ressources": table("ressources", *({**CAF, **row} for row in rows))}, "ressources")
    return incomes_of(PEOPLE, frame.rename({"source_key": "person_id"}), MONTH)


def value(result: Incomes, person: str, column: str) -> float | None:
    return result.columns.filter(pl.col("person_id") == person)[column].item()


def wage(period: str, **forms: object) -> dict[str, object]:
    return {"source_key": "P1", "period": period, "nature": "salaire", **forms}


def test_a_person_without_rows_is_unknown_and_a_missing_nature_is_zero() -> None:
    result = incomes(wage("2026-08", brut=2000.0, net=1560.0, imposable=1620.0))
    assert value(result, "P1", "chomage_net@2026-08") == 0.0
    assert value(result, "P1", "salaire_net@2026-07") is None
    assert value(result, "P2", "salaire_net@2026-08") is None


def test_one_known_month_says_nothing_of_the_others_nor_of_other_persons() -> None:
    result = incomes(wage("2026-08", net=780.0), {**wage("2026-07", net=500.0), "source_key": "P2"})
    assert value(result, "P1", "salaire_net@2026-07") is None
    assert value(result, "P2", "salaire_net@2026-08") is None


def test_daily_allowances_are_taxed_with_wages() -> None:
    allowance = {"source_key": "P1", "period": "2026-08", "nature": "maladie", "net": 300.0}
    result = incomes(wage("2026-08", brut=1000.0, net=780.0, imposable=810.0), allowance)
    assert value(result, "P1", "salaire_imposable@2026-08") == pytest.approx(1110.0)
    assert value(result, "P1", "indemnites_journalieres_maladie@2026-08") == 300.0


def test_the_missing_forms_come_from_the_shares_and_are_marked() -> None:
    result = incomes(wage("2026-08", net=780.0))
    assert value(result, "P1", "salaire_de_base@2026-08") == pytest.approx(1000)
    assert value(result, "P1", "salaire_imposable@2026-08") == pytest.approx(810)
    assert result.provenance.filter(pl.col("person_id") == "P1")["state"].to_list() == ["derived"]


def test_the_reference_month_is_carried_from_the_month_before() -> None:
    result = incomes(wage("2026-10", brut=1000.0, net=780.0, imposable=810.0))
    assert value(result, "P1", "salaire_net@2026-11") == 780.0
    states = dict(result.provenance.filter(pl.col("person_id") == "P1").select("period", "state").iter_rows())
    assert states == {"2026-10": "known", "2026-11": "carried"}


def test_two_employers_are_added_and_a_repeated_row_is_not() -> None:
    one, two = wage("2026-08", net=500.0), wage("2026-08", net=300.0)
    assert value(incomes(one, two, one), "P1", "salaire_net@2026-08") == 800.0


def test_between_imports_the_caf_is_believed_before_the_cpam() -> None:
    result = incomes(wage("2026-08", net=500.0), {**wage("2026-08", net=300.0), **CPAM})
    assert value(result, "P1", "salaire_net@2026-08") == 500.0


def test_a_tax_year_takes_the_taxable_form() -> None:
    result = incomes(wage("2024", imposable=12000.0))
    assert value(result, "P1", "salaire_imposable@2024") == 12000.0
    assert value(result, "P1", "retraite_imposable@2024") == 0.0
    assert value(result, "P1", "salaire_imposable@2025") is None


def test_a_young_child_has_no_income() -> None:
    assert value(incomes(), "child", "salaire_net@2026-08") == 0.0


def test_every_income_column_is_there_without_any_row() -> None:
    assert set(incomes().columns.columns) == {"person_id", *(f"{v}@{p}" for v, p in income_columns(MONTH))}
