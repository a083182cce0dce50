"""Results written block by block: what they are in memory, whatever the size of blocks and the order of files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from folders import SmallLaw, frames, written
from polars.testing import assert_frame_equal

from allervers.engine.block import ENTITIES
from allervers.engine.law import Changes
from allervers.foundation.errors import InvalidInput
from allervers.population import evaluation
from allervers.population.checks import read_population, read_skeleton
from allervers.population.evaluation import Request, evaluate, write_results
from allervers.population.folder import write_population
from allervers.population.rows import FileRows
from allervers.population.skeleton import cut
from allervers.population.streaming import evaluate_to_folder

MONTH = "2026-01"
REQUESTS = [Request(name, MONTH) for name in ("aide", "loyer", "depcom", "activite", "enceinte", "age_fin")]


def small_frames() -> dict[str, pl.DataFrame]:
    """The three households, every number of a kind that a null does not change."""
    tables = frames()
    tables["menage"] = tables["menage"].with_columns(pl.col("loyer@2026-01").cast(pl.Float64))
    tables["individu"] = tables["individu"].with_columns(pl.col("age_fin@2026-01").fill_null(4))
    return tables


def many(households: int, *, shuffled: bool = False) -> dict[str, pl.DataFrame]:
    """The three households of `frames`, again and again; `shuffled`: rows of every file in any order."""
    tables: dict[str, list[pl.DataFrame]] = {entity: [] for entity in ENTITIES}
    for number in range(-(-households // 3)):
        for entity, frame in small_frames().items():
            ids = [c for c in frame.columns if c == "id" or c.endswith("_id")]
            tables[entity].append(frame.with_columns(pl.col(ids) + f"_{number:04d}"))
    whole = {entity: pl.concat(parts) for entity, parts in tables.items()}
    return {e: f.sample(fraction=1, shuffle=True, seed=3) for e, f in whole.items()} if shuffled else whole


def in_memory(folder: Path, out: Path) -> dict[str, pl.DataFrame]:
    population = read_population(folder, SmallLaw().variable)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(evaluation, "law_of", lambda changes, engine="": SmallLaw())
        write_results(out, population, evaluate(population, REQUESTS, changes=Changes()))
    return {entity: pl.read_parquet(out / f"{entity}.parquet") for entity in ENTITIES}


def assert_same(out: Path, expected: dict[str, pl.DataFrame]) -> None:
    for entity in ENTITIES:
        assert_frame_equal(pl.read_parquet(out / f"{entity}.parquet"), expected[entity], check_exact=True)


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize(("households", "workers"), [(1, 1), (2, 2), (7, 2), (1000, 3)])
def test_results_are_those_in_memory(shuffled: bool, households: int, workers: int, tmp_path: Path) -> None:
    folder = written(tmp_path / "population", many(40, shuffled=shuffled))
    expected = in_memory(folder, tmp_path / "expected")
    counts = evaluate_to_folder(
        folder, REQUESTS, tmp_path / "out", SmallLaw(), workers=workers, block_households=households
    )
    assert_same(tmp_path / "out", expected)
    notes = [json.loads((tmp_path / name / "resultats.json").read_text("utf-8")) for name in ("out", "expected")]
    assert notes[0]["results"] == notes[1]["results"] == counts.as_json()


def test_files_of_several_row_groups_are_read_once_forward(tmp_path: Path) -> None:
    folder = written(tmp_path / "population", many(60))
    for path in folder.glob("*.parquet"):
        pl.read_parquet(path).write_parquet(path, row_group_size=7)
    expected = in_memory(folder, tmp_path / "expected")
    evaluate_to_folder(folder, REQUESTS, tmp_path / "out", SmallLaw(), block_households=5)
    assert_same(tmp_path / "out", expected)


def test_one_household_and_texts_written_as_categories(tmp_path: Path) -> None:
    tables = {entity: frame.head(1) for entity, frame in small_frames().items()}
    tables["individu"] = small_frames()["individu"].filter(pl.col("famille_id") == "f1").with_columns(
        pl.col("activite@2026-01").cast(pl.Enum(["une autre", "chomeur", "actif"]))
    )  # fmt: skip
    folder = written(tmp_path / "population", tables)
    expected = in_memory(folder, tmp_path / "expected")
    evaluate_to_folder(folder, REQUESTS, tmp_path / "out", SmallLaw())
    assert_same(tmp_path / "out", expected)


def test_empty_population_gives_empty_files(tmp_path: Path) -> None:
    folder = written(tmp_path / "population", {entity: frame.clear() for entity, frame in frames().items()})
    evaluate_to_folder(folder, REQUESTS, tmp_path / "out", SmallLaw())
    for entity in ENTITIES:
        assert pl.read_parquet(tmp_path / "out" / f"{entity}.parquet").shape == (0, 1)


def test_nothing_is_left_when_the_run_stops(tmp_path: Path) -> None:
    class Broken(SmallLaw):
        def evaluate_all(self, block, wanted, *, threads=1):
            if block.persons == 1:
                raise InvalidInput("Panne.")
            return super().evaluate_all(block, wanted)

    folder = written(tmp_path / "population")
    with pytest.raises(InvalidInput, match="Panne"):
        evaluate_to_folder(folder, REQUESTS, tmp_path / "out", Broken(), block_households=1)
    assert [path.name for path in tmp_path.iterdir()] == ["population"]


def test_progress_counts_blocks(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    evaluate_to_folder(
        written(tmp_path / "population"), REQUESTS, tmp_path / "out", SmallLaw(), block_households=1,
        progress=lambda *step: seen.append(step),
    )  # fmt: skip
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_blocks_hold_every_row_once_and_whole_households(tmp_path: Path) -> None:
    for shuffled in (False, True):
        folder = tmp_path / str(shuffled)
        write_population(folder, many(30, shuffled=shuffled))
        skeleton = read_skeleton(folder, SmallLaw().variable)
        found = cut(skeleton, 4)
        assert found.ordered is not shuffled
        for entity in ENTITIES:
            rows = np.concatenate([np.array(block[entity]) for block in found.blocks])
            assert sorted(rows.tolist()) == list(range(skeleton.count[entity]))
        number = skeleton.households()
        for block in found.blocks:
            assert not np.isin(
                number[np.array(block["individu"])], np.delete(number, np.array(block["individu"]))
            ).any()


def test_members_that_lie_close_are_cut_in_runs(tmp_path: Path) -> None:
    tables = many(30)
    tables["individu"] = tables["individu"].with_columns(at=pl.int_range(pl.len()) // 4 * 4).with_columns(
        pl.col("at") + pl.Series([3, 1, 0, 2] * 10)
    ).sort("at").drop("at")  # fmt: skip
    folder = written(tmp_path / "population", tables)
    assert cut(read_skeleton(folder, SmallLaw().variable), 3).ordered
    expected = in_memory(folder, tmp_path / "expected")
    evaluate_to_folder(folder, REQUESTS, tmp_path / "out", SmallLaw(), block_households=3)
    assert_same(tmp_path / "out", expected)


def test_rows_can_be_read_from_any_place(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"a": range(100)}).write_parquet(path, row_group_size=9)
    file = FileRows(path, ["a"])
    assert file.read(range(40, 55))["a"].to_pylist() == list(range(40, 55))
    assert file.read(range(55, 100))["a"].to_pylist() == list(range(55, 100))
    assert file.read(np.array([3, 50, 99]))["a"].to_pylist() == [3, 50, 99]
    assert file.read(range(0, 1))["a"].to_pylist() == [0]


def test_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(InvalidInput, match="endommagé"):
        FileRows(tmp_path / "a.parquet", ["a"])
