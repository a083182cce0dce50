"""Writes on jobs: asked, taken, told, ended. Each is one short transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from allervers.apps.audit.actions import Actor, record
from allervers.apps.jobs.domain import LEASE, MAX_ATTEMPTS, OVER, Cancelled, LeaseLost, State
from allervers.apps.jobs.models import Job
from allervers.apps.jobs.registry import task_named
from allervers.foundation.errors import Refused


@transaction.atomic
def ask_job(*, acting_user: Any, now: datetime, task: str, parameters: dict[str, Any]) -> Job:
    """Put a job in the queue; one that waits with the same task and parameters is given back instead.

    permission: the caller's action.
    raises: NotFound for an unknown task.
    audit: job_asked.
    after: a worker takes it.
    """
    task_named(task)
    same = Job.objects.filter(task=task, parameters=parameters, state=State.QUEUED).first()
    if same is not None:
        return same
    job = Job.objects.create(
        task=task,
        parameters=parameters,
        asked_by=acting_user,
        organisation=acting_user.organisation_code if acting_user is not None else "",
        asked_at=now,
    )
    record(acting_user=acting_user, now=now, action="job_asked", kind="job", target=str(job.pk), task=task)
    return job


@transaction.atomic
def cancel_job(*, acting_user: Actor, now: datetime, job: Job) -> Job:
    """Ask that a job stop; one that waits stops at once.

    permission: jobs.permissions.can_cancel.
    raises: Refused when it is over.
    audit: job_cancel_asked.
    after: the worker stops at its next step and keeps nothing.
    """
    job = Job.objects.select_for_update().get(pk=job.pk)
    if job.state in OVER:
        raise Refused("Ce travail est déjà terminé.", job=job.pk)
    job.is_cancel_asked = True
    if job.state == State.QUEUED:
        job.state, job.ended_at = State.CANCELLED, now
    job.save()
    record(acting_user=acting_user, now=now, action="job_cancel_asked", kind="job", target=str(job.pk))
    return job


@transaction.atomic
def retry_job(*, acting_user: Actor, now: datetime, job: Job) -> Job:
    """Put a failed or cancelled job back in the queue, its attempts counted anew.

    permission: jobs.permissions.can_cancel.
    raises: Refused when it did not fail.
    audit: job_retried.
    after: a worker takes it.
    """
    job = Job.objects.select_for_update().get(pk=job.pk)
    if job.state not in {State.FAILED, State.CANCELLED}:
        raise Refused("Seul un travail échoué ou annulé se relance.", job=job.pk)
    job.state, job.attempts, job.is_cancel_asked = State.QUEUED, 0, False
    job.done = job.total = 0
    job.message, job.ended_at = "", None
    job.save()
    record(acting_user=acting_user, now=now, action="job_retried", kind="job", target=str(job.pk))
    return job


@transaction.atomic
def take_job(*, worker: str, now: datetime) -> Job | None:
    """The oldest job that waits, now this worker's; None when none waits. Two workers never get the same.

    permission: none (workers).
    raises: nothing.
    audit: none; its end is.
    after: the lease must be renewed before it ends.
    """
    reap_jobs(now=now)
    waiting = Job.objects.select_for_update(skip_locked=True).filter(state=State.QUEUED).order_by("asked_at", "pk")
    job = waiting.first()
    if job is None:
        return None
    job.state, job.worker, job.lease_until = State.RUNNING, worker, now + LEASE
    job.attempts += 1
    job.started_at = now
    job.save()
    return job


@transaction.atomic
def reap_jobs(*, now: datetime) -> int:
    """Give back to the queue the jobs whose worker has not been heard; fail those that killed too many.

    permission: none (workers).
    raises: nothing.
    audit: none.
    after: nothing. Returns the number of jobs reaped.
    """
    dead = Job.objects.filter(state=State.RUNNING, lease_until__lt=now)
    lost = dead.filter(Q(attempts__gte=MAX_ATTEMPTS) | Q(is_cancel_asked=True))
    failed = lost.update(
        state=State.FAILED, ended_at=now, message="Interrompu plusieurs fois ; rien n'en a été gardé.", worker=""
    )
    return failed + dead.update(state=State.QUEUED, worker="", lease_until=None)


def tell_progress(*, job: Job, worker: str, now: datetime, done: int, total: int, message: str) -> None:
    """Write where a job stands and renew its lease.

    permission: none (workers).
    raises: Cancelled when someone asked; LeaseLost when the job is another worker's by now.
    audit: none.
    after: nothing.
    """
    mine = Job.objects.filter(pk=job.pk, worker=worker, state=State.RUNNING)
    values = {"lease_until": now + LEASE, "done": done, "total": total}
    if message:
        values["message"] = message[:500]
    if not mine.update(**values):
        raise LeaseLost
    if mine.filter(is_cancel_asked=True).exists():
        raise Cancelled


@transaction.atomic
def end_job(
    *, job: Job, worker: str, now: datetime, state: State, message: str = "", result: dict[str, Any] | None = None
) -> bool:
    """Write the end of a job, unless it was given to another worker meanwhile.

    permission: none (workers).
    raises: nothing. Returns False when the job was no longer this worker's.
    audit: job_ended.
    after: nothing.
    """
    values: dict[str, Any] = {"state": state, "ended_at": now, "lease_until": None, "worker": ""}
    if message:
        values["message"] = message[:500]
    if state == State.DONE:
        values |= {"result": result or {}, "total": F("total")}
    if not Job.objects.filter(pk=job.pk, worker=worker, state=State.RUNNING).update(**values):
        return False
    record(acting_user=None, now=now, action="job_ended", kind="job", target=str(job.pk), task=job.task, state=state)
    return True
