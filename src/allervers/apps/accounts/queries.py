"""Reads of accounts. `acting_user` bounds what comes back: fetching is the permission check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.http import Http404

from allervers.apps.accounts.domain import MACHINE_ROLE, Role
from allervers.apps.accounts.models import Invitation, User

SORTS: Mapping[str, str] = {
    "nom": "full_name",
    "role": "role",
    "organisme": "organisation__name",
    "depuis": "-created_at",
}
"""Name in the address -> order; then by name."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What someone asked of the list of accounts. Empty values do not filter."""

    text: str = ""
    role: str = ""
    state: str = ""
    organisation: str = ""
    sort: str = "nom"


def has_second_factor(user: User) -> bool:
    """True when the account signs in with a code of its phone."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists())


def accounts_of(acting_user: User) -> QuerySet[User]:
    """Accounts that a person reads about: those of their organisation for its administrator; the administrators, for
    the platform's; none otherwise.
    """
    accounts = User.objects.exclude(role=MACHINE_ROLE).select_related("organisation").order_by("full_name")
    if not acting_user.is_active:
        return accounts.none()
    if acting_user.role == Role.PLATFORM_ADMIN:
        return accounts.filter(role__in=(Role.ORGANISATION_ADMIN, Role.PLATFORM_ADMIN))
    if acting_user.role == Role.ORGANISATION_ADMIN:
        return accounts.filter(organisation=acting_user.organisation_id)
    return accounts.none()


def account_list(acting_user: User, filters: Filters) -> QuerySet[User]:
    """The accounts asked for, each with `has_code`: a second factor is set up."""
    found = accounts_of(acting_user).annotate(
        has_code=Exists(Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP))
    )
    if filters.text:
        found = found.filter(Q(full_name__icontains=filters.text) | Q(email__icontains=filters.text))
    if filters.role:
        found = found.filter(role=filters.role)
    if filters.state:
        found = found.filter(is_active=filters.state == "ouvert")
    if filters.organisation:
        found = found.filter(organisation__code=filters.organisation)
    order = SORTS.get(filters.sort, "full_name")
    return found.order_by(Lower("full_name") if order == "full_name" else order, Lower("full_name"), "pk")


def account_of(acting_user: User, public_id: str) -> User:
    """One account that the person reads about. Raises Http404 otherwise: nothing tells that it exists."""
    found = accounts_of(acting_user).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def organisations_with_accounts(acting_user: User) -> list[tuple[str, str]]:
    """(code, name) of the organisations of these accounts."""
    pairs = accounts_of(acting_user).filter(organisation__isnull=False).order_by("organisation__name")
    return list(pairs.values_list("organisation__code", "organisation__name").distinct())


def invitations_of(acting_user: User) -> QuerySet[Invitation]:
    """Invitations that wait for an answer, the ones too old too, among those that a person may withdraw."""
    waiting = Invitation.objects.filter(accepted_at=None, withdrawn_at=None).select_related("organisation")
    waiting = waiting.order_by("-created_at")
    if acting_user.role == Role.PLATFORM_ADMIN:
        return waiting.filter(role__in=(Role.ORGANISATION_ADMIN, Role.PLATFORM_ADMIN))
    if acting_user.role == Role.ORGANISATION_ADMIN:
        return waiting.filter(organisation=acting_user.organisation_id).exclude(role=Role.ORGANISATION_ADMIN)
    return waiting.none()


def invitation_of(acting_user: User, identifier: int) -> Invitation:
    """One invitation that the person may withdraw. Raises Http404 otherwise."""
    found = invitations_of(acting_user).filter(pk=identifier).first()
    if found is None:
        raise Http404
    return found


def sessions_of(user: User) -> list[UserSession]:
    """The person's open sessions, the newest first; those that ended are removed on the way."""
    sessions: list[UserSession] = UserSession.objects.purge_and_list(user)
    return sorted(sessions, key=lambda session: session.created_at, reverse=True)


def session_of(user: User, identifier: int) -> UserSession:
    """One of the person's own sessions. Raises Http404 otherwise."""
    found = UserSession.objects.filter(user=user, pk=identifier).first()
    if found is None:
        raise Http404
    return found


def named_accounts(public_ids: set[str], organisation_id: int | None) -> dict[str, User]:
    """Accounts of an organisation among these identifiers: identifier -> account."""
    found = User.objects.filter(public_id__in=public_ids, organisation=organisation_id)
    return {account.public_id: account for account in found}


def overdue(invitation: Invitation, now: datetime) -> bool:
    """True when its link opens nothing any more."""
    return invitation.expires_at <= now


def public_ids_of(organisation_id: int | None) -> QuerySet[User, str]:
    """Identifiers of the accounts of an organisation, as a subquery."""
    return User.objects.filter(organisation=organisation_id).values_list("public_id", flat=True)


def matching_ids(organisation_id: int | None, text: str) -> list[str]:
    """Identifiers of the accounts of an organisation whose name or address holds a text."""
    found = User.objects.filter(Q(full_name__icontains=text) | Q(email__icontains=text), organisation=organisation_id)
    return list(found.values_list("public_id", flat=True)[:500])
