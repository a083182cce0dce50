"""What an agreement lets in of a file: categories of data, columns left out. The rest never reaches the store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from allervers.extracts.batches import ParsedBatch
from allervers.extracts.records import CHANNELS, IDENTITY_COLUMNS, TABLES

IDENTITY = "identite"
"""The category of what goes to the identity vault."""

CATEGORIES = (IDENTITY, *TABLES)
"""Every category: identities, and one for each canonical table."""

_TIES = frozenset({"source_key", "dossier_key", "role", "period", "month", "nature", "prestation", "signal"})
"""Columns without which a row says nothing: a category is left out whole, never these."""


def columns_that_may_be_left_out() -> tuple[str, ...]:
    """Names `category.column`, in the order of the tables."""
    named = [(table, column) for table, columns in TABLES.items() for column in columns if column not in _TIES]
    identity = [(IDENTITY, column) for column in IDENTITY_COLUMNS if column not in ("date_naissance", "code_insee")]
    return tuple(f"{category}.{column}" for category, column in (*identity, *named))


@dataclass(frozen=True, slots=True)
class Allowance:
    """Categories let in, and columns `category.column` left out of them."""

    categories: frozenset[str]
    excluded: frozenset[str] = frozenset()

    @property
    def fingerprint(self) -> str:
        """Says whether two imports were let in alike; empty when everything is."""
        if self.categories >= set(CATEGORIES) and not self.excluded:
            return ""
        text = "\n".join((*sorted(self.categories), "", *sorted(self.excluded)))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def apply(self, batch: ParsedBatch) -> ParsedBatch:
        """The batch without what is not let in. What was there all the same is counted in `warnings`, by name."""
        left: dict[str, int] = {}
        tables = {
            name: self._without(name, frame, left)
            for name, frame in batch.tables.items()
            if self._is_let_in(name, frame, left)
        }
        if "personnes" in tables:
            tables["personnes"] = self._without_channels(tables["personnes"])
        persons = batch.persons
        if IDENTITY in self.categories:
            persons = self._without(IDENTITY, persons, left)
        else:
            named = [name for name in persons.columns if name != "person_number"]
            _count(left, IDENTITY, _filled(persons, named))
            persons = persons.select("person_number")
        warnings = {**batch.warnings, **{f"hors convention : {name}": n for name, n in left.items()}}
        return replace(batch, tables=tables, persons=persons, warnings=warnings)

    def _is_let_in(self, name: str, frame: pl.DataFrame, left: dict[str, int]) -> bool:
        if name in self.categories:
            return True
        _count(left, name, frame.height)
        return False

    def _without(self, category: str, frame: pl.DataFrame, left: dict[str, int]) -> pl.DataFrame:
        for column in self._columns_out(category):
            if column in frame.columns:
                _count(left, f"{category}.{column}", _filled(frame, [column]))
                empty = pl.lit(None, frame.schema[column]).alias(column)
                frame = frame.with_columns(empty)
        return frame

    def _without_channels(self, frame: pl.DataFrame) -> pl.DataFrame:
        """What is not let in the vault cannot reach anyone, and its presence is not told either."""
        closed = IDENTITY not in self.categories
        names = [f"reach_{c}" for c, column in CHANNELS.items() if closed or f"{IDENTITY}.{column}" in self.excluded]
        return frame.with_columns(pl.lit(None, pl.Boolean).alias(name) for name in names if name in frame.columns)

    def _columns_out(self, category: str) -> Iterator[str]:
        for name in sorted(self.excluded):
            owner, _, column = name.partition(".")
            if owner == category:
                yield column


def _filled(frame: pl.DataFrame, columns: list[str]) -> int:
    """Rows of which one of these columns at least holds something."""
    if not columns or not frame.height:
        return 0
    return int(frame.select(pl.any_horizontal(pl.col(columns).is_not_null()).sum()).item())


def _count(left: dict[str, int], name: str, rows: int) -> None:
    if rows:
        left[name] = left.get(name, 0) + rows
