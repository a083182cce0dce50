"""Rows of a layout into canonical tables: named columns are given, the others of the table are null."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from allervers.extracts.rows import numbered


def canonical_table(name: str, frame: pl.DataFrame, **columns: str | pl.Expr) -> pl.DataFrame:
    """A canonical table with `person_number` and `dossier_number` in place of the keys. Shape: one row per row.

    `columns`: column of the table -> column of `frame`, or expression over it.
    """
    schema = numbered(name)
    given = {column: pl.col(one) if isinstance(one, str) else one for column, one in columns.items()}
    unknown = sorted(set(given) - set(schema))
    if unknown:
        raise ValueError(f"{name} has no column {unknown}")
    return frame.select(given.get(column, pl.lit(None)).cast(dtype).alias(column) for column, dtype in schema.items())


def number(*parts: str) -> pl.Expr:
    """A partner's number made of several columns, `a/b`; null when one of them is."""
    return pl.concat_str([pl.col(part) for part in parts], separator="/")


def first_by(frame: pl.DataFrame, key: str, *, best_first: Sequence[pl.Expr] = ()) -> pl.DataFrame:
    """One row per key: the first, after sorting on `best_first` (false before true). Rows without key leave."""
    ordered = frame.sort(*best_first, maintain_order=True) if best_first else frame
    return ordered.filter(pl.col(key).is_not_null()).unique(key, keep="first", maintain_order=True)
