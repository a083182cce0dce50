"""What becomes of the plans of an agent who leaves: they go back to the team; private notes are destroyed."""

from __future__ import annotations

from datetime import datetime

from allervers.apps.accounts.departures import on_departure
from allervers.apps.accounts.models import User
from allervers.apps.casework.actions.forgetting import give_plans_back


@on_departure
def give_back_plans(account: User, acting_user: User | None, now: datetime) -> dict[str, int]:
    """Give back every open plan. Returns the counts."""
    plans, notes = give_plans_back(acting_user=acting_user, now=now, account=account)
    return {"plans": plans, "private_notes": notes}
