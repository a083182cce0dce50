"""Rows of a raw batch checked against a layout: typed columns for the good ones, problems for the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from allervers.extracts.batches import PROBLEMS, Reading
from allervers.extracts.cells import MESSAGES, Cells, cells_of, clean_text
from allervers.extracts.identity.nir import refuse_digest_as_nir
from allervers.extracts.layout import Column, Kind, Layout, Rows
from allervers.extracts.mapping import PartnerMapping
from allervers.extracts.reading.raw import LINE
from allervers.extracts.seen_keys import SeenKeys

_REASON, _NOTE = "!", "+"


@dataclass(frozen=True, slots=True)
class Checked:
    """Rows that hold, problems of all rows (PROBLEMS), number of rows refused, counts of notes."""

    rows: Rows
    problems: pl.DataFrame
    rejected: int
    warnings: dict[str, int]


@dataclass(frozen=True, slots=True)
class RowChecker:
    """Checks the batches of one file, in order: repeated keys are told across the whole file.

    `delivered`: columns of the layout that the file or a constant gives; the others are null throughout.
    """

    layout: Layout
    mapping: PartnerMapping
    reading: Reading
    delivered: frozenset[str]
    seen: SeenKeys = field(default_factory=SeenKeys)

    def check(self, raw: pl.DataFrame) -> Checked:
        """Check a batch: LINE, and one text column per delivered column of the layout, named as there."""
        columns = [column for column in self.layout.columns if column.name in self.delivered]
        cleaned = raw.with_columns(clean_text(column, self.mapping).alias(f"~{column.name}") for column in columns)
        self._refuse_digests(cleaned)
        typed = _typed(cleaned, columns, {c.name: cells_of(c, self.mapping, self.reading) for c in columns})
        absent = [_absent(column) for column in self.layout.columns if column.name not in self.delivered]
        typed = typed.with_columns(absent)
        problems = [_cell_problems(typed, column) for column in columns]
        strict = [pl.col(_REASON + column.name).is_not_null() for column in columns if not column.lenient]
        typed = typed.with_columns(pl.any_horizontal(strict).alias("wrong"))
        typed, row_problems = self._row_rules(typed)
        good = typed.filter(~pl.col("wrong"))
        again = self.seen.repeated(good.select(self._key_columns()))
        problems += [*row_problems, self._repeated(good.filter(again))]
        good = good.filter(~again)
        return Checked(
            Rows(good.select(LINE, *self.layout.names), self.delivered, self.reading, self._nir_as()),
            pl.concat(problems).sort("ligne", maintain_order=True),
            raw.height - good.height,
            _warnings(good, columns),
        )

    def _key_columns(self) -> list[str]:
        """Keys as typed values, but codes as written: two codes may mean one canonical value and be two rows."""
        coded = {c.name for c in self.layout.columns if c.kind is Kind.CODE and c.name in self.delivered}
        return [f"~{name}" if name in coded else name for name in self.layout.keys]

    def _nir_as(self) -> str:
        return "nir" if self.mapping.nir == "clair" else "nir_hmac"

    def _refuse_digests(self, cleaned: pl.DataFrame) -> None:
        """A digest where a NIR in clear is expected (or of another length than announced) refuses the whole file."""
        if "nir" not in self.delivered:
            return
        announced = [] if self.mapping.nir == "clair" else [64]
        long = pl.col("~nir").str.len_bytes().is_between(32, 128) & ~pl.col("~nir").str.len_bytes().is_in(announced)
        refuse_digest_as_nir(cleaned.filter(long)["~nir"])

    def _row_rules(self, typed: pl.DataFrame) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
        problems = []
        for rule in self.layout.rules:
            broken = typed.select(~pl.col("wrong") & rule.broken(self.reading).fill_null(value=False)).to_series()
            if broken.any():
                typed = typed.with_columns(pl.col("wrong") | broken)
                problems.append(_problems(typed.filter(broken), rule.column, rule.reason, rule.message))
        return typed, problems

    def _repeated(self, rows: pl.DataFrame) -> pl.DataFrame:
        name = ", ".join(self.layout.keys)
        return _problems(rows, self.layout.keys[0], "doublon", f"ligne déjà présente dans le fichier (même {name})")


def _typed(cleaned: pl.DataFrame, columns: list[Column], cells: Mapping[str, Cells]) -> pl.DataFrame:
    """Values by column, `!name`: reason of the cell, `+name+note`: true where a note holds, `~name`: code written."""
    found = cleaned.with_columns(
        *(cells[c.name].reason().alias(_REASON + c.name) for c in columns),
        *(cells[c.name].value.alias(f"={c.name}") for c in columns),
        *(e.alias(f"{_NOTE}{c.name}{_NOTE}{note}") for c in columns for note, e in cells[c.name].notes.items()),
    )
    notes = [name for name in found.columns if name.startswith(_NOTE)]
    right = [pl.when(pl.col(_REASON + c.name).is_null()).then(pl.col(f"={c.name}")).alias(c.name) for c in columns]
    written = [pl.col(f"~{c.name}").str.to_uppercase() for c in columns if c.kind is Kind.CODE]
    return found.select(LINE, *right, *(_REASON + c.name for c in columns), *notes, *written)


_DTYPES: dict[Kind, pl.DataType | type[pl.DataType]] = {
    Kind.DATE: pl.Date,
    Kind.AMOUNT: pl.Float64,
    Kind.FLAG: pl.Boolean,
    Kind.YEAR: pl.Int32,
}


def _absent(column: Column) -> pl.Expr:
    return pl.lit(None, _DTYPES.get(column.kind, pl.String)).alias(column.name)


def _cell_problems(typed: pl.DataFrame, column: Column) -> pl.DataFrame:
    reason = _REASON + column.name
    if typed[reason].null_count() == typed.height:
        return pl.DataFrame(schema=PROBLEMS)
    bad = typed.filter(pl.col(reason).is_not_null())
    messages = {name: _message(column, name) for name in bad[reason].unique()}
    return bad.select(
        ligne=pl.col(LINE),
        colonne=pl.lit(column.name),
        motif=pl.col(reason),
        message=pl.col(reason).replace_strict(messages, return_dtype=pl.String),
        rejet=pl.lit(not column.lenient),
    )


def _message(column: Column, reason: str) -> str:
    message = MESSAGES[reason]
    if reason == "code_inconnu":
        return f"{message} ; codes : {', '.join(column.codes or ('O', 'N'))}"
    if reason == "montant_hors_bornes":
        return f"{message} ({column.low:g} à {column.high:g})"
    return f"{message} ({column.longest} caractères admis)" if reason == "cellule_trop_longue" else message


def _problems(rows: pl.DataFrame, column: str, reason: str, message: str) -> pl.DataFrame:
    return rows.select(
        ligne=pl.col(LINE),
        colonne=pl.lit(column),
        motif=pl.lit(reason),
        message=pl.lit(message),
        rejet=pl.lit(value=True),
    )


def _warnings(good: pl.DataFrame, columns: list[Column]) -> dict[str, int]:
    """Counts, among the rows kept, of notes and of cells left aside."""
    counts: dict[str, int] = {}
    for name in good.columns:
        if name.startswith(_NOTE):
            note = name.rpartition(_NOTE)[2]
            counts[note] = counts.get(note, 0) + int(good[name].sum())
    for column in columns:
        if column.lenient:
            for reason, count in good[_REASON + column.name].drop_nulls().value_counts().iter_rows():
                counts[reason] = counts.get(reason, 0) + count
    return {name: count for name, count in counts.items() if count}
