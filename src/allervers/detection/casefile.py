"""What detection reads: the assembled population, and beside it receipts, rights, signals, provenance and contacts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from allervers.engine.law import Law
from allervers.foundation.errors import InvalidInput
from allervers.population.checks import read_population
from allervers.population.folder import Population

TABLES = ("receipts", "droits", "signaux", "provenance", "contacts", "zones", "dossiers")


@dataclass(frozen=True, slots=True)
class CaseFile:
    """An assembled population and its companion tables (see extracts.assembly for their columns)."""

    population: Population
    receipts: pl.DataFrame
    droits: pl.DataFrame
    signaux: pl.DataFrame
    provenance: pl.DataFrame
    contacts: pl.DataFrame
    zones: pl.DataFrame
    dossiers: pl.DataFrame


def read_case_file(folder: Path, law: Law) -> CaseFile:
    """Open an assembled folder. Raises InvalidInput when a table is missing or the population breaks the contract."""
    missing = [f"{name}.parquet" for name in TABLES if not (folder / f"{name}.parquet").is_file()]
    if missing:
        raise InvalidInput(
            f"Le dossier d'analyse est incomplet, il manque : {', '.join(missing)}. Relancez « allervers detect ».",
            missing=missing,
        )
    tables = {name: pl.read_parquet(folder / f"{name}.parquet") for name in TABLES}
    for name in ("contacts", "zones"):
        if "channels" not in tables[name].columns:  # assembled before channels were told
            tables[name] = tables[name].with_columns(channels=pl.lit(None, pl.String))
    tables["receipts"] = tables["receipts"].rename({"unit": "entity"})
    return CaseFile(read_population(folder, law.variable), **tables)


def column_of(population: Population, entity: str, variable: str, period: str) -> pl.DataFrame:
    """One input column with its unit: (unit_id, value). `value` is null everywhere when the column was not given."""
    name = f"{variable}@{period}"
    path = population.folder / f"{entity}.parquet"
    if (variable, period) not in population.columns:
        return pl.DataFrame({"unit_id": population.ids[entity]}).with_columns(value=pl.lit(None, pl.String))
    return (
        pl.scan_parquet(path)
        .select(pl.col("id").cast(pl.String).alias("unit_id"), pl.col(name).alias("value"))
        .collect()
    )
