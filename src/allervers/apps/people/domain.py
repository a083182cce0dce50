"""A household as its page shows it: plain values, each part null when the convention does not open it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

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

_GROUP_OF = {
    "garde_alternee": "composition", "rsa_isolement_recent": "composition", "date_naissance": "etat_civil",
    "statut_marital": "etat_civil", "nationalite": "nationalite", "duree_possession_titre_sejour": "nationalite",
    "activite": "activite", "scolarite": "scolarite", "statuts_etablissement_scolaire": "scolarite",
    "taux_incapacite": "sante", "aah_restriction_substantielle_durable_acces_emploi": "sante",
    "inapte_travail": "sante", "enceinte": "sante", "depcom": "logement", "statut_occupation_logement": "logement",
    "loyer": "logement", "charges_locatives": "logement", "coloc": "logement", "logement_chambre": "logement",
}  # fmt: skip


def group_of(variable: str, period: str = "") -> str:
    """The group of data of an input of the law. `period`: of an income, a year (`n1`, `n2`: as the groups are named)
    or a month."""
    return _GROUP_OF.get(variable) or (f"ressources_{period}" if period in ("n1", "n2") else "ressources_mensuelles")


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of the law that partners give of a household, as far as the conventions of the reader go: cells by
    column, null being unknown. `names`: person -> name. `sources`: (person, group) -> where it comes from."""

    month: str
    people: tuple[dict[str, Any], ...]
    families: dict[str, dict[str, Any]]
    home: dict[str, Any]
    names: dict[str, str]
    sources: dict[tuple[str, str], Source]


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the household. Names, address, phone and e-mail are null unless the convention opens identities."""

    id: str
    rank: int
    birth_year: int | None
    family_role: str
    name: str | None = None
    birth_on: str | None = None
    address: str | None = None
    phone: str | None = None
    email: str | None = None
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
