"""A household as its page shows it: plain values, each part null when the convention does not open it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

STATES = {"known": "connu", "derived": "déduit", "carried": "reporté du mois précédent", "unknown": "inconnu"}

GROUP_LABELS = {
    "composition": "Composition du foyer",
    "logement": "Logement",
    "nationalite": "Nationalité et séjour",
    "ressources_mensuelles": "Ressources des derniers mois",
    "ressources_n1": "Revenus de l'avis d'imposition (N-1)",
    "ressources_n2": "Revenus de l'avis d'imposition (N-2)",
    "activite": "Activité",
    "scolarite": "Scolarité",
    "etat_civil": "État civil",
    "sante": "Santé et handicap",
}


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the household. Names and address are null unless the convention opens identities."""

    id: str
    rank: int
    birth_year: int | None
    family_role: str
    name: str | None = None
    birth_on: str | None = None
    address: str | None = None
    is_expected: bool = False
    """Not born yet at the end of the month of the lists."""


@dataclass(frozen=True, slots=True)
class Payment:
    """The last payment of a benefit: its month, amount in euros, and the partner that told it."""

    benefit: str
    month: str
    amount_eur: float
    partner: str


@dataclass(frozen=True, slots=True)
class Granted:
    """A right recorded by a partner, its state and its end."""

    benefit: str
    state: str
    starts_on: date | None
    ends_on: date | None
    partner: str


@dataclass(frozen=True, slots=True)
class Source:
    """What is known of a group of data, from whom and as of when."""

    group: str
    partner: str | None
    reference_on: date | None
    state: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Something dated of the household: an event told by a partner, a right that begins or ends."""

    on: date
    text: str
    partner: str | None = None


@dataclass(frozen=True, slots=True)
class HouseholdFile:
    """What the store holds of a household, as far as the conventions of the reader go."""

    id: str
    persons: tuple[Person, ...]
    payments: tuple[Payment, ...] | None
    granted: tuple[Granted, ...] | None
    sources: tuple[Source, ...]
    happenings: tuple[Happening, ...]
