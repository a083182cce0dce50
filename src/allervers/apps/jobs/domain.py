"""States of a job and what they allow. Plain values."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

LEASE = timedelta(seconds=60)
"""A worker that has not been heard for that long is taken for dead: its job goes to another."""

MAX_ATTEMPTS = 3

SIGN_OF_LIFE = timedelta(seconds=10)
"""How often a worker says that it lives; one not heard for three times that long is taken for dead on the pages."""

KEPT_DAYS = 400
"""Ended jobs are shown that long: more than a year, so that each retention clock has its trace."""


STORE = "store"
"""Group of the jobs that write the store, or read it whole: one at a time."""


class State(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


LABELS = {
    State.QUEUED: "En attente",
    State.RUNNING: "En cours",
    State.DONE: "Terminé",
    State.FAILED: "Échoué",
    State.CANCELLED: "Annulé",
}

OVER = (State.DONE, State.FAILED, State.CANCELLED)


class Cancelled(Exception):
    """Someone asked that the job stop; nothing of it is kept."""


class Stopping(Exception):
    """The worker itself is told to stop: the job goes back to the queue, and this attempt does not count."""


class LeaseLost(Exception):
    """The worker was taken for dead and the job given to another: what it still does must not be kept."""
