"""The job of each day: kept simulations whose time is over are deleted, be there no visitor."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from allervers.apps.jobs.registry import Running, task
from allervers.apps.simulation.actions import forget_expired


def _every_day(on: date) -> dict[str, Any]:
    return {"on": on.isoformat()}


@task("simulations", "Effacement des simulations gardées dont le délai est passé", due=_every_day)
def forget_kept_simulations(running: Running) -> dict[str, Any]:
    """Delete what is over."""
    del running
    return {"deleted": forget_expired(now=timezone.now())}
