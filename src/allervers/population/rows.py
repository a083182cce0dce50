"""Rows of a Parquet file, some columns of it, a block at a time: memory is that of a block, not that of the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from allervers.foundation.errors import InvalidInput
from allervers.population.skeleton import Rows

BATCH = 32_768
"""Rows decoded at once."""


class FileRows:
    """Columns of a file, read forward: each block of rows is after the one before, or any rows when it is not a run.

    `texts`: columns of texts, given as dictionaries (each distinct text once).
    """

    def __init__(self, path: Path, names: Sequence[str], texts: Sequence[str] = ()) -> None:
        self.path = path
        self.names = list(names)
        try:
            self._file = pq.ParquetFile(path, read_dictionary=list(texts))
        except (pa.ArrowException, OSError) as error:
            raise _damaged(path) from error
        sizes = [self._file.metadata.row_group(i).num_rows for i in range(self._file.metadata.num_row_groups)]
        self._starts = np.append(0, np.cumsum(sizes, dtype=np.int64))
        self._batches: Iterator[Any] = iter(())
        self._held: list[Any] = []
        self._at = -1

    @property
    def schema(self) -> Any:
        """The Arrow schema of the file."""
        return self._file.schema_arrow

    def with_nulls(self) -> frozenset[str]:
        """The columns that have a null, or of which the file does not say that they have none."""
        found = set()
        data = self._file.metadata
        for group in range(data.num_row_groups):
            for place in range(data.num_columns):
                column = data.row_group(group).column(place)
                known = column.statistics is not None and column.statistics.has_null_count
                if not known or column.statistics.null_count:
                    found.add(column.path_in_schema)
        return frozenset(found)

    def read(self, rows: Rows) -> Any:
        """An Arrow table of these rows. Raises InvalidInput when the file is damaged."""
        try:
            if isinstance(rows, range):
                return self._run(rows)
            columns = [self._any(name, rows) for name in self.names]
            return pa.table(columns, names=self.names)
        except (pa.ArrowException, OSError) as error:
            raise _damaged(self.path) from error

    def close(self) -> None:
        """Let the file go."""
        self._batches = iter(())
        self._held = []
        self._file.close()

    def _run(self, rows: range) -> Any:
        if rows.start != self._at:
            self._seek(rows.start)
        self._at = rows.stop
        taken, missing = [], len(rows)
        while missing:
            batch = self._held.pop() if self._held else next(self._batches)
            if len(batch) > missing:
                self._held.append(batch.slice(missing))
                batch = batch.slice(0, missing)
            taken.append(batch)
            missing -= len(batch)
        return pa.Table.from_batches(taken) if taken else self._file.schema_arrow.empty_table().select(self.names)

    def _seek(self, row: int) -> None:
        group = int(np.searchsorted(self._starts, row, side="right")) - 1
        groups = list(range(group, len(self._starts) - 1))
        self._batches = self._file.iter_batches(BATCH, row_groups=groups, columns=self.names)
        self._held = []
        before = row - int(self._starts[group])
        while before:
            batch = next(self._batches)
            if len(batch) > before:
                self._held.append(batch.slice(before))
            before -= min(before, len(batch))

    def _any(self, name: str, rows: Any) -> Any:
        first = int(np.searchsorted(self._starts, rows[0], side="right")) - 1
        last = int(np.searchsorted(self._starts, rows[-1], side="right"))
        # One column at a time: the memory of a column of the file, whatever the number of columns.
        column = self._file.read_row_groups(list(range(first, last)), columns=[name]).column(0)
        return column.take(pa.array(rows - self._starts[first]))


def _damaged(path: Path) -> InvalidInput:
    return InvalidInput(f"{path.name} est endommagé : ses données ne peuvent pas être lues.", file=path.name)
