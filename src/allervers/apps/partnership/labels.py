"""Labels of what conventions and teams name: rights, events, communes, formats. Unknown ids show themselves."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache

from django.conf import settings

from allervers.detection.alerts import rules
from allervers.extracts.formats import FORMATS
from allervers.foundation.periods import Month
from allervers.rights.catalogue import AmountPeriod, catalogue
from allervers.territory.communes import commune, communes, current_code, vintage_in_force, vintages


def right_label(right: str) -> str:
    """Label of a right of the catalogue."""
    found = catalogue().get(right)
    return found.label if found else right.replace("_", " ")


PER = {"month": "par mois", "year": "par an", "once": "en une fois", "none": ""}


def period_of(right: str) -> AmountPeriod:
    """By what the amount of a right is told; a right that the catalogue does not know: by the month."""
    found = catalogue().get(right)
    return found.amount_period if found else "month"


def per_label(right: str) -> str:
    """The same, in words."""
    return PER[period_of(right)]


def event_label(event: str) -> str:
    """Label of a rule of detection, or of a signal."""
    found = rules().get(event)
    return found.label if found else event.replace("_", " ").capitalize()


def format_label(name: str) -> str:
    """Label of a format of files."""
    return FORMATS[name].label if name in FORMATS else name


def in_order(label: str) -> str:
    """What labels are sorted by: accents and capitals aside."""
    return "".join(c for c in unicodedata.normalize("NFD", label.casefold()) if not unicodedata.combining(c))


def _sorted(labels: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(labels.items(), key=lambda pair: in_order(pair[1])))


@cache
def _names(departement: str) -> dict[str, str]:
    latest = max(vintages(departement))
    vintage = vintage_in_force(departement, Month(latest, 1))
    return {commune.code: commune.nom for commune in communes(departement, vintage)}


@cache
def _former(departement: str) -> dict[str, str]:
    """Code that is gone -> name of the commune that it is now part of."""
    latest, found = max(vintages(departement)), {}
    for vintage in vintages(departement):
        for one in communes(departement, vintage):
            now = current_code(one.code, vintage, latest)
            if now != one.code:
                found[one.code] = commune(now, latest).nom
    return found


def commune_label(code: str) -> str:
    """Name of a commune, in the latest geography known: the code of one that was merged gives what it is part of."""
    if not code:
        return "Commune inconnue"
    departement = settings.ALLERVERS.departement
    return _names(departement).get(code) or _former(departement).get(code, code)


def communes_known() -> dict[str, str]:
    """Code -> name of every commune of the département, by name."""
    return _sorted(_names(settings.ALLERVERS.departement))


def rights_known() -> dict[str, str]:
    """Id -> label of every right, by label."""
    return _sorted({right: found.label for right, found in catalogue().items()})


def events_known() -> dict[str, str]:
    """Id -> label of every event, by label."""
    return _sorted({event: found.label for event, found in rules().items()})


def formats_known() -> dict[str, str]:
    """Name -> label of every format of files."""
    return {name: one.label for name, one in FORMATS.items()}
