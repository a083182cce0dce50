"""The law over a population, block by block from file to file: the results that it gives in memory, bit for bit."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from general_population import MONTH, general_frames
from polars.testing import assert_frame_equal

from allervers.engine.block import ENTITIES
from allervers.engine.compiled_law import CompiledLaw
from allervers.engine.law import Changes
from allervers.engine.laws import law_of
from allervers.population.checks import read_population
from allervers.population.evaluation import Request, evaluate, write_results
from allervers.population.folder import write_population
from allervers.population.streaming import evaluate_to_folder

pytestmark = pytest.mark.law
REQUESTS = [Request(name, MONTH) for name in ("rsa", "af", "aide_logement")] + [Request("ars", MONTH[:4])]


@pytest.mark.parametrize("ordered", [False, True])
def test_streamed_results_are_those_in_memory(ordered: bool, tmp_path: Path) -> None:
    law = law_of(Changes())
    assert isinstance(law, CompiledLaw)
    tables = general_frames(5, 40)
    rent = pl.col(f"loyer@{MONTH}")
    tables["menage"] = tables["menage"].with_columns(
        pl.when(pl.int_range(pl.len()) % 5 > 0).then(rent).alias(rent.meta.output_name())
    )
    if ordered:
        # A community has a number, which the identifiers of all its groups begin with.
        tables = {e: t.sort(pl.col("id").str.slice(1, 4), maintain_order=True) for e, t in tables.items()}
    folder = tmp_path / "population"
    write_population(folder, tables)
    population = read_population(folder, law.variable)
    write_results(tmp_path / "expected", population, evaluate(population, REQUESTS, changes=Changes()))
    for households, workers in ((1, 2), (7, 1), (1_000, 2)):
        evaluate_to_folder(folder, REQUESTS, tmp_path / "out", law, workers=workers, block_households=households)
        for entity in ENTITIES:
            found, expected = (pl.read_parquet(tmp_path / d / f"{entity}.parquet") for d in ("out", "expected"))
            assert_frame_equal(found, expected, check_exact=True)
    assert pl.read_parquet(tmp_path / "out" / "famille.parquet")[f"aide_logement@{MONTH}"].null_count() > 0
