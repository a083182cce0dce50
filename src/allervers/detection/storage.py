"""Where a store keeps what detection made of it, and for how long: 12 months at most (CRPA R. 114-9-7)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl

from allervers.foundation.errors import NotFound
from allervers.foundation.periods import Month

ASSEMBLED = "assembled"
DETECTIONS = "detections"
KEPT_MONTHS = 12


def assembled_folder(store: Path, month: Month) -> Path:
    """Folder of the population assembled for a month."""
    return store / ASSEMBLED / str(month)


def detection_folder(store: Path, month: Month) -> Path:
    """Folder of the lists found for a month."""
    return store / DETECTIONS / str(month)


def latest_detection(store: Path) -> Month:
    """The last month for which lists were made. Raises NotFound when there is none."""
    months = sorted(p.name for p in (store / DETECTIONS).glob("????-??")) if (store / DETECTIONS).is_dir() else []
    if not months:
        raise NotFound("Aucune détection dans ce dossier de données : lancez « allervers detect ».", store=store.name)
    return Month.parse(months[-1])


def purge_detections(store: Path, *, today: date) -> tuple[str, ...]:
    """Destroy populations and lists older than 12 months. Returns the months destroyed. Idempotent."""
    limit = str(Month.of(today) - KEPT_MONTHS)
    return _destroy(store, lambda month: month <= limit, leftovers=f".{limit}.~")


def forget_person(store: Path, person: str) -> tuple[str, ...]:
    """Destroy the populations and lists that name a person who opposes; they are made again by `allervers detect`.

    Returns the months destroyed.
    """

    def names(month: str) -> bool:
        path = store / ASSEMBLED / month / "individu.parquet"
        if not path.is_file():
            return True
        return not pl.scan_parquet(path).filter(pl.col("id") == person).select("id").collect().is_empty()

    return _destroy(store, names, leftovers=".~")


def _destroy(store: Path, doomed: Callable[[str], bool], *, leftovers: str) -> tuple[str, ...]:
    """Destroy the months that are `doomed`, and what a run cut short left under a hidden name up to `leftovers`."""
    for part in (ASSEMBLED, DETECTIONS):
        for left in (store / part).glob(".????-??.*"):
            if left.name <= leftovers:
                shutil.rmtree(left, ignore_errors=True)
    months = {p.name for part in (ASSEMBLED, DETECTIONS) for p in (store / part).glob("????-??")}
    gone = tuple(sorted(month for month in months if doomed(month)))
    for month in gone:
        for part in (DETECTIONS, ASSEMBLED):
            shutil.rmtree(store / part / month, ignore_errors=True)
    return gone
