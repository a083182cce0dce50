"""The worker: takes one job after another, keeps its lease alive while it works, and survives what tasks raise."""

from __future__ import annotations

import logging
import os
import platform
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from allervers.apps.jobs.actions import ask_due_jobs, end_job, give_job_back, take_job, tell_alive, tell_progress
from allervers.apps.jobs.domain import LEASE, SIGN_OF_LIFE, Cancelled, LeaseLost, State, Stopping
from allervers.apps.jobs.models import Job
from allervers.apps.jobs.registry import task_named
from allervers.foundation.errors import AllerVersError

_LOG = logging.getLogger("allervers.jobs")
_WAIT_SECONDS = 1.0


@dataclass
class Worker:
    """One process that does jobs. `stop`: set when it is told to stop."""

    clock: Callable[[], datetime]
    stop: threading.Event = field(default_factory=threading.Event)
    name: str = ""
    started_at: datetime = field(init=False)
    _seen_at: datetime | None = None

    def __post_init__(self) -> None:
        # A machine started again gives the same numbers to its processes: the name must never come back.
        self.name = self.name or f"{platform.node()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"
        self.started_at = self.clock()

    def show_life(self) -> None:
        """Say that the worker lives, and ask for the jobs of the calendar; at most every SIGN_OF_LIFE."""
        now = self.clock()
        if self._seen_at is not None and now - self._seen_at < SIGN_OF_LIFE:
            return
        tell_alive(worker=self.name, started_at=self.started_at, now=now)
        ask_due_jobs(now=now, today=timezone.localdate(now))
        self._seen_at = now


@dataclass
class _Running:
    """A job under way. A thread renews the lease between two steps of the task."""

    job: Job
    worker: Worker
    done: int = 0
    total: int = 0
    message: str = ""
    ended: threading.Event = field(default_factory=threading.Event)
    problem: Exception | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """What was asked."""
        return dict(self.job.parameters)

    @property
    def number(self) -> int:
        """Number of the job."""
        return int(self.job.pk)

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Tell where the task stands; raises Cancelled, LeaseLost or Stopping."""
        if self.problem is not None:
            raise self.problem
        if self.worker.stop.is_set():
            raise Stopping
        self.done, self.total, self.message = done, total, message
        self._tell()

    def keep_alive(self) -> None:
        """Renew the lease until the end; a refusal waits for the task's next step."""
        while not self.ended.wait(LEASE.total_seconds() / 4):
            try:
                self._tell()
                tell_alive(worker=self.worker.name, started_at=self.worker.started_at, now=self.worker.clock())
            except (Cancelled, LeaseLost) as error:
                self.problem = error
            except DatabaseError:
                _LOG.warning("job %s: database unavailable, lease not renewed", self.job.pk)
                connection.close()
        connection.close()

    def _tell(self) -> None:
        tell_progress(
            job=self.job, worker=self.worker.name, now=self.worker.clock(), done=self.done, total=self.total,
            message=self.message,
        )  # fmt: skip


def run_one(worker: Worker) -> Job | None:
    """Take and do one job; returns it, or None when none waits."""
    job = take_job(worker=worker.name, now=worker.clock())
    if job is None:
        return None
    running = _Running(job, worker)
    heart = threading.Thread(target=running.keep_alive, daemon=True)
    heart.start()
    state, message, result = State.DONE, "", {}
    try:
        result = task_named(job.task).function(running)
    except Cancelled:
        state, message = State.CANCELLED, "Annulé à la demande ; rien n'en a été gardé."
    except LeaseLost:
        _LOG.warning("job %s: given to another worker", job.pk)
        return job
    except Stopping:
        give_job_back(job=job, worker=worker.name)
        return job
    except AllerVersError as error:
        state, message = State.FAILED, error.message
    except Exception as error:
        # The name alone: its message could hold a value of a person.
        _LOG.error("job %s: %s", job.pk, type(error).__name__)
        state, message = State.FAILED, f"Erreur interne ({type(error).__name__}) ; rien n'en a été gardé."
    finally:
        running.ended.set()
        heart.join()
    end_job(job=job, worker=worker.name, now=worker.clock(), state=state, message=message, result=result)
    return job


def work(*, clock: Callable[[], datetime], stop: threading.Event, only_once: bool = False) -> None:
    """Do jobs until told to stop; with `only_once`, until none waits."""
    worker = Worker(clock, stop)
    while not stop.is_set():
        close_old_connections()
        job = None
        is_available = True
        try:
            worker.show_life()
            job = run_one(worker)
        except DatabaseError as error:
            _LOG.warning("database unavailable (%s), trying again", type(error).__name__)
            connection.close()
            is_available = False
        if job is None:
            if only_once and is_available:
                return
            stop.wait(_WAIT_SECONDS)
