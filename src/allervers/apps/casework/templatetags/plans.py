"""How a right of a plan is coloured: the words beside say the same."""

from __future__ import annotations

from django import template

from allervers.apps.casework.domain import RightStatus

register = template.Library()

_TONES = {
    RightStatus.PAID: "good", RightStatus.GRANTED: "good", RightStatus.REFUSED: "alert-tag",
    RightStatus.DECLINED: "plain", RightStatus.DETECTED: "plain", RightStatus.REQUESTED: "warm",
}  # fmt: skip


@register.filter
def right_tone(status: str) -> str:
    """Class of the tag of a status."""
    return _TONES.get(RightStatus(status), "")
