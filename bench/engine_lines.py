"""The lines of the table of the engine: each measures one thing and gives a dictionary that JSON can hold."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.engine_commands import cold, evaluated
from bench.engine_service import served
from bench.engine_sides import Side, side

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """How much to measure. `pairs`: households of a paired run, by kind; `exact`: households compared, by kind."""

    folder: Path
    pairs: Mapping[str, int]
    exact: Mapping[str, int]
    rounds: int
    chunks: tuple[int, ...]
    sizes: tuple[int, ...]
    parquet: int
    requests: int


def load() -> float:
    """Processes that want a core, mean of the last minute."""
    return os.getloadavg()[0]


def in_process(module: str, *arguments: object) -> Line:
    """The line of JSON that a module prints, run in a process of its own. Raises RuntimeError when it fails."""
    command = [sys.executable, "-m", f"bench.{module}", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own modules
    if done.returncode:
        raise RuntimeError(f"{module} : {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'arrêté'}")
    found: Line = json.loads(done.stdout.splitlines()[-1])
    return found


def program(setting: Setting, kind: str) -> Line:
    """What the program of a kind took to compile, kept so that it is compiled once."""
    kept = setting.folder / f"{kind}-program.json"
    if not kept.is_file() or not (setting.folder / "programs" / f"{kind}.program").is_file():
        if kind == "rich":
            program(setting, "varied")
        kept.write_text(json.dumps(in_process("engine_programs", kind, setting.folder)), "utf-8")
    found: Line = json.loads(kept.read_text("utf-8"))
    return found


def paired(setting: Setting, kind: str) -> Line:
    """OpenFisca and the engine in turn, one core each, same households: seconds, and their ratios run by run.

    Times are those of the processor (`cpu`, what the table shows) and of the clock (`wall`).
    """
    compiling = program(setting, kind)
    households = setting.pairs[kind]
    core = max(os.sched_getaffinity(0))
    found: Line = {"kind": kind, "households": households, "program": compiling, "load": [load()]}
    with (
        side("stock", kind, households, setting.folder, core) as stock,
        side("engine", kind, households, setting.folder, core) as engine,
    ):
        found["stock"], found["native"], found["numpy"] = [], [], []
        for name in ("native", "numpy"):
            engine.ask(engine=name)  # registers made, columns read once: a program runs many times
        for _ in range(setting.rounds):
            found["stock"].append(stock.ask(chunk=10_000))
            for name in ("native", "numpy"):
                found[name].append(middle_of(engine, name))
            found["load"].append(load())
        found["parts"] = {name: engine.ask(engine=name, parts=True) for name in ("native", "numpy")}
    for name in ("native", "numpy"):
        for clock, key in (("cpu", "cpu"), ("wall", "seconds")):
            ratios = [a[key] / b[key] for a, b in zip(found["stock"], found[name], strict=True) if "error" not in b]
            if ratios:
                found[f"{name}_{clock}_ratio"] = {"min": min(ratios), "median": statistics.median(ratios)}
    return found


def middle_of(engine: Side, name: str, runs: int = 3) -> Line:
    """The middle one of a few runs of an engine, which are short before OpenFisca's that they are paired with."""
    taken = [engine.ask(engine=name) for _ in range(runs)]
    return taken[0] if "error" in taken[0] else sorted(taken, key=lambda one: float(one["cpu"]))[runs // 2]


def chunks(setting: Setting) -> Line:
    """OpenFisca's best size of chunk: processor microseconds a household for each, once."""
    households = max(setting.chunks)
    with side("stock", "varied", households, setting.folder, max(os.sched_getaffinity(0))) as stock:
        taken = {str(size): stock.ask(chunk=size) for size in setting.chunks}
    return {size: {"us": 1e6 * one["cpu"] / households, "peak_mib": one["peak_mib"]} for size, one in taken.items()}


def memory(setting: Setting) -> Line:
    """Peak memory, throughput and gain of a second thread of the native engine, by number of households."""
    program(setting, "varied")
    found: Line = {"load": [load()]}
    for size in setting.sizes:
        with side("engine", "varied", size, setting.folder, None) as engine:
            one, two = engine.ask(threads=1), engine.ask(threads=2)
            one = min(one, engine.ask(threads=1), key=lambda t: float(t["seconds"]))
        found[str(size)] = {"one": one, "two": two}
        found["load"].append(load())
    return found


def exact(setting: Setting) -> Line:
    """Values identical to OpenFisca's, each output in a fresh simulation, by kind of data."""
    found: Line = {}
    for kind, households in setting.exact.items():
        program(setting, kind)
        found[kind] = in_process("engine_exact", kind, households, setting.folder)
    return found


def roofline(setting: Setting) -> Line:
    """Where the native machine's time goes, and what the core can do."""
    program(setting, "varied")
    return in_process("engine_roofline", "varied", 2_000, setting.folder) | {"load": load()}


def household(setting: Setting) -> Line:
    """One household, twenty rights, warm process."""
    return {"program": program(setting, "household")} | in_process("engine_household", 200, setting.folder)


LINES: Mapping[str, tuple[str, Callable[[Setting], Line]]] = {
    "varied": ("Données variées", lambda setting: paired(setting, "varied")),
    "uniform": ("Données uniformes", lambda setting: paired(setting, "uniform")),
    "rich": ("Données riches", lambda setting: paired(setting, "rich")),
    "chunks": ("OpenFisca selon la taille des lots", chunks),
    "exact": ("Identité avec OpenFisca", exact),
    "roofline": ("Où va le temps", roofline),
    "memory": ("Mémoire et second fil", memory),
    "household": ("Un ménage, vingt droits", household),
    "cold": ("Ligne de commande à froid", lambda setting: cold(setting.folder)),
    "service": ("Service, 50 clients", lambda setting: served(setting.requests, 10.0, 2)),
    "parquet": ("De Parquet à Parquet", lambda setting: evaluated(setting.parquet, setting.folder, 2)),
}
"""Name of a line -> its title, what measures it."""
