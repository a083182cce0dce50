"""Amounts over a population folder: block by block, each output in the meaning of a fresh simulation.

Memory: one block at a time, whatever the size of the population (each process has its own when OpenFisca computes).
"""

from __future__ import annotations

import json
import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from allervers.engine.block import ENTITIES, Block, Column, components
from allervers.engine.law import Answer, Changes, Law, Wanted, unknown_rows
from allervers.engine.laws import law_of
from allervers.foundation.files import folder_written_whole
from allervers.population.folder import Population

BLOCK_HOUSEHOLDS = 20_000
"""Households read together: with 500 columns, 200 MB."""

STOCK_BLOCK_HOUSEHOLDS = 10_000
"""The same when OpenFisca computes: 1.6 GB a process."""

RESULTS_NOTE = "resultats.json"
"""File that says how a folder of results was made; its presence marks the folder as ours."""


@dataclass(frozen=True, slots=True)
class Request:
    """An output of the law for a period, with side variables wanted for explanations (same simulation)."""

    output: str
    period: str
    side: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """A request over the whole population, by row of the output's entity. `unknown`: rows that depend on a null."""

    entity: str
    values: NDArray[Any]
    unknown: NDArray[np.bool_]
    reads: frozenset[Column]
    side: Mapping[str, NDArray[Any]] = field(default_factory=dict)


Progress = Callable[[int, int], None]
Prepare = Callable[[Block, Mapping[str, NDArray[np.int64]]], Block]


@dataclass(frozen=True, slots=True)
class Pass:
    """Requests on the same data. `prepare` may add columns to a block (received benefits, say)."""

    requests: Sequence[Request]
    prepare: Prepare | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """A request of a pass over a block, and the rows of the population that the block holds."""

    place: tuple[int, Request]
    rows: NDArray[np.int64]
    result: Result


def evaluate(
    population: Population,
    requests: Sequence[Request],
    *,
    changes: Changes,
    engine: str = "",
    workers: int = 1,
    block_households: int | None = None,
    progress: Progress | None = None,
) -> dict[Request, Result]:
    """Every request over the population. Shapes: one value per row of the output's entity, in the order of its file.

    `changes` makes the version of the law; `engine`: openfisca, reference, numpy or native ("": the fastest here).
    `workers`: threads, processes with openfisca.
    """
    (found,) = evaluate_passes(
        population,
        [Pass(requests)],
        changes=changes,
        engine=engine,
        workers=workers,
        block_households=block_households,
        progress=progress,
    )
    return found


def evaluate_passes(
    population: Population,
    passes: Sequence[Pass],
    *,
    changes: Changes,
    engine: str = "",
    workers: int = 1,
    block_households: int | None = None,
    progress: Progress | None = None,
) -> list[dict[Request, Result]]:
    """The results of each pass, the population being read once for all of them. See `evaluate`."""
    size = block_households or (STOCK_BLOCK_HOUSEHOLDS if engine == "openfisca" else BLOCK_HOUSEHOLDS)
    blocks = max(1, -(-int(np.unique(population.component()).size) // size))
    total = blocks * sum(len(one.requests) for one in passes)
    read = _prepared(population.blocks(size), passes)
    if engine == "openfisca" and workers > 1:
        run = _run_in_processes(changes, workers, read)
    else:
        run = _run_here(law_of(changes, engine), read, workers)
    parts: dict[tuple[int, Request], list[_Part]] = {}
    for done, part in enumerate(run, 1):
        parts.setdefault(part.place, []).append(part)
        if progress is not None:
            progress(done, total)
    sizes = {entity: len(population.ids[entity]) for entity in ENTITIES}
    return [
        {request: _joined(parts.pop((number, request)), sizes) for request in dict.fromkeys(one.requests) if parts}
        for number, one in enumerate(passes)
    ]


def is_results_folder(folder: Path) -> bool:
    """True for a folder that `write_results` made."""
    return (folder / RESULTS_NOTE).is_file()


def write_results(
    folder: Path, population: Population, results: Mapping[Request, Result], about: Mapping[str, Any] | None = None
) -> None:
    """One Parquet file an entity: `id` and `variable@period`; null where the result is unknown.

    A note in JSON beside them says what was asked (`about`) and how many results are unknown.
    """
    note: dict[str, Any] = {**(about or {}), "results": {}}
    with folder_written_whole(folder) as temporary:
        for entity in ENTITIES:
            columns = {"id": population.ids[entity]}
            for request, result in results.items():
                if result.entity == entity:
                    name = f"{request.output}@{request.period}"
                    unknown = pl.Series(result.unknown, dtype=pl.Boolean)
                    columns[name] = pl.select(pl.when(~unknown).then(pl.Series(result.values))).to_series()
                    note["results"][name] = {"entity": entity, "rows": len(unknown), "unknown": int(unknown.sum())}
            pl.DataFrame(columns).write_parquet(temporary / f"{entity}.parquet")
        (temporary / RESULTS_NOTE).write_text(json.dumps(note, ensure_ascii=False, indent=2) + "\n", "utf-8")


def evaluate_block(law: Law, block: Block, request: Request) -> Result:
    """One request over one block."""
    answer = law.evaluate(block, request.output, request.period, request.side)
    return _result(block, answer, components(block.membership, block.persons))


def _result(block: Block, answer: Answer, component: NDArray[np.int64]) -> Result:
    unknown = unknown_rows(block, answer, component)
    return Result(answer.entity, answer.values, unknown, answer.reads, answer.side)


def _joined(parts: Sequence[_Part], sizes: Mapping[str, int]) -> Result:
    first = parts[0].result
    size = sizes[first.entity]

    def gathered(pick: Callable[[Result], NDArray[Any]]) -> NDArray[Any]:
        arrays = [pick(part.result) for part in parts]
        whole = np.zeros(size, dtype=np.result_type(*arrays))
        for part, array in zip(parts, arrays, strict=True):
            whole[part.rows] = array
        return whole

    return Result(
        first.entity,
        gathered(lambda r: r.values),
        gathered(lambda r: r.unknown),
        frozenset().union(*(part.result.reads for part in parts)),
        {name: gathered(partial(_side_of, name)) for name in first.side},
    )


def _side_of(name: str, result: Result) -> NDArray[Any]:
    return result.side[name]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A block as a pass sees it, the pass's number and requests."""

    block: Block
    rows: Mapping[str, NDArray[np.int64]]
    number: int
    requests: Sequence[Request]


def _prepared(
    blocks: Iterable[tuple[Block, Mapping[str, NDArray[np.int64]]]], passes: Sequence[Pass]
) -> Iterator[_Ready]:
    for block, rows in blocks:
        for number, one in enumerate(passes):
            yield _Ready(one.prepare(block, rows) if one.prepare else block, rows, number, one.requests)


def _run_here(law: Law, read: Iterable[_Ready], threads: int) -> Iterator[_Part]:
    for ready in read:
        block = ready.block
        component = components(block.membership, block.persons)
        wanted = [Wanted(r.output, r.period, r.side) for r in ready.requests]
        for request, answer in zip(ready.requests, law.evaluate_all(block, wanted, threads=threads), strict=True):
            yield _Part((ready.number, request), ready.rows[answer.entity], _result(block, answer, component))


def _run_in_processes(changes: Changes, workers: int, read: Iterable[_Ready]) -> Iterator[_Part]:
    with _law_workers(changes, workers) as pool:
        yield from _run_in(pool, read)


@contextmanager
def _law_workers(changes: Changes, count: int) -> Iterator[ProcessPoolExecutor]:
    # Fresh processes (not forked): a fork of a process that has threads may stop for ever.
    context = get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=context, initializer=_start_worker, initargs=(changes,)) as pool:
        yield pool


def _run_in(pool: ProcessPoolExecutor, read: Iterable[_Ready]) -> Iterator[_Part]:
    with tempfile.TemporaryDirectory(prefix="allervers-") as folder:
        for number, ready in enumerate(read):
            path = Path(folder) / f"{number}.block"
            path.write_bytes(pickle.dumps(ready.block, protocol=5))
            waiting = {pool.submit(_work, path, request): request for request in ready.requests}
            for future in as_completed(waiting):
                result = future.result()
                yield _Part((ready.number, waiting[future]), ready.rows[result.entity], result)
            path.unlink()


_WORKER: dict[str, Any] = {}
"""State of a worker process: its law, and the block it holds."""


def _start_worker(changes: Changes) -> None:
    _WORKER["law"] = law_of(changes, "openfisca")


def _work(path: Path, request: Request) -> Result:
    if _WORKER.get("path") != path:
        _WORKER["path"] = path
        # Written by the parent process a moment ago in a folder that it alone can read.
        _WORKER["block"] = pickle.loads(path.read_bytes())  # noqa: S301
    return evaluate_block(_WORKER["law"], _WORKER["block"], request)
