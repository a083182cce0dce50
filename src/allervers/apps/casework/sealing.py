"""Free text at rest: sealed under the keys of the fields, which the operator changes with `allervers keys`."""

from __future__ import annotations

from django.conf import settings

from allervers.apps.accounts.sealed import seals
from allervers.apps.casework.models import Meeting, Note, Plan, PlannedRight, PlanStep

seals(Meeting, "answers")
seals(Plan, "person")
seals(Note, "text")
seals(PlanStep, "what")
seals(PlannedRight, "whose")


def sealed(text: str) -> str:
    """The text as it is kept; nothing for nothing."""
    return str(settings.FIELD_KEYS.encrypt(text)) if text else ""


def opened(kept: str) -> str:
    """The text as it was written. Raises Unavailable when its key is missing."""
    return str(settings.FIELD_KEYS.decrypt(kept)) if kept else ""
