"""Tables of which one household is often read: its rows lie together, and a reader opens one group of them."""

from __future__ import annotations

from pathlib import Path

import polars as pl

ROWS_A_GROUP = 20_000


def write_by_household(frame: pl.DataFrame, path: Path, *, key: str = "menage_id") -> None:
    """Write a Parquet file sorted by `key`, the order kept within it, in groups whose bounds a reader can skip by."""
    ordered = frame.sort(key, maintain_order=True, nulls_last=True)
    ordered.write_parquet(path, row_group_size=ROWS_A_GROUP, statistics=True)
