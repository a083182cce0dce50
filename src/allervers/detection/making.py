"""From the imports of a store to the lists of a month: what the command, the demonstration and the job all run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from allervers.detection.run import Detection, Report, detect, write_detection
from allervers.detection.storage import assembled_folder, detection_folder
from allervers.engine.laws import law_of
from allervers.extracts.assembly.assemble import AssemblyReport, assemble
from allervers.extracts.linkage.report import linkage_report, persons
from allervers.extracts.retention import opposed
from allervers.extracts.store import opened_store
from allervers.foundation.periods import Month
from allervers.rights.corrections import corrected_law


@dataclass(frozen=True, slots=True)
class Found:
    """What a run of detection made: the assembly, the lists, the summary, and where they are."""

    assembly: AssemblyReport
    detection: Detection
    summary: dict[str, Any]
    folder: Path


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run is asked. `imports`: ids of the only ones to use (None: all in force); `engine`: "" for the fastest.

    `place` and `population`: folders to write instead of the store's own, so that nothing in force changes before the
    caller says so. `header`: more fields of the summary.
    """

    month: Month
    today: date
    departement: str
    workers: int = 1
    engine: str = ""
    imports: Collection[str] | None = None
    place: Path | None = None
    population: Path | None = None
    header: Mapping[str, Any] | None = None


def make_lists(store: Path, asked: Asked, *, report: Report | None = None) -> Found:
    """Assemble the population of the month from the current imports, find, and write the lists.

    report: told where it stands, in sentences; what it raises stops the run.
    raises: InvalidInput when no linked person is left.
    """
    say: Callable[[str], None] = report or (lambda _: None)
    month, changes = asked.month, corrected_law()
    say(f"Population de {month} : assemblage des imports")
    folder = asked.population or assembled_folder(store, month)
    assembly = assemble(month=month, folder=folder, **_given(store, asked.imports))
    say(f"  {assembly.persons} personnes, {assembly.familles} familles, {assembly.menages} ménages")
    law = law_of(changes, asked.engine)
    detection = detect(
        folder, law=law, changes=changes, month=month, today=asked.today, engine=asked.engine, workers=asked.workers,
        report=say,
    )  # fmt: skip
    say("Écriture des listes")
    provenance = pl.read_parquet(folder / "provenance.parquet")
    place = asked.place or detection_folder(store, month)
    about = {"month": str(month), "made_on": asked.today.isoformat(), "law": law.version, **(asked.header or {})}
    beside = {"rapprochement": linkage_report(store)}
    summary = write_detection(
        detection, place, departement=asked.departement, header=about, provenance=provenance, beside=beside
    )
    return Found(assembly, detection, summary, place)


def _given(store: Path, imports: Collection[str] | None) -> dict[str, Any]:
    """Persons and canonical tables to assemble. A record that only imports left aside name is left aside too."""
    linked = persons(store)
    linked = linked.filter(~opposed(store, linked["source_key"]))
    with opened_store(store) as opened:
        tables = opened.tables(imports)
    if imports is not None:
        named = [table.select("source_key") for table in tables.values() if "source_key" in table.columns]
        known = pl.concat(named).drop_nulls().unique() if named else pl.DataFrame(schema={"source_key": pl.String})
        linked = linked.join(known, on="source_key", how="semi")
    return {"persons": linked, "tables": tables}
