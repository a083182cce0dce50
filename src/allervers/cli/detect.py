"""`allervers detect` and `explain`: from the imports of a store to the lists, and the reasons of one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from allervers.cli.law_choice import Engine, engine_name
from allervers.cli.options import DEFAULT_WORKERS, Departement, Store, Workers, day, existing, say
from allervers.detection.casefile import read_case_file
from allervers.detection.exports import write_json
from allervers.detection.live import explain_household
from allervers.detection.making import Asked, make_lists
from allervers.detection.storage import assembled_folder, detection_folder, latest_detection
from allervers.engine.laws import law_of
from allervers.foundation.errors import InvalidInput, NotFound
from allervers.foundation.periods import Month
from allervers.rights.catalogue import right
from allervers.rights.corrections import corrected_law
from allervers.territory.communes import communes, vintage_in_force


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
    asked = Asked(at, on, departement, workers=workers, engine=engine_name(engine), place=out)
    found = make_lists(existing(store), asked, report=say)
    if summary is not None:
        write_json(found.summary, summary)
    typer.echo(f"Listes écrites dans {found.folder}")


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
