"""`allervers detect` and `explain`: from the imports of a store to the lists, and the reasons of one line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from allervers.cli.law_choice import Engine, engine_name
from allervers.cli.options import DEFAULT_WORKERS, Departement, Store, Workers, day, existing, say
from allervers.detection.casefile import read_case_file
from allervers.detection.exports import write_json
from allervers.detection.live import explain_household
from allervers.detection.run import Detection, detect, write_detection
from allervers.detection.storage import assembled_folder, detection_folder, latest_detection
from allervers.engine.laws import law_of
from allervers.extracts.assembly.assemble import AssemblyReport, assemble
from allervers.extracts.linkage.report import linkage_report, persons
from allervers.extracts.retention import opposed
from allervers.extracts.store import opened_store
from allervers.foundation.errors import InvalidInput, NotFound
from allervers.foundation.periods import Month
from allervers.rights.catalogue import right
from allervers.rights.corrections import corrected_law
from allervers.territory.communes import communes, vintage_in_force


@dataclass(frozen=True, slots=True)
class Found:
    """What a run of detection made: the assembly, the lists, the summary, and where they are."""

    assembly: AssemblyReport
    detection: Detection
    summary: dict[str, Any]
    folder: Path


def detect_command(
    store: Store,
    month: Annotated[str | None, typer.Option("--month", help="Mois de référence (AAAA-MM).")] = None,
    today: Annotated[str | None, typer.Option("--today", help="Date du jour (AAAA-MM-JJ).")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Dossier des listes.")] = None,
    summary: Annotated[Path | None, typer.Option("--summary", help="Écrire aussi la synthèse JSON ici.")] = None,
    departement: Departement = "93",
    workers: Workers = DEFAULT_WORKERS,
    engine: Engine = None,
) -> None:
    """Trouver les droits non reçus, les droits qui vont rompre, les événements qui appellent une aide."""
    on = day(today)
    at = Month.parse(month) if month else Month.of(on)
    if at > Month.of(on):
        raise InvalidInput(f"Le mois {at} est à venir : donnez {Month.of(on)} au plus tard.", month=str(at))
    # A département or a month that the data do not know is told before anything is computed.
    communes(departement, vintage_in_force(departement, at))
    found = run_detection(
        existing(store), month=at, today=on.isoformat(), out=out, departement=departement, workers=workers,
        engine=engine_name(engine),
    )  # fmt: skip
    if summary is not None:
        write_json(found.summary, summary)
    typer.echo(f"Listes écrites dans {found.folder}")


def run_detection(
    store: Path,
    *,
    month: Month,
    today: str,
    departement: str,
    workers: int,
    out: Path | None = None,
    engine: str = "",
    header: dict[str, Any] | None = None,
) -> Found:
    """Assemble the population of the month from the current imports, find, and write the lists."""
    on, changes = day(today), corrected_law()
    say(f"Population de {month} : assemblage des imports")
    linked = persons(store)
    linked = linked.filter(~opposed(store, linked["source_key"]))
    folder = assembled_folder(store, month)
    with opened_store(store) as opened:
        tables = opened.tables()
    report = assemble(month=month, persons=linked, tables=tables, folder=folder)
    say(f"  {report.persons} personnes, {report.familles} familles, {report.menages} ménages")
    law = law_of(changes, engine)
    detection = detect(
        folder, law=law, changes=changes, month=month, today=on, engine=engine, workers=workers, report=say
    )
    provenance = pl.read_parquet(folder / "provenance.parquet")
    place = out or detection_folder(store, month)
    about = {"month": str(month), "made_on": on.isoformat(), "law": law.version, **(header or {})}
    beside = {"rapprochement": linkage_report(store)}
    summary = write_detection(
        detection, place, departement=departement, header=about, provenance=provenance, beside=beside
    )
    return Found(report, detection, summary, place)


def explain_command(
    household: Annotated[str, typer.Argument(help="Identifiant de la personne, de la famille ou du ménage.")],
    right_id: Annotated[str, typer.Argument(metavar="RIGHT", help="Droit, par exemple rsa.")],
    store: Store,
    month: Annotated[str | None, typer.Option("--month", help="Mois de la détection (le dernier par défaut).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Répondre en JSON.")] = False,
    engine: Engine = None,
) -> None:
    """Dire pourquoi : contribution du calcul, données et sources, paramètres, opérations (CRPA L. 311-3-1)."""
    at = Month.parse(month) if month else latest_detection(store)
    wanted = right(right_id)
    statuses = detection_folder(store, at) / "statuts.parquet"
    if not statuses.is_file():
        raise NotFound(f"Aucune détection pour {at} : lancez « allervers detect --month {at} ».", month=str(at))
    law = law_of(corrected_law(), engine_name(engine))
    case = read_case_file(assembled_folder(store, at), law)
    found = explain_household(case, statuses, household, wanted, law=law, month=at)
    if as_json:
        typer.echo(json.dumps([one.as_dict() for one in found], ensure_ascii=False, indent=2))
    else:
        typer.echo("\n\n".join(one.as_text() for one in found))
