"""What a core can do with the kernels of the native machine, and what a program makes of it.

`python -m bench.engine_roofline KIND HOUSEHOLDS FOLDER` answers with a line of JSON.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from allervers.engine.backends.assembly import STEP, Code
from allervers.engine.backends.library import library
from allervers.engine.backends.native import Machine
from allervers.engine.block import ENTITIES
from allervers.engine.layout import laid_out
from allervers.engine.structure import Structure
from bench.engine_data import made
from bench.engine_parts import by_operation, least_cpu
from bench.engine_programs import program_of, rich_columns

STEPS = 200
BLOCKS = 40
_FAMILIES = (
    ("nombres", ("add", "sub", "mul", "div", "neg", "abs", "min", "max", "floordiv", "mod", "sqrt")),
    ("comparaisons", ("lt", "le", "gt", "ge", "eq", "ne", "isnan")),
    ("vrai ou faux", ("and", "or", "xor", "not")),
    ("arrondis", ("round", "rint", "floor", "ceil", "trunc")),
    ("choix (where)", ("where",)),
    ("conversions", ("cast", "date", "span")),
    ("barèmes", ("marginal", "bracket", "digitize")),
    ("tables et textes", ("take",)),
    ("groupes", ("project", "sum", "of", "nth", "group", "rank")),
    ("lecture des colonnes", ("load",)),
    ("écriture des sorties", ("store",)),
)


def hand_made(kernel: str, width: int, registers: int) -> Code:
    """A schedule of one binary kernel: 200 steps, each from two registers of persons to a third, all in turn."""
    steps = np.zeros(STEPS, dtype=STEP)
    turn = np.arange(STEPS)
    steps["d"], steps["a"], steps["b"] = (turn + 2) % registers, turn % registers, (turn + 1) % registers
    steps["c"] = -1
    entity = ENTITIES.index("individu")
    steps["rows"] = entity
    return Code(steps, (kernel,), ((ENTITIES[entity], width),) * registers, (), (), (), (), (), (), {}, ())


def additions_per_second(kernel: str, width: int, registers: int, rows: int) -> float:
    """Values added a second by one core, on that many registers of `rows` persons."""
    households = rows // 4 or 1
    block = made("uniform", households * BLOCKS)
    layout = laid_out(block, Structure.of(block), households)
    assert kernel in library().kernels
    machine = Machine(hand_made(kernel, width, registers), dict)
    run = 20
    seconds = least_cpu(lambda: [machine.run(layout, {}) for _ in range(run)])
    return STEPS * run * block.persons / seconds


def peaks() -> dict[str, float]:
    """What the machine's own kernels can do on one core: additions a second by width and cache, price of a step.

    Level 1: three registers of 1,000 rows (12 or 24 KB); level 2: 48 of them (192 or 384 KB).
    """
    tiny = additions_per_second("add_f8_vv", 8, 3, 4)
    return {
        "f4 L1": additions_per_second("add_f4_vv", 4, 3, 1000),
        "f8 L1": additions_per_second("add_f8_vv", 8, 3, 1000),
        "f4 L2": additions_per_second("add_f4_vv", 4, 48, 1000),
        "f8 L2": additions_per_second("add_f8_vv", 8, 48, 1000),
        "u1 L1": additions_per_second("or_u1_vv", 1, 3, 1000),
        "step_ns": 4e9 / tiny,
    }


def roofline(kind: str, households: int, folder: Path) -> dict[str, Any]:
    """Peaks of the core, time of a program by kernel and by family of kernels (seconds of one core)."""
    program = program_of(folder, kind)
    found = by_operation(program, made(kind, households, rich=rich_columns(folder)))
    families: defaultdict[str, dict[str, float]] = defaultdict(lambda: {"seconds": 0.0, "steps": 0, "values": 0})
    for name, kernel in found["kernels"].items():
        for measure, value in kernel.items():
            families[family_of(name)][measure] += value
    core = peaks()
    dispatch = found["steps"] * found["blocks"] * core["step_ns"] / 1e9
    return {"kind": kind, "households": households, "peaks": core, "dispatch_seconds": dispatch,
            "families": dict(families), **found}  # fmt: skip


def family_of(kernel: str) -> str:
    """The family of a kernel, in French."""
    word = kernel.partition("_")[0]
    return next((family for family, words in _FAMILIES if word in words), "autres")


if __name__ == "__main__":
    print(json.dumps(roofline(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))))
