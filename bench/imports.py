"""Import of a Caf file of payments: a size is a number of rows, ten a dossier. Invented numbers, seeded."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl

from allervers.extracts.importing import import_file
from allervers.extracts.store import opened_store

FORMAT = "caf_paiements"
BENEFITS = ("RSA", "PPA", "APL", "AF", "CF")
MONTHS = ("2026-10", "2026-11")


def prepare(size: int, folder: Path) -> None:
    """Write `extract.csv`: five benefits over two months for each dossier."""
    random = np.random.default_rng(1)
    rows = np.arange(size)
    frame = pl.DataFrame(
        {
            "matricule": rows // 10 + 1_000_000,
            "rang": np.ones(size, dtype=np.int64),
            "mois": np.array(MONTHS)[rows // 5 % 2],
            "prestation": np.array(BENEFITS)[rows % 5],
            "montant": random.uniform(20, 900, size).round(2),
        }
    )
    frame.write_csv(folder / "extract.csv", separator=";")


def measure(size: int, folder: Path) -> dict[str, float]:
    """Import the file into a new store."""
    return imported(FORMAT, size, folder)


def imported(format_name: str, size: int, folder: Path) -> dict[str, float]:
    """Import `extract.csv` into a new store beside it; gives the MiB of the file. Raises if a row fails."""
    path = folder / "extract.csv"
    with opened_store(folder / "store") as store:
        report = import_file(
            path=path,
            format_name=format_name,
            partner="CAF93",
            convention="CONV-BENCH",
            purpose="information",
            reference_on=date(2026, 11, 1),
            store=store,
            now=datetime(2026, 11, 23, 12, tzinfo=UTC),
        )
    if report.kept != size:
        raise RuntimeError(f"{report.kept} lignes gardées sur {size} : {report.reasons}")
    return {"fichier (Mio)": path.stat().st_size / 2**20}
