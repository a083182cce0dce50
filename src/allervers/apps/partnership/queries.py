"""Reads of partnership. `scope_of` is the one place where conventions become access."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Prefetch, Q, QuerySet

from allervers.apps.accounts.domain import MACHINE_ROLE, SEES_PERSONS, Role
from allervers.apps.accounts.models import User
from allervers.apps.partnership.domain import Category, Grant, Scope, Side
from allervers.apps.partnership.models import Convention, Habilitation, Organisation, Party, Team, Token


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
    if not user.is_active or user.role not in SEES_PERSONS or user.organisation_id is None:
        return Scope((), ("Votre rôle ne donne accès à aucun dossier de personne.",))
    named = (
        Habilitation.objects.filter(user=user, starts_on__lte=on)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on))
        .filter(convention__in=Convention.objects.filter(in_force_on(on)))
        .select_related("convention")
        .prefetch_related(
            Prefetch(
                "convention__parties",
                Party.objects.filter(organisation=user.organisation_id, side=Side.RECEIVES),
                to_attr="received",
            )
        )
    )
    teams = list(Team.objects.filter(members=user, organisation=user.organisation_id))
    grants = tuple(
        grant
        for habilitation in named
        for party in _received(habilitation.convention)
        for team in teams
        if (grant := _grant(habilitation.convention, party, team)) is not None
    )
    return Scope(grants, () if grants else _refusals(has_team=bool(teams), is_named=bool(named)))


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
    grant = _grant(token.convention, party, token.team)
    return (
        Scope((), ("Les missions de l'équipe ne figurent pas dans la convention.",))
        if grant is None
        else Scope((grant,))
    )


def _received(convention: Convention) -> list[Party]:
    found: list[Party] = convention.received  # type: ignore[attr-defined]  # what `to_attr` above has put there
    return found


def _grant(convention: Convention, party: Party, team: Team) -> Grant | None:
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
    )


def _refusals(*, has_team: bool, is_named: bool) -> tuple[str, ...]:
    reasons = []
    if not is_named:
        reasons.append("Aucune convention en vigueur ne vous habilite nommément.")
    if not has_team:
        reasons.append("Vous n'appartenez à aucune équipe.")
    if is_named and has_team:
        reasons.append("Les missions de votre équipe ne figurent pas dans votre convention.")
    return tuple(reasons)


def conventions_of(user: User) -> QuerySet[Convention]:
    """Conventions that a person may read: those of their organisation; all for the platform's administrators."""
    found = Convention.objects.prefetch_related("parties__organisation").annotate(
        named=Count("habilitations", distinct=True)
    )
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


def import_party(organisation_code: str, reference: str, on: date) -> Party | None:
    """The side that allows an organisation's file to come in under a convention in force; None: refused."""
    return (
        Party.objects.filter(
            organisation__code=organisation_code,
            side=Side.GIVES,
            convention__reference=reference,
            convention__in=Convention.objects.filter(in_force_on(on)),
        )
        .select_related("convention", "organisation")
        .first()
    )
