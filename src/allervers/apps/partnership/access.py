"""« Qui voit quoi et pourquoi » : computed from conventions, habilitations and teams, never typed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.models import User
from allervers.apps.partnership.domain import CATEGORY_LABELS, PURPOSE_LABELS, REFUSALS_ABOUT, Grant, Purpose
from allervers.apps.partnership.labels import commune_label, event_label, in_order, right_label
from allervers.apps.partnership.models import Team
from allervers.apps.partnership.queries import scopes_of
from allervers.detection.exports import safe_cell

HEADINGS = (
    "Personne", "Rôle", "Voit des dossiers", "Convention", "Finalité", "Équipe", "Droits", "Événements", "Communes",
    "Catégories de données", "Jusqu'au", "Pourquoi non",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opened:
    """What one convention opens to a person through one team, in words."""

    convention: str
    purpose: str
    team: str
    rights: tuple[str, ...]
    events: tuple[str, ...]
    communes: tuple[str, ...]
    categories: tuple[str, ...]
    until: date | None


@dataclass(frozen=True, slots=True)
class Access:
    """A person of the organisation: what is open to them, or why nothing is."""

    person: User
    opened: tuple[Opened, ...]
    refusals: tuple[str, ...]


def access_rows(user: User, on: date, asked: Mapping[str, str] | None = None) -> list[Access]:
    """Every account of the person's organisation and what it sees on a day; bounded by what is asked.

    Only its administrator and its data protection officer are shown it. asked: personne, convention, droit, commune,
    acces (oui, non).
    """
    if user.role not in {Role.ORGANISATION_ADMIN, Role.DATA_PROTECTION_OFFICER} or user.organisation_id is None:
        return []
    asked = asked or {}
    people = User.objects.filter(organisation=user.organisation_id).select_related("organisation")
    people = people.order_by("-is_active", "full_name", "pk")
    if "personne" in asked:
        people = people.filter(full_name__icontains=asked["personne"])
    accounts = list(people)
    teams = dict(Team.objects.filter(organisation=user.organisation_id).values_list("pk", "name"))
    scopes = scopes_of(accounts, on)
    rows = []
    for person in accounts:
        scope = scopes[person.pk]
        grants = [grant for grant in scope.grants if _is_asked(grant, asked)]
        if not grants and (scope.grants or _names_a_grant(asked)):
            continue
        if asked.get("acces") in {"oui", "non"} and bool(scope) is not (asked["acces"] == "oui"):
            continue
        opened = tuple(_in_words(grant, teams) for grant in grants)
        rows.append(Access(person, opened, tuple(REFUSALS_ABOUT[reason] for reason in scope.reasons)))
    return rows


def _names_a_grant(asked: Mapping[str, str]) -> bool:
    return any(name in asked for name in ("convention", "droit", "commune"))


def _is_asked(grant: Grant, asked: Mapping[str, str]) -> bool:
    return (
        asked.get("convention", grant.convention) == grant.convention
        and ("droit" not in asked or asked["droit"] in grant.rights)
        and ("commune" not in asked or asked["commune"] in grant.communes)
    )


def _in_words(grant: Grant, teams: Mapping[int, str]) -> Opened:
    return Opened(
        convention=grant.convention,
        purpose=PURPOSE_LABELS[Purpose(grant.purpose)],
        team=teams.get(grant.team, ""),
        rights=_sorted(right_label(right) for right in grant.rights),
        events=_sorted(event_label(event) for event in grant.events),
        communes=_sorted(commune_label(commune) for commune in grant.communes),
        categories=tuple(label for category, label in CATEGORY_LABELS.items() if category in grant.categories),
        until=grant.until,
    )


def _sorted(labels: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(labels, key=in_order))


def access_csv(rows: Iterable[Access]) -> bytes:
    """The same as a table for spreadsheets: UTF-8 with BOM, `;`, no cell that runs."""
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow(HEADINGS)
    for row in rows:
        who = (row.person.full_name, row.person.role_label)
        for one in row.opened:
            several = (one.rights, one.events, one.communes, one.categories)
            until = one.until.strftime("%d/%m/%Y") if one.until else ""
            cells = (*who, "oui", one.convention, one.purpose, one.team, *map(", ".join, several), until, "")
            writer.writerow([safe_cell(cell) for cell in cells])
        if not row.opened:
            empty = ("",) * 8
            writer.writerow([safe_cell(cell) for cell in (*who, "non", *empty, " ".join(row.refusals))])
    return buffer.getvalue().encode()
