"""The worker: takes one job after another, keeps its lease alive while it works, and survives what tasks raise."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import OperationalError, close_old_connections, connection

from allervers.apps.jobs.actions import end_job, take_job, tell_progress
from allervers.apps.jobs.domain import LEASE, Cancelled, LeaseLost, State
from allervers.apps.jobs.models import Job
from allervers.apps.jobs.registry import task_named
from allervers.foundation.errors import AllerVersError

_LOG = logging.getLogger("allervers.jobs")
_WAIT_SECONDS = 1.0


@dataclass
class _Running:
    """A job under way. A thread renews the lease between two steps of the task."""

    job: Job
    worker: str
    clock: Callable[[], datetime]
    done: int = 0
    total: int = 0
    message: str = ""
    stopped: threading.Event = field(default_factory=threading.Event)
    problem: Exception | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """What was asked."""
        return dict(self.job.parameters)

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Tell where the task stands; raises Cancelled or LeaseLost."""
        if self.problem is not None:
            raise self.problem
        self.done, self.total, self.message = done, total, message
        self._tell()

    def keep_alive(self) -> None:
        """Renew the lease until stopped; a refusal waits for the task's next step."""
        while not self.stopped.wait(LEASE.total_seconds() / 4):
            try:
                self._tell()
            except (Cancelled, LeaseLost) as error:
                self.problem = error
            except OperationalError:
                _LOG.warning("job %s: database unavailable, lease not renewed", self.job.pk)
        connection.close()

    def _tell(self) -> None:
        tell_progress(
            job=self.job, worker=self.worker, now=self.clock(), done=self.done, total=self.total, message=self.message
        )


def run_one(*, worker: str, clock: Callable[[], datetime]) -> Job | None:
    """Take and do one job; returns it, or None when none waits."""
    job = take_job(worker=worker, now=clock())
    if job is None:
        return None
    running = _Running(job, worker, clock)
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
    except AllerVersError as error:
        state, message = State.FAILED, error.message
    except Exception as error:
        # The name alone: its message could hold a value of a person.
        _LOG.exception("job %s: %s", job.pk, type(error).__name__, exc_info=False)
        state, message = State.FAILED, f"Erreur interne ({type(error).__name__}) ; rien n'en a été gardé."
    finally:
        running.stopped.set()
        heart.join()
    end_job(job=job, worker=worker, now=clock(), state=state, message=message, result=result)
    return job


def work(*, clock: Callable[[], datetime], stop: threading.Event, only_once: bool = False) -> None:
    """Do jobs until told to stop; with `only_once`, until none waits."""
    worker = f"{socket.gethostname()[:40]}-{os.getpid()}"
    while not stop.is_set():
        close_old_connections()
        try:
            job = run_one(worker=worker, clock=clock)
        except OperationalError:
            _LOG.warning("database unavailable, trying again")
            job = None
            time.sleep(_WAIT_SECONDS)
        if job is None:
            if only_once:
                return
            stop.wait(_WAIT_SECONDS)
