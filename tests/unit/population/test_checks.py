"""Each refusal of the interchange contract: file, column, row, and no value shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from folders import SmallLaw, frames, written

from allervers.foundation.errors import InvalidInput
from allervers.population.checks import ColumnRefused, read_population

SECRET = "SECRETVALUE93"


def _read(folder: Path) -> Any:
    return read_population(folder, SmallLaw().variable)


def _set(entity: str, column: str, values: list[Any], dtype: Any = None) -> Callable[[], dict[str, pl.DataFrame]]:
    return lambda: {entity: frames()[entity].with_columns(pl.Series(column, values, dtype=dtype, strict=False))}


def _without(entity: str, column: str) -> Callable[[], dict[str, pl.DataFrame]]:
    return lambda: {entity: frames()[entity].drop(column)}


FOYER_ROLES = ["declarant_principal", "conjoint", "declarant_principal", "declarant_principal"]
REFUSALS: dict[str, tuple[Callable[[], dict[str, pl.DataFrame]], str, str, list[int] | None]] = {
    "wrong_role": (
        _set("individu", "foyer_fiscal_role", ["declarant", *FOYER_ROLES[1:]]), "individu", "foyer_fiscal_role", [1]),
    "role_of_another_group": (
        _set("individu", "menage_role", ["demandeur"] * 4), "individu", "menage_role", [1, 2, 3, 4]),
    "null_role": (
        _set("individu", "famille_role", ["demandeur", None, "demandeur", "demandeur"]),
        "individu", "famille_role", [2]),
    "no_demandeur": (
        _set("individu", "famille_role", ["conjoint", "enfant", "demandeur", "demandeur"]), "famille", "id", [1]),
    "two_demandeurs": (
        _set("individu", "famille_role", ["demandeur"] * 4), "famille", "id", [1]),
    "two_conjoints": (
        _set("individu", "foyer_fiscal_role", ["conjoint", "conjoint", *FOYER_ROLES[2:]]), "foyer_fiscal", "id", [1]),
    "group_without_anybody": (
        lambda: {"famille": pl.DataFrame({"id": ["f1", "f2", "f3", "f4"]})}, "famille", "id", [4]),
    "orphan": (_set("individu", "menage_id", ["m1", "m1", SECRET, "m3"]), "individu", "menage_id", [3]),
    "person_without_group": (_set("individu", "famille_id", ["f1", None, "f2", "f3"]), "individu", "famille_id", [2]),
    "duplicate_id": (_set("individu", "id", ["p1", SECRET, SECRET, "p4"]), "individu", "id", [2, 3]),
    "null_id": (_set("menage", "id", ["m1", None, "m3"]), "menage", "id", [2]),
    "missing_role_column": (_without("individu", "menage_role"), "individu", "menage_role", None),
    "unknown_variable": (
        _set("individu", "salaire_nette@2026-01", [1.0] * 4), "individu", "salaire_nette@2026-01", None),
    "after_end_date": (_set("famille", "acs@2026-01", [1.0] * 3), "famille", "acs@2026-01", None),
    "wrong_entity": (_set("individu", "loyer@2026-01", [1.0] * 4), "individu", "loyer@2026-01", None),
    "no_period": (_set("individu", "salaire_net", [1.0] * 4), "individu", "salaire_net", None),
    "unreadable_period": (_set("individu", "salaire_net@2026-13", [1.0] * 4), "individu", "salaire_net@2026-13", None),
    "period_on_eternity": (
        _set("individu", "date_naissance@2026-01", [date(1980, 1, 1)] * 4), "individu", "date_naissance@2026-01", None),
    "month_of_a_yearly_variable": (_set("foyer_fiscal", "rfr@2024-01", [1.0] * 3), "foyer_fiscal", "rfr@2024-01", None),
    "year_of_a_variable_not_divided": (_set("individu", "age_fin@2026", [1] * 4), "individu", "age_fin@2026", None),
    "year_and_month_of_a_repeated_variable": (
        _set("individu", "activite@2026", ["actif"] * 4), "individu", "activite@2026-01", None),
    "infinite": (
        _set("individu", "salaire_net@2026-01", [1.0, float("inf"), 2.0, None]),
        "individu", "salaire_net@2026-01", [2]),
    "nan": (_set("menage", "loyer@2026-01", [float("nan"), 1.0, None]), "menage", "loyer@2026-01", [1]),
    "text_for_a_number": (_set("menage", "loyer@2026-01", [SECRET] * 3), "menage", "loyer@2026-01", None),
    "number_for_a_boolean": (_set("individu", "enceinte@2026-01", [1, 0, 1, 0]), "individu", "enceinte@2026-01", None),
    "text_for_a_date": (_set("individu", "date_naissance", ["1980-01-01"] * 4), "individu", "date_naissance", None),
    "unknown_enum_item": (
        _set("individu", "activite@2026-01", ["actif", SECRET, None, "actif"]), "individu", "activite@2026-01", [2]),
    "integer_too_large": (
        _set("individu", "age_fin@2026-01", [1, 2**40, None, 3]), "individu", "age_fin@2026-01", [2]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_refused_with_file_column_and_rows_and_no_value(name: str, tmp_path: Path) -> None:
    change, entity, column, rows = REFUSALS[name]
    folder = written(tmp_path / "population", change())
    with pytest.raises(ColumnRefused) as refused:
        _read(folder)
    error = refused.value
    assert (error.data["file"], error.data["column"]) == (f"{entity}.parquet", column)
    assert error.data.get("rows") == rows
    assert entity in error.message
    assert SECRET not in error.message
    assert SECRET not in str(error.data)


def test_year_that_is_not_the_sum_of_its_months(tmp_path: Path) -> None:
    months = {f"salaire_net@2025-{month:02d}": [100.0] * 4 for month in range(1, 13)}
    good = frames()["individu"].with_columns(
        **{name: pl.Series(values) for name, values in months.items()},
        **{"salaire_net@2025": pl.Series([1200.0, 1200.01, None, 1200.0])},
    )
    assert _read(written(tmp_path / "good", {"individu": good})).persons == 4
    bad = good.with_columns(pl.Series("salaire_net@2025", [1200.0, 1500.0, None, 0.0]))
    with pytest.raises(ColumnRefused) as refused:
        _read(written(tmp_path / "bad", {"individu": bad}))
    assert refused.value.data["rows"] == [2, 4]


@pytest.mark.parametrize("entity", ["individu", "famille", "foyer_fiscal", "menage"])
def test_missing_file(entity: str, tmp_path: Path) -> None:
    folder = written(tmp_path / "population")
    (folder / f"{entity}.parquet").unlink()
    with pytest.raises(InvalidInput, match=f"{entity}.parquet") as refused:
        _read(folder)
    assert refused.value.data["missing"] == [f"{entity}.parquet"]


@pytest.mark.parametrize("content", [b"", b"PAR1 not really", "id;é\n".encode("latin-1")])
def test_file_that_is_no_parquet(content: bytes, tmp_path: Path) -> None:
    folder = written(tmp_path / "population")
    (folder / "menage.parquet").write_bytes(content)
    with pytest.raises(InvalidInput, match=r"menage\.parquet"):
        _read(folder)


def test_truncated_file(tmp_path: Path) -> None:
    folder = written(tmp_path / "population")
    path = folder / "individu.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InvalidInput, match=r"individu\.parquet"):
        _read(folder)


def test_valid_folder_reads_and_nulls_are_kept_as_unknown(tmp_path: Path) -> None:
    population = _read(written(tmp_path / "population"))
    assert population.persons == 4
    (block, rows), = population.blocks(10)  # fmt: skip
    assert block.count("menage") == 3
    assert rows["individu"].tolist() == [0, 1, 2, 3]
    assert {name for name, _ in block.unknown} == {
        "salaire_net", "activite", "enceinte", "age_fin", "loyer", "depcom",
    }  # fmt: skip
    assert block.unknown["salaire_net", "2026-01"].tolist() == [False, False, True, False]


def test_column_of_nulls_alone_is_unknown_for_everybody(tmp_path: Path) -> None:
    change = {"menage": frames()["menage"].with_columns(pl.Series("loyer@2026-02", [None] * 3, dtype=pl.Null))}
    (block, _), = _read(written(tmp_path / "population", change)).blocks(10)  # fmt: skip
    assert block.unknown["loyer", "2026-02"].all()
