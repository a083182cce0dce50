"""Where the time of a run goes: structure, columns, layout, machine; then the machine's time by operation."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.backends.assembly import LOAD, STORE, Code
from allervers.engine.backends.native import Machine
from allervers.engine.backends.native import Run as Ready
from allervers.engine.block import ENTITIES, Block
from allervers.engine.layout import laid_out
from allervers.engine.program import Program, default_households
from allervers.engine.structure import Structure

ROUNDS = 5


def least_cpu(work: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Least processor seconds of some runs of a piece of work: other processes disturb it the least."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def parts_of(program: Program, block: Block, engine: str) -> dict[str, float]:
    """Processor seconds of each part of `Program.run` over a block."""
    structure = Structure.of(block)
    columns = program.bound(block)
    size = default_households(engine)
    layout = laid_out(block, structure, size)
    runner = program.machine if engine == "native" else program.numpy_blocks
    return {
        "columns": least_cpu(lambda: program.bound(block)),
        "structure and layout": least_cpu(lambda: laid_out(block, Structure.of(block), size)),
        "machine": least_cpu(lambda: runner.run(layout, columns, 1)),
        "whole": least_cpu(lambda: program.run(block, engine)),
    }


def by_operation(program: Program, block: Block) -> dict[str, Any]:
    """Processor seconds of the machine by kernel, and what it computes: values, bytes read and written.

    Each kernel is timed by running its steps several times more, in their place and on their own data. Operands then
    lie in the nearest cache, so that the sum is less than the whole: the rest is memory and going from step to step.
    """
    layout = laid_out(block, Structure.of(block), default_households("native"))
    columns, code = program.bound(block), program.code
    nodes = {n.id: n for n in program.nodes()} if code.hosted else {}
    start = time.process_time()
    ready = Ready(Machine(code, lambda: nodes), layout, columns)
    outside = time.process_time() - start
    whole = least_cpu(lambda: ready.results(1))
    rows = layout.rows.sum(axis=0)[code.steps["rows"]]
    width = _widths(code)
    touched = sum(np.where(code.steps[r] >= 0, width[code.steps[r]], 0) for r in ("d", "a", "b", "c"))
    kernels: dict[str, dict[str, float]] = {}
    for kernel in np.unique(code.steps["kernel"]).tolist():
        chosen = code.steps["kernel"] == kernel
        values = int(rows[chosen].sum())
        more = int(np.clip(rows.sum() / values, 4, 400))
        many = dataclasses.replace(code, steps=np.repeat(code.steps, np.where(chosen, more + 1, 1)))
        repeated = Ready(Machine(many, lambda: nodes), layout, columns)
        name = {LOAD: "load", STORE: "store"}.get(kernel) or code.kernels[kernel]
        # Side by side, so that a machine that slows down slows both.
        plain, longer = _side_by_side(ready, repeated)
        seconds = max(0.0, (longer - plain) / more)
        kernels[name] = {"seconds": seconds, "steps": int(chosen.sum()), "values": values}
        whole = min(whole, plain)
    return {
        "seconds": whole,
        "outside": outside,
        "kernels": dict(sorted(kernels.items(), key=lambda item: -item[1]["seconds"])),
        "values": int(rows.sum()),
        "bytes": int((rows * touched).sum()),
        "blocks": layout.blocks,
        "steps": len(code.steps),
        "registers_bytes": code.memory(dict(zip(ENTITIES, layout.rows.max(axis=0).tolist(), strict=True))),
        "hosted": sorted({nodes[i].op for i in code.hosted}),
    }


def _side_by_side(one: Ready, other: Ready) -> tuple[float, float]:
    """Least processor seconds of two runs, in turn."""
    taken = [(least_cpu(lambda: one.results(1), 1), least_cpu(lambda: other.results(1), 1)) for _ in range(ROUNDS)]
    return min(first for first, _ in taken), min(second for _, second in taken)


def _widths(code: Code) -> NDArray[np.int64]:
    """Bytes of a value of each register, those of the structure included."""
    width = np.array([w for _, w in code.registers], dtype=np.int64)
    for fixed in code.fixed:
        width[fixed.register] = fixed.width
    return width
