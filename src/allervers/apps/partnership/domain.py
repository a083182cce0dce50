"""Conventions as the software reads them: sides, purposes, categories of data, and the scope that they give someone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
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


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything that a person may see on a day. No grant: nothing. `refusals`: why, in sentences, when it is empty."""

    grants: tuple[Grant, ...]
    refusals: tuple[str, ...] = ()

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

    @property
    def teams(self) -> frozenset[int]:
        """The teams through which something is seen."""
        return frozenset(grant.team for grant in self.grants)


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)
