"""Import of a Caf file of persons: NIR checked, identities sealed in the vault. A size is a number of persons."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from bench.imports import imported

FORMAT = "caf_allocataires"


def prepare(size: int, folder: Path) -> None:
    """Write `extract.csv`: one person a dossier, each with an invented NIR whose key is right."""
    random = np.random.default_rng(1)
    rows = pl.int_range(size, eager=True).alias("row")
    frame = pl.DataFrame({"row": rows}).with_columns(
        sexe=1 + pl.col("row") % 2, year=40 + pl.col("row") // 2 % 60, month=1 + pl.col("row") // 120 % 12
    )
    # 13 digits, a different one for each row: sex, year, month, then a place and an order made of the row's number.
    number = (
        pl.col("sexe") * 10**12 + pl.col("year") * 10**10 + pl.col("month") * 10**8 + 93_000_000
        + pl.col("row") // 1440 % 1_000_000
    )  # fmt: skip
    frame = frame.with_columns(number=number).select(
        matricule=pl.col("row") + 1_000_000,
        rang=pl.lit(1),
        role=pl.lit("ALLOC"),
        nir=pl.format("{}{}", "number", (97 - pl.col("number") % 97).cast(pl.String).str.zfill(2)),
        nom_naissance=pl.format("NOM {}", pl.col("row").map_elements(_letters, return_dtype=pl.String)),
        prenoms=pl.lit("ESSAI"),
        date_naissance=pl.format("19{}-{}-15", "year", pl.col("month").cast(pl.String).str.zfill(2)),
        sexe="sexe",
        nationalite=pl.lit("FR"),
        situation_familiale=pl.lit("CEL"),
        activite=pl.lit("SAL"),
        annee_n2=pl.lit(2024),
        salaires_n2=pl.Series(random.uniform(0, 30_000, size).round(2)),
        code_postal=pl.lit("93000"),
        code_insee=pl.lit("93008"),
        statut_logement=pl.lit("HLM"),
        loyer=pl.Series(random.uniform(200, 900, size).round(2)),
        etat_dossier=pl.lit("A"),
    )
    frame.write_csv(folder / "extract.csv", separator=";")


def measure(size: int, folder: Path) -> dict[str, float]:
    """Import the file into a new store: vault included."""
    return imported(FORMAT, size, folder)


def _letters(number: int) -> str:
    """A number written with letters: names hold no digit."""
    return "".join(chr(ord("A") + int(digit)) for digit in str(number))
