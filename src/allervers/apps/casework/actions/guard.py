"""How every write begins (the plan locked, the person allowed) and ends (the plan's clock, the register)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from allervers.apps.accounts.models import User
from allervers.apps.audit.actions import record
from allervers.apps.casework.models import Plan
from allervers.apps.casework.permissions import CLOSED, grant_for_plan
from allervers.apps.partnership.domain import Grant
from allervers.foundation.errors import Conflict, InvalidInput, Refused

STALE = "Un collègue a modifié ce plan entre-temps : regardez ce qu'il a fait, puis recommencez."


def locked_plan(acting_user: User, plan: Plan, now: datetime, *, even_closed: bool = False) -> tuple[Plan, Grant]:
    """The plan, locked until the end of the transaction, and the grant that opens it. Raises PermissionDenied; Refused
    when it is closed.
    """
    found = Plan.objects.select_for_update().filter(pk=plan.pk).first()
    grant = None if found is None else grant_for_plan(acting_user, found, timezone.localdate(now))
    if found is None or grant is None:
        raise PermissionDenied(CLOSED)
    if found.closed_at is not None and not even_closed:
        raise Refused("Ce plan est clos : rouvrez-le pour le modifier.")
    return found, grant


def written(acting_user: User | None, plan: Plan, grant: Grant | None, now: datetime, what: str, **more: Any) -> None:
    """Note that the plan changed, and say in the register what did. `more`: identifiers alone."""
    plan.changed_at = now
    plan.save(update_fields=["changed_at"])
    record(
        acting_user=acting_user, now=now, action=what, kind="household", target=plan.household,
        purpose="" if grant is None else grant.purpose, convention="" if grant is None else grant.convention,
        plan=plan.pk, **more,
    )  # fmt: skip


def check_version(current: int, shown: int) -> None:
    """Raises Conflict when the page that was filled shows an older version."""
    if current != shown:
        raise Conflict(STALE)


OLDEST_FACT_YEARS = 3
"""Nothing that is said today of a plan happened before: a longer date is a slip, and would spoil the delays counted."""


def in_time(on: date, now: datetime, what: str) -> None:
    """Raises InvalidInput for the date of a fact that has not come, or that is too old to be one."""
    today = timezone.localdate(now)
    if on > today:
        raise InvalidInput(f"{what} ne peut pas être datée dans l'avenir.")
    if (on.year + OLDEST_FACT_YEARS, on.month, on.day) < (today.year, today.month, today.day):
        raise InvalidInput(f"{what} ne peut pas remonter à plus de trois ans : vérifiez l'année.")
