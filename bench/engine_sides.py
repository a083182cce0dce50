"""The two sides of a paired run: each a process that holds its data and waits for orders, a line of JSON each.

`python -m bench.engine_sides ROLE KIND HOUSEHOLDS FOLDER`, with ROLE `stock` (OpenFisca alone: one simulation for the
fifteen outputs, in chunks) or `engine` (the compiled program). Answers are lines of JSON.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Order = dict[str, Any]
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Side:
    """A side, seen from the process that gives orders."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.ready = self._answer()

    def ask(self, **order: Any) -> dict[str, Any]:
        """Give an order, wait for its answer. Raises RuntimeError when the process fails."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"une mesure s'est arrêtée : {' '.join(map(str, self._process.args))}")  # type: ignore[arg-type]
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def side(role: str, kind: str, households: int, folder: Path, core: int | None) -> Iterator[Side]:
    """Start a side. `core`: the only one that it may use (None: all)."""
    command = [sys.executable, "-m", "bench.engine_sides", role, kind, str(households), str(folder)]
    env = os.environ | _ONE_THREAD | {"BENCH_CORE": "" if core is None else str(core)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env) as process:  # noqa: S603 - ours
        try:
            yield Side(process)
        finally:
            process.kill()


def timed(work: Callable[[], Any]) -> dict[str, float]:
    """Wall and processor seconds of a piece of work."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def peak_mib() -> float:
    """Peak resident memory of this process, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def resident_mib() -> float:
    """Resident memory of this process now, MiB."""
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _stock(kind: str, households: int, folder: Path) -> Callable[[Order], dict[str, Any]]:
    from bench.engine_stock import Stock

    stock = Stock(kind, households, folder)
    return lambda order: timed(lambda: stock.run(order["chunk"])) | {"peak_mib": peak_mib()}


def _engine(kind: str, households: int, folder: Path) -> Callable[[Order], dict[str, Any]]:
    from bench.engine_data import made
    from bench.engine_parts import parts_of
    from bench.engine_programs import program_of, rich_columns

    program = program_of(folder, kind)
    block = made(kind, households, rich=rich_columns(folder))
    before = resident_mib()

    def answer(order: Order) -> dict[str, Any]:
        engine, threads = order.get("engine", "native"), order.get("threads", 1)
        if order.get("parts"):
            return parts_of(program, block, engine)
        size = order.get("households")
        taken = timed(lambda: program.run(block, engine, households=size, threads=threads))
        return taken | {"before_mib": before, "peak_mib": peak_mib()}

    return answer


def _main() -> None:
    if os.environ.get("BENCH_CORE"):
        os.sched_setaffinity(0, {int(os.environ["BENCH_CORE"])})
    role, kind, households, folder = sys.argv[1:]
    start = time.perf_counter()
    answer = (_stock if role == "stock" else _engine)(kind, int(households), Path(folder))
    print(json.dumps({"start_seconds": time.perf_counter() - start}), flush=True)
    for line in sys.stdin:
        try:
            found = answer(json.loads(line))
        except Exception as error:
            found = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    _main()
