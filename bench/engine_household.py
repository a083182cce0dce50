"""Twenty rights of one household in a warm process: the program alone, then as the product asks for them.

`python -m bench.engine_household ROUNDS FOLDER` answers with a line of JSON: milliseconds.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from allervers.engine.block import ROLES, Block
from allervers.engine.compiled_law import CompiledLaw
from allervers.engine.law import Wanted
from allervers.engine.store import ProgramStore
from allervers.engine.structure import Structure
from bench.engine_data import RIGHTS, made
from bench.engine_programs import program_of


def latencies(rounds: int, folder: Path) -> dict[str, Any]:
    """Milliseconds for twenty rights of one household, a different one each time."""
    program = program_of(folder, "household")
    found = (made("varied", 1, seed) for seed in range(20 * rounds))
    # A program assumes which roles each group has: those of one household are those of many, for a person alone.
    homes = [home for home in found if Structure.of(home).always_held(ROLES) == program.facts.always_held][:rounds]
    law = CompiledLaw(engine="native", store=ProgramStore(folder / "programs"))
    wanted = [Wanted(*one) for one in RIGHTS]
    start = time.perf_counter()
    law.evaluate_all(homes[0], wanted)  # traced here, then kept
    first = time.perf_counter() - start
    return {
        "rights": len(RIGHTS),
        "first_seconds": first,
        "native": _spread(homes, lambda home: program.run(home, "native")),
        "numpy": _spread(homes[:10], lambda home: program.run(home, "numpy")),
        "law": _spread(homes, lambda home: law.evaluate_all(home, wanted)),
    }


def _spread(homes: list[Block], work: Callable[[Block], Any]) -> dict[str, float]:
    work(homes[0])
    taken = []
    for home in homes:
        start = time.perf_counter()
        work(home)
        taken.append(1000 * (time.perf_counter() - start))
    taken.sort()
    return {"least": taken[0], "median": taken[len(taken) // 2], "p95": taken[len(taken) * 95 // 100]}


if __name__ == "__main__":
    print(json.dumps(latencies(int(sys.argv[1]), Path(sys.argv[2]))))
