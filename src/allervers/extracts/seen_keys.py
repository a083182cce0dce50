"""Keys of the rows already met in a file, to tell a repeated one. Eight bytes a key, whatever its length."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray


class SeenKeys:
    """64-bit hashes of keys, in sorted runs that are merged as they grow, so that each batch costs O(n log n).

    Two different keys among 50 million have the same hash with a probability of 1 in 15,000.
    """

    def __init__(self) -> None:
        self._runs: list[NDArray[np.uint64]] = []

    def repeated(self, keys: pl.DataFrame) -> pl.Series:
        """True where the key of a row was met before, in this frame or an earlier one. All are then remembered."""
        hashes = keys.hash_rows(seed=0)
        again = ~hashes.is_first_distinct().to_numpy()
        values = hashes.to_numpy()
        for run in self._runs:
            places = np.minimum(np.searchsorted(run, values), len(run) - 1)
            again |= run[places] == values
        if keys.height:
            self._remember(np.unique(values))
        return pl.Series("repeated", again, dtype=pl.Boolean)

    def _remember(self, run: NDArray[np.uint64]) -> None:
        while self._runs and len(self._runs[-1]) <= 2 * len(run):
            run = np.concatenate([self._runs.pop(), run])
            run.sort(kind="stable")
        self._runs.append(run)
