"""The committed tables of a département (`data/<departement>/`) and where each of them comes from. Reads only."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from allervers.foundation.errors import NotFound, Unavailable

DATA = Path(__file__).parent / "data"
"""Folder of the committed tables: `sources.toml` for the national packages, then one folder a département."""

_DEPARTEMENT = re.compile(r"\d{2,3}|2[AB]")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a table comes from. `sha256` is the checksum of the input that the script read, not of the table."""

    title: str
    producer: str
    licence: str
    origin: str
    vintage: str
    retrieved_on: str
    sha256: str
    remark: str = ""


@cache
def departements() -> tuple[str, ...]:
    """Codes of the départements that have data, in order."""
    return tuple(sorted(folder.name for folder in DATA.iterdir() if _DEPARTEMENT.fullmatch(folder.name)))


def folder_of(departement: str) -> Path:
    """Folder of a département's tables; raises NotFound when there is none."""
    if departement not in departements():
        raise NotFound(
            f"Département sans données : {departement!r}. Départements présents : {', '.join(departements())}.",
            departement=departement,
        )
    return DATA / departement


def read_table(departement: str, name: str, schema: dict[str, Any]) -> pl.DataFrame:
    """Read `data/<departement>/<name>.csv` with its exact schema; an empty cell is null.

    raises: NotFound (no such département), Unavailable (the département has no such table).
    """
    path = folder_of(departement) / f"{name}.csv"
    if not path.is_file():
        raise Unavailable(
            f"Le département {departement} n'a pas de table « {name} ». Ajoutez-la à ses données pour l'utiliser.",
            departement=departement,
            table=name,
        )
    return pl.read_csv(path, schema=schema)


@cache
def sources(departement: str) -> dict[str, tuple[Source, ...]]:
    """Sources of a département's tables: table name -> one source for each input (one a vintage for the communes)."""
    declared: dict[str, list[dict[str, Any]]] = {}
    for path in (DATA / "sources.toml", folder_of(departement) / "sources.toml"):
        if path.is_file():
            declared |= tomllib.loads(path.read_text(encoding="utf-8"))
    fields = Source.__dataclass_fields__
    return {
        table: tuple(Source(**{key: str(value) for key, value in entry.items() if key in fields}) for entry in entries)
        for table, entries in declared.items()
    }
