"""Changes and procedures to take away: CSV that spreadsheets open in France, and a feed of changes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, time

from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext

from allervers.apps.catalogue.labels import CHANNELS, GRADES
from allervers.detection.exports import safe_cell
from allervers.rights.changes import RightChange
from allervers.rights.procedures import LEVELS, Procedure
from allervers.rights.registries import institutions


def csv_of_changes(changes: Iterable[RightChange]) -> bytes:
    """A line a change; the precision says how much of the date is known."""
    precision = {"day": "jour", "month": "mois", "year": "année"}
    rows = [
        (one.on.strftime("%d/%m/%Y"), precision[one.precision], one.label, one.what, str(GRADES[one.grade]))
        for one in changes
    ]
    return _csv(("Date", "Précision", "Droit", "Changement", "Confiance"), rows)


def csv_of_procedures(found: Iterable[Procedure]) -> bytes:
    """A line a way to ask."""
    named = institutions()
    rows = [
        (
            one.label, ", ".join(named[name].label for name in one.institutions), str(CHANNELS[one.kind]),
            str(one.level), LEVELS[one.level], one.at or "", one.form or "",
        )
        for one in found
    ]  # fmt: skip
    return _csv(("Droit", "Qui décide", "Voie", "Niveau", "Sens du niveau", "Où", "Formulaire"), rows)


def feed_of_changes(changes: Iterable[RightChange], *, page: str, address_of: Callable[[str], str]) -> str:
    """Changes as an Atom feed. `address_of`: the full address of a right's sheet."""
    feed = Atom1Feed(
        title=gettext("AllerVers : ce qui change dans les droits"),
        link=page,
        description=gettext("Changements datés des droits du catalogue"),
        language="fr",
    )
    for one in changes:
        doubt = gettext(" (à confirmer)") if one.grade == "C" else ""
        at = datetime.combine(one.on, time(), UTC)
        link = address_of(one.right)
        feed.add_item(
            title=f"{one.label}{doubt}",
            link=link,
            description=one.what,
            unique_id=f"{link}#{one.on.isoformat()}-{len(one.what)}",
            pubdate=at,
            updateddate=at,
        )
    return str(feed.writeString("utf-8"))


def _csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow(headings)
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
    return buffer.getvalue().encode()
