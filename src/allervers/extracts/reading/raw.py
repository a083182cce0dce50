"""Rows of a table as text, before any meaning: what the three readers have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from allervers.extracts.rows import RowProblem

LINE = "line"
"""Column of a raw batch that holds the line of the file, from 1."""


@dataclass(frozen=True, slots=True)
class RawBatch:
    """`frame`: LINE and one text column per wanted place, named by that place. `problems`: rows that have no shape."""

    frame: pl.DataFrame
    problems: list[RowProblem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RawTable:
    """An open table. `header`: cells of its header row.

    `batches(places, size)`: the columns at these places of the header, at most `size` rows at a time.
    """

    header: tuple[str, ...]
    batches: Callable[[Sequence[int], int], Iterator[RawBatch]]


def raw_frame(places: Sequence[int], lines: list[int], rows: Sequence[Sequence[str]]) -> pl.DataFrame:
    """Frame of a raw batch from its rows, each as long as the header. Shape: one row per line."""
    data = {str(place): [row[place] for row in rows] for place in places}
    return pl.DataFrame({LINE: lines, **data}, schema={LINE: pl.Int64, **dict.fromkeys(data, pl.String)})
