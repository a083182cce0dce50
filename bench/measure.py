"""Runs one benchmark at one size: preparation in a process, the measured work in another with its own peak of memory.

A benchmark is a module of this folder with `prepare(size, folder)` and `measure(size, folder) -> dict` of columns. It
is imported in those processes only: a process starts its life with the peak of the one that started it.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Measure:
    """`seconds`: the work alone, imports and preparation left out. `peak_mib`: peak resident memory of its process."""

    size: int
    seconds: float
    peak_mib: float
    columns: dict[str, Any]


def measured(bench: str, size: int, folder: Path) -> Measure:
    """Prepare and measure a benchmark at one size, in two fresh processes. Raises RuntimeError when one fails.

    What a folder kept from another time holds ready is not prepared again.
    """
    ready = folder / "prepared"
    if not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _process("prepare", bench, size, folder)
        ready.touch()
    peak_mib = _process("measure", bench, size, folder)
    result = json.loads((folder / "result.json").read_text("utf-8"))
    return Measure(size, result.pop("seconds"), peak_mib, result)


def _process(step: str, bench: str, size: int, folder: Path) -> float:
    """Run a step in a fresh Python; returns its peak resident memory in MiB (of the largest process if several)."""
    command = [sys.executable, "-m", "bench.measure", step, bench, str(size), str(folder)]
    child = os.posix_spawn(sys.executable, command, os.environ)
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        raise RuntimeError(f"bench {bench}, {size} : l'étape {step} a échoué")
    bytes_per_unit = 1 if sys.platform == "darwin" else 1024
    return usage.ru_maxrss * bytes_per_unit / 2**20


def _main(step: str, bench: str, size: int, folder: Path) -> None:
    module = importlib.import_module(f"bench.{bench}")
    if step == "prepare":
        module.prepare(size, folder)
        return
    start = time.perf_counter()
    columns = module.measure(size, folder)
    seconds = time.perf_counter() - start
    (folder / "result.json").write_text(json.dumps({"seconds": seconds, **columns}), "utf-8")


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
