"""What every reader of a format hands to the import: rows of some lines of the file, and what was wrong with others.

Nothing here knows a format, a store or a key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from allervers.extracts.rows import CollectedRows, RowProblem

PROBLEMS: dict[str, pl.DataType | type[pl.DataType]] = {
    "ligne": pl.Int64,
    "colonne": pl.String,
    "motif": pl.String,
    "message": pl.String,
    "rejet": pl.Boolean,
}
"""Columns of a frame of problems. `ligne`: of the file, from 1; `rejet`: false when the row is kept all the same."""

KEPT_REASONS = frozenset({"nir_invalide"})
"""Reasons that leave the row in, in readers that collect rows: the person is kept without the value."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that a file must respect, and the size of a batch. Bytes, characters, rows."""

    file_bytes: int = 16 << 30
    line_chars: int = 1 << 20
    lines_in_a_row: int = 50
    batch_rows: int = 50_000
    batch_cells: int = 400_000
    workbook_bytes: int = 1 << 30
    workbook_ratio: int = 200
    workbook_cells: int = 8_000_000
    row_group_bytes: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader is told: date that the extract describes, today, bounds."""

    reference_on: date
    today: date
    limits: Limits = field(default_factory=Limits)


@dataclass(slots=True)
class ParsedBatch:
    """Rows read from some lines of a file, before pseudonyms.

    `persons`: `person_number` and the identity columns that the file delivers, one row per person named.
    `tables`: canonical tables (records.TABLES) with `person_number` and `dossier_number` in place of the keys.
    `problems`: PROBLEMS. `read` and `rejected`: rows (or dossiers) read and refused. `warnings`: counts by code.
    `ignored`: columns of the file that the format does not use.
    """

    persons: pl.DataFrame
    tables: dict[str, pl.DataFrame]
    problems: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PROBLEMS))
    read: int = 0
    rejected: int = 0
    warnings: Mapping[str, int] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    @classmethod
    def of_rows(cls, rows: CollectedRows) -> ParsedBatch:
        """A batch from rows collected one by one (XML, JSON): counts are of dossiers."""
        return cls(
            rows.persons_frame(),
            rows.table_frames(),
            problems_frame(rows.errors),
            read=rows.dossiers,
            rejected=rows.refused,
        )


def problems_frame(problems: Iterable[RowProblem]) -> pl.DataFrame:
    """A frame of PROBLEMS from single problems."""
    rows = [(p.line, p.column, p.reason_code, p.message, p.reason_code not in KEPT_REASONS) for p in problems]
    return pl.DataFrame(rows, schema=PROBLEMS, orient="row")
