"""The errors of real files, drawn in known shares: identities mistyped, dates inverted, old codes, repeated rows.

Every share is an assumption of ours (confidence C), of the order that clerks of such files report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import numpy as np
import polars as pl

NIR_MISSING, NIR_WRONG = 0.02, 0.012
NAME_TYPED_WRONG, NAMES_INVERTED, USAGE_FOR_BIRTH_NAME = 0.015, 0.005, 0.06
DAY_MONTH_INVERTED, FIRST_OF_JANUARY = 0.005, 0.006
OLD_COMMUNE, REPEATED, INVALID = 0.15, 0.004, 0.0015

OLD_CODES = {"93066": "93059"}
"""Commune code -> code of a commune that it absorbed, still written by some (Pierrefitte, absorbed in 2025)."""

NOT_A_DATE, NOT_A_CODE = "31/02/1980", "??"


def disturbed(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Identities with errors. frame: any of nir, nom_naissance, nom_usage, prenoms, date_naissance, code_insee."""
    out = frame
    if "nir" in frame.columns:
        out = _changed(out, "nir", rng, NIR_WRONG, lambda text: _digit_changed(text, rng))
        out = out.with_columns(nir=pl.when(~_hit(out, rng, NIR_MISSING)).then("nir"))
    for name in ("nom_naissance", "prenoms"):
        out = _changed(out, name, rng, NAME_TYPED_WRONG, lambda text: mistyped(text, rng))
    if "nom_usage" in frame.columns:
        uses = pl.col("nom_usage").is_not_null() & _hit(out, rng, USAGE_FOR_BIRTH_NAME)
        out = out.with_columns(nom_naissance=pl.when(uses).then("nom_usage").otherwise("nom_naissance"))
    swap = _hit(out, rng, NAMES_INVERTED)
    out = out.with_columns(
        nom_naissance=pl.when(swap).then("prenoms").otherwise("nom_naissance"),
        prenoms=pl.when(swap).then("nom_naissance").otherwise("prenoms"),
    )
    if "date_naissance" in frame.columns:
        out = _dates(out, rng)
    if "code_insee" in frame.columns:
        old = pl.col("code_insee").replace(OLD_CODES)
        out = out.with_columns(code_insee=pl.when(_hit(out, rng, OLD_COMMUNE)).then(old).otherwise("code_insee"))
    return out


def shuffled(frame: pl.DataFrame, rng: np.random.Generator, repeated: float = REPEATED) -> pl.DataFrame:
    """Rows in another order, a few of them twice."""
    rows = np.arange(len(frame))
    twice = rows[rng.random(len(frame)) < repeated]
    return frame[rng.permutation(np.concatenate([rows, twice]))]


def with_invalid(frame: pl.DataFrame, rng: np.random.Generator, bad: Mapping[str, str]) -> pl.DataFrame:
    """A few rows that no reader may accept. frame: text as it will be written; bad: column -> what stands there."""
    return frame.with_columns(
        pl.when(_hit(frame, rng, INVALID)).then(pl.lit(text)).otherwise(column).alias(column)
        for column, text in bad.items()
    )


def mistyped(text: str, rng: np.random.Generator) -> str:
    """A letter left out, doubled, or swapped with the next one."""
    if len(text) < 3:
        return text
    at = int(rng.integers(1, len(text) - 1))
    kinds: tuple[Callable[[], str], ...] = (
        lambda: text[:at] + text[at + 1 :],
        lambda: text[:at] + text[at] + text[at:],
        lambda: text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :],
    )
    return kinds[int(rng.integers(len(kinds)))]()


def _hit(frame: pl.DataFrame, rng: np.random.Generator, share: float) -> pl.Series:
    return pl.Series(rng.random(len(frame)) < share)


def _changed(
    frame: pl.DataFrame, column: str, rng: np.random.Generator, share: float, change: Callable[[str], str]
) -> pl.DataFrame:
    values = frame[column].to_list()
    for row in np.flatnonzero(rng.random(len(values)) < share):
        if values[row]:
            values[row] = change(values[row])
    return frame.with_columns(pl.Series(column, values, dtype=pl.String))


def _digit_changed(nir: str, rng: np.random.Generator) -> str:
    at = int(rng.integers(1, len(nir)))
    other = str((int(nir[at], 16) + 1 + int(rng.integers(8))) % 10)
    return nir[:at] + other + nir[at + 1 :]


def _dates(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    born = pl.col("date_naissance")
    can = (born.dt.day() <= 12) & _hit(frame, rng, DAY_MONTH_INVERTED)
    inverted = pl.date(born.dt.year(), born.dt.day(), born.dt.month().clip(1, 12))
    safe = pl.when(can).then(inverted).otherwise(born)
    first = pl.when(_hit(frame, rng, FIRST_OF_JANUARY)).then(pl.date(born.dt.year(), 1, 1)).otherwise(safe)
    return frame.with_columns(date_naissance=pl.when(born > pl.lit(date(2010, 1, 1))).then(born).otherwise(first))
