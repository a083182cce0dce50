"""Parts computed by several processes: the results of one machine, even when a process is killed half-way."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from folders import written
from polars.testing import assert_frame_equal
from small_program import REQUESTS, CompiledSmallLaw
from test_streaming import many

from allervers.engine.block import ENTITIES
from allervers.engine.portable import program_as_bytes, program_of_bytes
from allervers.foundation.errors import InvalidInput, Unavailable
from allervers.population.blocks_computed import ByProgram
from allervers.population.checks import read_skeleton
from allervers.population.cluster import evaluate_on_cluster
from allervers.population.evaluation import is_results_folder
from allervers.population.partitions import (
    Partition,
    Work,
    compute_partition,
    part_path,
    partition_folders,
    parts_written,
    split,
)
from allervers.population.skeleton import cut
from allervers.population.streaming import computed_to_files, nullable, program_for

LAW: Any = CompiledSmallLaw()
HOUSEHOLDS = 1_800


def locally(folder: Path, out: Path) -> Path:
    """Results of one machine, by the same program."""
    skeleton = read_skeleton(folder, LAW.variable)
    program = program_for(LAW, skeleton.columns, REQUESTS)
    by_program = ByProgram(program, "numpy", REQUESTS, skeleton.columns, nullable(folder, skeleton.columns))
    out.mkdir()
    paths = {entity: out / f"{entity}.parquet" for entity in ENTITIES}
    computed_to_files(skeleton, cut(skeleton, 100), by_program, REQUESTS, paths, 2)
    return out


def assert_same(out: Path, expected: Path) -> None:
    for entity in ENTITIES:
        parts = pl.concat([pl.read_parquet(path) for path in sorted((out / entity).glob("part-*.parquet"))])
        assert_frame_equal(parts, pl.read_parquet(expected / f"{entity}.parquet"), check_exact=True)
        assert not list((out / entity).glob(".*"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("whole") / "population", many(HOUSEHOLDS))


@pytest.fixture
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as started:
        yield started


def test_program_gives_what_the_law_gives(folder: Path, tmp_path: Path) -> None:
    expected = locally(folder, tmp_path / "expected")
    aide = pl.read_parquet(expected / "famille.parquet")["aide@2026-01"].to_list()
    assert aide[:3] == [1500.0, None, 0.0]
    assert len(aide) == HOUSEHOLDS
    assert pl.read_parquet(expected / "menage.parquet")["depcom@2026-01"].to_list()[:3] == ["93066", None, "93001"]
    persons = pl.read_parquet(expected / "individu.parquet")
    assert persons["activite@2026-01"].to_list()[:4] == ["actif", "actif", "chomeur", None]
    assert persons["enceinte@2026-01"].to_list()[:4] == [False, True, None, False]


@pytest.mark.filterwarnings("ignore")
def test_killed_worker_loses_no_row_and_doubles_none(folder: Path, cluster: Any, tmp_path: Path) -> None:
    expected = locally(folder, tmp_path / "expected")
    killed: list[int] = []

    def progress(done: int, total: int) -> None:
        if done == 3 and not killed:
            killed.append(next(iter(cluster.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)
        assert done <= total == 36

    out = tmp_path / "out"
    counts = evaluate_on_cluster(
        cluster.scheduler_address, folder, REQUESTS, out, LAW, partition_households=50, progress=progress
    )
    assert killed
    assert_same(out, expected)
    assert counts.rows["aide@2026-01"] == HOUSEHOLDS
    assert counts.unknown["aide@2026-01"] == HOUSEHOLDS // 3
    assert is_results_folder(out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["expected", "out"]


@pytest.mark.filterwarnings("ignore")
def test_folder_of_populations_gives_a_file_each(folder: Path, cluster: Any, tmp_path: Path) -> None:
    split(read_skeleton(folder, LAW.variable), 600, tmp_path / "parts")
    evaluate_on_cluster(cluster.scheduler_address, tmp_path / "parts", REQUESTS, tmp_path / "out", LAW)
    assert len(list((tmp_path / "out" / "menage").iterdir())) == 3
    assert_same(tmp_path / "out", locally(folder, tmp_path / "expected"))


def part_of(folder: Path, out: Path) -> tuple[Partition, Work]:
    skeleton = read_skeleton(folder, LAW.variable)
    program = program_as_bytes(program_for(LAW, skeleton.columns, REQUESTS))
    return Partition(0, folder, skeleton.columns), Work(program, "numpy", tuple(REQUESTS), out)


def test_part_done_twice_is_there_once(folder: Path, tmp_path: Path) -> None:
    part, work = part_of(folder, tmp_path / "out")
    first = compute_partition(part, work)
    content = part_path(work.out, "famille", 0).read_bytes()
    assert compute_partition(part, work) == first
    assert part_path(work.out, "famille", 0).read_bytes() == content
    (work.out / "famille" / ".part-00000.parquet.1.dead").write_bytes(b"half")
    assert len(parts_written(work.out, 1)) == len(ENTITIES)
    assert sorted(path.name for path in (work.out / "famille").iterdir()) == ["part-00000.parquet"]
    with pytest.raises(InvalidInput, match="manque"):
        parts_written(work.out, 2)


def test_part_with_other_columns_is_refused(folder: Path, tmp_path: Path) -> None:
    part, work = part_of(folder, tmp_path / "out")
    tables = many(3)
    tables["individu"] = tables["individu"].drop("enceinte@2026-01")
    other = written(tmp_path / "other", tables)
    with pytest.raises(InvalidInput, match="mêmes colonnes"):
        compute_partition(Partition(1, other, part.columns), work)
    assert not work.out.exists()


def test_scattered_households_are_not_split(tmp_path: Path) -> None:
    skeleton = read_skeleton(written(tmp_path / "population", many(40, shuffled=True)), LAW.variable)
    with pytest.raises(InvalidInput, match="dispersées"):
        split(skeleton, 4, tmp_path / "parts")


def test_folder_without_population_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="ni un dossier de populations"):
        partition_folders(tmp_path)


def test_scheduler_that_does_not_answer(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(Unavailable, match="Aucun ordonnanceur"):
        evaluate_on_cluster("not an address", folder, REQUESTS, tmp_path / "out", LAW)


def test_damaged_program_is_refused() -> None:
    with pytest.raises(InvalidInput, match="endommagé"):
        program_of_bytes(b"nothing")
