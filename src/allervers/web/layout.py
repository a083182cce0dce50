"""What every page shows: the menu of the role, the mark of the demonstration, the version of the static files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from allervers.apps.accounts.domain import Role


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the menu."""

    label: str
    address: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under one heading: a role that has many would fill two lines."""

    label: str
    entries: tuple[Entry, ...]

    @property
    def is_here(self) -> bool:
        """Whether the page is one of them."""
        return any(entry.is_here for entry in self.entries)


_Place = tuple[str, str]
_MENU: dict[str, tuple[_Place | tuple[str, tuple[_Place, ...]], ...]] = {
    "": (("Simulateur", "simulation"), ("Catalogue des droits", "catalogue")),
    Role.AGENT: (
        ("Mes listes", "findings"), ("À compléter", "to-complete"), ("Mon travail", "my-work"),
        ("Mes suivis", "follow-ups"), ("Catalogue des droits", "catalogue"),
    ),
    Role.TEAM_MANAGER: (
        ("Listes", "findings"), ("À compléter", "to-complete"), ("Suivis", "follow-ups"), ("Équipe", "workload"),
        ("Chiffres", (("Volumes", "volumes"), ("Accompagnement", "plan-figures"))),
        ("Catalogue des droits", "catalogue"),
    ),
    Role.ORGANISATION_ADMIN: (
        ("Personnes", (("Comptes", "accounts"), ("Équipes", "teams"), ("Qui voit quoi", "access-matrix"))),
        ("Conventions", "conventions"),
        ("Données", (("Imports", "imports"), ("Accès des logiciels", "tokens"), ("Travaux", "jobs"))),
        ("Chiffres", (("Volumes", "volumes"), ("Accompagnement", "plan-figures"))),
        ("Catalogue des droits", "catalogue"),
    ),
    Role.ANALYST: (("Volumes", "volumes"), ("Accompagnement", "plan-figures"), ("Catalogue des droits", "catalogue")),
    Role.DATA_PROTECTION_OFFICER: (
        ("Registre", "audit"), ("Demandes", "requests"), ("Conventions", "conventions"),
        ("Qui voit quoi", "access-matrix"), ("Catalogue des droits", "catalogue"),
    ),
    Role.PLATFORM_ADMIN: (
        ("Organismes", "organisations"), ("Conventions", "conventions"), ("Détection", "detections"),
        ("Travaux", "jobs"), ("État", "health-page"),
        ("Catalogue des droits", "catalogue"),
    ),
}  # fmt: skip


def layout(request: HttpRequest) -> dict[str, Any]:
    """Context of every page."""
    user = getattr(request, "user", None)
    role = user.role if user is not None and user.is_authenticated else ""
    path = request.path
    grouped = ([(label, within)] if isinstance(within, str) else within for label, within in _MENU[role])
    places = [name for several in grouped for _, name in several]
    # The longest address that the page is under: /registre/demandes/ is not also /registre/.
    here = max((address for address in map(reverse, places) if path.startswith(address)), key=len, default="")

    def entry(label: str, name: str) -> Entry:
        return Entry(gettext(label), reverse(name), reverse(name) == here)

    menu = [
        entry(label, within)
        if isinstance(within, str)
        else Group(gettext(label), tuple(entry(*place) for place in within))
        for label, within in _MENU[role]
    ]
    shown: dict[str, Any] = {"menu": menu, "is_demo": settings.ALLERVERS.demo, "static_version": static_version()}
    if not role and path == reverse("account_login"):
        shown |= _entrances()
    return shown


def _entrances() -> dict[str, Any]:
    """Of the sign-in page: the provider when there is one, the accounts of the demonstration when it is one."""
    entrances: dict[str, Any] = {"proconnect": bool(settings.ALLERVERS.oidc_issuer)}
    if settings.ALLERVERS.demo:
        from allervers.web import demo

        entrances |= {"demo_password": demo.PHRASE, "demo_accounts": demo.entrances()}
    return entrances


@cache
def static_version() -> str:
    """Changes with the content of our static files: browsers keep them for ever under their address."""
    folder = Path(__file__).parent / "static"
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


class FormRenderer(TemplatesSetting):
    """Fields with their label, help and error in the order that a screen reader expects."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
