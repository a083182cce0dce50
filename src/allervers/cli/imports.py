"""`allervers import` and `imports`: a partner's file into the store, and the register of what was received."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from allervers.cli.options import Store, day, existing, instant, out
from allervers.extracts.formats import FORMATS
from allervers.extracts.importing import MAX_ERROR_SHARE, ImportReport, import_file
from allervers.extracts.mapping import read_mapping
from allervers.extracts.register import PURPOSES
from allervers.extracts.store import opened_store

_STATUS = {
    "done": "Importé",
    "dry_run": "Contrôle seul, rien n'est gardé",
    "already_imported": "Déjà importé, rien n'a changé",
}


def import_command(
    format_name: Annotated[str, typer.Argument(metavar="FORMAT", help=f"Format : {', '.join(FORMATS)}.")],
    file: Annotated[Path, typer.Argument(help="Fichier du partenaire.")],
    store: Store,
    partner: Annotated[str, typer.Option("--partner", help="Partenaire, par exemple caf-93.")],
    reference: Annotated[str, typer.Option("--reference-on", help="Date que l'extraction décrit (AAAA-MM-JJ).")],
    convention: Annotated[str, typer.Option("--convention", help="Référence de la convention d'échange.")] = "",
    purpose: Annotated[str, typer.Option("--purpose", help=f"Finalité : {', '.join(PURPOSES)}.")] = "information",
    mapping: Annotated[Path | None, typer.Option("--mapping", help="Correspondance du partenaire (TOML).")] = None,
    retention: Annotated[
        str | None, typer.Option("--retention-on", help="Conserver jusqu'au (12 mois au plus).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tout contrôler, ne rien garder.")] = False,
    max_error_share: Annotated[
        float,
        typer.Option(
            "--max-error-share", min=0.0, max=0.5, help="Part de lignes refusées au-delà de laquelle s'arrêter."
        ),
    ] = MAX_ERROR_SHARE,
    today: Annotated[str | None, typer.Option("--today", help="Date du jour (AAAA-MM-JJ).")] = None,
) -> None:
    """Importer le fichier d'un partenaire : contrôlé, pseudonymisé, gardé entier ou pas du tout."""
    on = day(today)
    with opened_store(store) as opened:
        report = import_file(
            path=file,
            format_name=format_name,
            partner=partner,
            convention=convention,
            purpose=purpose,
            reference_on=day(reference),
            store=opened,
            mapping=read_mapping(mapping) if mapping else None,
            now=instant(on) if today else instant(),
            dry_run=dry_run,
            max_error_share=max_error_share,
            retention_on=day(retention) if retention else None,
        )
    typer.echo(import_text(report))


def imports_command(store: Store) -> None:
    """Lister les imports : partenaire, format, dates, lignes, convention, fin de conservation."""
    table = Table(
        "Import", "Statut", "Lignes lues", "Gardées", "Rejetées", "Convention", "Conservé jusqu'au", "Empreinte"
    )
    with opened_store(existing(store)) as opened:
        rows = opened.register.rows()
    if not rows:
        typer.echo("Aucun import dans ce dossier de données. Commencez par : allervers import --help")
        return
    for row in rows:
        counts = (str(row.rows_read), str(row.rows_kept), str(row.rows_rejected))
        table.add_row(row.import_id, row.status, *counts, row.convention, str(row.retention_on), row.sha256[:12])
    out.print(table)


def import_text(report: ImportReport) -> str:
    """What an import did, for the operator. Values of rows are never shown."""
    lines = [f"{_STATUS.get(report.status, report.status)} : {report.kept} lignes gardées sur {report.read} lues."]
    if report.rejected:
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(report.reasons.items()))
        lines.append(f"{report.rejected} lignes rejetées ({reasons}).")
        lines += [f"  ligne {p.line}, {p.column} : {p.message}" for p in report.problems]
    if report.warnings:
        lines.append("Remarques : " + ", ".join(f"{code} {count}" for code, count in sorted(report.warnings.items())))
    if report.ignored:
        lines.append(f"Colonnes du fichier non utilisées : {', '.join(report.ignored)}.")
    if report.superseded:
        lines.append(f"Remplace l'import {report.superseded}.")
    if report.import_id:
        lines.append(
            f"Import {report.import_id}, conservé jusqu'au {report.retention_on}, empreinte {report.sha256[:12]}."
        )
    return "\n".join(lines)
