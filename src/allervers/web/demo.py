"""Accounts, organisations and conventions of the demonstration: invented people, one account for each role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from allervers.apps.accounts.domain import LABELS, Role
from allervers.apps.accounts.models import User
from allervers.apps.findings.actions import publish
from allervers.apps.findings.labels import commune_label
from allervers.apps.partnership.domain import Category, OrganisationKind, Purpose, Side
from allervers.apps.partnership.models import Convention, Habilitation, Organisation, Party, Team
from allervers.detection.alerts import rules
from allervers.detection.storage import detection_folder
from allervers.foundation.french import of
from allervers.foundation.periods import Month
from allervers.rights.catalogue import catalogue

PHRASE = "demonstration-93"
"""The password of every account of the demonstration, written on its sign-in page."""

GIVERS = {
    "caf-93": ("Caf de la Seine-Saint-Denis", OrganisationKind.CAF),
    "cpam-93": ("Cpam de la Seine-Saint-Denis", OrganisationKind.CPAM),
    "asp": ("Agence de services et de paiement", OrganisationKind.ETAT),
    "departement-93": ("Département de la Seine-Saint-Denis", OrganisationKind.DEPARTEMENT),
}
"""Organisations that send files in the demonstration. Those of the register that are not here are made as needed."""


_NAMES = {
    "cnav": "Cnav Île-de-France",
    "rectorat-creteil": "Rectorat de Créteil",
    "bailleur-habitat-nord": "Habitat Nord (bailleur inventé)",
    "bailleur-logis-est": "Logis Est (bailleur inventé)",
    "bailleur-agence-privee": "Agence privée (bailleur inventé)",
    "communes-hygiene": "Services communaux d'hygiène",
}
"""Partners of the imports whose code is no name."""


@dataclass(frozen=True, slots=True)
class _Account:
    email: str
    full_name: str
    role: Role
    organisation: str


ACCOUNTS = (
    _Account("agent@demo.allervers.fr", "Amina Exemple", Role.AGENT, "ccas-saint-denis"),
    _Account("agent.bondy@demo.allervers.fr", "Luc Exemple", Role.AGENT, "ccas-bondy"),
    _Account("responsable@demo.allervers.fr", "Sofia Exemple", Role.TEAM_MANAGER, "ccas-saint-denis"),
    _Account("agent.departement@demo.allervers.fr", "Paul Exemple", Role.AGENT, "departement-93"),
    _Account("administration@demo.allervers.fr", "Nadia Exemple", Role.ORGANISATION_ADMIN, "ccas-saint-denis"),
    _Account("administration.caf@demo.allervers.fr", "Karim Exemple", Role.ORGANISATION_ADMIN, "caf-93"),
    _Account("analyste@demo.allervers.fr", "Hugo Exemple", Role.ANALYST, "departement-93"),
    _Account("dpo@demo.allervers.fr", "Inès Exemple", Role.DATA_PROTECTION_OFFICER, "ccas-saint-denis"),
    _Account("dpo.caf@demo.allervers.fr", "Léna Exemple", Role.DATA_PROTECTION_OFFICER, "caf-93"),
    _Account("plateforme@demo.allervers.fr", "Marc Exemple", Role.PLATFORM_ADMIN, ""),
)

_TEAMS = (
    ("ccas-saint-denis", "Accès aux droits", ("93066", "93031"),
     ("agent@demo.allervers.fr", "responsable@demo.allervers.fr")),
    ("ccas-bondy", "Accueil social", ("93010",), ("agent.bondy@demo.allervers.fr",)),
    ("departement-93", "Service social, circonscription nord", ("93066", "93010", "93001", "93027"),
     ("agent.departement@demo.allervers.fr",)),
)  # fmt: skip

_ORGANISATIONS = {
    "ccas-saint-denis": ("CCAS de Saint-Denis", OrganisationKind.CCAS),
    "ccas-bondy": ("CCAS de Bondy", OrganisationKind.CCAS),
}


@transaction.atomic
def fill(*, reference: str, partners: list[tuple[str, str]], today: date) -> None:
    """Make the organisations, teams, accounts and the convention of the demonstration. Run again, changes nothing.

    reference: convention of the imports. partners: (partner, format) of each import in force.
    """
    organisations = {
        code: Organisation.objects.get_or_create(
            code=code, defaults={"name": name, "kind": kind, "dpo_contact": f"dpo@{code}.demo.allervers.fr"}
        )[0]
        for code, (name, kind) in {**_ORGANISATIONS, **{c: _named(c) for c, _ in partners}, **GIVERS}.items()
    }
    users = {one.email: _account(one, organisations) for one in ACCOUNTS}
    for code, name, communes, members in _TEAMS:
        team, _ = Team.objects.get_or_create(
            organisation=organisations[code], name=name,
            defaults={"communes": list(communes), **_everything(), "capacity": 60},
        )  # fmt: skip
        team.members.set(users[email] for email in members)
    convention = _convention(reference, today)
    _parties(convention, organisations, partners)
    for user in users.values():
        if user.role in {Role.AGENT, Role.TEAM_MANAGER}:
            Habilitation.objects.get_or_create(
                convention=convention, user=user, defaults={"starts_on": convention.starts_on}
            )


def publish_detection(*, store: Path, month: Month, summary: dict[str, Any], reference: str, now: datetime) -> int:
    """Publish the lists that the demonstration has just made. Returns the number of lines."""
    publication = publish(
        acting_user=None, now=now, folder=detection_folder(store, month), month=str(month),
        law=str(summary.get("law", "")), conventions=[reference], is_synthetic=True,
    )  # fmt: skip
    return publication.lines


def entrances() -> list[dict[str, str]]:
    """The accounts as the sign-in page shows them: address, role and organisation in French."""
    names = {code: name for code, (name, _) in {**_ORGANISATIONS, **GIVERS}.items()}
    return [
        {"email": one.email, "role": LABELS[one.role], "organisation": names.get(one.organisation, one.organisation)}
        for one in ACCOUNTS
    ]


def _everything() -> dict[str, list[str]]:
    return {"rights": sorted(catalogue()), "events": sorted(rules())}


def _named(code: str) -> tuple[str, OrganisationKind]:
    name = _NAMES.get(code)
    if name is None and code.startswith("ccas-93"):
        return (
            f"CCAS {of(commune_label(code.removeprefix('ccas-')), is_place=True)} (domiciliation)",
            OrganisationKind.CCAS,
        )
    return name or code.replace("-", " ").capitalize(), OrganisationKind.OTHER


def _account(one: _Account, organisations: dict[str, Organisation]) -> User:
    known = User.objects.filter(email=one.email).first()
    if known is not None:
        return known
    return User.objects.create_user(
        one.email, PHRASE, full_name=one.full_name, role=one.role,
        organisation=organisations.get(one.organisation),
    )  # fmt: skip


def _convention(reference: str, today: date) -> Convention:
    starts = date(today.year, 1, 1)
    return Convention.objects.get_or_create(
        reference=reference,
        defaults={
            "title": "Aller vers : repérage des droits non reçus en Seine-Saint-Denis (démonstration)",
            "purpose": Purpose.INFORMATION,
            "legal_base": "CRPA, art. L. 114-8, II et R. 114-9-7",
            "starts_on": starts,
            "ends_on": starts + timedelta(days=3 * 365),
            "signed_on": starts,
            "dpo_contact": "dpo@departement-93.demo.allervers.fr",
        },
    )[0]


def _parties(convention: Convention, organisations: dict[str, Organisation], partners: list[tuple[str, str]]) -> None:
    for code in sorted({partner for partner, _ in partners}):
        Party.objects.get_or_create(
            convention=convention, organisation=organisations[code], side=Side.GIVES,
            defaults={
                "categories": [str(c) for c in Category],
                "formats": sorted({form for partner, form in partners if partner == code}),
            },
        )  # fmt: skip
    # Each receives what its missions need: the CCAS of Bondy is not shown resources nor payments.
    received = {
        "ccas-saint-denis": tuple(Category),
        "ccas-bondy": (Category.IDENTITE, Category.PERSONNES, Category.DROITS),
        "departement-93": tuple(Category),
    }
    for code, categories in received.items():
        Party.objects.get_or_create(
            convention=convention, organisation=organisations[code], side=Side.RECEIVES,
            defaults={"categories": [str(c) for c in categories], **_everything()},
        )  # fmt: skip
