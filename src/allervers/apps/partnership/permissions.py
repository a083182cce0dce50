"""Who may change organisations, teams, conventions and habilitations. One function a question."""

from __future__ import annotations

from allervers.apps.accounts.domain import SEES_PERSONS, Role
from allervers.apps.accounts.models import User
from allervers.apps.partnership.domain import Side
from allervers.apps.partnership.models import Convention, Organisation, Party, Team


def can_manage_organisations(user: User) -> bool:
    """The platform creates, renames and deactivates organisations."""
    return user.is_active and user.role == Role.PLATFORM_ADMIN


def can_manage_team(user: User, team: Team | None = None) -> bool:
    """An organisation's administrator manages its teams (any of its own: `team` None)."""
    is_admin = user.is_active and user.role == Role.ORGANISATION_ADMIN and user.organisation_id is not None
    return is_admin and (team is None or team.organisation_id == user.organisation_id)


def can_draft(user: User) -> bool:
    """Administrators of organisations and of the platform prepare conventions."""
    return user.is_active and user.role in {Role.ORGANISATION_ADMIN, Role.PLATFORM_ADMIN}


def is_party(user: User, convention: Convention) -> bool:
    """True when the person's organisation is one of the convention's."""
    if user.organisation_id is None:
        return False
    return any(party.organisation_id == user.organisation_id for party in convention.parties.all())


def can_steer(user: User, convention: Convention) -> bool:
    """The administrators of the parties, and the platform's, act on a convention: draft, end, renewal."""
    return can_draft(user) and (user.role == Role.PLATFORM_ADMIN or is_party(user, convention))


def can_edit(user: User, convention: Convention) -> bool:
    """A draft may be changed; a signed convention may not, by anybody."""
    return convention.signed_on is None and can_steer(user, convention)


def can_sign(user: User, party: Party) -> bool:
    """The administrator of the organisation signs for it. The platform writes down the signature of an organisation
    that has no administrator here, and of no other: it cannot open data by itself.
    """
    if not user.is_active:
        return False
    if user.role == Role.ORGANISATION_ADMIN:
        return user.organisation_id == party.organisation_id
    return user.role == Role.PLATFORM_ADMIN and not has_administrator(party.organisation)


def has_administrator(organisation: Organisation) -> bool:
    """True when someone administers the organisation here."""
    return User.objects.filter(organisation=organisation, role=Role.ORGANISATION_ADMIN, is_active=True).exists()


def can_name(user: User, convention: Convention, named: User | None = None) -> bool:
    """An organisation's administrator names persons of their own organisation, where it receives something."""
    if not (user.is_active and user.role == Role.ORGANISATION_ADMIN and user.organisation_id is not None):
        return False
    receives = any(
        party.organisation_id == user.organisation_id and party.side == Side.RECEIVES
        for party in convention.parties.all()
    )
    if named is None or not receives:
        return receives
    return named.organisation_id == user.organisation_id


def can_be_named(named: User) -> bool:
    """Only an open account of a role that sees persons is named."""
    return named.is_active and named.role in SEES_PERSONS
