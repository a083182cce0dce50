"""Labels of what a line names: right, event, commune. Read once; unknown ids show themselves. And the rights that a
list may hold: a convention often names the entire catalogue.
"""

from __future__ import annotations

from allervers.apps.partnership.labels import commune_label, communes_known, event_label, right_label
from allervers.detection.alerts import rules
from allervers.rights.catalogue import catalogue, computed_rights

__all__ = [
    "commune_label", "communes_known", "course_of", "event_label", "right_label", "rights_listed", "rights_to_settle",
]  # fmt: skip


def course_of(event: str) -> str:
    """The course of action that an event opens."""
    found = rules().get(event)
    return found.parcours if found else ""


def rights_listed() -> frozenset[str]:
    """Rights of which a line may speak: computed, or told by a partner."""
    return frozenset(right.id for right in catalogue().values() if right.is_followed)


def rights_to_settle() -> frozenset[str]:
    """Rights that may be unknown for a household: those that are computed."""
    return frozenset(right.id for right in computed_rights())
