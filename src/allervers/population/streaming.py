"""Variables of the law over populations larger than memory, from Parquet to Parquet, block by block.

Each file is read once, forward, only the columns that the outputs need. See docs/grands-volumes.md for what it costs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

from allervers.engine.block import ENTITIES, ROLES, Column
from allervers.engine.compiled_law import CompiledLaw
from allervers.engine.facts import DTYPES, Facts, Source
from allervers.engine.law import Law, Wanted
from allervers.engine.ops import InputKey
from allervers.engine.program import Program
from allervers.engine.variables import Variable
from allervers.foundation.files import folder_written_whole
from allervers.population.blocks_computed import TEXTS, ByLaw, ByProgram, Computation, Computed, Part
from allervers.population.checks import read_skeleton
from allervers.population.evaluation import Progress, Request
from allervers.population.folder import column_name
from allervers.population.results import Counts, Done, InAnyOrder, InOrder, write_note
from allervers.population.rows import FileRows
from allervers.population.skeleton import Cut, Rows, Skeleton, cut

BLOCK_HOUSEHOLDS = 20_000
"""Households read and computed together by each thread (measured, see docs/grands-volumes.md)."""


def evaluate_to_folder(
    population: Path | Skeleton,
    requests: Sequence[Request],
    out: Path,
    law: Law,
    *,
    workers: int = 1,
    block_households: int | None = None,
    about: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Counts:
    """Every request over a population folder, written to `out` as `write_results` does, whole or not at all.

    Memory: some bytes a person for who belongs to which group, and `workers + 1` blocks; all results too when the
    files are not in the order of households. Side variables are not written. Raises InvalidInput, Unavailable.
    """
    skeleton = population if isinstance(population, Skeleton) else read_skeleton(population, law.variable)
    size = block_households or BLOCK_HOUSEHOLDS
    with folder_written_whole(out) as temporary:
        paths = {entity: temporary / f"{entity}.parquet" for entity in ENTITIES}
        computation = computation_of(law, skeleton, requests)
        counts = computed_to_files(skeleton, cut(skeleton, size), computation, requests, paths, workers, progress)
        write_note(temporary, counts, about)
    return counts


def computed_to_files(
    skeleton: Skeleton,
    blocks: Cut,
    computation: Computation,
    requests: Sequence[Request],
    paths: Mapping[str, Path],
    workers: int = 1,
    progress: Progress | None = None,
) -> Counts:
    """The blocks of a population computed and written, one file an entity at `paths`."""
    files = opened(skeleton, computation.columns)
    sink: InOrder | InAnyOrder = (
        InOrder(paths, requests if blocks.blocks else ())
        if blocks.ordered
        else InAnyOrder(paths, requests, files, skeleton.count)
    )
    try:
        with closing(sink):
            for done, block in enumerate(_computed(skeleton, blocks, files, computation, workers), 1):
                sink.add(block)
                if progress is not None:
                    progress(done, len(blocks.blocks))
            if not blocks.blocks:
                ids = {e: files[e].read(range(0))["id"] for e in ENTITIES}
                sink.add(Done({e: range(0) for e in ENTITIES}, ids, []))
    finally:
        for file in files.values():
            file.close()
    return sink.counts


def opened(skeleton: Skeleton, columns: Mapping[Column, Variable]) -> dict[str, FileRows]:
    """The files, to be read forward: identifiers and these columns."""
    found = {}
    for entity in ENTITIES:
        names = {column_name(c): v for c, v in columns.items() if v.entity == entity}
        texts = [name for name, variable in names.items() if variable.value_type in TEXTS]
        found[entity] = FileRows(skeleton.folder / f"{entity}.parquet", ["id", *names], texts)
    return found


def _computed(
    skeleton: Skeleton, blocks: Cut, files: Mapping[str, FileRows], computation: Computation, workers: int
) -> Iterator[Done]:
    """The blocks in order, each with its identifiers and its results; one is read while others are computed."""
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[tuple[dict[str, Rows], dict[str, Any], Future[list[Computed]]]] = deque()
        for rows in blocks.blocks:
            tables = {entity: files[entity].read(rows[entity]) for entity in ENTITIES}
            part = Part(len(rows["individu"]), skeleton.membership(rows), tables)
            ids = {entity: table["id"] for entity, table in tables.items()}
            waiting.append((rows, ids, pool.submit(computation, part)))
            if len(waiting) > workers:
                first, names, future = waiting.popleft()
                yield Done(first, names, future.result())
        while waiting:
            first, names, future = waiting.popleft()
            yield Done(first, names, future.result())


def computation_of(law: Law, skeleton: Skeleton, requests: Sequence[Request]) -> Computation:
    """How a law computes requests over a population."""
    if not isinstance(law, CompiledLaw):
        return ByLaw(law, requests, skeleton.columns)
    program = program_for(law, skeleton.columns, requests)
    return ByProgram(program, law.engine, requests, skeleton.columns, nullable(skeleton.folder, skeleton.columns))


def program_for(law: CompiledLaw, columns: Mapping[Column, Variable], requests: Sequence[Request]) -> Program:
    """The program of these outputs on any checked population that has these columns."""
    sources = {
        (name, period): Source(v.entity, InputKey(name, period, DTYPES[v.value_type]))
        for (name, period), v in columns.items()
    }
    # What the checks of the contract make sure of, and no more: the same program for all populations.
    held = frozenset((group, roles[0]) for group, roles in ROLES.items())
    return law.program(Facts(sources, held), [Wanted(r.output, r.period) for r in requests])


def nullable(folder: Path, columns: Mapping[Column, Variable]) -> frozenset[Column]:
    """The columns that may have a null, by what the files say."""
    named = {entity: FileRows(folder / f"{entity}.parquet", []) for entity in ENTITIES}
    with_nulls: dict[str, frozenset[str]] = {entity: file.with_nulls() for entity, file in named.items()}
    return frozenset(c for c, v in columns.items() if column_name(c) in with_nulls[v.entity])
