"""Whose word counts: rows of all partners brought to persons, put in order of precedence, and merged column by column.

Precedence: the most recent reference date first, then Caf, then Cpam, then the others. Who lives with whom follows
another order, told in groups.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

import polars as pl

from allervers.extracts.records import TABLES
from allervers.foundation.errors import InvalidInput

ORIGIN: dict[str, pl.DataType | type[pl.DataType]] = {
    "partner": pl.String,
    "import_id": pl.String,
    "reference_on": pl.Date,
}
"""Columns that name the import a canonical row comes from."""

PERSONS: dict[str, pl.DataType | type[pl.DataType]] = {
    "source_key": pl.String,
    "person_id": pl.String,
    "zone": pl.String,
    "contact_allowed": pl.Boolean,
}
"""Columns of the result of linkage: one row per partner's record of a person."""

CAF, CPAM, OTHERS = 0, 1, 2
"""Ranks of partners, from the first believed to the last."""


def partner_rank(partner: str = "partner") -> pl.Expr:
    """Rank of a partner, read from its identifier: `caf...` and `cnaf...` are CAF, `cpam...` CPAM, the rest OTHERS."""
    name = pl.col(partner).str.to_lowercase()
    family = name.str.starts_with("caf") | name.str.starts_with("cnaf")
    return pl.when(family).then(CAF).when(name.str.starts_with("cpam")).then(CPAM).otherwise(OTHERS).cast(pl.Int8)


def canonical(tables: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame:
    """One canonical table with its columns, origin, `rank` of the partner and types; empty when no import gave it.

    raises: InvalidInput when the table lacks a column of its origin or holds an unusable type.
    """
    schema = TABLES[name] | ORIGIN
    frame = tables.get(name)
    if frame is None:
        return pl.DataFrame(schema=schema | {"rank": pl.Int8})
    missing = [column for column in ORIGIN if column not in frame.columns]
    if missing:
        raise InvalidInput(
            f"La table {name} n'indique pas son import : colonnes absentes.", table=name, columns=missing
        )
    known = [pl.col(c).cast(t) if c in frame.columns else pl.lit(None, t).alias(c) for c, t in schema.items()]
    return frame.select(known).with_columns(rank=partner_rank())


def in_precedence(frame: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Rows sorted so that, within equal `keys`, the row that is believed first comes first. Order is total."""
    rest = [c for c in ("import_id", "source_key", "dossier_key") if c in frame.columns and c not in keys]
    order = [*keys, "reference_on", "rank", *rest]
    places = [_places(frame[c], descending=c == "reference_on") for c in order]
    if prod(size for _, size in places) < 1 << 64:
        # One whole number that sorts as all the columns together do, several times faster than they.
        key = pl.zeros(frame.height, pl.UInt64, eager=True)
        for place, size in places:
            key = key * size + place
        places = [(key, 0)]
    columns = {f"~{index}": place for index, (place, _) in enumerate(places)}
    return frame.with_columns(**columns).sort(list(columns), maintain_order=True).drop(list(columns))


def _places(values: pl.Series, *, descending: bool) -> tuple[pl.Series, int]:
    """Whole numbers from 0 that sort as the values do, nulls last, and how many there may be."""
    if values.dtype == pl.String:
        values = values.cast(pl.Enum(values.drop_nulls().unique().sort()))
    numbers = values.to_physical().cast(pl.Int64)
    least, most = numbers.min(), numbers.max()
    if not isinstance(least, int) or not isinstance(most, int):
        return pl.zeros(len(values), pl.UInt64, eager=True), 1
    numbers = most - numbers if descending else numbers - least
    return numbers.fill_null(most - least + 1).cast(pl.UInt64), most - least + 2


def in_codes(frame: pl.DataFrame) -> pl.DataFrame:
    """Text columns as numbers with the same order, which sort, group and join as the texts do, faster.

    `frame.cast({pl.Enum: pl.String})` gives the texts back.
    """
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    return frame.with_columns(pl.col(name).cast(pl.Enum(frame[name].drop_nulls().unique().sort())) for name in texts)


def persons_commune(persons: pl.DataFrame) -> pl.Expr:
    """The commune of residence of each record, for a result of linkage that has `code_insee`; else unknown."""
    return pl.col("code_insee") if "code_insee" in persons.columns else pl.lit(None, pl.String).alias("code_insee")


def attached(frame: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """Rows that a linked record names, with `person_id` in place of `source_key`. Rows of unknown records leave."""
    return frame.join(persons.select("source_key", "person_id"), on="source_key", how="inner").drop("source_key")


def first_known(rows: pl.DataFrame, key: str, columns: Sequence[str]) -> pl.DataFrame:
    """Per `key`, the first value that is not null of each column. Shape: one row per key; rows given in precedence."""
    return rows.group_by(key, maintain_order=True).agg(pl.col(c).drop_nulls().first() for c in columns)


def origin_of(rows: pl.DataFrame, key: str, columns: Sequence[str]) -> pl.DataFrame:
    """Per `key`, the partner and reference date of the first row that knows any of `columns`."""
    said = rows.filter(pl.any_horizontal(pl.col(c).is_not_null() for c in columns))
    return said.unique(key, keep="first", maintain_order=True).select(key, "partner", "reference_on")


def differences(rows: pl.DataFrame, key: str, columns: Sequence[str]) -> pl.DataFrame:
    """Where partners contradict each other: one row per key, column and partner not followed. No value is kept.

    returns: key, column, kept_partner, other_partner.
    """
    found = []
    for column in columns:
        said = rows.filter(pl.col(column).is_not_null()).select(key, column, "partner")
        kept = said.unique(key, keep="first", maintain_order=True).rename({column: "kept", "partner": "kept_partner"})
        another = (pl.col(column) != pl.col("kept")) & (pl.col("partner") != pl.col("kept_partner"))
        other = said.join(kept, on=key).filter(another)
        found.append(
            other.select(key, pl.lit(column).alias("column"), "kept_partner", pl.col("partner").alias("other_partner"))
        )
    return pl.concat(found).unique(maintain_order=True)
