"""Roles, and what each may be shown at all. Finer questions (which person, which right) are those of partnership."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What an account is for. One account, one role: who has two duties has two accounts."""

    AGENT = "agent"
    TEAM_MANAGER = "team_manager"
    ORGANISATION_ADMIN = "organisation_admin"
    ANALYST = "analyst"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    PLATFORM_ADMIN = "platform_admin"


LABELS = {
    Role.AGENT: "Agent",
    Role.TEAM_MANAGER: "Responsable d'équipe",
    Role.ORGANISATION_ADMIN: "Administrateur de l'organisme",
    Role.ANALYST: "Analyste de l'observatoire",
    Role.DATA_PROTECTION_OFFICER: "Délégué à la protection des données",
    Role.PLATFORM_ADMIN: "Administrateur de la plateforme",
}

DUTIES = {
    Role.AGENT: "Voit les listes de son équipe et les dossiers que sa convention permet ; prend en charge.",
    Role.TEAM_MANAGER: "Comme un agent, et répartit le travail de son équipe.",
    Role.ORGANISATION_ADMIN: "Gère les comptes, les équipes et les conventions de son organisme ; aucun dossier.",
    Role.ANALYST: "Voit des nombres par droit et par commune, jamais une personne.",
    Role.DATA_PROTECTION_OFFICER: "Lit le registre des consultations et les demandes des personnes ; aucun dossier.",
    Role.PLATFORM_ADMIN: "Fait tourner la plateforme et crée les organismes ; aucune donnée personnelle.",
}

SEES_PERSONS = (Role.AGENT, Role.TEAM_MANAGER)
"""Roles that may see persons, where a convention says so."""

SEES_COUNTS = (Role.TEAM_MANAGER, Role.ANALYST, Role.ORGANISATION_ADMIN)
"""Roles that may see volumes by right and commune."""

INVITES: dict[Role, tuple[Role, ...]] = {
    Role.ORGANISATION_ADMIN: (Role.AGENT, Role.TEAM_MANAGER, Role.ANALYST, Role.DATA_PROTECTION_OFFICER),
    Role.PLATFORM_ADMIN: (Role.ORGANISATION_ADMIN, Role.PLATFORM_ADMIN),
}
"""Role of an administrator -> roles that they offer and manage. The others offer none."""
MACHINE_ROLE = "machine"
"""Role of an account that no person holds: a program's. Not one of `Role`: it has no page, no menu and no sign-in. The
account is closed (`is_active` false), without password; its token alone acts, within one convention."""

INVITATION_DAYS = 7
"""Days during which an invitation may be accepted."""

MIN_PASSWORD = 12
"""Characters of a password, at least."""
