"""Small canonical tables for the tests of the assembly: synthetic people, one line a fact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from allervers.extracts.assembly.sources import ORIGIN, PERSONS
from allervers.extracts.records import TABLES

CAF: Mapping[str, Any] = {"partner": "caf-93", "import_id": "i1", "reference_on": date(2026, 11, 5)}
CPAM: Mapping[str, Any] = {"partner": "cpam-93", "import_id": "i2", "reference_on": date(2026, 11, 5)}
LANDLORD: Mapping[str, Any] = {"partner": "bailleur-a", "import_id": "i3", "reference_on": date(2026, 11, 12)}


def table(name: str, *rows: Mapping[str, Any]) -> pl.DataFrame:
    """A canonical table with its origin; columns that are not given are null."""
    return pl.DataFrame([dict(row) for row in rows], schema=TABLES[name] | ORIGIN)


def person(
    key: str, dossier: str | None, role: str | None, born: str, origin: Mapping[str, Any] = CAF, **facts: Any
) -> Any:
    """A row of `personnes`."""
    return {
        "source_key": key,
        "dossier_key": dossier,
        "role": role,
        "date_naissance": date.fromisoformat(born),
        **facts,
        **origin,
    }


def linked(**person_of: str) -> pl.DataFrame:
    """The result of linkage: source_key=person_id, all sure."""
    rows = [(key, name, "sure", True) for key, name in person_of.items()]
    return pl.DataFrame(rows, schema=PERSONS, orient="row")
