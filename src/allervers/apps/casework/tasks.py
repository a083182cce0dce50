"""What workers do for plans: see what is paid at each publication, destroy what is past its time."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from allervers.apps.casework.actions.forgetting import destroy_old_plans
from allervers.apps.casework.models import Plan
from allervers.apps.casework.paid import see_what_is_paid
from allervers.apps.findings.permissions import open_publication
from allervers.apps.jobs.domain import STORE
from allervers.apps.jobs.registry import Running, task


def _at_each_publication(on: date) -> dict[str, Any] | None:
    publication, ended = open_publication(on)
    if publication is None or ended or not Plan.objects.filter(closed_at=None).exists():
        return None
    return {"publication": publication.pk}


@task("plans_paid", "Droits des plans vus versés", group=STORE, due=_at_each_publication)
def plans_paid(running: Running) -> dict[str, Any]:
    """Mark the rights of plans that the new lists show received. Run again, marks nothing more."""
    running.progress(0, 1, "Lecture des versements")
    seen = see_what_is_paid(timezone.now())
    return {"seen": seen, "sentences": [f"{seen} droit(s) vu(s) versé(s) ou ouvert(s)."]}


def _every_day(on: date) -> dict[str, Any]:
    return {"on": on.isoformat()}


@task("plans_retention", "Destruction des plans dont le délai est passé", due=_every_day)
def plans_retention(running: Running) -> dict[str, Any]:
    """Destroy the plans past their time and the answers of old meetings. Idempotent."""
    running.progress(0, 1, "Plans et entretiens")
    plans, answers = destroy_old_plans(now=timezone.now())
    return {"plans": plans, "sentences": [f"Détruits : {plans} plan(s), réponses de {answers} entretien(s)."]}
