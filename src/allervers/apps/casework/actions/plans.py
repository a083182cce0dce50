"""Writes on a plan as a whole: opened, taken, told of situations, closed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from allervers.apps.accounts.models import User
from allervers.apps.casework.actions.guard import check_version, locked_plan, written
from allervers.apps.casework.domain import AT_COUNTER, UNDER_WAY
from allervers.apps.casework.models import Plan
from allervers.apps.casework.permissions import CLOSED, grant_at_counter, grant_to_open, plans_open_to
from allervers.apps.findings.permissions import open_publication, to_settle, visible
from allervers.foundation.errors import InvalidInput, Refused
from allervers.rights.registries import situations

_KEY = re.compile("[0-9a-f]{32}")


@transaction.atomic
def open_plan(*, acting_user: User, now: datetime, household: str) -> tuple[Plan, bool]:
    """The open plan of a household in the person's organisation, made when there is none. Tells whether it is new.

    permission: casework.permissions.grant_to_open.
    raises: PermissionDenied.
    audit: plan_opened, the first time.
    after: nothing.
    """
    on = timezone.localdate(now)
    if household.startswith(AT_COUNTER):
        known = plans_open_to(acting_user, on).filter(household=household, closed_at=None).first()
        if known is None:
            raise PermissionDenied(CLOSED)
        return known, False
    grant = grant_to_open(acting_user, household, on)
    plan, is_new = Plan.objects.get_or_create(
        household=household, organisation=acting_user.organisation, closed_at=None,
        defaults={
            "commune": _commune(acting_user, household, on), "team_id": grant.team, "agent": acting_user,
            "opened_at": now, "changed_at": now,
        },
    )  # fmt: skip
    if is_new:
        written(acting_user, plan, grant, now, "plan_opened")
    return plan, is_new


@transaction.atomic
def open_plan_at_counter(*, acting_user: User, now: datetime, key: str, commune: str) -> Plan:
    """A plan with somebody who came and whom no list shows. Sent again under the same key, it is made once.

    permission: casework.permissions.grant_at_counter.
    raises: PermissionDenied; InvalidInput for a key that is not one.
    audit: plan_opened, the first time.
    after: nothing.
    """
    if not _KEY.fullmatch(key):
        raise InvalidInput("Ce rendez-vous ne peut pas être commencé : rechargez la page de la grille.")
    grant = grant_at_counter(acting_user, commune, timezone.localdate(now))
    plan, is_new = Plan.objects.get_or_create(
        household=f"{AT_COUNTER}{key}", organisation=acting_user.organisation,
        defaults={
            "commune": commune, "team_id": grant.team, "agent": acting_user, "opened_at": now, "changed_at": now,
        },
    )  # fmt: skip
    if is_new:
        written(acting_user, plan, grant, now, "plan_opened")
    return plan


def _commune(acting_user: User, household: str, on: date) -> str:
    line = visible(acting_user, on).filter(household=household).exclude(commune="").first()
    if line is not None:
        return line.commune
    publication, _ = open_publication(on)
    return "" if publication is None else to_settle(publication, household)[0] or ""


@transaction.atomic
def take_plan(*, acting_user: User, now: datetime, plan: Plan, version: int, gives_back: bool = False) -> Plan:
    """Follow a plan oneself, or give it back to the team.

    permission: casework.permissions.grant_for_plan.
    raises: PermissionDenied; Refused when it is closed; Conflict when a colleague came first.
    audit: plan_taken or plan_given_back.
    after: nothing.
    """
    plan, grant = locked_plan(acting_user, plan, now)
    check_version(plan.version, version)
    plan.agent = None if gives_back else acting_user
    plan.team_id = plan.team_id if gives_back else grant.team
    _save(plan, "agent", "team")
    written(acting_user, plan, grant, now, "plan_given_back" if gives_back else "plan_taken")
    return plan


@transaction.atomic
def tell_situations(
    *, acting_user: User, now: datetime, plan: Plan, version: int, told: Sequence[str], papers_due_on: date | None
) -> Plan:
    """Say which situations hold, so that the papers fit, and by when to bring them.

    permission: casework.permissions.grant_for_plan.
    raises: PermissionDenied; Refused when it is closed; Conflict; InvalidInput for a situation that does not exist.
    audit: plan_situations_told (how many, never which).
    after: nothing.
    """
    plan, grant = locked_plan(acting_user, plan, now)
    check_version(plan.version, version)
    if set(told) - set(situations()):
        raise InvalidInput("Une de ces situations n'existe pas : rechargez la page.")
    plan.situations, plan.papers_due_on = sorted(set(told)), papers_due_on
    _save(plan, "situations", "papers_due_on")
    written(acting_user, plan, grant, now, "plan_situations_told", situations=len(plan.situations))
    return plan


@transaction.atomic
def close_plan(*, acting_user: User, now: datetime, plan: Plan, version: int, even_unfinished: bool = False) -> Plan:
    """Close a plan. While a right is awaited, it must be said that it is meant.

    permission: casework.permissions.grant_for_plan.
    raises: PermissionDenied; Refused when it is closed or unfinished; Conflict.
    audit: plan_closed.
    after: destroyed after PLANS_KEPT.
    """
    plan, grant = locked_plan(acting_user, plan, now)
    check_version(plan.version, version)
    if not even_unfinished and plan.rights.filter(status__in=UNDER_WAY).exists():
        raise Refused("Des droits sont encore attendus : cochez « clore quand même » si c'est voulu.")
    plan.closed_at = now
    _save(plan, "closed_at")
    plan.meetings.filter(closed_at=None).update(closed_at=now)
    written(acting_user, plan, grant, now, "plan_closed")
    return plan


@transaction.atomic
def reopen_plan(*, acting_user: User, now: datetime, plan: Plan, version: int) -> Plan:
    """Open again a plan that was closed.

    permission: casework.permissions.grant_for_plan.
    raises: PermissionDenied; Refused when it is open, or another one is; Conflict.
    audit: plan_reopened.
    after: nothing.
    """
    plan, grant = locked_plan(acting_user, plan, now, even_closed=True)
    check_version(plan.version, version)
    same = Plan.objects.filter(household=plan.household, organisation=plan.organisation_id, closed_at=None)
    if same.exists():
        raise Refused("Un plan est déjà ouvert pour ce foyer.")
    plan.closed_at = None
    _save(plan, "closed_at")
    written(acting_user, plan, grant, now, "plan_reopened")
    return plan


def _save(plan: Plan, *names: str) -> None:
    plan.version += 1
    plan.save(update_fields=[*names, "version"])
