"""A measure of many households, one process by core: each is written as soon as it is told, a stopped one goes on.

Only counts and durations are written, a line of JSON each.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

TOLD_EVERY = 50
"""Households between two lines of progress."""


def told_one_by_one(
    folder: Path, count: int, start: Callable[[Path], None], tell: Callable[[int], Any]
) -> list[list[Any]]:
    """What `tell(number)` gives for each number under `count`, those already told left out.

    start: called with the folder in each process before anything else. The values must be JSON.
    """
    kept = folder / "told.jsonl"
    told = _kept(kept)
    # Started anew: a process forked beside the threads of polars may wait for ever.
    fresh = ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=start, initargs=(folder,))
    with fresh as pool, kept.open("a", encoding="utf-8") as file:
        for one in pool.map(tell, range(len(told), count)):
            file.write(json.dumps(one) + "\n")
            file.flush()
            told.append(one)
            if len(told) % TOLD_EVERY == 0:
                print(f"{len(told)} ménages sur {count}", file=sys.stderr, flush=True)
    return told


def _kept(file: Path) -> list[list[Any]]:
    """The households already told; a line cut short by a stop is dropped from the file."""
    if not file.exists():
        return []
    whole = [line for line in file.read_text("utf-8").splitlines(keepends=True) if line.endswith("\n")]
    file.write_text("".join(whole), "utf-8")
    return [json.loads(line) for line in whole]
