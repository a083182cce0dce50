"""The plans of the demonstration: at different steps, made once."""

from __future__ import annotations

from small_world import NOW, TODAY, line

from allervers.apps.accounts.models import User
from allervers.apps.casework.followups import follow_ups
from allervers.apps.casework.models import Plan, PlannedRight
from allervers.apps.findings.models import Publication
from allervers.web.demo import fill
from allervers.web.demo_plans import PLANS, make_plans


def test_plans_at_every_step_made_once(world):
    fill(reference="CONV-DEMO", partners=[("caf-93", "caf_allocataires")], today=TODAY)
    Publication.objects.update(conventions=["CONV-DEMO"])
    for rank in range(1, 21):
        line(world, rank)
    assert make_plans(now=NOW) == PLANS == Plan.objects.count()
    assert make_plans(now=NOW) == 0
    statuses = set(PlannedRight.objects.values_list("status", flat=True))
    assert {"proposed", "accepted", "requested", "granted", "paid", "declined"} <= statuses
    agent = User.objects.get(email="agent@demo.allervers.fr")
    assert any(row.is_late for row in follow_ups(agent, TODAY, {}))
