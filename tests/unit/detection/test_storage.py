"""Where lists are kept, for how long (CRPA R. 114-9-7), and what an opposition destroys."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from allervers.detection.storage import (
    assembled_folder,
    detection_folder,
    forget_person,
    latest_detection,
    purge_detections,
)
from allervers.foundation.errors import NotFound
from allervers.foundation.periods import Month


def make(store: Path, month: str, *persons: str) -> None:
    at = Month.parse(month)
    assembled_folder(store, at).mkdir(parents=True)
    detection_folder(store, at).mkdir(parents=True)
    pl.DataFrame({"id": list(persons)}, schema={"id": pl.String}).write_parquet(
        assembled_folder(store, at) / "individu.parquet"
    )
    (detection_folder(store, at) / "liste.csv").write_text("x", encoding="utf-8")


def kept(store: Path) -> set[str]:
    return {f"{p.parent.name}/{p.name}" for part in ("assembled", "detections") for p in (store / part).iterdir()}


def both(*months: str) -> set[str]:
    return {f"{part}/{month}" for part in ("assembled", "detections") for month in months}


def test_twelve_months_and_no_more(tmp_path):
    for month in ("2025-10", "2025-11", "2025-12", "2026-11"):
        make(tmp_path, month)
    assert purge_detections(tmp_path, today=date(2026, 10, 31)) == ("2025-10",)
    assert purge_detections(tmp_path, today=date(2026, 11, 1)) == ("2025-11",)
    assert kept(tmp_path) == both("2025-12", "2026-11")


def test_purge_again_changes_nothing(tmp_path):
    make(tmp_path, "2025-01")
    assert purge_detections(tmp_path, today=date(2026, 11, 1)) == ("2025-01",)
    assert purge_detections(tmp_path, today=date(2026, 11, 1)) == ()


def test_purge_of_an_empty_store(tmp_path):
    assert purge_detections(tmp_path, today=date(2026, 11, 1)) == ()


def test_opposition_destroys_every_month_that_names_the_person_and_no_other(tmp_path):
    make(tmp_path, "2026-09", "p1", "p2")
    make(tmp_path, "2026-10", "p2")
    make(tmp_path, "2026-11", "p1")
    assert forget_person(tmp_path, "p1") == ("2026-09", "2026-11")
    assert kept(tmp_path) == both("2026-10")
    assert forget_person(tmp_path, "p1") == ()


def test_list_whose_population_is_gone_is_destroyed_to_be_sure(tmp_path):
    make(tmp_path, "2026-11", "p2")
    (assembled_folder(tmp_path, Month(2026, 11)) / "individu.parquet").unlink()
    assert forget_person(tmp_path, "p1") == ("2026-11",)
    assert kept(tmp_path) == set()


@pytest.mark.parametrize(
    "destroy", [lambda s: purge_detections(s, today=date(2027, 12, 1)), lambda s: forget_person(s, "p1")]
)
def test_leftovers_of_a_run_that_was_cut_are_destroyed_too(tmp_path, destroy):
    make(tmp_path, "2026-11", "p1")
    left = tmp_path / "assembled" / ".2026-11.a1b2c3"
    left.mkdir()
    (left / "individu.parquet").write_bytes(b"half written")
    destroy(tmp_path)
    assert kept(tmp_path) == set()


def test_latest(tmp_path):
    with pytest.raises(NotFound):
        latest_detection(tmp_path)
    make(tmp_path, "2025-12")
    make(tmp_path, "2026-02")
    assert latest_detection(tmp_path) == Month(2026, 2)
