"""Jobs: what was asked, by whom, where it stands."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from allervers.apps.jobs.domain import LABELS, OVER, State
from allervers.apps.jobs.registry import label_of


class Job(models.Model):
    """A piece of long work. `parameters` and `result` hold identifiers and counts, never data of persons."""

    task = models.CharField(max_length=64)
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=16, choices=[(s.value, LABELS[s]) for s in State], default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=500, blank=True)
    result = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(default=0)
    is_cancel_asked = models.BooleanField(default=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=64, blank=True)
    key = models.CharField(max_length=120, blank=True)
    """Names the day or month of a job that nobody asked for: it is asked once."""

    class Meta:
        """The oldest that waits is taken first."""

        indexes = (
            models.Index(fields=["state", "asked_at"], name="job_state_asked"),
            models.Index(fields=["organisation", "asked_at"], name="job_organisation"),
        )
        constraints = (
            models.UniqueConstraint(fields=["key"], condition=~models.Q(key=""), name="one_job_a_day_of_the_calendar"),
        )

    def __str__(self) -> str:
        return f"{self.task} {self.pk}"

    @property
    def label(self) -> str:
        """What it does, in French."""
        return label_of(self.task)

    @property
    def is_over(self) -> bool:
        """True when nothing more will happen to it."""
        return self.state in OVER

    @property
    def share_done(self) -> int:
        """Percentage done, 0 when it cannot be told."""
        if self.state == State.DONE:
            return 100
        return min(100, 100 * self.done // self.total) if self.total else 0


class WorkerSign(models.Model):
    """The last sign of life of a worker."""

    name = models.CharField(max_length=64, unique=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.name
