"""The one write of the grid at the counter: a count of nobody."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from allervers.apps.accounts.domain import SEES_PERSONS
from allervers.apps.accounts.models import User
from allervers.apps.audit.actions import record
from allervers.apps.casework.domain import Origin
from allervers.apps.casework.grid import Outcome
from allervers.apps.casework.models import GridTally
from allervers.apps.partnership.models import Team
from allervers.foundation.periods import Month


@transaction.atomic
def count_grid(*, acting_user: User, now: datetime, origin: Origin, outcome: Outcome) -> None:
    """Count the outcome of a grid, for the team and the month. Neither the answers nor the person are kept.

    permission: agents and managers who belong to a team of their organisation.
    raises: PermissionDenied.
    audit: grid_filled (where from, never the outcome).
    after: nothing.
    """
    team = Team.objects.filter(members=acting_user, organisation=acting_user.organisation).order_by("name").first()
    if team is None or acting_user.role not in SEES_PERSONS:
        raise PermissionDenied("Vous n'appartenez à aucune équipe : la grille ne peut pas être comptée.")
    month = str(Month.of(timezone.localdate(now)))
    tally, _ = GridTally.objects.get_or_create(team=team, month=month, origin=origin, outcome=outcome)
    GridTally.objects.filter(pk=tally.pk).update(count=F("count") + 1)
    record(acting_user=acting_user, now=now, action="grid_filled", kind="grid", target=month, origin=origin)
