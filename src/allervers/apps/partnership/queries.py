"""Reads of partnership. `scope_of` is the one place where conventions become access."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from django.db.models import Count, Model, Prefetch, Q, QuerySet
from django.http import Http404

from allervers.apps.accounts.domain import MACHINE_ROLE, SEES_PERSONS, Role
from allervers.apps.accounts.models import User
from allervers.apps.accounts.reading_once import once
from allervers.apps.partnership.domain import Category, Grant, Refusal, Scope, Side, in_force
from allervers.apps.partnership.models import Convention, Habilitation, Organisation, Party, Team, Token

Row = TypeVar("Row", bound=Model)


def in_force_on(on: date) -> Q:
    """Conventions signed and in force on a day."""
    return Q(signed_on__isnull=False, signed_on__lte=on, starts_on__lte=on, ends_on__gt=on)


def conventions_in_force(on: date) -> frozenset[str]:
    """References of the conventions in force on a day."""
    return frozenset(Convention.objects.filter(in_force_on(on)).values_list("reference", flat=True))


def scope_of(user: User, on: date) -> Scope:
    """What a person may see on a day: the conventions in force that name them, through the missions of their teams.

    Each condition is needed: an open account of a role that sees persons, a convention in force, their organisation
    among those that receive, themselves named, a team with a territory and missions.
    """
    if user.role == MACHINE_ROLE:
        return _scope_of_machine(user, on)
    return once(("scope", user.pk, on), lambda: scopes_of([user], on)[user.pk])


def scopes_of(users: Sequence[User], on: date) -> dict[int, Scope]:
    """The scope of each of these persons, by account: the reads are the same in number whatever theirs."""
    scopes = {user.pk: _closed(user) for user in users}
    open_to = [user for user in users if scopes[user.pk] is None]
    if not open_to:
        return {pk: scope for pk, scope in scopes.items() if scope is not None}
    named: dict[int, list[Habilitation]] = {}
    for habilitation in (
        Habilitation.objects.filter(user__in=[user.pk for user in open_to])
        .select_related("convention")
        .prefetch_related(
            Prefetch("convention__parties", Party.objects.filter(side=Side.RECEIVES), to_attr="receivers")
        )
        .order_by("convention__reference")
    ):
        named.setdefault(habilitation.user_id, []).append(habilitation)
    teams: dict[int, list[Team]] = {}
    members = Team.members.through.objects.filter(user__in=[user.pk for user in open_to]).select_related("team")
    for member in members.order_by("team__name", "team__pk"):
        teams.setdefault(member.user_id, []).append(member.team)
    for user in open_to:
        own = [team for team in teams.get(user.pk, []) if team.organisation_id == user.organisation_id]
        scopes[user.pk] = _scope(user, named.get(user.pk, []), own, on)
    return {pk: scope for pk, scope in scopes.items() if scope is not None}


def _closed(user: User) -> Scope | None:
    """The empty scope of an account that can see nothing whatever the conventions; None for the others."""
    if not user.is_active:
        return Scope.closed(Refusal.ACCOUNT_CLOSED)
    if user.role not in SEES_PERSONS or user.organisation is None:
        return Scope.closed(Refusal.ROLE)
    return None if user.organisation.is_active else Scope.closed(Refusal.ORGANISATION_CLOSED)


def _scope_of_machine(user: User, on: date) -> Scope:
    """What a program may see: what its token's convention gives to its organisation, within its token's team. No
    habilitation nor membership counts: nothing that is written elsewhere can widen it.
    """
    token = Token.objects.select_related("convention", "organisation", "team").filter(account=user.pk).first()
    if token is None:
        return Scope((), ("Ce compte n'a pas de jeton.",))
    refusal = token.refusal_on(on)
    party = token.convention.parties.filter(organisation=token.organisation_id, side=Side.RECEIVES).first()
    if refusal or party is None:
        return Scope((), (refusal or "La convention de ce jeton ne vous donne plus rien.",))
    grant = _grant(token.convention, party, token.team, token.expires_on)
    return (
        Scope((), ("Les missions de l'équipe ne figurent pas dans la convention.",))
        if grant is None
        else Scope((grant,))
    )


def _scope(user: User, named: list[Habilitation], teams: list[Team], on: date) -> Scope:
    grants, reasons = [], []
    for habilitation in named:
        refusal, party = _received(user, habilitation, on)
        if party is None:
            reasons.append(refusal)
            continue
        granted = (_grant(habilitation.convention, party, team, habilitation.ends_on) for team in teams)
        made = [grant for grant in granted if grant is not None]
        grants += made
        if not made:
            has_place = any(team.communes for team in teams)
            missing = Refusal.NO_COMMON_MISSION if has_place else Refusal.NO_TERRITORY
            reasons.append(missing if teams else Refusal.NO_TEAM)
    if grants:
        return Scope(tuple(grants))
    if not named:
        reasons.append(Refusal.NOT_NAMED)
    if not teams:
        reasons.append(Refusal.NO_TEAM)
    return Scope.closed(*dict.fromkeys(reasons))


def _received(user: User, habilitation: Habilitation, on: date) -> tuple[Refusal, Party | None]:
    """What the convention of a habilitation gives to the person's organisation on a day, or why nothing."""
    convention = habilitation.convention
    if not convention.is_in_force(on):
        return Refusal.NOT_IN_FORCE, None
    if not in_force(habilitation.starts_on, habilitation.ends_on, on):
        return Refusal.NAMING_ENDED, None
    receivers: list[Party] = convention.receivers  # type: ignore[attr-defined]  # what `to_attr` above has put there
    own = next((party for party in receivers if party.organisation_id == user.organisation_id), None)
    return Refusal.NOT_RECEIVING, own


def _grant(convention: Convention, party: Party, team: Team, until: date | None) -> Grant | None:
    rights = frozenset(party.rights) & frozenset(team.rights)
    events = frozenset(party.events) & frozenset(team.events)
    if not team.communes or not (rights or events):
        return None
    return Grant(
        convention=convention.reference,
        purpose=convention.purpose,
        rights=rights,
        events=events,
        communes=frozenset(team.communes),
        categories=frozenset(Category(name) for name in party.categories),
        team=team.pk,
        until=min(filter(None, (convention.ends_on, until))),
    )


def conventions_of(user: User) -> QuerySet[Convention]:
    """Conventions that a person may read: those of their organisation; all for the platform's administrators."""
    found = Convention.objects.prefetch_related("parties__organisation").annotate(
        named=Count("habilitations", distinct=True)
    )
    found = found.order_by("-starts_on", "reference")
    if user.role == Role.PLATFORM_ADMIN:
        return found
    if user.organisation_id is None:
        return found.none()
    return found.filter(pk__in=Party.objects.filter(organisation=user.organisation_id).values("convention"))


def organisations_of(user: User) -> QuerySet[Organisation]:
    """Organisations that a person may read about: all for the platform, else theirs and those of their conventions."""
    if user.role == Role.PLATFORM_ADMIN:
        return Organisation.objects.all()
    if user.organisation_id is None:
        return Organisation.objects.none()
    shared = Party.objects.filter(convention__parties__organisation=user.organisation_id).values("organisation")
    return Organisation.objects.filter(Q(pk=user.organisation_id) | Q(pk__in=shared)).distinct()


def teams_of(user: User) -> QuerySet[Team]:
    """Teams of the person's organisation (all of them for its administrator, theirs for the others)."""
    teams = Team.objects.select_related("organisation").prefetch_related("members")
    if user.role == Role.ORGANISATION_ADMIN:
        return teams.filter(organisation=user.organisation_id)
    return teams.filter(members=user)


def team_of(user: User, number: int) -> Team:
    """A team that the person may read. Raises Http404."""
    return _found(teams_of(user).filter(pk=number).first())


def organisation_of(user: User, code: str) -> Organisation:
    """An organisation that the person may read about. Raises Http404."""
    return _found(organisations_of(user).filter(code=code).first())


def convention_of(user: User, number: int) -> Convention:
    """A convention that the person may read. Raises Http404."""
    found = conventions_of(user).prefetch_related(
        "parties__signed_by", Prefetch("habilitations", Habilitation.objects.select_related("user__organisation"))
    )
    return _found(found.filter(pk=number).first())


def _found(row: Row | None) -> Row:
    if row is None:
        raise Http404
    return row


def import_party(organisation_code: str, reference: str, on: date) -> Party | None:
    """The side that allows an organisation's file to come in under a convention in force; None: refused."""
    return (
        Party.objects.filter(
            organisation__code=organisation_code,
            side=Side.GIVES,
            convention__reference=reference,
            organisation__is_active=True,
            convention__in=Convention.objects.filter(in_force_on(on)),
        )
        .select_related("convention", "organisation")
        .first()
    )


def giving_parties(user: User, on: date) -> QuerySet[Party]:
    """What the person's organisation may send on a day, convention by convention."""
    return (
        Party.objects.filter(organisation=user.organisation_id, organisation__is_active=True, side=Side.GIVES)
        .filter(convention__in=Convention.objects.filter(in_force_on(on)))
        .select_related("convention", "organisation")
        .order_by("convention__reference")
    )


def exchanges_in_force(on: date) -> frozenset[tuple[str, str]]:
    """(organisation that gives, convention) of every exchange allowed on a day: codes and references."""
    parties = Party.objects.filter(
        side=Side.GIVES, organisation__is_active=True, convention__in=Convention.objects.filter(in_force_on(on))
    )
    return frozenset(parties.values_list("organisation__code", "convention__reference"))
