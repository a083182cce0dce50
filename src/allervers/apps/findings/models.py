"""Published lists, and the work on their lines. Pseudonyms only: identities stay in the vault."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from allervers.apps.findings.domain import KIND_LABELS, PROGRESS_LABELS, REASON_LABELS, Kind, Progress, Reason
from allervers.apps.partnership.labels import period_of


class Publication(models.Model):
    """The lists of a run of detection. `conventions`: those of the imports that it was made from."""

    month = models.CharField(max_length=7)
    published_at = models.DateTimeField()
    law = models.CharField(max_length=200)
    conventions = models.JSONField(default=list)
    is_current = models.BooleanField(default=False)
    lines = models.PositiveIntegerField(default=0)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        """One is current at most."""

        constraints = (
            models.UniqueConstraint(
                fields=["is_current"], condition=models.Q(is_current=True), name="one_current_publication"
            ),
        )
        ordering = ("-published_at",)

    def __str__(self) -> str:
        return f"{self.month} ({self.published_at:%d/%m/%Y})"


class Finding(models.Model):
    """A line to act on: a right not received or not settled, or an event that calls for help. Amounts in euros."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=8, choices=[(k.value, KIND_LABELS[k]) for k in Kind])
    right = models.CharField(max_length=64, blank=True)
    event = models.CharField(max_length=64, blank=True)
    subject = models.CharField(max_length=64)
    """Id of the right or of the event: what a follow-up is about."""
    household = models.CharField(max_length=64)
    unit_entity = models.CharField(max_length=16)
    unit = models.CharField(max_length=64)
    person = models.CharField(max_length=64, blank=True)
    commune = models.CharField(max_length=5, blank=True)
    status = models.CharField(max_length=32)
    is_to_act = models.BooleanField()
    """True for a right not taken up that may be acted on, and for every event."""
    may_contact = models.BooleanField()
    channels = models.CharField(max_length=24, null=True)
    """How the person may be reached, keys of CHANNEL_LABELS with a comma between."""
    amount_eur_month = models.FloatField(null=True)
    amount_eur = models.FloatField(null=True)
    """By the period of the right; that of a month is above, where there is one."""
    is_amount_hidden = models.BooleanField(default=False)
    since_month = models.CharField(max_length=7, blank=True)
    is_since_exact = models.BooleanField(null=True)
    months_persisting = models.SmallIntegerField(null=True)
    eur_lost = models.FloatField(null=True)
    eur_recoverable = models.FloatField(null=True)
    eur_lost_per_day = models.FloatField(null=True)
    deadline_on = models.DateField(null=True)
    deadline_reason = models.CharField(max_length=200, blank=True)
    since_on = models.DateField(null=True)
    blocked_by = models.CharField(max_length=64, blank=True)
    questions = models.JSONField(default=list)
    detail = models.CharField(max_length=200, blank=True)
    partner = models.CharField(max_length=64, blank=True)
    rank = models.PositiveIntegerField()
    """Order of urgency within the publication: 1 first. What delay costs a day, then the monthly amount."""
    # The state of the work, copied from the follow-up so that a list is one read of one table.
    progress = models.CharField(
        max_length=16, choices=[(p.value, PROGRESS_LABELS[p]) for p in Progress], default=Progress.TO_DO
    )
    version = models.PositiveIntegerField(default=0)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey("partnership.Team", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Read by urgency, by commune and right, by household."""

        indexes = (
            models.Index(fields=["publication", "is_to_act", "rank"], name="finding_urgency"),
            models.Index(fields=["publication", "household"], name="finding_household"),
            models.Index(fields=["publication", "commune", "right"], name="finding_place"),
            models.Index(fields=["publication", "deadline_on"], name="finding_deadline"),
            models.Index(fields=["unit", "subject"], name="finding_unit_subject"),
        )

    def __str__(self) -> str:
        return f"{self.subject} {self.unit}"

    @property
    def eur(self) -> float | None:
        """Euros by the period of its right; None: not known, or not open."""
        if self.is_amount_hidden:
            return None
        return self.amount_eur_month if period_of(self.right) == "month" else self.amount_eur


class FollowUp(models.Model):
    """The work on a line. It outlives the publication: the same unit and subject find it again next month."""

    household = models.CharField(max_length=64, db_index=True)
    unit = models.CharField(max_length=64)
    subject = models.CharField(max_length=64)
    commune = models.CharField(max_length=5, blank=True)
    """Where the household lived when the work began: a settled line leaves the lists, what it tells of a rule stays."""
    progress = models.CharField(max_length=16, choices=[(p.value, PROGRESS_LABELS[p]) for p in Progress])
    reason = models.CharField(max_length=32, blank=True, choices=[(r.value, REASON_LABELS[r]) for r in Reason])
    team = models.ForeignKey("partnership.Team", null=True, on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=0)
    """Grows at each change: a page that shows an older one cannot overwrite what a colleague did."""
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        """One a unit and subject."""

        constraints = (models.UniqueConstraint(fields=["unit", "subject"], name="one_follow_up"),)
        indexes = (models.Index(fields=["agent", "progress"], name="follow_up_agent"),)

    def __str__(self) -> str:
        return f"{self.subject} {self.unit} {self.progress}"


class Step(models.Model):
    """A change of a follow-up: the timeline of the household's page."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    progress = models.CharField(max_length=16, choices=[(p.value, PROGRESS_LABELS[p]) for p in Progress])
    reason = models.CharField(max_length=32, blank=True, choices=[(r.value, REASON_LABELS[r]) for r in Reason])

    class Meta:
        """Oldest first."""

        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.follow_up_id} {self.progress}"


class CorrectionRequest(models.Model):
    """A datum that a person or an agent says is wrong: asked of the partner that sent it."""

    follow_up = models.ForeignKey(FollowUp, null=True, on_delete=models.SET_NULL, related_name="corrections")
    household = models.CharField(max_length=64, db_index=True)
    partner = models.ForeignKey("partnership.Organisation", on_delete=models.PROTECT, related_name="corrections")
    category = models.CharField(max_length=32)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    is_corrected = models.BooleanField(null=True)

    def __str__(self) -> str:
        return f"{self.household} {self.category}"


class SavedFilter(models.Model):
    """A search that a person keeps: the query string of the list's address."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)
    created_at = models.DateTimeField()

    class Meta:
        """One name a person."""

        constraints = (models.UniqueConstraint(fields=["user", "name"], name="one_filter_a_name"),)
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
