"""The register of imports: what was received, from whom, under which convention, until when it may be kept."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from allervers.extracts.nearest import hint
from allervers.foundation.errors import InvalidInput, NotFound, Refused

REGISTER_FILE = "imports.sqlite"
RETENTION_MONTHS = 12
"""Data of a detection are kept 12 months at most (CRPA R. 114-9-7)."""

PURPOSES = {
    "information": "Informer des personnes des droits qu'elles peuvent avoir (CRPA L. 114-8, II)",
    "attribution": "Attribuer un droit (CRPA L. 114-8, II)",
}
"""Purposes for which extracts may be received. Control and the fight against fraud are not among them."""

RUNNING, DONE, SUPERSEDED, FAILED, DESTROYED = "running", "done", "superseded", "failed", "destroyed"

_PARTNER = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CONVENTION = re.compile(r"\w[\w .:/()'-]{2,99}")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS import (
    import_id TEXT PRIMARY KEY,
    format TEXT NOT NULL,
    partner TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    parameters TEXT NOT NULL,
    purpose TEXT NOT NULL,
    convention TEXT NOT NULL,
    reference_on TEXT NOT NULL,
    retention_on TEXT NOT NULL,
    imported_at TEXT NOT NULL,
    rows_read INTEGER NOT NULL DEFAULT 0,
    rows_kept INTEGER NOT NULL DEFAULT 0,
    rows_rejected INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL CHECK (status IN ('running', 'done', 'superseded', 'failed', 'destroyed')),
    superseded_by TEXT REFERENCES import (import_id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS one_current ON import (format, partner, reference_on) WHERE status = 'done';
"""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A line of the register. `parameters`: checksum of the mapping; `status`: running, done, superseded..."""

    import_id: str
    format: str
    partner: str
    sha256: str
    bytes: int
    parameters: str
    purpose: str
    convention: str
    reference_on: date
    retention_on: date
    imported_at: datetime
    rows_read: int = 0
    rows_kept: int = 0
    rows_rejected: int = 0
    status: str = RUNNING
    superseded_by: str | None = None


class Register:
    """Door to the register of one store. Each method is one transaction."""

    def __init__(self, store: Path) -> None:
        self._connection = sqlite3.connect(store / REGISTER_FILE, isolation_level=None)
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the register's file."""
        self._connection.close()

    def rows(self, **equal: str) -> list[ImportRow]:
        """Lines of the register, oldest first, whose columns have these values."""
        unknown = set(equal) - set(ImportRow.__dataclass_fields__)
        if unknown:
            raise ValueError(f"no column {sorted(unknown)}")
        where = " AND ".join(f"{name} = ?" for name in equal) or "1"
        query = f"SELECT {_NAMES} FROM import WHERE {where} ORDER BY rowid"  # noqa: S608 (names of columns only)
        return [_row_of(values) for values in self._connection.execute(query, tuple(equal.values()))]

    def row(self, import_id: str) -> ImportRow:
        """One line of the register. Raises NotFound."""
        found = self.rows(import_id=import_id)
        if not found:
            raise NotFound("Import inconnu du registre.", import_id=import_id)
        return found[0]

    def current(self, format_name: str, partner: str, reference_on: date) -> ImportRow | None:
        """The import in force for a format, a partner and a reference date."""
        found = self.rows(format=format_name, partner=partner, reference_on=reference_on.isoformat(), status=DONE)
        return found[0] if found else None

    def next_id(self, format_name: str, partner: str, reference_on: date) -> str:
        """A name for a new import, never given before: format.partner.date.rank."""
        known = self.rows(format=format_name, partner=partner, reference_on=reference_on.isoformat())
        return f"{format_name}.{partner}.{reference_on}.{len(known) + 1}"

    def begin(self, row: ImportRow) -> None:
        """Write a new import, running."""
        marks = ", ".join("?" * len(_COLUMNS))
        statement = f"INSERT INTO import ({_NAMES}) VALUES ({marks})"  # noqa: S608 (names of columns only)
        self._connection.execute(statement, _values(row))

    def complete(self, import_id: str, *, read: int, kept: int, rejected: int) -> str | None:
        """Put an import in force, in place of the former one of its format, partner and date.

        returns: the import that it supersedes.
        """
        row = self.row(import_id)
        former = self.current(row.format, row.partner, row.reference_on)
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            if former is not None:
                self._connection.execute(
                    "UPDATE import SET status = ?, superseded_by = ? WHERE import_id = ?",
                    (SUPERSEDED, import_id, former.import_id),
                )
            self._connection.execute(
                "UPDATE import SET status = ?, rows_read = ?, rows_kept = ?, rows_rejected = ? WHERE import_id = ?",
                (DONE, read, kept, rejected, import_id),
            )
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        return former.import_id if former else None

    def fail(self, import_id: str, *, read: int = 0, rejected: int = 0) -> None:
        """Say that an import did not come to its end: nothing of it is kept."""
        self._connection.execute(
            "UPDATE import SET status = ?, rows_read = ?, rows_rejected = ? WHERE import_id = ? AND status = ?",
            (FAILED, read, rejected, import_id, RUNNING),
        )

    def mark_destroyed(self, import_id: str) -> None:
        """Say that the rows of an import have been destroyed; its line stays, as the trace of the exchange."""
        self._connection.execute("UPDATE import SET status = ? WHERE import_id = ?", (DESTROYED, import_id))

    def expired(self, today: date) -> list[ImportRow]:
        """Imports in force whose retention date has come (CRPA R. 114-9-7)."""
        return [row for row in self.rows(status=DONE) if row.retention_on <= today]


def check_exchange(partner: str, convention: str, purpose: str) -> None:
    """Refuse an import without partner, convention or lawful purpose. Raises InvalidInput, Refused."""
    if _PARTNER.fullmatch(partner) is None:
        raise InvalidInput("Nom de partenaire : lettres sans accent, chiffres, « - » et « _ », 64 au plus.")
    if convention.strip() and _CONVENTION.fullmatch(convention.strip()) is None:
        raise InvalidInput("Référence de convention : 3 à 100 lettres, chiffres, espaces et . : / ( ) ' -.")
    if not convention.strip():
        raise Refused(
            "Aucun import sans convention : donnez la référence de la convention d'échange signée avec le partenaire.",
            partner=partner,
        )
    if purpose not in PURPOSES:
        raise Refused(
            f"Finalité non admise.{hint(purpose, PURPOSES)} Finalités : {', '.join(PURPOSES)} (CRPA L. 114-8). Ces "
            "données ne servent ni au contrôle ni à la lutte contre la fraude.",
            partner=partner,
        )


def retained_until(reference_on: date, asked_on: date | None, today: date) -> date:
    """`retention_date` of data that may still come in. Raises InvalidInput for a date to come, Refused for data past
    their retention.
    """
    if reference_on > today:
        raise InvalidInput("La date que décrit le fichier est à venir.", reference_on=str(reference_on))
    retained = retention_date(reference_on, asked_on)
    if retained <= today:
        raise Refused(
            f"Ces données sont trop anciennes : elles ont passé leur date de conservation, le {retained:%d/%m/%Y} "
            f"(12 mois au plus, CRPA R. 114-9-7).", retention_on=str(retained),
        )  # fmt: skip
    return retained


def retention_date(reference_on: date, asked_on: date | None) -> date:
    """Date until which rows are kept: 12 months after the reference date, or earlier. Raises Refused for later."""
    last_day = 28 if (reference_on.month, reference_on.day) == (2, 29) else reference_on.day
    latest = date(reference_on.year + RETENTION_MONTHS // 12, reference_on.month, last_day)
    if asked_on is None:
        return latest
    if asked_on > latest:
        raise Refused(
            f"Conservation de 12 mois au plus (CRPA R. 114-9-7) : jusqu'au {latest}.", retention_on=str(asked_on)
        )
    if asked_on <= reference_on:
        raise InvalidInput("La date de conservation précède celle des données.", retention_on=str(asked_on))
    return asked_on


_COLUMNS = tuple(ImportRow.__dataclass_fields__)
_NAMES = ", ".join(_COLUMNS)


def _values(row: ImportRow) -> tuple[Any, ...]:
    values = (getattr(row, name) for name in _COLUMNS)
    return tuple(value.isoformat() if isinstance(value, date | datetime) else value for value in values)


def _row_of(values: tuple[Any, ...]) -> ImportRow:
    named = dict(zip(_COLUMNS, values, strict=True))
    named["reference_on"] = date.fromisoformat(named["reference_on"])
    named["retention_on"] = date.fromisoformat(named["retention_on"])
    named["imported_at"] = datetime.fromisoformat(named["imported_at"])
    return ImportRow(**named)
