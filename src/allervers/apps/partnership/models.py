"""Organisations, their teams, and the conventions between them."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from allervers.apps.partnership.domain import (
    KIND_LABELS,
    PURPOSE_LABELS,
    SIDE_LABELS,
    ConventionState,
    OrganisationKind,
    Purpose,
    Side,
    in_force,
    state_of,
)


class Organisation(models.Model):
    """A partner: Caf, Cpam, CCAS, service of the Département, association, landlord."""

    code = models.SlugField(max_length=64, unique=True)
    """The name under which its files are imported (caf-93)."""
    name = models.CharField(max_length=150)
    kind = models.CharField(max_length=16, choices=[(k.value, KIND_LABELS[k]) for k in OrganisationKind])
    dpo_contact = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=0)
    """Grows at each change: a page that shows an older one cannot overwrite it."""

    class Meta:
        """By name."""

        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """People who work together on missions, in a territory. `communes`: INSEE codes; rights and events: ids."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=100)
    communes = models.JSONField(default=list)
    rights = models.JSONField(default=list)
    events = models.JSONField(default=list)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="teams", blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    """Households that one agent can follow at a time; null: not stated."""
    version = models.PositiveIntegerField(default=0)
    """Grows at each change: a page that shows an older one cannot overwrite it."""

    class Meta:
        """One name a team within an organisation."""

        constraints = (models.UniqueConstraint(fields=["organisation", "name"], name="one_team_a_name"),)
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Convention(models.Model):
    """An agreement that the software obeys. Without `signed_on` it is a draft, and opens nothing."""

    reference = models.CharField(max_length=100, unique=True)
    title = models.CharField(max_length=200)
    purpose = models.CharField(max_length=16, choices=[(p.value, PURPOSE_LABELS[p]) for p in Purpose])
    legal_base = models.CharField(max_length=200)
    starts_on = models.DateField()
    ends_on = models.DateField()
    """First day on which nothing is open any more."""
    signed_on = models.DateField(null=True, blank=True)
    dpo_contact = models.EmailField()
    version = models.PositiveIntegerField(default=0)
    """Grows at each change: a page that shows an older one cannot overwrite it."""

    class Meta:
        """Newest first."""

        constraints = (
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="convention_ends_after_start"),
        )
        ordering = ("-starts_on", "reference")

    def __str__(self) -> str:
        return self.reference

    def is_in_force(self, on: date) -> bool:
        """True when it is signed and the day is within its dates."""
        return self.signed_on is not None and self.signed_on <= on and in_force(self.starts_on, self.ends_on, on)

    def state_on(self, on: date) -> ConventionState:
        """Where it stands on a day."""
        return state_of(self.signed_on, self.starts_on, self.ends_on, on)


class Party(models.Model):
    """What one organisation gives or receives under a convention.

    `categories`: of data; `formats`: of the files that it may send; `excluded`: columns `table.column` that it must not
    send; `rights` and `events`: what lists it receives.
    """

    convention = models.ForeignKey(Convention, on_delete=models.CASCADE, related_name="parties")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="parties")
    side = models.CharField(max_length=8, choices=[(s.value, SIDE_LABELS[s]) for s in Side])
    categories = models.JSONField(default=list)
    formats = models.JSONField(default=list)
    excluded = models.JSONField(default=list)
    rights = models.JSONField(default=list)
    events = models.JSONField(default=list)
    signed_at = models.DateTimeField(null=True, blank=True)
    """When this side agreed to the text; any change of the draft undoes it."""
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """One row a side."""

        constraints = (models.UniqueConstraint(fields=["convention", "organisation", "side"], name="one_party_a_side"),)

    def __str__(self) -> str:
        return f"{self.convention_id} {self.organisation_id} {self.side}"


class Habilitation(models.Model):
    """A person named to see what a convention opens to their organisation."""

    convention = models.ForeignKey(Convention, on_delete=models.CASCADE, related_name="habilitations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="habilitations")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Named once a convention."""

        constraints = (models.UniqueConstraint(fields=["convention", "user"], name="named_once"),)

    def __str__(self) -> str:
        return f"{self.convention_id} {self.user_id}"


class Token(models.Model):
    """The key of a program to one convention, through one team. The key itself is shown once and kept as a hash.

    It opens what the convention gives to the organisation, within the missions and communes of the team, and nothing
    once the convention has ended, or says another purpose than the one for which the token was made.
    """

    account = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="token")
    """Who acts, for the register: an account that no person holds."""
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="tokens")
    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="tokens")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="tokens")
    purpose = models.CharField(max_length=16, choices=[(p.value, PURPOSE_LABELS[p]) for p in Purpose])
    may_report = models.BooleanField(default=False)
    """It may also say what became of a line; otherwise it only reads."""
    secret_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_on = models.DateField()
    """First day on which it opens nothing."""
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Newest first."""

        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"jeton {self.pk}"

    def refusal_on(self, on: date) -> str:
        """Why it opens nothing on a day, in a sentence; empty when it does."""
        reasons = (
            (self.revoked_at is not None, "Ce jeton a été révoqué."),
            (on >= self.expires_on, "Ce jeton est arrivé à son terme."),
            (not self.convention.is_in_force(on), "La convention de ce jeton n'est pas en vigueur."),
            (self.purpose != self.convention.purpose, "La finalité de la convention a changé : faites un autre jeton."),
            (not self.organisation.is_active, "L'organisme de ce jeton est fermé."),
            (self.team.organisation_id != self.organisation_id, "L'équipe de ce jeton a changé d'organisme."),
        )
        return next((sentence for holds, sentence in reasons if holds), "")
