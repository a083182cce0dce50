"""What other applications do when an account stops seeing persons. They register here; this one knows none of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from allervers.apps.accounts.models import User

Departure = Callable[[User, User | None, datetime], dict[str, int]]
"""(account, who decides, instant) -> what was done, as counts for the register."""

_DEPARTURES: list[Departure] = []


def on_departure(function: Departure) -> Departure:
    """Register what to do, within the transaction that closes the account. Run twice, it must change nothing more."""
    if function not in _DEPARTURES:
        _DEPARTURES.append(function)
    return function


def depart(account: User, acting_user: User | None, now: datetime) -> dict[str, int]:
    """Do all of it. Returns the counts."""
    counts: dict[str, int] = {}
    for function in _DEPARTURES:
        counts |= function(account, acting_user, now)
    return counts
