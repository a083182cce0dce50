"""Reads of accounts."""

from __future__ import annotations

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from allervers.apps.accounts.domain import MACHINE_ROLE, Role
from allervers.apps.accounts.models import Invitation, User


def has_second_factor(user: User) -> bool:
    """True when the account signs in with a code of its phone."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists())


def accounts_of(acting_user: User) -> QuerySet[User]:
    """Accounts that a person administers: those of their organisation; the organisations' administrators for the
    platform; none otherwise.
    """
    accounts = User.objects.exclude(role=MACHINE_ROLE).select_related("organisation").order_by("full_name")
    if acting_user.role == Role.PLATFORM_ADMIN:
        return accounts.filter(role__in=(Role.ORGANISATION_ADMIN, Role.PLATFORM_ADMIN))
    if acting_user.role == Role.ORGANISATION_ADMIN:
        return accounts.filter(organisation=acting_user.organisation_id)
    return accounts.none()


def invitations_of(acting_user: User, now: datetime) -> QuerySet[Invitation]:
    """Invitations that wait for an answer, among those that a person may withdraw."""
    waiting = Invitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now)
    if acting_user.role == Role.PLATFORM_ADMIN:
        return waiting.filter(role__in=(Role.ORGANISATION_ADMIN, Role.PLATFORM_ADMIN))
    if acting_user.role == Role.ORGANISATION_ADMIN:
        return waiting.filter(organisation=acting_user.organisation_id)
    return waiting.none()
