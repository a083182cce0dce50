"""Files deposited by partners. The file itself is destroyed once imported; its line stays, as the trace of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from allervers.apps.intake.domain import DEPOSIT_LABELS, DepositState


class Deposit(models.Model):
    """A file given by an organisation under a convention. `stored`: name of its file, empty once destroyed."""

    organisation = models.ForeignKey("partnership.Organisation", on_delete=models.PROTECT, related_name="deposits")
    convention = models.ForeignKey("partnership.Convention", on_delete=models.PROTECT, related_name="deposits")
    format = models.CharField(max_length=64)
    reference_on = models.DateField()
    file_name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    bytes = models.BigIntegerField()
    mapping = models.TextField(blank=True)
    stored = models.CharField(max_length=64, blank=True)
    state = models.CharField(
        max_length=16, choices=[(s.value, DEPOSIT_LABELS[s]) for s in DepositState], default=DepositState.WAITING
    )
    message = models.CharField(max_length=1000, blank=True)
    deposited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    deposited_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    import_id = models.CharField(max_length=200, blank=True)
    retention_on = models.DateField(null=True)
    rows_read = models.PositiveIntegerField(default=0)
    rows_kept = models.PositiveIntegerField(default=0)
    rows_rejected = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=dict)
    """Reason -> rows rejected for it."""
    notes = models.JSONField(default=dict)
    """What was noted of rows that were kept, or set aside as outside the convention: name -> rows."""
    has_rejects = models.BooleanField(default=False)

    class Meta:
        """Newest first; the same file twice waits once."""

        ordering = ("-deposited_at", "-pk")
        indexes = (models.Index(fields=["organisation", "-deposited_at"], name="deposit_organisation"),)
        constraints = (
            models.UniqueConstraint(
                fields=["convention", "organisation", "format", "reference_on", "sha256"],
                condition=models.Q(state=DepositState.WAITING),
                name="one_waiting_deposit_a_file",
            ),
        )

    def __str__(self) -> str:
        return f"{self.format} {self.reference_on}"

    @property
    def is_over(self) -> bool:
        """True when nothing more will happen to it."""
        return self.state != DepositState.WAITING
