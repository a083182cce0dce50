"""Writes on jobs: asked, taken, told, ended. Each is one short transaction."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Q

from allervers.apps.accounts.models import User
from allervers.apps.audit.actions import record
from allervers.apps.jobs.domain import LEASE, MAX_ATTEMPTS, OVER, Cancelled, LeaseLost, State
from allervers.apps.jobs.models import Job, WorkerSign
from allervers.apps.jobs.permissions import can_cancel
from allervers.apps.jobs.registry import known_tasks, task_named, tasks_beside
from allervers.foundation.errors import Refused

_TAKING = 93_0611
"""PostgreSQL's number of the lock under which jobs are taken, one at a time (SQLite has one writer anyway)."""


@transaction.atomic
def ask_job(*, acting_user: Any, now: datetime, task: str, parameters: dict[str, Any]) -> Job:
    """Put a job in the queue; one that waits or runs with the same task and parameters is given back instead.

    permission: the caller's action.
    raises: NotFound for an unknown task.
    audit: job_asked.
    after: a worker takes it.
    """
    task_named(task)
    _one_at_a_time()
    alive = Job.objects.filter(task=task, parameters=parameters, is_cancel_asked=False)
    same = alive.filter(state__in=(State.QUEUED, State.RUNNING)).first()
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
def ask_due_jobs(*, now: datetime, today: date) -> int:
    """Ask for the jobs of the calendar whose day has come, each once whatever the number of workers.

    permission: none (workers).
    raises: nothing.
    audit: job_asked.
    after: nothing. Returns the number of jobs asked.
    """
    asked = 0
    for registered in known_tasks():
        parameters = registered.due(today)
        if parameters is None:
            continue
        key = ":".join((registered.name, *(str(value) for _, value in sorted(parameters.items()))))
        job, is_new = Job.objects.get_or_create(
            key=key, defaults={"task": registered.name, "parameters": parameters, "asked_at": now}
        )
        if is_new:
            asked += 1
            record(acting_user=None, now=now, action="job_asked", kind="job", target=str(job.pk), task=registered.name)
    return asked


@transaction.atomic
def cancel_job(*, acting_user: User, now: datetime, job: Job) -> Job:
    """Ask that a job stop; one that waits stops at once.

    permission: jobs.permissions.can_cancel.
    raises: PermissionDenied; Refused when it is over.
    audit: job_cancel_asked.
    after: the worker stops at its next step and keeps nothing.
    """
    if not can_cancel(acting_user, job):
        raise PermissionDenied("Ce travail n'est pas celui de votre organisme.")
    job = Job.objects.select_for_update().get(pk=job.pk)
    if job.state in OVER:
        raise Refused("Ce travail est déjà terminé.", job=job.pk)
    job.is_cancel_asked = True
    if job.state == State.QUEUED:
        job.state, job.ended_at = State.CANCELLED, now
    job.save(update_fields=["is_cancel_asked", "state", "ended_at"])
    record(acting_user=acting_user, now=now, action="job_cancel_asked", kind="job", target=str(job.pk))
    return job


@transaction.atomic
def retry_job(*, acting_user: User, now: datetime, job: Job) -> Job:
    """Put a failed or cancelled job back in the queue, its attempts counted anew.

    permission: jobs.permissions.can_cancel.
    raises: PermissionDenied; Refused when it did not fail.
    audit: job_retried.
    after: a worker takes it.
    """
    if not can_cancel(acting_user, job):
        raise PermissionDenied("Ce travail n'est pas celui de votre organisme.")
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
    """The oldest job that waits, now this worker's; None when none waits. Two workers never get the same, nor two jobs
    of one group.

    permission: none (workers).
    raises: nothing.
    audit: none; its end is.
    after: the lease must be renewed before it ends.
    """
    _one_at_a_time()
    reap_jobs(now=now)
    busy = set(Job.objects.filter(state=State.RUNNING).values_list("task", flat=True))
    waiting = Job.objects.filter(state=State.QUEUED).exclude(task__in=tasks_beside(busy)).order_by("asked_at", "pk")
    job = waiting.select_for_update().first()
    if job is None:
        return None
    job.state, job.worker, job.lease_until = State.RUNNING, worker, now + LEASE
    job.attempts += 1
    job.done = job.total = 0
    job.started_at, job.ended_at, job.message = now, None, ""
    job.save()
    return job


@transaction.atomic
def reap_jobs(*, now: datetime) -> int:
    """Give back to the queue the jobs whose worker is not heard; end those that were cancelled or killed too many.

    permission: none (workers).
    raises: nothing.
    audit: job_ended for those that end.
    after: nothing. Returns the number of jobs reaped.
    """
    dead = list(Job.objects.select_for_update().filter(state=State.RUNNING, lease_until__lt=now))
    for job in dead:
        job.worker, job.lease_until, job.done, job.total = "", None, 0, 0
        job.state, job.message = State.QUEUED, "Reprend depuis le début : le processus qui le faisait s'est arrêté."
        if job.is_cancel_asked:
            job.state, job.message = State.CANCELLED, "Annulé à la demande ; rien n'en a été gardé."
        elif job.attempts >= MAX_ATTEMPTS:
            job.state, job.message = State.FAILED, "Interrompu plusieurs fois ; rien n'en a été gardé."
        if job.state != State.QUEUED:
            job.ended_at = now
            record(
                acting_user=None, now=now, action="job_ended", kind="job", target=str(job.pk), task=job.task,
                state=job.state,
            )  # fmt: skip
        job.save()
    return len(dead)


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
    if message or state == State.DONE:  # done, the last step's message has nothing more to say
        values["message"] = message[:500]
    if state == State.DONE:
        values["result"] = result or {}
    if not Job.objects.filter(pk=job.pk, worker=worker, state=State.RUNNING).update(**values):
        return False
    record(acting_user=None, now=now, action="job_ended", kind="job", target=str(job.pk), task=job.task, state=state)
    return True


@transaction.atomic
def give_job_back(*, job: Job, worker: str) -> bool:
    """Put a job back in the queue because its worker is told to stop; the attempt does not count.

    permission: none (workers).
    raises: nothing. Returns False when the job was no longer this worker's.
    audit: none.
    after: another worker, or this one once started again, takes it.
    """
    mine = Job.objects.filter(pk=job.pk, worker=worker, state=State.RUNNING)
    return bool(
        mine.update(
            state=State.QUEUED, worker="", lease_until=None, attempts=max(0, job.attempts - 1), done=0, total=0,
            message="Reprend depuis le début au prochain démarrage.",
        )
    )  # fmt: skip


@transaction.atomic
def tell_alive(*, worker: str, started_at: datetime, now: datetime) -> None:
    """Say that a worker lives; workers not heard for a day are forgotten.

    permission: none (workers).
    raises: nothing.
    audit: none.
    after: nothing.
    """
    WorkerSign.objects.update_or_create(name=worker, defaults={"started_at": started_at, "seen_at": now})
    WorkerSign.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()


@transaction.atomic
def forget_jobs(*, before: datetime) -> int:
    """Remove the jobs that ended long ago. Their traces stay in the register.

    permission: none (the calendar).
    raises: nothing.
    audit: none.
    after: nothing. Returns the number of jobs removed.
    """
    return Job.objects.filter(Q(state__in=OVER), ended_at__lt=before).delete()[0]


def _one_at_a_time() -> None:
    """Wait until no other transaction takes nor asks for a job. SQLite: the transaction is alone already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TAKING])
