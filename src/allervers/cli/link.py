"""`allervers link`, `review`, `undo-link`: who is who between partners, and what an agent decides in the grey zone."""

from __future__ import annotations

from typing import Annotated, get_args

import polars as pl
import typer
from rich.table import Table

from allervers.cli.options import Actor, Store, existing, instant, out, say
from allervers.extracts.linkage.ledger import Decision
from allervers.extracts.linkage.link import LinkageReport, decide, link, undo
from allervers.extracts.linkage.report import linkage_report, pairs_to_review
from allervers.foundation.wording import counted


def link_command(store: Store) -> None:
    """Rapprocher les personnes entre partenaires : zones sûre, à revoir, refusée. Aucune identité n'est affichée."""
    report = link(existing(store), now=instant())
    typer.echo(linkage_text(report))
    table = Table("Partenaire", "Personnes", "Rapprochées avec un autre partenaire", "À revoir")
    rates = (
        linkage_report(store)
        .group_by("partner")
        .agg(
            persons=pl.col("persons").sum(),
            linked=(pl.col("persons") * pl.col("linked_share")).sum() / pl.col("persons").sum(),
            review=(pl.col("persons") * pl.col("review_share")).sum() / pl.col("persons").sum(),
        )
    )
    for row in rates.sort("partner").iter_rows(named=True):
        table.add_row(row["partner"], str(row["persons"]), f"{row['linked']:.1%}", f"{row['review']:.1%}")
    out.print(table)


def review_command(
    store: Store,
    entry: Annotated[int | None, typer.Option("--entry", help="Numéro de la paire à trancher.")] = None,
    decision: Annotated[str | None, typer.Option("--decision", help="accept ou refuse.")] = None,
    actor: Actor = "",
) -> None:
    """Lister les paires à revoir, ou en trancher une (--entry N --decision accept|refuse --actor NOM)."""
    pairs = pairs_to_review(existing(store))
    if entry is None:
        waiting = counted(pairs.height, "paire", "paires")
        say(f"{waiting} à revoir. Personne d'entre elles n'est mis sur une liste de contact.")
        typer.echo(pairs.write_csv(separator=";"))
        return
    row = pairs.filter(pl.col("entry") == entry)
    choice = next((known for known in get_args(Decision) if known == decision), None)
    if row.is_empty() or choice is None:
        raise typer.BadParameter("Donnez une paire de la liste et --decision accept ou refuse.")
    pair = (row["left_key"].item(), row["right_key"].item())
    number = decide(store, pair, choice, actor=actor, now=instant())
    typer.echo(f"Décision enregistrée sous le numéro {number}. Pour revenir : allervers undo-link --entry {number}")


def undo_command(
    store: Store, entry: Annotated[int, typer.Option("--entry", help="Numéro de l'écriture à annuler.")], actor: Actor
) -> None:
    """Annuler un rapprochement ou une décision ; la personne retourne à revoir."""
    undo(existing(store), entry, actor=actor, now=instant())
    typer.echo(f"Écriture {entry} annulée.")


def linkage_text(report: LinkageReport) -> str:
    """Counts of a linkage, in one sentence."""
    return (
        f"{report.records} fiches de partenaires, {report.persons} personnes : "
        f"{report.sure_by_nir} liens sûrs par NIR, {report.sure_by_number} par numéro, "
        f"{report.sure_by_names} par identité ; {report.to_review} paires à revoir, "
        f"{report.refused_by_guard} refusées par les garde-fous."
    )
