"""Follow-ups and figures as CSV: pseudonyms alone, no cell that runs, a hidden count left empty."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date

from allervers.apps.casework.figures import Row
from allervers.apps.casework.followups import FollowUpRow
from allervers.apps.partnership.labels import commune_label
from allervers.detection.exports import safe_cell

HEADINGS = ("Ménage", "Commune", "Quoi", "Détail", "Étape du droit", "Avant le", "En retard", "D'où vient la date",
            "Suivi par")  # fmt: skip
FIGURE_HEADINGS = ("Quoi", "Rendez-vous tenus", "Droits ouverts", "Euros par mois", "Euros par an",
                   "Délai médian (jours)")  # fmt: skip


def csv_follow_ups(rows: Iterable[FollowUpRow]) -> bytes:
    """UTF-8 with BOM, `;`: what spreadsheets open in France."""
    return _csv(
        HEADINGS,
        (
            (
                row.plan.household, commune_label(row.plan.commune), row.what, row.detail, row.status_label, row.due_on,
                "oui" if row.is_late else "non", row.note, "" if row.plan.agent is None else row.plan.agent.full_name,
            )
            for row in rows
        ),
    )  # fmt: skip


def csv_figures(rows: Iterable[Row]) -> bytes:
    """The same numbers as the page."""
    return _csv(
        FIGURE_HEADINGS,
        ((row.label, row.meetings, row.opened, row.eur_month, row.eur_year, row.median_days) for row in rows),
    )


def _csv(headings: Sequence[str], rows: Iterable[Sequence[str | float | date | None]]) -> bytes:
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow(headings)
    writer.writerows([_text(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode()


def _text(value: str | float | date | None) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.2f}".replace(".", ",")
    return safe_cell(value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value))
