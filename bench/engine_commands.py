"""The real commands over the engine, each a process of its own: Parquet to Parquet, cold command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from allervers.engine.block import ENTITIES, GROUPS
from allervers.population.folder import column_name
from bench.engine_data import CHUNK, MONTH, OUTPUTS, RIGHTS, chunk_made

ALLERVERS = (sys.executable, "-m", "allervers.cli.main")
COLD_RUNS = 7
ENDED = ("acs",)
"""Outputs that the law no longer has in 2026: the command refuses them (zero for everybody, and nothing to compute)."""


class NotYet(Exception):
    """A command that does not have the option `--engine`."""


def command(*arguments: str) -> list[str]:
    """A command of AllerVers with the native engine. Raises NotYet when it does not know the option."""
    name = arguments[0]
    shown = subprocess.run(  # noqa: S603 - our own command
        [*_allervers(), name, "--help"],
        capture_output=True, text=True, check=False, env=os.environ | {"COLUMNS": "200"},
    )  # fmt: skip
    if "--engine" not in shown.stdout:
        raise NotYet(f"`allervers {name}` n'a pas encore l'option --engine")
    return [*_allervers(), *arguments, "--engine", "native"]


def _allervers() -> tuple[str, ...]:
    script = Path(sys.executable).with_name("allervers")
    return (str(script),) if script.is_file() else ALLERVERS


def write_population_by_chunks(households: int, folder: Path) -> int:
    """Write a varied population as the four files of the contract, chunk after chunk; number of persons."""
    folder.mkdir(parents=True)
    persons = 0
    with ExitStack() as stack:
        writers: dict[str, pq.ParquetWriter] = {}
        for start, frames in _frames(households):
            persons += len(frames["individu"])
            for entity, frame in frames.items():
                table = frame.to_arrow()
                if start == 0:
                    path = folder / f"{entity}.parquet"
                    writers[entity] = stack.enter_context(pq.ParquetWriter(path, table.schema, compression="zstd"))
                writers[entity].write_table(table)
    return persons


def _frames(households: int) -> Iterator[tuple[int, dict[str, pl.DataFrame]]]:
    persons = 0
    for start in range(0, households, CHUNK):
        block = chunk_made("varied", min(CHUNK, households - start), (1, start))
        counts = {entity: block.count(entity) for entity in ENTITIES}
        first = {"individu": persons} | dict.fromkeys(GROUPS, start)
        columns: dict[str, dict[str, Any]] = {
            e: {"id": pl.int_range(first[e], first[e] + counts[e], eager=True).cast(pl.String)} for e in ENTITIES
        }
        for group, members in block.membership.items():
            columns["individu"][f"{group}_id"] = pl.Series(members.group + start).cast(pl.String)
            columns["individu"][f"{group}_role"] = members.role
        for column, values in block.columns.items():
            columns[block.entity_of[column]][column_name(column)] = values
        persons += block.persons
        yield start, {entity: pl.DataFrame(found) for entity, found in columns.items()}


def evaluated(households: int, folder: Path, workers: int) -> dict[str, Any]:
    """`allervers evaluate` over a population folder: seconds (imports included) and memory of all its processes.

    The second run has the program stored; the first one, which compiles, is reported apart.
    """
    population = folder / f"population-{households}"
    outputs = ",".join(name for name, _ in OUTPUTS if name not in ENDED)
    run = command("evaluate", str(population), "--outputs", outputs, "--period", MONTH, "--workers", str(workers))
    shutil.rmtree(population, ignore_errors=True)
    persons = write_population_by_chunks(households, population)
    size = sum(path.stat().st_size for path in population.iterdir()) / 2**20
    found: dict[str, Any] = {"households": households, "persons": persons, "file_mib": size}
    for name in ("first", "second"):
        target = folder / f"results-{name}"
        shutil.rmtree(target, ignore_errors=True)
        found[name] = _watched([*run, "-o", str(target)])
    shutil.rmtree(population)
    return found


def _watched(arguments: list[str]) -> dict[str, float]:
    start = time.perf_counter()
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        peak = [0.0]
        watch = threading.Thread(target=_watch, args=(process, peak))
        watch.start()
        _, errors = process.communicate()
        seconds = time.perf_counter() - start
        watch.join()
    if process.returncode:
        raise RuntimeError(f"la commande a échoué ({process.returncode}) : {errors.strip()[-400:]}")
    return {"seconds": seconds, "peak_mib": peak[0]}


def _watch(process: subprocess.Popen[str], peak: list[float]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], _memory_mib(process.pid))
        time.sleep(0.05)


def _memory_mib(pid: int) -> float:
    """Resident memory of a process and its children, shared pages counted once, MiB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    except OSError:
        return 0.0
    own = next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return own / 1024 + sum(_memory_mib(int(child)) for child in children)


def cold(folder: Path) -> dict[str, Any]:
    """`allervers simulate` on one household and twenty rights: seconds of a cold process, the program being stored."""
    path = folder / "situation.json"
    path.write_text(json.dumps(situation(1500.0)), "utf-8")
    run = command("simulate", str(path))
    first = _watched(run)["seconds"]
    taken = sorted(_watched(run)["seconds"] for _ in range(COLD_RUNS))
    return {"first": first, "least": taken[0], "median": taken[len(taken) // 2]}


def situation(wage: float) -> dict[str, Any]:
    """A family of four in OpenFisca's words, two years of wages, twenty rights asked."""
    months = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)] + [MONTH]
    births = {"a": "1990-03-05", "b": "1992-07-11", "c": "2014-02-20", "d": "2022-10-01"}
    persons: dict[str, Any] = {name: {"date_naissance": {"ETERNITY": birth}} for name, birth in births.items()}
    persons["a"]["salaire_de_base"] = dict.fromkeys(months, wage)
    parents, children = ["a", "b"], ["c", "d"]
    housing = {"loyer": 650.0, "statut_occupation_logement": "locataire_vide", "depcom": "93008"}
    document: dict[str, Any] = {
        "individus": persons,
        "familles": {"f": {"parents": parents, "enfants": children}},
        "foyers_fiscaux": {"f": {"declarants": parents, "personnes_a_charge": children}},
        "menages": {"m": {"personne_de_reference": ["a"], "conjoint": ["b"], "enfants": children}},
    }
    document["menages"]["m"] |= {name: dict.fromkeys(months[-13:], value) for name, value in housing.items()}
    of_person = {"ass", "aah", "asi", "bourse_criteres_sociaux"}
    for name, period in RIGHTS:
        family, home = document["familles"]["f"], document["menages"]["m"]
        place = persons["a"] if name in of_person else home if name == "cheque_energie" else family
        place[name] = {period: None}
    return document
