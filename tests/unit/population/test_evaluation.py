"""Evaluation over a folder: cutting into blocks changes nothing, nulls stay unknown, results are written whole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from folders import SmallLaw, written

from allervers.engine.block import Block
from allervers.engine.law import Changes
from allervers.population import evaluation
from allervers.population.checks import read_population
from allervers.population.evaluation import Pass, Request, evaluate, evaluate_passes, is_results_folder, write_results
from allervers.population.folder import Population

AIDE = Request("aide", "2026-01", ("double",))


@pytest.fixture
def population(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Population:
    monkeypatch.setattr(evaluation, "law_of", lambda changes, engine="": SmallLaw())
    return read_population(written(tmp_path / "population"), SmallLaw().variable)


@pytest.mark.parametrize("households", [1, 2, 3, 100])
def test_block_size_changes_nothing(households: int, population: Population) -> None:
    result = evaluate(population, [AIDE], changes=Changes(), block_households=households)[AIDE]
    assert result.values.tolist() == [1500.0, 0.0, 0.0]
    assert result.unknown.tolist() == [False, True, False]
    assert result.side["double"].tolist() == [3000.0, 0.0, 0.0]
    assert result.reads == {("salaire_net", "2026-01")}


def test_progress_counts_every_block_and_request(population: Population) -> None:
    seen: list[tuple[int, int]] = []
    requests = [AIDE, Request("loyer", "2026-01")]
    evaluate(population, requests, changes=Changes(), block_households=2, progress=lambda *step: seen.append(step))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_passes_share_one_reading_and_see_their_own_columns(
    population: Population, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    block_of = Population.block
    monkeypatch.setattr(Population, "block", lambda self, persons: read.append(len(persons)) or block_of(self, persons))

    def doubled(block: Block, rows: object) -> Block:
        wages = {("salaire_net", "2026-01"): block.columns["salaire_net", "2026-01"] * 2}
        return replace(block, columns={**block.columns, **wages})

    passes = [Pass([AIDE]), Pass([AIDE, Request("loyer", "2026-01")], doubled)]
    first, second = evaluate_passes(population, passes, changes=Changes(), block_households=2)
    assert read == [3, 1]
    assert first[AIDE].values.tolist() == [1500.0, 0.0, 0.0]
    assert second[AIDE].values.tolist() == [3000.0, 0.0, 0.0]
    assert list(second) == [AIDE, Request("loyer", "2026-01")]


@pytest.mark.parametrize(
    ("output", "entity", "dtype", "expected"),
    [
        ("aide", "famille", pl.Float64, [1500.0, None, 0.0]),
        ("loyer", "menage", pl.Float64, [500.0, 600.0, None]),
        ("depcom", "menage", pl.String, ["93066", None, "93001"]),
        ("activite", "individu", pl.String, ["actif", "actif", "chomeur", None]),
        ("enceinte", "individu", pl.Boolean, [False, True, None, False]),
        ("age_fin", "individu", pl.Int64, [1, 2, 3, None]),
    ],
)
def test_every_type_of_output_is_written_with_its_nulls(
    output: str, entity: str, dtype: type[pl.DataType], expected: list[object], population: Population, tmp_path: Path
) -> None:
    request = Request(output, "2026-01")
    results = evaluate(population, [request], changes=Changes(), block_households=2)
    if output != "aide":  # a null of an input makes its whole household unknown: look at the person alone
        results[request] = evaluation.Result(
            entity, results[request].values, np.array([value is None for value in expected]), frozenset()
        )
    write_results(tmp_path / "out", population, results)
    frame = pl.read_parquet(tmp_path / "out" / f"{entity}.parquet")
    assert frame.columns == ["id", f"{output}@2026-01"]
    assert frame[f"{output}@2026-01"].to_list() == expected
    assert frame.schema[f"{output}@2026-01"] == dtype


def test_folder_of_results_is_known_as_ours_and_says_what_it_holds(population: Population, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert not is_results_folder(out)
    write_results(out, population, evaluate(population, [AIDE], changes=Changes()), {"law": "small"})
    assert is_results_folder(out)
    note = json.loads((out / "resultats.json").read_text("utf-8"))
    assert note["law"] == "small"
    assert note["results"]["aide@2026-01"] == {"entity": "famille", "rows": 3, "unknown": 1}
    assert {path.stem for path in out.glob("*.parquet")} == {"individu", "famille", "foyer_fiscal", "menage"}
