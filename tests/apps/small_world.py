"""A small world of partners, one account for each role, and the nearest neighbour of each. All is invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.models import User
from allervers.apps.findings.models import Finding, Publication
from allervers.apps.partnership.domain import Category, OrganisationKind, Purpose, Side
from allervers.apps.partnership.models import Convention, Habilitation, Organisation, Party, Team

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
TODAY = date(2026, 11, 24)
REFERENCE = "CONV-TEST"


@dataclass(frozen=True)
class World:
    """Two CCAS, one convention that both receive under; the rights rsa and aspa, the event separation."""

    convention: Convention
    saint_denis: Organisation
    bondy: Organisation
    team: Team
    team_of_bondy: Team
    agent: User
    neighbour: User
    """Agent of the other commune, under the same convention."""
    unnamed: User
    """Agent of the same team whom no convention names."""
    manager: User
    admin: User
    analyst: User
    officer: User
    platform: User
    admin_of_bondy: User
    """Administrator of the other organisation of the convention."""
    admin_of_caf: User
    """Administrator of the organisation that gives."""
    outsider: User
    """Administrator of an organisation that no convention names."""
    publication: Publication
    officer_of_bondy: User


def make_world() -> World:
    """Make it, in an empty database."""
    caf = organisation("caf-93", OrganisationKind.CAF)
    saint_denis, bondy = organisation("ccas-saint-denis"), organisation("ccas-bondy")
    convention = Convention.objects.create(
        reference=REFERENCE, title="Essai", purpose=Purpose.INFORMATION, legal_base="CRPA L. 114-8",
        starts_on=date(2026, 1, 1), ends_on=date(2027, 1, 1), signed_on=date(2026, 1, 1),
        dpo_contact="dpo@test.invalid",
    )  # fmt: skip
    lists = {"rights": ["aspa", "rsa"], "events": ["separation"]}
    everything = [str(c) for c in Category]
    Party.objects.create(
        convention=convention, organisation=caf, side=Side.GIVES, categories=everything, formats=["caf_allocataires"]
    )
    for receiver in (saint_denis, bondy):
        Party.objects.create(
            convention=convention, organisation=receiver, side=Side.RECEIVES, categories=everything, **lists
        )
    agent, unnamed = account("agent", Role.AGENT, saint_denis), account("sans-convention", Role.AGENT, saint_denis)
    manager = account("responsable", Role.TEAM_MANAGER, saint_denis)
    neighbour = account("voisin", Role.AGENT, bondy)
    team = Team.objects.create(organisation=saint_denis, name="Droits", communes=["93066"], **lists)
    team.members.set([agent, unnamed, manager])
    team_of_bondy = Team.objects.create(organisation=bondy, name="Accueil", communes=["93010"], **lists)
    team_of_bondy.members.set([neighbour])
    for named in (agent, manager, neighbour):
        Habilitation.objects.create(convention=convention, user=named, starts_on=date(2026, 1, 1))
    publication = Publication.objects.create(
        month="2026-11", published_at=NOW, law="essai", conventions=[REFERENCE], is_current=True, is_synthetic=True
    )
    return World(
        convention, saint_denis, bondy, team, team_of_bondy, agent, neighbour, unnamed, manager,
        admin=account("administration", Role.ORGANISATION_ADMIN, saint_denis),
        analyst=account("analyste", Role.ANALYST, saint_denis),
        officer=account("dpo", Role.DATA_PROTECTION_OFFICER, saint_denis),
        platform=account("plateforme", Role.PLATFORM_ADMIN, None),
        admin_of_bondy=account("administration-bondy", Role.ORGANISATION_ADMIN, bondy),
        admin_of_caf=account("administration-caf", Role.ORGANISATION_ADMIN, caf),
        outsider=account("administration-caf-75", Role.ORGANISATION_ADMIN, organisation("caf-75")),
        publication=publication,
        officer_of_bondy=account("dpo-bondy", Role.DATA_PROTECTION_OFFICER, bondy),
    )  # fmt: skip


def organisation(code: str, kind: OrganisationKind = OrganisationKind.CCAS) -> Organisation:
    """An organisation of that code."""
    return Organisation.objects.create(code=code, name=code, kind=kind)


def account(name: str, role: Role, of: Organisation | None) -> User:
    """An account that can sign in with the password `phrase de passe`."""
    return User.objects.create_user(
        f"{name}@test.invalid", "phrase de passe", full_name=name.capitalize(), role=role, organisation=of
    )


def line(world: World, rank: int = 1, **values: object) -> Finding:
    """A line of the lists: the RSA of a household of Saint-Denis, unless told otherwise."""
    fields = {
        "kind": "right", "right": "rsa", "household": f"menage-{rank}", "unit_entity": "famille",
        "unit": f"famille-{rank}", "person": f"personne-{rank}", "commune": "93066", "status": "not_claimed",
        "is_to_act": True, "may_contact": True, "amount_eur_month": 600.0, "eur_lost_per_day": 20.0, "rank": rank,
    } | values  # fmt: skip
    fields.setdefault("subject", fields.get("event") or fields["right"])
    return Finding.objects.create(publication=world.publication, **fields)
