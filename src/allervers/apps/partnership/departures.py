"""What ends here when an account stops seeing persons: its habilitations, its place in teams."""

from __future__ import annotations

from datetime import datetime

from django.utils.timezone import localdate

from allervers.apps.accounts.departures import on_departure
from allervers.apps.accounts.models import User
from allervers.apps.partnership.models import Habilitation, Team


@on_departure
def leave(account: User, acting_user: User | None, now: datetime) -> dict[str, int]:
    """End the habilitations this same day, and leave the teams. Returns the counts."""
    del acting_user
    today = localdate(now)
    running = Habilitation.objects.filter(user=account).exclude(ends_on__lte=today)
    ended = running.update(ends_on=today)
    places = Team.members.through.objects.filter(user_id=account.pk)
    left, _ = places.delete()
    return {"habilitations": ended, "teams": left}
