"""Plans of the demonstration, at different steps, so that no page of theirs is empty: invented people and work."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from allervers.apps.accounts.models import User
from allervers.apps.casework.actions import meetings, plans, rights, steps
from allervers.apps.casework.domain import Choice, Doer, Level, Origin, ReferralState, RightStatus, Why
from allervers.apps.casework.models import Plan, PlannedRight
from allervers.apps.casework.parcours import called_for
from allervers.apps.findings.permissions import visible
from allervers.apps.partnership.models import Organisation

PLANS = 14
"""Households followed in the demonstration."""

_PATH = (RightStatus.PROPOSED, RightStatus.ACCEPTED, RightStatus.REQUESTED, RightStatus.GRANTED, RightStatus.PAID)
_FOLLOWERS = ("agent@demo.allervers.fr", "agent@demo.allervers.fr", "responsable@demo.allervers.fr")
_DAYS_AGO = 100
_REACHED = (5, 3, 5, 1, 5, 4, 2, 5)
"""How many steps of the path each household has reached."""
_PACE = (4, 10, 28, 55, 80)
"""Days from the meeting to each step of the path."""


@transaction.atomic
def make_plans(*, now: datetime) -> int:
    """Make them once, for the most urgent households of the agent of Saint-Denis. Returns how many were made."""
    followers = {one.email: one for one in User.objects.filter(email__in=_FOLLOWERS).select_related("organisation")}
    first = followers.get(_FOLLOWERS[0])
    if first is None or Plan.objects.exists():
        return 0
    lines = visible(first, timezone.localdate(now)).filter(kind="right", is_to_act=True, may_contact=True)
    households = list(dict.fromkeys(lines.order_by("rank").values_list("household", flat=True)[: PLANS * 8]))[:PLANS]
    for rank, household in enumerate(households):
        _make(followers[_FOLLOWERS[rank % len(_FOLLOWERS)]], household, rank, now)
    return len(households)


def _make(agent: User, household: str, rank: int, now: datetime) -> None:
    met = now - timedelta(days=_DAYS_AGO - rank)
    meeting, _ = meetings.start_meeting(
        acting_user=agent, now=met, household=household, origin=list(Origin)[rank % len(Origin)]
    )
    plan = meeting.plan
    _steps(agent, plan, met)
    for planned in plan.rights.all():
        _advance(agent, planned, met, rank, now)
    first_step = plan.steps.first()
    if first_step is not None:
        steps.tick_step(acting_user=agent, now=met, step=first_step, is_done=True)
    steps.write_note(
        acting_user=agent, now=met, plan=plan, key="demo", level=Level.SHARED,
        text="Nous avons regardé ensemble tous les droits du foyer.",
    )  # fmt: skip
    if rank % 3 == 0:
        _send_elsewhere(agent, plan, met, rank)
    plan.refresh_from_db()
    plans.tell_situations(
        acting_user=agent, now=met, plan=plan, version=plan.version, told=[],
        papers_due_on=timezone.localdate(now) + timedelta(days=rank - 4),
    )  # fmt: skip
    meetings.hold_meeting(acting_user=agent, now=met + timedelta(hours=1), meeting=meeting, closes=True)


def _steps(agent: User, plan: Plan, met: datetime) -> None:
    """The steps that the events of the household call for; without any, one that fits everybody."""
    events = visible(agent, timezone.localdate(met)).filter(household=plan.household, kind="event")
    called = called_for(frozenset(events.values_list("event", flat=True)))
    if called:
        steps.apply_template(acting_user=agent, now=met, plan=plan, template=called[0])
    else:
        steps.add_step(
            acting_user=agent, now=met, plan=plan, key="demo", what="Réunir les pièces, et faire les demandes ensemble",
            doer=Doer.AGENT, due_on=timezone.localdate(met) + timedelta(days=14),
        )  # fmt: skip


def _advance(agent: User, planned: PlannedRight, met: datetime, rank: int, now: datetime) -> None:
    """Take a right some steps along the chain; every fifth household refuses one by choice."""
    if rank % 5 == 4:
        proposed = _move(agent, planned, RightStatus.PROPOSED, met)
        _move(agent, proposed, RightStatus.DECLINED, met, choice=str(Choice.LATER))
        return
    for status, days in zip(_PATH[: _REACHED[rank % len(_REACHED)]], _PACE, strict=False):
        at = met + timedelta(days=days)
        if at > now:
            return
        planned = _move(agent, planned, status, at)


def _move(agent: User, planned: PlannedRight, status: RightStatus, at: datetime, choice: str = "") -> PlannedRight:
    eur = planned.proposed_eur if status == RightStatus.PAID else None
    return rights.change_right(
        acting_user=agent, now=at, planned=planned, status=status, version=planned.version, eur=eur, choice=choice
    )[0]


def _send_elsewhere(agent: User, plan: Plan, met: datetime, rank: int) -> None:
    place = Organisation.objects.filter(code="departement-93", is_active=True).first()
    if place is None:
        return
    made, _ = steps.refer(acting_user=agent, now=met, plan=plan, to=place, why=Why.SOCIAL, is_agreed=True)
    if rank % 2:
        steps.answer_referral(acting_user=agent, now=met, referral=made, state=ReferralState.MET)
