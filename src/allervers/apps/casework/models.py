"""Meetings, plans and what they hold. Pseudonyms only; free text is sealed under the keys of the fields."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from allervers.apps.casework.domain import (
    CHOICE_LABELS,
    DOER_LABELS,
    LEVEL_LABELS,
    ORIGIN_LABELS,
    REFERRAL_LABELS,
    STATUS_LABELS,
    WHY_LABELS,
    Choice,
    Doer,
    Level,
    Origin,
    ReferralState,
    RightStatus,
    Why,
)

_STATUSES = [(s.value, STATUS_LABELS[s]) for s in RightStatus]


class Plan(models.Model):
    """What an organisation does with a household so that its rights are opened. One open plan a household."""

    household = models.CharField(max_length=64, db_index=True)
    commune = models.CharField(max_length=5, blank=True)
    organisation = models.ForeignKey("partnership.Organisation", on_delete=models.PROTECT, related_name="plans")
    team = models.ForeignKey("partnership.Team", null=True, on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    """Who follows it; null: the team."""
    person = models.TextField(blank=True)
    """What somebody who came and whom no list shows is called, as they say: sealed."""
    situations = models.JSONField(default=list)
    """Situations of the catalogue that change the papers to bring."""
    papers_due_on = models.DateField(null=True)
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField(db_index=True)
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)
    """Grows at each change of the plan itself: a page that shows an older one cannot overwrite it."""

    class Meta:
        """One that is open at most for a household in an organisation."""

        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "household"], condition=Q(closed_at=None), name="one_open_plan"
            ),
        )
        indexes = (models.Index(fields=["agent", "closed_at"], name="plan_agent"),)

    def __str__(self) -> str:
        return f"plan {self.pk}"


class Meeting(models.Model):
    """A rendez-vous des droits. `answers`: what the interview keeps, sealed."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="meetings")
    household = models.CharField(max_length=64, db_index=True)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey("partnership.Team", null=True, on_delete=models.PROTECT, related_name="+")
    origin = models.CharField(max_length=16, choices=[(o.value, ORIGIN_LABELS[o]) for o in Origin])
    line = models.CharField(max_length=64, blank=True)
    """Id of the right or of the event of the line that it was opened from; empty: no line."""
    started_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    answers = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    """Grows at each saving that is kept."""
    draft = models.CharField(max_length=40, blank=True)
    """The page that saved last, and the number of its saving: what is sent again is known, and never kept twice."""
    sequence = models.PositiveIntegerField(default=0)

    class Meta:
        """Newest first."""

        ordering = ("-started_at", "-pk")

    def __str__(self) -> str:
        return f"rendez-vous {self.pk}"


class Note(models.Model):
    """What someone writes, for one of three circles of readers. The text is sealed."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="notes")
    meeting = models.ForeignKey(Meeting, null=True, on_delete=models.CASCADE, related_name="notes")
    level = models.CharField(max_length=8, choices=[(v.value, LEVEL_LABELS[v]) for v in Level])
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField()
    key = models.CharField(max_length=40)
    """Given by the page: the same note sent again is kept once."""

    class Meta:
        """Newest first."""

        constraints = (models.UniqueConstraint(fields=["plan", "key"], name="one_note_a_key"),)
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"note {self.pk}"


class PlannedRight(models.Model):
    """A right of a plan. Dates are those of the facts; amounts are euros by the period of the right (a
    month, a year, once: `labels.period_of`); null is unknown."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="rights")
    right = models.CharField(max_length=64)
    unit = models.CharField(max_length=64, blank=True)
    """Who in the household; empty: not said."""
    whose = models.TextField(blank=True)
    """For whom, in words, where several have it or several families live together: sealed; empty: not said."""
    status = models.CharField(max_length=16, choices=_STATUSES)
    detected_on = models.DateField(null=True)
    proposed_on = models.DateField(null=True)
    answered_on = models.DateField(null=True)
    requested_on = models.DateField(null=True)
    decided_on = models.DateField(null=True)
    paid_on = models.DateField(null=True)
    proposed_eur = models.FloatField(null=True)
    paid_eur = models.FloatField(null=True)
    paid_month = models.CharField(max_length=7, blank=True)
    """Month of the lists in which it was seen received; empty: said by hand, or not yet."""
    paid_by = models.CharField(max_length=64, blank=True)
    """Partner whose data show it."""
    choice = models.CharField(max_length=16, blank=True, choices=[(c.value, CHOICE_LABELS[c]) for c in Choice])
    helped_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    linked_from = models.CharField(max_length=64, blank=True)
    """The right with which it was proposed in one go."""
    version = models.PositiveIntegerField(default=0)

    class Meta:
        """One a right and unit in a plan."""

        constraints = (models.UniqueConstraint(fields=["plan", "right", "unit"], name="one_right_a_plan"),)
        indexes = (models.Index(fields=["status", "requested_on"], name="planned_status"),)
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.plan_id} {self.right} {self.status}"

    @property
    def is_seen(self) -> bool:
        """True when partners' data show it received."""
        return self.paid_month != ""


class RightChange(models.Model):
    """A change of a right of a plan: its timeline, and what undoing goes back to."""

    planned = models.ForeignKey(PlannedRight, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    """Null: seen in the data."""
    status = models.CharField(max_length=16, choices=_STATUSES)
    on = models.DateField()

    class Meta:
        """Oldest first."""

        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.planned_id} {self.status}"


class PlanStep(models.Model):
    """Something to do. `what` is sealed when someone wrote it; a step of a template keeps its template and id."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="steps")
    template = models.CharField(max_length=40, blank=True)
    step = models.CharField(max_length=40)
    """Id within the template; for a step that someone wrote, the key given by the page."""
    what = models.TextField()
    right = models.CharField(max_length=64, blank=True)
    doer = models.CharField(max_length=8, choices=[(d.value, DOER_LABELS[d]) for d in Doer])
    place = models.ForeignKey("partnership.Organisation", null=True, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(null=True)
    is_discreet = models.BooleanField(default=False)
    """True: never in the summary, which others at home may read."""
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """A step of a template is there once, however often the template is applied."""

        constraints = (models.UniqueConstraint(fields=["plan", "template", "step"], name="one_step_a_template"),)
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"étape {self.pk}"


class PaperTick(models.Model):
    """A document that the person has brought. What is to bring is computed from the catalogue, never stored."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="ticks")
    document = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Ticked once."""

        constraints = (models.UniqueConstraint(fields=["plan", "document"], name="one_tick_a_document"),)

    def __str__(self) -> str:
        return f"{self.plan_id} {self.document}"


class Referral(models.Model):
    """A person sent to a partner's place, with their agreement. Nothing is transmitted by the software."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="referrals")
    to = models.ForeignKey("partnership.Organisation", on_delete=models.PROTECT, related_name="+")
    right = models.CharField(max_length=64, blank=True)
    why = models.CharField(max_length=16, choices=[(w.value, WHY_LABELS[w]) for w in Why])
    state = models.CharField(
        max_length=8, choices=[(s.value, REFERRAL_LABELS[s]) for s in ReferralState], default=ReferralState.SENT
    )
    sent_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        """Newest first; one that waits a place and reason."""

        constraints = (
            models.UniqueConstraint(
                fields=["plan", "to", "why", "right"], condition=Q(state="sent"), name="one_referral_waits"
            ),
        )
        ordering = ("-sent_at", "-pk")

    def __str__(self) -> str:
        return f"orientation {self.pk}"


class GridTally(models.Model):
    """How many times the grid at the counter gave each outcome: counts by team and month, of nobody."""

    team = models.ForeignKey("partnership.Team", on_delete=models.PROTECT, related_name="+")
    month = models.CharField(max_length=7)
    origin = models.CharField(max_length=16, choices=[(o.value, ORIGIN_LABELS[o]) for o in Origin])
    outcome = models.CharField(max_length=16)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        """One row each."""

        constraints = (
            models.UniqueConstraint(fields=["team", "month", "origin", "outcome"], name="one_tally_an_outcome"),
        )

    def __str__(self) -> str:
        return f"{self.team_id} {self.month} {self.outcome}"
