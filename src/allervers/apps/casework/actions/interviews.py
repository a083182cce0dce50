"""Writes on the interview of a meeting: prepared, kept answer by answer, its differences sent, its rights planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from allervers.apps.accounts.models import User
from allervers.apps.casework.actions.guard import locked_plan
from allervers.apps.casework.actions.meetings import Saved, answers_of, hold_meeting, save_answers
from allervers.apps.casework.actions.rights import change_right, plan_wish
from allervers.apps.casework.actions.steps import add_step
from allervers.apps.casework.domain import AT_COUNTER, Doer, RightStatus, Wish
from allervers.apps.casework.interview import Interview, read, written
from allervers.apps.casework.models import Meeting, PlannedRight
from allervers.apps.casework.prefill import prefilled_interview
from allervers.apps.casework.sealing import sealed
from allervers.apps.findings.actions import ask_correction
from allervers.apps.findings.domain import Kind, Progress
from allervers.apps.findings.models import CorrectionRequest, Finding
from allervers.apps.findings.permissions import visible
from allervers.apps.partnership.models import Organisation
from allervers.apps.simulation.names import is_default
from allervers.foundation.errors import InvalidInput, Refused
from allervers.foundation.periods import Month

PREPARED = "prefill"
"""Draft under which what partners give is kept, before the first answer."""
_OPEN = (Progress.TO_DO, Progress.ASSIGNED, Progress.IN_CHARGE)


def prepare_interview(*, acting_user: User, now: datetime, meeting: Meeting) -> Meeting:
    """Fill an interview that has not begun with what partners give. Once begun, changes nothing.

    permission: the agent of the meeting, while casework.permissions.grant_for_plan opens the plan.
    raises: PermissionDenied; Refused once the meeting is closed.
    audit: meeting_saved; the vault writes the names that are read.
    after: nothing.
    """
    if answers_of(acting_user, meeting) or meeting.closed_at is not None:
        return meeting
    lines = visible(acting_user, timezone.localdate(now)).filter(household=meeting.household, right=meeting.line)
    unit = lines.order_by("rank").values_list("unit", flat=True).first() if meeting.line else None
    text = written(prefilled_interview(acting_user, meeting.household, now, unit or ""))
    save_answers(
        acting_user=acting_user, now=now, meeting=meeting, answers=text, version=meeting.version, draft=PREPARED,
        sequence=1,
    )  # fmt: skip
    return Meeting.objects.select_related("plan").get(pk=meeting.pk)


def interview_of(acting_user: User, meeting: Meeting, now: datetime) -> Interview:
    """The interview of a meeting, read in the current month. Only its agent reads it."""
    text = answers_of(acting_user, meeting)
    interview = read(text) if text else Interview()
    return interview.as_of(Month.of(timezone.localdate(now)))


@transaction.atomic
def keep_interview(
    *, acting_user: User, now: datetime, meeting: Meeting, interview: Interview, page: Mapping[str, Any]
) -> Saved:
    """Keep an interview as it goes. `page`: version, draft and sequence, as the page that saves has them.

    permission: the agent of the meeting, while casework.permissions.grant_for_plan opens the plan.
    raises: as `save_answers`.
    audit: meeting_saved.
    after: somebody who came is known in the plan by the name that they gave.
    """
    saved = save_answers(
        acting_user=acting_user, now=now, meeting=meeting, answers=written(interview), version=page["version"],
        draft=page["draft"], sequence=page["sequence"],
    )  # fmt: skip
    if saved.is_new and meeting.household.startswith(AT_COUNTER) and interview.answers is not None:
        first = min(interview.answers.household.persons, key=lambda person: int(person.id[1:]))
        meeting.plan.person = sealed("" if is_default(first.name) else first.name)
        meeting.plan.save(update_fields=["person"])
    return saved


def line_to_correct(acting_user: User, meeting: Meeting, now: datetime) -> Finding | None:
    """The line that waits when a datum is sent for correction: that of the meeting, else the first one; None: none."""
    lines = list(
        visible(acting_user, timezone.localdate(now))
        .filter(household=meeting.household, kind=Kind.RIGHT, is_to_act=True, progress__in=_OPEN)
        .order_by("rank")
    )
    return next((line for line in lines if line.right == meeting.line), lines[0] if lines else None)


def corrections_asked(meeting: Meeting) -> set[tuple[str, str]]:
    """(group, partner) of the corrections asked for the household since the meeting began."""
    asked = CorrectionRequest.objects.filter(household=meeting.household, asked_at__gte=meeting.started_at)
    return set(asked.values_list("category", "partner__code"))


@transaction.atomic
def send_correction(
    *, acting_user: User, now: datetime, meeting: Meeting, interview: Interview, group: str, partner: str
) -> CorrectionRequest:
    """Ask a partner to correct what the person says otherwise in an interview.

    permission: the agent of the meeting, and findings.permissions.can_act on a line of the household.
    raises: PermissionDenied; Refused when no line can wait for it, or it is asked already; InvalidInput when nothing
        differs there.
    audit: line_changed, correction_asked.
    after: nothing. The value itself is not sent.
    """
    locked_plan(acting_user, meeting.plan, now)
    provided = {(interview.provided[name].group, interview.provided[name].partner) for name in interview.corrections()}
    found = Organisation.objects.filter(code=partner).first()
    if (group, partner) not in provided or found is None:
        raise InvalidInput("Aucune réponse ne diffère de cette donnée : rechargez la page.")
    if (group, partner) in corrections_asked(meeting):
        raise Refused("Cette correction est déjà demandée.")
    line = line_to_correct(acting_user, meeting, now)
    if line is None:
        raise Refused("Aucune ligne des listes ne peut porter cette demande : la différence reste notée ici.")
    return ask_correction(
        acting_user=acting_user, now=now, finding=line, partner=found, category=group, version=line.version
    )


@transaction.atomic
def finish_interview(
    *, acting_user: User, now: datetime, meeting: Meeting, wishes: Sequence[Wish],
    to_declare: Sequence[tuple[str, str]] = (),
) -> int:  # fmt: skip
    """End a meeting: its rights are put in the plan as the person wishes, and it is closed.

    wishes: proposed, accepted or declined, one for each that a right is for. to_declare: (right, step) of what is paid
    less than it is due.
    permission: the agent of the meeting, while casework.permissions.grant_for_plan opens the plan.
    raises: PermissionDenied; Refused when the plan is closed; InvalidInput for a wish or a right that does not exist.
    audit: right_proposed, right_changed, step_added, meeting_held, meeting_closed.
    after: returns how many wishes were written.
    """
    if {wish.status for wish in wishes} - {"", RightStatus.PROPOSED, RightStatus.ACCEPTED, RightStatus.DECLINED}:
        raise InvalidInput("Une de ces réponses n'existe pas : rechargez la page.")
    for wish in wishes:
        planned = plan_wish(acting_user=acting_user, now=now, plan=meeting.plan, wish=wish)
        if planned is not None and wish.status:
            _wished(acting_user, now, planned, RightStatus(wish.status), wish.choice)
    for number, (right, what) in enumerate(to_declare):
        add_step(
            acting_user=acting_user, now=now, plan=meeting.plan, key=f"declare-{meeting.pk}-{number}", what=what,
            doer=Doer.PERSON, right=right,
        )  # fmt: skip
    hold_meeting(acting_user=acting_user, now=now, meeting=meeting, closes=True)
    return sum(wish.status != "" for wish in wishes)


def _wished(acting_user: User, now: datetime, planned: PlannedRight, wish: RightStatus, choice: str) -> None:
    """Move a right to what the person wishes, from where it stands; one that is asked for already stays."""
    ways = {
        RightStatus.DETECTED: (RightStatus.PROPOSED, wish), RightStatus.PROPOSED: (wish,),
        RightStatus.ACCEPTED: (wish,) if wish == RightStatus.DECLINED else (),
        RightStatus.DECLINED: (RightStatus.PROPOSED, wish) if wish != RightStatus.DECLINED else (),
    }  # fmt: skip
    for status in dict.fromkeys(ways.get(RightStatus(planned.status), ())):
        if status == planned.status:
            continue
        planned, _ = change_right(
            acting_user=acting_user, now=now, planned=planned, status=status, version=planned.version,
            choice=choice if status == RightStatus.DECLINED else "",
        )  # fmt: skip
