"""Writes on a rendez-vous des droits: started, saved as it goes, held, closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from allervers.apps.accounts.models import User
from allervers.apps.casework.actions.guard import locked_plan, written
from allervers.apps.casework.actions.plans import open_plan, open_plan_at_counter
from allervers.apps.casework.actions.rights import note_detected
from allervers.apps.casework.domain import Origin
from allervers.apps.casework.models import Meeting, Plan
from allervers.apps.casework.permissions import CLOSED
from allervers.apps.casework.sealing import opened, sealed
from allervers.foundation.errors import Conflict, InvalidInput, Refused

MOST_BYTES = 200_000
"""Of the answers of an interview."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a saving did: the version now kept, and whether this saving is the one that is."""

    version: int
    is_new: bool


@transaction.atomic
def start_meeting(
    *, acting_user: User, now: datetime, household: str, origin: Origin, line: str = ""
) -> tuple[Meeting, bool]:
    """Begin a rendez-vous des droits with a household: its plan is opened, and what the lists show is put in it. The
    one that the person has begun and not closed is given back.

    permission: casework.permissions.grant_to_open.
    raises: PermissionDenied.
    audit: meeting_started, the first time, beside what opening the plan writes.
    after: nothing.
    """
    plan, _ = open_plan(acting_user=acting_user, now=now, household=household)
    return _begun(acting_user, now, plan, origin, line)


@transaction.atomic
def start_meeting_at_counter(
    *, acting_user: User, now: datetime, key: str, commune: str, origin: Origin
) -> tuple[Meeting, bool]:
    """Begin a rendez-vous des droits with somebody who came and whom no list shows: they are described together.

    permission: casework.permissions.grant_at_counter.
    raises: PermissionDenied; InvalidInput for a key that is not one.
    audit: meeting_started, the first time, beside what opening the plan writes.
    after: nothing.
    """
    plan = open_plan_at_counter(acting_user=acting_user, now=now, key=key, commune=commune)
    return _begun(acting_user, now, plan, origin, "")


def _begun(acting_user: User, now: datetime, plan: Plan, origin: Origin, line: str) -> tuple[Meeting, bool]:
    plan, grant = locked_plan(acting_user, plan, now)
    known = plan.meetings.filter(agent=acting_user, closed_at=None).first()
    if known is not None:
        return known, False
    note_detected(acting_user=acting_user, now=now, plan=plan)
    meeting = Meeting.objects.create(
        plan=plan, household=plan.household, agent=acting_user, team_id=grant.team, origin=origin, line=line[:64],
        started_at=now,
    )  # fmt: skip
    written(acting_user, plan, grant, now, "meeting_started", meeting=meeting.pk, origin=origin)
    return meeting, True


@transaction.atomic
def save_answers(
    *, acting_user: User, now: datetime, meeting: Meeting, answers: str, version: int, draft: str, sequence: int
) -> Saved:
    """Keep the answers of an interview as it goes. `draft` names the page that saves, `sequence` counts its savings.

    What the page sends again after a cut is known by its number and changes nothing; what it wrote since follows on
    from its own last saving, even when the answer to it was lost. Another page must have seen the version that is kept.

    permission: the agent of the meeting, while casework.permissions.grant_for_plan opens the plan.
    raises: PermissionDenied; Refused once the meeting is closed; Conflict when another page has saved since: nothing is
        overwritten, and the page keeps what it holds; InvalidInput when it is too long, or without draft.
    audit: meeting_saved.
    after: nothing.
    """
    plan, grant = locked_plan(acting_user, meeting.plan, now)
    meeting = _own(acting_user, meeting)
    if not draft or len(draft) > 40 or sequence < 1 or len(answers.encode()) > MOST_BYTES:
        raise InvalidInput("Ces réponses ne peuvent pas être enregistrées : rechargez la page.")
    if draft == meeting.draft:
        if sequence <= meeting.sequence:
            return Saved(meeting.version, is_new=False)
    elif version != meeting.version:
        raise Conflict("Cet entretien a été enregistré depuis une autre page : rechargez pour voir ce qu'elle a écrit.")
    meeting.answers = sealed(answers)
    meeting.version, meeting.draft, meeting.sequence = meeting.version + 1, draft, sequence
    meeting.save(update_fields=["answers", "version", "draft", "sequence"])
    written(acting_user, plan, grant, now, "meeting_saved", meeting=meeting.pk)
    return Saved(meeting.version, is_new=True)


def answers_of(acting_user: User, meeting: Meeting) -> str:
    """The answers that are kept. The caller has fetched the meeting through its queries; only its agent reads them."""
    if meeting.agent_id != acting_user.pk:
        raise PermissionDenied(CLOSED)
    return opened(meeting.answers)


@transaction.atomic
def hold_meeting(*, acting_user: User, now: datetime, meeting: Meeting, closes: bool = False) -> Meeting:
    """Say that the meeting was held, and close it when it is over. Said again, changes nothing.

    permission: the agent of the meeting, while casework.permissions.grant_for_plan opens the plan.
    raises: PermissionDenied; Refused when the plan is closed.
    audit: meeting_held, meeting_closed.
    after: its answers are destroyed after ANSWERS_KEPT.
    """
    plan, grant = locked_plan(acting_user, meeting.plan, now)
    meeting = _own(acting_user, meeting, even_closed=True)
    if meeting.held_at is None:
        meeting.held_at = now
        written(acting_user, plan, grant, now, "meeting_held", meeting=meeting.pk)
    if closes and meeting.closed_at is None:
        meeting.closed_at = now
        written(acting_user, plan, grant, now, "meeting_closed", meeting=meeting.pk)
    meeting.save(update_fields=["held_at", "closed_at"])
    return meeting


def _own(acting_user: User, meeting: Meeting, *, even_closed: bool = False) -> Meeting:
    found = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if found.agent_id != acting_user.pk:
        raise PermissionDenied("Ce rendez-vous est celui d'un collègue.")
    if found.closed_at is not None and not even_closed:
        raise Refused("Ce rendez-vous est clos.")
    return found
