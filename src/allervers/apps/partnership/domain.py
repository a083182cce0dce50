"""Conventions as the software reads them: sides, purposes, categories of data, and the scope that they give someone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class OrganisationKind(StrEnum):
    """What an organisation is."""

    CAF = "caf"
    CPAM = "cpam"
    DEPARTEMENT = "departement"
    CCAS = "ccas"
    COMMUNE = "commune"
    RETRAITE = "retraite"
    BAILLEUR = "bailleur"
    ASSOCIATION = "association"
    ETAT = "etat"
    OTHER = "other"


KIND_LABELS = {
    OrganisationKind.CAF: "Caisse d'allocations familiales",
    OrganisationKind.CPAM: "Caisse primaire d'assurance maladie",
    OrganisationKind.DEPARTEMENT: "Département",
    OrganisationKind.CCAS: "Centre communal d'action sociale",
    OrganisationKind.COMMUNE: "Commune",
    OrganisationKind.RETRAITE: "Caisse de retraite",
    OrganisationKind.BAILLEUR: "Bailleur",
    OrganisationKind.ASSOCIATION: "Association",
    OrganisationKind.ETAT: "État",
    OrganisationKind.OTHER: "Autre",
}


class Side(StrEnum):
    """What a party does under a convention."""

    GIVES = "gives"
    RECEIVES = "receives"


SIDE_LABELS = {Side.GIVES: "fournit des données", Side.RECEIVES: "reçoit des listes"}


class Category(StrEnum):
    """A category of data, as a convention names them. Values: the canonical tables of extracts, and identities."""

    IDENTITE = "identite"
    PERSONNES = "personnes"
    DOSSIERS = "dossiers"
    RESSOURCES = "ressources"
    PAIEMENTS = "paiements"
    DROITS = "droits"
    SIGNAUX = "signaux"


CATEGORY_LABELS = {
    Category.IDENTITE: "Identité et adresse",
    Category.PERSONNES: "Composition et situation du foyer",
    Category.DOSSIERS: "Logement et état du dossier",
    Category.RESSOURCES: "Ressources",
    Category.PAIEMENTS: "Sommes versées",
    Category.DROITS: "Droits ouverts et échéances",
    Category.SIGNAUX: "Événements signalés",
}


class Purpose(StrEnum):
    """What a convention may be for. Control and the fight against fraud are not among them, and cannot be added."""

    INFORMATION = "information"
    ATTRIBUTION = "attribution"


PURPOSE_LABELS = {
    Purpose.INFORMATION: "Informer les personnes de leurs droits (CRPA L. 114-8, II)",
    Purpose.ATTRIBUTION: "Attribuer un droit (CRPA L. 114-8, II)",
}


def in_force(starts_on: date, ends_on: date | None, on: date) -> bool:
    """True from the first day; false on the day that it ends (access closes the same day)."""
    return starts_on <= on and (ends_on is None or on < ends_on)


class ConventionState(StrEnum):
    """Where a convention stands on a day."""

    DRAFT = "draft"
    COMING = "coming"
    IN_FORCE = "in_force"
    ENDING_SOON = "ending_soon"
    ENDED = "ended"


STATE_LABELS = {
    ConventionState.DRAFT: "Brouillon",
    ConventionState.COMING: "À venir",
    ConventionState.IN_FORCE: "En vigueur",
    ConventionState.ENDING_SOON: "Finit bientôt",
    ConventionState.ENDED: "Finie",
}

SOON = timedelta(days=60)
"""A convention that ends within that time is to be renewed now."""


def state_of(signed_on: date | None, starts_on: date, ends_on: date, on: date) -> ConventionState:
    """The state of a convention on a day."""
    if signed_on is None:
        return ConventionState.DRAFT
    if ends_on <= max(on, starts_on):
        return ConventionState.ENDED
    if not (signed_on <= on and in_force(starts_on, ends_on, on)):
        return ConventionState.COMING
    return ConventionState.ENDING_SOON if ends_on - on <= SOON else ConventionState.IN_FORCE


class Refusal(StrEnum):
    """Why someone sees nothing."""

    ACCOUNT_CLOSED = "account_closed"
    ORGANISATION_CLOSED = "organisation_closed"
    ROLE = "role"
    NOT_NAMED = "not_named"
    NAMING_ENDED = "naming_ended"
    NOT_IN_FORCE = "not_in_force"
    NOT_RECEIVING = "not_receiving"
    NO_TEAM = "no_team"
    NO_TERRITORY = "no_territory"
    NO_COMMON_MISSION = "no_common_mission"


REFUSALS_TOLD = {
    Refusal.ACCOUNT_CLOSED: "Votre compte est fermé.",
    Refusal.ORGANISATION_CLOSED: "Votre organisme n'est plus actif sur la plateforme.",
    Refusal.ROLE: "Votre rôle ne donne accès à aucun dossier de personne.",
    Refusal.NOT_NAMED: "Aucune convention en vigueur ne vous habilite nommément.",
    Refusal.NAMING_ENDED: "Votre habilitation est finie, ou n'a pas commencé.",
    Refusal.NOT_IN_FORCE: "La convention qui vous habilite n'est pas en vigueur.",
    Refusal.NOT_RECEIVING: "La convention qui vous habilite ne donne rien à recevoir à votre organisme.",
    Refusal.NO_TEAM: "Vous n'appartenez à aucune équipe.",
    Refusal.NO_TERRITORY: "Votre équipe n'a pas de commune.",
    Refusal.NO_COMMON_MISSION: "Les missions de votre équipe ne figurent pas dans votre convention.",
}
"""Said to the person."""

REFUSALS_ABOUT = {
    Refusal.ACCOUNT_CLOSED: "Compte fermé.",
    Refusal.ORGANISATION_CLOSED: "Organisme désactivé.",
    Refusal.ROLE: "Son rôle ne donne accès à aucun dossier de personne.",
    Refusal.NOT_NAMED: "Aucune convention ne l'habilite nommément.",
    Refusal.NAMING_ENDED: "Son habilitation est finie, ou n'a pas commencé.",
    Refusal.NOT_IN_FORCE: "La convention qui l'habilite n'est pas en vigueur.",
    Refusal.NOT_RECEIVING: "La convention qui l'habilite ne donne rien à recevoir à l'organisme.",
    Refusal.NO_TEAM: "N'appartient à aucune équipe.",
    Refusal.NO_TERRITORY: "Son équipe n'a pas de commune.",
    Refusal.NO_COMMON_MISSION: "Les missions de son équipe ne figurent pas dans la convention.",
}
"""Said of the person, to who administers or watches over."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What one convention opens to one person, through one team: rights and events, in communes, with categories."""

    convention: str
    purpose: str
    rights: frozenset[str]
    events: frozenset[str]
    communes: frozenset[str]
    categories: frozenset[Category]
    team: int
    until: date | None = None
    """First day on which it is closed: the end of the convention, or of the habilitation."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything that a person may see on a day. No grant: nothing, and then why: `reasons`, and as sentences."""

    grants: tuple[Grant, ...]
    refusals: tuple[str, ...] = ()
    reasons: tuple[Refusal, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.grants)

    @property
    def rights(self) -> frozenset[str]:
        """Every right that some grant opens."""
        return _union(grant.rights for grant in self.grants)

    @property
    def events(self) -> frozenset[str]:
        """Every event that some grant opens."""
        return _union(grant.events for grant in self.grants)

    @property
    def communes(self) -> frozenset[str]:
        """Every commune in which some grant holds."""
        return _union(grant.communes for grant in self.grants)

    @classmethod
    def closed(cls, *reasons: Refusal) -> Scope:
        """The scope of who sees nothing."""
        return cls((), tuple(REFUSALS_TOLD[reason] for reason in reasons), reasons)

    @property
    def teams(self) -> frozenset[int]:
        """The teams through which something is seen."""
        return frozenset(grant.team for grant in self.grants)


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)
