"""What is destroyed: at an opposition, at the end of its time; and what goes back to the team when an agent leaves."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from allervers.apps.accounts.models import User
from allervers.apps.audit.actions import record
from allervers.apps.casework.domain import ANSWERS_KEPT, PLANS_KEPT, Level
from allervers.apps.casework.models import Meeting, Note, Plan


@transaction.atomic
def forget_plans(*, acting_user: User | None, now: datetime, household: str) -> int:
    """Destroy the plans of a household whose person opposes, with their meetings, notes, steps and referrals.

    permission: none (workers, after an opposition).
    raises: nothing.
    audit: plans_forgotten, when there are some.
    after: nothing. Returns the number of plans destroyed.
    """
    plans = Plan.objects.filter(household=household)
    count = plans.count()
    plans.delete()
    if count:
        record(
            acting_user=acting_user, now=now, action="plans_forgotten", kind="household", target=household, plans=count
        )
    return count


@transaction.atomic
def destroy_old_plans(*, now: datetime) -> tuple[int, int]:
    """Destroy the plans past their time, and the answers of meetings closed long ago.

    permission: none (the calendar).
    raises: nothing.
    audit: plans_destroyed, when there are some.
    after: nothing. Returns the number of plans destroyed, and of meetings whose answers were.
    """
    before = now - PLANS_KEPT
    old = Plan.objects.filter(Q(closed_at__lt=before) | Q(closed_at=None, changed_at__lt=before))
    plans = old.count()
    old.delete()
    closed = Meeting.objects.filter(closed_at__lt=now - ANSWERS_KEPT).exclude(answers="")
    answers = closed.update(answers="")
    if plans or answers:
        record(
            acting_user=None, now=now, action="plans_destroyed", kind="plan", target=f"{before:%Y-%m-%d}", plans=plans,
            answers=answers,
        )  # fmt: skip
    return plans, answers


@transaction.atomic
def give_plans_back(*, acting_user: User | None, now: datetime, account: User) -> tuple[int, int]:
    """Give the open plans of an agent who leaves back to the team, close their meetings, destroy their private notes.

    permission: none (the departure of an account).
    raises: nothing.
    audit: plan_given_back, one entry a plan.
    after: nothing. Returns the number of plans given back, and of private notes destroyed.
    """
    mine = list(Plan.objects.select_for_update().filter(agent=account, closed_at=None).order_by("pk"))
    for plan in mine:
        plan.agent, plan.version = None, plan.version + 1
        plan.save(update_fields=["agent", "version"])
        record(
            acting_user=acting_user, now=now, action="plan_given_back", kind="household", target=plan.household,
            plan=plan.pk, agent=account.public_id,
        )  # fmt: skip
    Meeting.objects.filter(agent=account, closed_at=None).update(closed_at=now)
    notes, _ = Note.objects.filter(author=account, level=Level.PRIVATE).delete()
    return len(mine), notes
