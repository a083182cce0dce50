"""Programs of the engine's benchmarks, compiled once for each kind of data and kept in the folder of the run.

In a process of its own (`python -m bench.engine_programs KIND FOLDER`): it loads OpenFisca, those that measure do not.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from allervers.engine.block import Block
from allervers.engine.compile import compiled
from allervers.engine.facts import facts_of
from allervers.engine.law import Wanted
from allervers.engine.openfisca import OpenFiscaLaw
from allervers.engine.program import Program
from allervers.engine.store import ProgramStore
from bench.engine_data import OUTPUTS, RIGHTS, RichColumn, distinct_columns, made

SAMPLE = 2_000
"""Households that tell which columns are constant or alike."""


def program_of(folder: Path, kind: str) -> Program:
    """The program kept for a kind of data. Raises RuntimeError when it was not compiled."""
    program = ProgramStore(folder / "programs").load(kind)
    if program is None:
        raise RuntimeError(f"le programme « {kind} » n'est pas dans {folder}")
    return program


def rich_columns(folder: Path) -> Path:
    """The file that says which columns `rich` adds."""
    return folder / "rich-columns.json"


def prepared(kind: str, folder: Path) -> dict[str, Any]:
    """Compile and keep the program of a kind (`household`: twenty rights for one household); what it took.

    `rich` needs `varied` first: it adds what that program asks.
    """
    start = time.perf_counter()
    law = OpenFiscaLaw()
    loaded = time.perf_counter()
    if kind == "household":
        block, wanted = made("varied", 1), RIGHTS
    else:
        block, wanted = made(kind, SAMPLE, rich=rich_columns(folder)), OUTPUTS
    facts_start = time.perf_counter()
    facts = facts_of([block], law.variable, is_general=kind == "household")
    begun, begun_cpu = time.perf_counter(), time.process_time()
    program = compiled(law, facts, [Wanted(*one) for one in wanted])
    steps = len(program.code.steps)
    ended, ended_cpu = time.perf_counter(), time.process_time()
    ProgramStore(folder / "programs").save(kind, program)
    if kind == "varied":
        _write_rich_columns(law, block, program, folder)
    return {
        "openfisca_seconds": loaded - start,
        "facts_seconds": begun - facts_start,
        "compile_seconds": ended - begun,
        "compile_cpu_seconds": ended_cpu - begun_cpu,
        "nodes": len(program.nodes()),
        "steps": steps,
        "hosted": len(program.code.hosted),
        "columns_given": len(block.columns),
        "columns_distinct": distinct_columns(block),
        "columns_read": len(program.inputs()),
    }


def _write_rich_columns(law: OpenFiscaLaw, block: Block, program: Program, folder: Path) -> None:
    """Write which columns the outputs ask over varied data that have no formula and are not given; texts are left."""
    given = {name for name, _ in block.columns}
    found: list[RichColumn] = []
    for name, period in sorted(program.results):
        variable = law.variable(name)
        if name in given or variable.is_computed or variable.value_type == "str":
            continue
        default = law.system.variables[name].default_value
        plain = str(default) if variable.value_type == "date" else getattr(default, "name", default)
        found.append(RichColumn(name, period, variable.entity, variable.value_type, variable.items, plain))
    content = [{field: getattr(one, field) for field in RichColumn.__slots__} for one in found]
    rich_columns(folder).write_text(json.dumps(content), "utf-8")


if __name__ == "__main__":
    print(json.dumps(prepared(sys.argv[1], Path(sys.argv[2]))))
