"""Rows being collected from a partner's file that is not a plain table (XML, JSON), then turned into frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from allervers.extracts.records import CHANNELS, IDENTITY_COLUMNS, TABLES

IDENTITIES = "identites"
"""Name, among the collected rows, of the identities meant for the vault and for nothing else."""

_TOLD = tuple(name for name in IDENTITY_COLUMNS if name == "adresse" or name not in CHANNELS.values())
"""Identity columns that these formats know. What is not delivered is not erased: none gives a phone or an e-mail."""

_KEYS = {"source_key": "person_number", "dossier_key": "dossier_number"}


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong: line of the file, column or element, code of the reason, French message without the value."""

    line: int
    column: str
    reason_code: str
    message: str


@dataclass(slots=True)
class CollectedRows:
    """Rows of some dossiers by canonical table, and IDENTITIES; the problems met; dossiers read and refused."""

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    errors: list[RowProblem] = field(default_factory=list)
    dossiers: int = 0
    refused: int = 0

    def add(self, table: str, **row: Any) -> None:
        """Add a row to a table. A column that is not given is null."""
        self.tables.setdefault(table, []).append(row)

    def absorb(self, other: CollectedRows) -> None:
        """Take the rows, problems and counts of another set."""
        for table, rows in other.tables.items():
            self.tables.setdefault(table, []).extend(rows)
        self.errors.extend(other.errors)
        self.dossiers += other.dossiers
        self.refused += other.refused

    def persons_frame(self) -> pl.DataFrame:
        """Identities: `person_number` and the identity columns that these formats know. Shape: one row per person."""
        columns: dict[str, Any] = dict.fromkeys(("person_number", *_TOLD), pl.String)
        return pl.DataFrame(self.tables.get(IDENTITIES, []), schema=columns | {"date_naissance": pl.Date})

    def table_frames(self) -> dict[str, pl.DataFrame]:
        """Every canonical table, with `person_number` and `dossier_number` in place of the keys."""
        return {name: pl.DataFrame(self.tables.get(name, []), schema=numbered(name)) for name in TABLES}


def numbered(table: str) -> dict[str, pl.DataType | type[pl.DataType]]:
    """Columns of a canonical table before pseudonyms: partner's numbers in place of keys."""
    return {_KEYS.get(column, column): dtype for column, dtype in TABLES[table].items()}
