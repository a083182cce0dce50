"""`allervers purge` and `oppose`: the clocks of CRPA R. 114-9-7, and destruction on opposition (L. 114-8)."""

from __future__ import annotations

from typing import Annotated

import polars as pl
import typer

from allervers.cli.options import Actor, Store, day, existing, instant
from allervers.detection.storage import forget_person, purge_detections
from allervers.extracts.linkage.report import persons
from allervers.extracts.retention import oppose, purge
from allervers.foundation.wording import counted


def purge_command(
    store: Store, today: Annotated[str | None, typer.Option("--today", help="Date du jour (AAAA-MM-JJ).")] = None
) -> None:
    """Détruire ce dont le délai est passé : imports et détections (12 mois), traces (36), oppositions (24)."""
    on = day(today)
    report = purge(store, today=on)
    months = purge_detections(store, today=on)
    typer.echo(
        f"Détruits : {counted(len(report.imports), 'import', 'imports')}, "
        f"{counted(report.vault_persons, 'identité', 'identités')}, {counted(len(months), 'détection', 'détections')}, "
        f"{counted(report.traces, 'trace', 'traces')} ; oppositions expirées : {report.oppositions_expired}."
    )


def oppose_command(
    store: Store,
    person: Annotated[str, typer.Argument(help="Identifiant de la personne (person_id ou clé d'une fiche).")],
    actor: Actor,
) -> None:
    """Enregistrer l'opposition d'une personne : ses données sont détruites aussitôt, elle n'apparaîtra plus."""
    named = (pl.col("source_key") == person) | (pl.col("person_id") == person)
    known = persons(existing(store)).filter(named)["person_id"]
    report = oppose(store, person, actor=actor, now=instant())
    # A record's key names the same person as the person's own id.
    months = {month for name in {person, *known.to_list()} for month in forget_person(store, name)}
    typer.echo(f"Opposition enregistrée : {counted(report.rows, 'ligne détruite', 'lignes détruites')}.")
    if report.to_review:
        typer.echo(f"Fiches qui pourraient être la même personne, à revoir : {', '.join(report.to_review)}")
    if months:
        typer.echo(f"Détections à refaire : {', '.join(sorted(months))} (allervers detect --month ...).")
