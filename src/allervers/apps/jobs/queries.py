"""Reads of jobs, within what the person may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet
from django.http import Http404

from allervers.apps.accounts.models import User
from allervers.apps.jobs.domain import SIGN_OF_LIFE, State
from allervers.apps.jobs.models import Job, WorkerSign
from allervers.apps.jobs.permissions import visible_jobs


@dataclass(frozen=True, slots=True)
class QueueState:
    """What the operator must know of the queue. `alive`: workers heard lately; `seen_at`: the last sign of any."""

    alive: int
    seen_at: datetime | None
    waiting: int
    running: int
    failed: int
    oldest_waiting_at: datetime | None


def jobs_of(user: User, state: str = "") -> QuerySet[Job]:
    """Jobs that a person may see, the newest first; those of one state when it is given."""
    found = visible_jobs(user)
    return found.filter(state=state) if state in set(State) else found


def job_of(user: User, number: int) -> Job:
    """One job, if the person may see it. Raises Http404."""
    job = visible_jobs(user).filter(pk=number).first()
    if job is None:
        raise Http404
    return job


def last_done(task: str) -> Job | None:
    """The last job of a task that came to its end."""
    return Job.objects.filter(task=task, state=State.DONE).order_by("-ended_at").first()


def queue_state(now: datetime) -> QueueState:
    """Workers and queue at an instant."""
    signs = WorkerSign.objects.order_by("-seen_at")
    last = signs.first()
    counts = dict(Job.objects.order_by().values_list("state").annotate(n=Count("pk")))
    oldest = Job.objects.filter(state=State.QUEUED).order_by("asked_at").first()
    return QueueState(
        alive=signs.filter(seen_at__gte=now - 3 * SIGN_OF_LIFE).count(),
        seen_at=last.seen_at if last else None,
        waiting=counts.get(State.QUEUED, 0),
        running=counts.get(State.RUNNING, 0),
        failed=counts.get(State.FAILED, 0),
        oldest_waiting_at=oldest.asked_at if oldest else None,
    )
