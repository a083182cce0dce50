"""Labels of what a line names: right, event, commune. Read once; unknown ids show themselves."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from allervers.detection.alerts import rules
from allervers.foundation.periods import Month
from allervers.rights.catalogue import catalogue
from allervers.territory.communes import communes, vintage_in_force


def right_label(right: str) -> str:
    """Label of a right of the catalogue."""
    found = catalogue().get(right)
    return found.label if found else right.replace("_", " ")


def event_label(event: str) -> str:
    """Label of a rule of detection, or of a signal."""
    found = rules().get(event)
    return found.label if found else event.replace("_", " ").capitalize()


def course_of(event: str) -> str:
    """The course of action that an event opens."""
    found = rules().get(event)
    return found.parcours if found else ""


@cache
def _names(departement: str, year: int) -> dict[str, str]:
    vintage = vintage_in_force(departement, Month(year, 1))
    return {commune.code: commune.nom for commune in communes(departement, vintage)}


def commune_label(code: str) -> str:
    """Name of a commune, in today's geography."""
    if not code:
        return "Commune inconnue"
    return _names(settings.ALLERVERS.departement, 2026).get(code, code)


def communes_known() -> dict[str, str]:
    """Code -> name of every commune of the département."""
    return dict(_names(settings.ALLERVERS.departement, 2026))
