"""The lines that someone sees, as CSV or XLSX: what the convention opens, no identity, no cell that runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

import xlsxwriter
from django.db.models import QuerySet

from allervers.apps.findings.labels import commune_label, right_label
from allervers.apps.findings.models import Finding
from allervers.apps.findings.templatetags.lines import channels_text, status_text, subject_label
from allervers.apps.findings.unsettled import Unsettled
from allervers.apps.findings.volumes import Row
from allervers.detection.exports import safe_cell
from allervers.detection.workbook import MAX_SHEET_ROWS

HEADINGS = (
    "Ménage", "Objet", "Statut", "Code commune", "Commune", "Montant par mois (€)", "Déjà perdu (€)",
    "Encore récupérable (€)", "Depuis", "Au moins", "Mois écoulés", "Échéance", "Raison de l'échéance",
    "Droit à ouvrir d'abord", "Contact permis", "Voie de contact", "Avancement", "Suivi par",
)  # fmt: skip
VOLUME_HEADINGS = (
    "Code", "Commune", "Non reçu", "Avec droit", "Reçoivent", "Indéterminés", "Non versé par mois (€)",
)  # fmt: skip
TO_COMPLETE_HEADINGS = (
    "Ménage", "Code commune", "Commune", "Contact permis", "Droits indéterminés", "Lesquels", "Questions à poser",
)  # fmt: skip
MAX_CSV_ROWS = 200_000


def _cells(line: Finding) -> tuple[str | float | date | None, ...]:
    hidden = line.is_amount_hidden
    return (
        line.household, subject_label(line), status_text(line), line.commune, commune_label(line.commune),
        None if hidden else line.amount_eur_month, None if hidden else line.eur_lost,
        None if hidden else line.eur_recoverable, line.since_month or line.since_on,
        "oui" if line.since_month and not line.is_since_exact else "", line.months_persisting,
        line.deadline_on, line.deadline_reason, right_label(line.blocked_by) if line.blocked_by else "",
        "oui" if line.may_contact else "non", channels_text(line), line.get_progress_display(),
        "" if line.agent is None else line.agent.full_name,
    )  # fmt: skip


def csv_lines(lines: QuerySet[Finding]) -> Iterator[bytes]:
    """UTF-8 with BOM, `;`, decimal comma: what spreadsheets open in France. Memory: 2,000 lines at a time."""
    yield _csv([HEADINGS], "\ufeff")
    found = lines[:MAX_CSV_ROWS].iterator(chunk_size=2_000)
    while batch := list(islice(found, 2_000)):
        yield _csv(_cells(line) for line in batch)


def csv_to_complete(found: Unsettled) -> Iterator[bytes]:
    """Households to complete, written like `csv_lines`. Memory: 2,000 households at a time."""
    yield _csv([TO_COMPLETE_HEADINGS], "\ufeff")
    for start in range(0, min(len(found), MAX_CSV_ROWS), 2_000):
        yield _csv(
            (
                one.id, one.commune, commune_label(one.commune), "oui" if one.may_contact else "non", len(one.rights),
                " | ".join(right_label(right) for right in one.rights),
                " | ".join(question for question, _ in one.questions),
            )
            for one in found[start : start + 2_000]
        )  # fmt: skip


def _csv(rows: Iterable[Sequence[str | float | date | None]], before: str = "") -> bytes:
    buffer = io.StringIO(before)
    buffer.seek(len(before))
    writer = csv.writer(buffer, delimiter=";")
    writer.writerows([_text(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode()


def csv_of_volumes(rows: Sequence[Row]) -> bytes:
    """Counts by commune; a hidden count is an empty cell, never a zero."""
    cells = (
        (row.key, row.label, row.not_taken_up, row.entitled, row.receiving, row.unknown, row.eur_month) for row in rows
    )
    return _csv([VOLUME_HEADINGS, *cells], "\ufeff")


def _text(value: str | float | date | None) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.2f}".replace(".", ",")
    return safe_cell(value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value))


def workbook(lines: QuerySet[Finding]) -> bytes:
    """The first MAX_SHEET_ROWS lines as a workbook."""
    made = io.BytesIO()
    options: dict[str, Any] = {
        "in_memory": True,
        "constant_memory": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(made, options) as book:
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet("Liste")
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, HEADINGS, bold)
        sheet.set_column(0, len(HEADINGS) - 1, 18)
        for number, line in enumerate(lines[:MAX_SHEET_ROWS].iterator(chunk_size=2_000), start=1):
            for index, value in enumerate(_cells(line)):
                if isinstance(value, date):
                    sheet.write_datetime(number, index, value, day)
                elif isinstance(value, int | float):
                    sheet.write_number(number, index, value)
                elif value:
                    sheet.write_string(number, index, str(value))
    return made.getvalue()
