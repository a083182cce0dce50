"""What becomes of the lines of an agent who leaves: they go back to the team, for a colleague to take."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from allervers.apps.accounts.departures import on_departure
from allervers.apps.accounts.models import User
from allervers.apps.audit.actions import record
from allervers.apps.findings.domain import OPEN, Progress
from allervers.apps.findings.models import Finding, FollowUp, Step


@on_departure
def give_back(account: User, acting_user: User | None, now: datetime) -> dict[str, int]:
    """Give back every line that is not settled: to its team when it has one, to do otherwise. Returns the count."""
    mine = FollowUp.objects.select_for_update().filter(agent=account, progress__in=OPEN).order_by("pk")
    given = list(mine)
    for follow_up in given:
        progress = Progress.TO_DO if follow_up.team_id is None else Progress.ASSIGNED
        FollowUp.objects.filter(pk=follow_up.pk).update(
            agent=None, progress=progress, version=F("version") + 1, changed_at=now
        )
        Finding.objects.filter(unit=follow_up.unit, subject=follow_up.subject).update(
            agent=None, progress=progress, version=follow_up.version + 1
        )
        Step.objects.create(follow_up=follow_up, at=now, by=acting_user, progress=progress)
        record(
            acting_user=acting_user, now=now, action="line_given_back", kind="household", target=follow_up.household,
            subject=follow_up.subject, agent=account.public_id,
        )  # fmt: skip
    return {"lines": len(given)}
