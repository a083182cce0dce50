"""What workers do for plans: see what is paid at each publication, destroy what is past its time."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import ngettext

from allervers.apps.casework.actions.forgetting import destroy_old_plans
from allervers.apps.casework.models import Plan
from allervers.apps.casework.paid import see_what_is_paid
from allervers.apps.findings.permissions import open_publication
from allervers.apps.jobs.domain import STORE
from allervers.apps.jobs.registry import Running, task
from allervers.foundation.errors import NotFound


def _at_each_publication(on: date) -> dict[str, Any] | None:
    publication, ended = open_publication(on)
    if publication is None or ended or not Plan.objects.filter(closed_at=None).exists():
        return None
    return {"publication": publication.pk}


@task("plans_paid", "Droits des plans vus versés", group=STORE, due=_at_each_publication)
def plans_paid(running: Running) -> dict[str, Any]:
    """Mark the rights of plans that the new lists show received. Run again, marks nothing more."""
    running.progress(0, 1, "Lecture des versements")
    try:
        seen = see_what_is_paid(timezone.now())
    except NotFound:
        return {"seen": 0, "sentences": ["Les données du mois ont été détruites : rien à lire avant les suivantes."]}
    told = ngettext("%(n)d droit vu versé ou ouvert.", "%(n)d droits vus versés ou ouverts.", seen)
    return {"seen": seen, "sentences": [told % {"n": seen}]}


def _every_day(on: date) -> dict[str, Any]:
    return {"on": on.isoformat()}


@task("plans_retention", "Destruction des plans dont le délai est passé", due=_every_day)
def plans_retention(running: Running) -> dict[str, Any]:
    """Destroy the plans past their time and the answers of old meetings. Idempotent."""
    running.progress(0, 1, "Plans et entretiens")
    plans, answers = destroy_old_plans(now=timezone.now())
    of_plans = ngettext("%(n)d plan", "%(n)d plans", plans) % {"n": plans}
    of_answers = ngettext("réponses de %(n)d entretien", "réponses de %(n)d entretiens", answers) % {"n": answers}
    return {"plans": plans, "sentences": [f"Détruits : {of_plans}, {of_answers}."]}
