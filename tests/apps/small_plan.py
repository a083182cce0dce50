"""A small plan of Saint-Denis: a meeting, rights at several steps, steps, papers, notes at each level, a referral."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from small_world import NOW, World, line

from allervers.apps.casework.actions import meetings, plans, rights, steps
from allervers.apps.casework.domain import Doer, Level, Origin, RightStatus, Why
from allervers.apps.casework.models import Meeting, Plan, PlannedRight, PlanStep, Referral


@dataclass(frozen=True)
class SmallPlan:
    """The plan and one of each of its parts."""

    plan: Plan
    meeting: Meeting
    right: PlannedRight
    step: PlanStep
    referral: Referral


def make_plan(world: World, rank: int = 1, **values: object) -> SmallPlan:
    """Make it, followed by the agent of the small world: the RSA requested, the ASPA detected, css proposed."""
    found = line(world, rank, **values)
    line(world, rank + 500, household=found.household, unit=found.unit, right="aspa", amount_eur_month=120.0)
    by = {"acting_user": world.agent, "now": NOW}
    meeting, _ = meetings.start_meeting(**by, household=found.household, origin=Origin.LIST, line="rsa")
    plan = meeting.plan
    rsa = plan.rights.get(right="rsa")
    on = date(2026, 9, 1)
    for version, status in enumerate((RightStatus.PROPOSED, RightStatus.ACCEPTED, RightStatus.REQUESTED)):
        rsa, _ = rights.change_right(**by, planned=rsa, status=status, version=version, on=on)
    rights.add_rights(**by, plan=plan, rights=["css_sans_participation"], linked_from="rsa")
    steps.apply_template(**by, plan=plan, template="separation")
    step = steps.add_step(**by, plan=plan, key="k", what="Téléphoner à la Caf", doer=Doer.AGENT, due_on=on)
    for level in Level:
        steps.write_note(**by, plan=plan, key=str(level), level=level, text=f"Note {level}")
    referral, _ = steps.refer(**by, plan=plan, to=world.bondy, why=Why.LEGAL, is_agreed=True)
    plan = plans.tell_situations(**by, plan=plan, version=0, told=["etranger"], papers_due_on=date(2026, 11, 20))
    return SmallPlan(plan, meeting, rsa, step, referral)
