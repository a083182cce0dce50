"""How a line of the lists is written: its subject, its status, its colour."""

from __future__ import annotations

from django import template

from allervers.apps.findings.domain import CHANNEL_LABELS, Kind
from allervers.apps.findings.labels import commune_label, course_of, event_label, right_label
from allervers.apps.findings.models import Finding
from allervers.apps.partnership.labels import per_label
from allervers.apps.people.domain import GROUP_LABELS, STATES
from allervers.detection.alerts import rules
from allervers.detection.statuses import LABELS, Status

register = template.Library()
register.filter("commune", commune_label)
register.filter("right", right_label)
register.filter("per", per_label)
register.filter("course", course_of)

_TONES = {Status.NOT_CLAIMED: "alert-tag", Status.AUTOMATIC_NOT_EXECUTED: "alert-tag", Status.DOCUMENTS_MISSING: "warm"}


@register.filter
def subject_label(line: Finding) -> str:
    """What a line is about: the right, or the event and the right that it concerns."""
    if line.kind == Kind.RIGHT:
        return right_label(line.right)
    return f"{event_label(line.event)} : {right_label(line.right)}" if line.right else event_label(line.event)


@register.filter
def status_text(line: Finding) -> str:
    """Status in French."""
    return "Événement" if line.kind == Kind.EVENT else LABELS[Status(line.status)]


@register.filter
def status_tone(line: Finding) -> str:
    """Class of the tag: the words say the same."""
    return "" if line.kind == Kind.EVENT else _TONES.get(Status(line.status), "plain")


def channels_text(line: Finding) -> str:
    """How the person may be reached; what nobody says is told apart from none."""
    if line.channels is None:
        return "inconnue"
    return ", ".join(CHANNEL_LABELS[one] for one in line.channels.split(",") if one) or "aucune connue"


@register.filter
def subject(identifier: str) -> str:
    """Label of a right or of an event, from its id alone."""
    return event_label(identifier) if identifier in rules() else right_label(identifier)


@register.filter
def happening(text: str) -> str:
    """A dated fact of the household: `debut:rsa`, `fin:css`, or a signal."""
    what, _, benefit = text.partition(":")
    if benefit:
        return f"{'Début' if what == 'debut' else 'Fin'} : {right_label(benefit)}"
    return event_label(text)


@register.filter
def group(identifier: str) -> str:
    """Label of a group of data."""
    return GROUP_LABELS.get(identifier, identifier.replace("_", " "))


@register.filter
def known(state: str) -> str:
    """State of a datum."""
    return STATES.get(state, state)
