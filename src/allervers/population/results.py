"""Results on disk as they come: one Parquet file an entity, `id` and `variable@period`, in the order of the population.

Null is unknown. A note in JSON says what was asked; the folder is written whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from allervers.engine.block import ENTITIES
from allervers.population.blocks_computed import Computed
from allervers.population.evaluation import RESULTS_NOTE, Request
from allervers.population.rows import FileRows
from allervers.population.skeleton import Rows

ROWS_WRITTEN = 65_536
"""Rows of identifiers read and written together when results came in another order."""


@dataclass
class Counts:
    """What is known of the results: entity, rows and unknown rows of each."""

    entity: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, entity: str, rows: int, unknown: int) -> None:
        """Count rows of a result."""
        self.entity[name] = entity
        self.rows[name] = self.rows.get(name, 0) + rows
        self.unknown[name] = self.unknown.get(name, 0) + unknown

    def merge(self, other: Counts) -> None:
        """Add the counts of another part of the population."""
        for name, entity in other.entity.items():
            self.add(name, entity, other.rows[name], other.unknown[name])

    def as_json(self) -> dict[str, Any]:
        """For the note."""
        return {
            name: {"entity": entity, "rows": self.rows[name], "unknown": self.unknown[name]}
            for name, entity in self.entity.items()
        }


@dataclass(frozen=True, slots=True)
class Done:
    """A block computed: its rows and their identifiers by entity, an answer for each request."""

    rows: Mapping[str, Rows]
    ids: Mapping[str, Any]
    computed: Sequence[Computed]


def result_name(request: Request) -> str:
    """Name of a result's column."""
    return f"{request.output}@{request.period}"


def write_note(folder: Path, counts: Counts, about: Mapping[str, Any] | None) -> None:
    """The note that marks the folder as ours."""
    note = {**(about or {}), "results": counts.as_json()}
    (folder / RESULTS_NOTE).write_text(json.dumps(note, ensure_ascii=False, indent=2) + "\n", "utf-8")


class InOrder:
    """Results written block after block: each block is a run of rows of each file. Memory: a block."""

    def __init__(self, paths: Mapping[str, Path], requests: Sequence[Request]) -> None:
        self.counts = Counts()
        self._paths, self._requests = paths, requests
        self._writers: dict[str, Any] = {}

    def add(self, block: Done) -> None:
        """Write the results of a block."""
        computed = block.computed
        for entity in ENTITIES:
            table = _table(entity, block.ids[entity], self._requests, computed)
            writer = self._writers.get(entity)
            if writer is None:
                writer = self._writers[entity] = pq.ParquetWriter(self._paths[entity], table.schema, compression="zstd")
            writer.write_table(table.cast(writer.schema))
        count(self.counts, self._requests, computed)

    def close(self) -> None:
        """End the files: without this they cannot be read."""
        for writer in self._writers.values():
            writer.close()


class InAnyOrder:
    """Results kept until the last block, then written in the order of the files. Memory: every result."""

    def __init__(
        self,
        paths: Mapping[str, Path],
        requests: Sequence[Request],
        files: Mapping[str, FileRows],
        count: Mapping[str, int],
    ) -> None:
        self.counts = Counts()
        self._paths, self._requests, self._files, self._count = paths, requests, files, count
        self._parts: list[Sequence[Computed]] = []
        self._order: dict[str, list[Any]] = {entity: [] for entity in ENTITIES}

    def add(self, block: Done) -> None:
        """Keep the results of a block."""
        self._parts.append(block.computed)
        for entity in ENTITIES:
            self._order[entity].append(block.rows[entity])
        count(self.counts, self._requests, block.computed)

    def close(self) -> None:
        """Write the files."""
        whole = [Computed(column[0].entity, self._gathered(column), 0) for column in zip(*self._parts, strict=True)]
        for entity in ENTITIES:
            with _Opened(self._paths[entity]) as opened:
                for first in range(0, self._count[entity], ROWS_WRITTEN):
                    run = range(first, min(first + ROWS_WRITTEN, self._count[entity]))
                    part = [Computed(c.entity, c.values.slice(first, len(run)), 0) for c in whole if c.entity == entity]
                    asked = [r for r, c in zip(self._requests, whole, strict=True) if c.entity == entity]
                    opened.write(_table(entity, self._files[entity].read(run)["id"], asked, part))

    def _gathered(self, parts: Sequence[Computed]) -> Any:
        order = np.concatenate(self._order[parts[0].entity])
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        values = pa.chunked_array([part.values for part in parts])
        return values.take(pa.array(back)).combine_chunks()


class _Opened:
    """A file of which the schema is that of the first table."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: Any = None

    def __enter__(self) -> _Opened:
        return self

    def write(self, table: Any) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self._writer.write_table(table)

    def __exit__(self, *error: object) -> None:
        if self._writer is not None:
            self._writer.close()


def count(counts: Counts, requests: Sequence[Request], computed: Sequence[Computed]) -> None:
    """Count the rows of a block."""
    for request, one in zip(requests, computed, strict=True):
        counts.add(result_name(request), one.entity, len(one.values), one.unknown)


def _table(entity: str, ids: Any, requests: Sequence[Request], computed: Sequence[Computed]) -> Any:
    columns = {"id": ids.cast(pa.large_string())}
    for request, one in zip(requests, computed, strict=True):
        if one.entity == entity:
            columns[result_name(request)] = one.values
    return pa.table(columns)
