"""Labels of what a line names: right, event, commune. Read once; unknown ids show themselves."""

from __future__ import annotations

from allervers.apps.partnership.labels import commune_label, communes_known, event_label, right_label
from allervers.detection.alerts import rules

__all__ = ["commune_label", "communes_known", "course_of", "event_label", "right_label"]


def course_of(event: str) -> str:
    """The course of action that an event opens."""
    found = rules().get(event)
    return found.parcours if found else ""
