"""A population computed by several machines, on Dask: one task a part, one file an entity and a part.

The machines must see the same folders. A task that died with its machine is done again by another.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from allervers.engine.compiled_law import CompiledLaw
from allervers.engine.portable import program_as_bytes
from allervers.foundation.errors import InvalidInput, Unavailable
from allervers.foundation.files import folder_written_whole
from allervers.population.checks import read_skeleton
from allervers.population.evaluation import Progress, Request
from allervers.population.partitions import (
    Partition,
    Work,
    compute_partition,
    partition_folders,
    parts_written,
    split,
)
from allervers.population.results import Counts, write_note
from allervers.population.streaming import program_for

PARTITION_HOUSEHOLDS = 50_000
"""Households of a task: seconds of work, against milliseconds to send it."""


def evaluate_on_cluster(
    address: str,
    folder: Path,
    requests: Sequence[Request],
    out: Path,
    law: CompiledLaw,
    *,
    partition_households: int | None = None,
    about: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Counts:
    """Every request over a population folder, or over a folder of them: `out`/ENTITY/part-00000.parquet, and so on.

    `address`: that of the scheduler. One population is first cut beside `out` into parts of `partition_households`.
    Raises InvalidInput, and Unavailable when Dask is not installed or the scheduler does not answer.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with (
        _client(address) as client,
        tempfile.TemporaryDirectory(prefix=f".{out.name}.parts.", dir=out.parent) as parts,
        folder_written_whole(out) as temporary,
    ):
        folders = partition_folders(folder)
        first = read_skeleton(folders[0], law.variable)
        if folders == [folder]:
            folders = split(first, partition_households or PARTITION_HOUSEHOLDS, Path(parts))
        if not folders:
            raise InvalidInput("La population est vide : individu.parquet n'a aucune ligne.", file="individu.parquet")
        program = program_as_bytes(program_for(law, first.columns, requests))
        work = Work(program, law.engine, tuple(requests), temporary.resolve())
        tasks = [Partition(n, path.resolve(), first.columns) for n, path in enumerate(folders)]
        counts = _run(client, tasks, work, progress)
        parts_written(temporary, len(tasks))
        write_note(temporary, counts, about)
    return counts


def _run(client: Any, tasks: Sequence[Partition], work: Work, progress: Progress | None) -> Counts:
    from distributed import as_completed

    # The program travels with each task: held by one worker only, it would die with it, and every task with it.
    futures = [
        client.submit(compute_partition, task, work, key=f"partition-{task.number:05d}-{work.key}", retries=0)
        for task in tasks
    ]
    found: dict[str, Counts] = {}
    for future in as_completed(futures):
        found[future.key] = future.result()
        # Let go at once: the death of the machine that held it must not have it computed again, while others end.
        future.release()
        if progress is not None:
            progress(len(found), len(tasks))
    counts = Counts()
    for future in futures:
        counts.merge(found[future.key])
    return counts


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise Unavailable("Dask n'est pas installé : pip install 'allervers[cluster]'.") from error
    try:
        return Client(address, timeout=10)
    except (OSError, TimeoutError, ValueError) as error:
        raise Unavailable(f"Aucun ordonnanceur Dask ne répond à « {address} ».") from error
