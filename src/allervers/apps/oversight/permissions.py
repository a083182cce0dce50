"""What the data protection officer of an organisation may read of the register, and of the requests."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.models import User
from allervers.apps.accounts.queries import public_ids_of
from allervers.apps.audit.models import Entry
from allervers.apps.findings.models import CorrectionRequest
from allervers.apps.partnership.queries import conventions_of
from allervers.apps.people.models import Opposition


def is_officer(user: User) -> bool:
    """An open account of a data protection officer."""
    return user.is_active and user.role == Role.DATA_PROTECTION_OFFICER and user.organisation_id is not None


def visible_entries(user: User) -> QuerySet[Entry]:
    """What the accounts of the officer's organisation did or saw, and what was done about these accounts."""
    if not is_officer(user):
        return Entry.objects.none()
    ours = Q(organisation=user.organisation_code)
    about_ours = Q(kind="account", target__in=public_ids_of(user.organisation_id))
    return Entry.objects.filter(ours | about_ours)


def visible_readings(user: User, household: str) -> QuerySet[Entry]:
    """Who acted on a household: the officer's organisation, and the others under the conventions that both signed."""
    if not is_officer(user) or not household:
        return Entry.objects.none()
    shared = list(conventions_of(user).values_list("reference", flat=True))
    about = Entry.objects.filter(kind="household", target=household)
    return about.filter(Q(organisation=user.organisation_code) | Q(convention__in=shared))


def visible_corrections(user: User) -> QuerySet[CorrectionRequest]:
    """Corrections that the officer's organisation asked for, or must answer."""
    if not is_officer(user):
        return CorrectionRequest.objects.none()
    ours = Q(partner=user.organisation_id) | Q(asked_by__organisation=user.organisation_id)
    return CorrectionRequest.objects.filter(ours).select_related("partner", "asked_by__organisation")


def visible_oppositions(user: User) -> QuerySet[Opposition]:
    """Oppositions that the officer's organisation recorded."""
    if not is_officer(user):
        return Opposition.objects.none()
    return Opposition.objects.filter(recorded_by__organisation=user.organisation_id).select_related("recorded_by")
