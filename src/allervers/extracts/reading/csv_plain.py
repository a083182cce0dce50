"""Lines of a CSV file cut into cells all at once, where no quote makes rows and lines two different things."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from allervers.extracts.reading.raw import LINE


class PlainRows(NamedTuple):
    """`frame`: LINE and one text column per wanted place. `others`: line and cells of the rows of another length."""

    frame: pl.DataFrame
    others: list[tuple[int, list[str]]]
    lines: int


def plain_rows(
    text: str, separator: str, width: int, places: Sequence[int], *, after: int, longest: int
) -> PlainRows | None:
    """Cut whole lines as a reader of rows would; None when they need one (a quote, an old line end, a long line).

    `after`: lines of the file before these. Empty rows are left out; empty cells beyond `width` do not count.
    """
    if '"' in text:
        return None
    text = text.replace("\r\n", "\n")
    if "\r" in text:
        return None
    written = text.removesuffix("\n").split("\n")
    lines = pl.DataFrame({"text": pl.Series(written, dtype=pl.String)}).with_row_index(LINE, offset=after + 1)
    if lines.select((pl.col("text").str.len_bytes() >= min(longest, csv.field_size_limit())).any()).item():
        return None
    cells = pl.col("text").str.splitn(separator, width + 1)
    rows = lines.filter(pl.col("text").str.strip_chars(separator) != "").with_columns(cells=cells)
    beyond = pl.col("cells").struct.field(f"field_{width}").fill_null("").str.strip_chars(separator)
    right = pl.col("cells").struct.field(f"field_{width - 1}").is_not_null() & (beyond == "")
    wanted = [pl.col("cells").struct.field(f"field_{place}").alias(str(place)) for place in places]
    wrong = rows.filter(~right).select(LINE, "text")
    return PlainRows(
        rows.filter(right).select(pl.col(LINE).cast(pl.Int64), *wanted),
        [(line, cells.split(separator)) for line, cells in wrong.iter_rows()],
        len(written),
    )
