"""The lines of the lists follow the rights of a plan: who works on a right says it once, in the plan."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from allervers.apps.accounts.models import User
from allervers.apps.casework.domain import RightStatus
from allervers.apps.casework.models import PlannedRight, RightChange
from allervers.apps.findings.actions import change_progress
from allervers.apps.findings.domain import Kind, Progress, Reason
from allervers.apps.findings.models import Finding, FollowUp
from allervers.apps.findings.permissions import visible

_BECOMES: dict[RightStatus, tuple[Progress, str]] = {
    RightStatus.PROPOSED: (Progress.IN_CHARGE, ""),
    RightStatus.ACCEPTED: (Progress.IN_CHARGE, ""),
    RightStatus.REQUESTED: (Progress.IN_CHARGE, ""),
    RightStatus.GRANTED: (Progress.IN_CHARGE, ""),
    RightStatus.REFUSED: (Progress.IN_CHARGE, ""),
    RightStatus.PAID: (Progress.SETTLED, ""),
    RightStatus.DECLINED: (Progress.NOT_RELEVANT, Reason.DECLINED),
}
"""What becomes of a line when its right comes to a status. A refusal leaves an appeal to make."""


def follow(acting_user: User, now: datetime, planned: PlannedRight, status: RightStatus) -> None:
    """Bring the lines of a right, those that the person sees, to where the right is. What a colleague does, settled
    otherwise or had corrected stays as it is: only what they declined may be taken up again.
    """
    if status not in _BECOMES:
        return
    progress, reason = _BECOMES[status]
    for line in _lines(acting_user, now, planned):
        if _moves(line, acting_user, progress):
            change_progress(
                acting_user=acting_user, now=now, finding=line, progress=progress, version=line.version, reason=reason
            )


def unfollow(acting_user: User, now: datetime, planned: PlannedRight, undone: RightChange) -> None:
    """Put the lines that a step of the plan had moved back where they were. `planned`: as it is without the step."""
    moved_to, _ = _BECOMES.get(RightStatus(undone.status), (None, ""))
    for line in _lines(acting_user, now, planned):
        found = FollowUp.objects.filter(unit=line.unit, subject=line.subject).first()
        steps = [] if found is None else list(found.steps.all())
        at = next((rank for rank, step in enumerate(steps) if step.at == undone.at), None)
        if at is None or line.progress != moved_to:
            continue
        before = (Progress(steps[at - 1].progress), steps[at - 1].reason) if at else (Progress.TO_DO, "")
        progress, reason = _BECOMES.get(RightStatus(planned.status), before) if planned.pk else before
        if progress != line.progress:
            change_progress(
                acting_user=acting_user, now=now, finding=line, progress=progress, version=line.version, reason=reason
            )


def _lines(acting_user: User, now: datetime, planned: PlannedRight) -> Iterable[Finding]:
    lines = visible(acting_user, timezone.localdate(now)).filter(
        household=planned.plan.household, kind=Kind.RIGHT, right=planned.right
    )
    return list(lines.filter(unit=planned.unit) if planned.unit else lines)


def _moves(line: Finding, by: User, progress: Progress) -> bool:
    if line.progress in (progress, Progress.WRONG_DATA):
        return False
    if progress != Progress.IN_CHARGE:
        return line.progress in (Progress.TO_DO, Progress.ASSIGNED, Progress.IN_CHARGE)
    if line.progress == Progress.NOT_RELEVANT:
        found = FollowUp.objects.filter(unit=line.unit, subject=line.subject).first()
        return found is not None and found.reason == Reason.DECLINED
    return line.progress == Progress.TO_DO or (line.progress == Progress.ASSIGNED and line.agent_id in (None, by.pk))
