"""The shape of synthetic households: thirteen slots per household, codes of activity, tenure and union.

A household is a row; a person is a slot of that row, present or not. The slots say who may live there: reference
person, partner, six children, two hosted adults, two children of theirs, one expected child.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NOTHING: Any = None
"""Null in a column of texts."""

SLOTS = 13
REFERENCE, PARTNER = 0, 1
CHILDREN = slice(2, 8)
HOSTED = slice(8, 10)
HOSTED_CHILDREN = slice(10, 12)
EXPECTED = 12


class State(IntEnum):
    """Main activity of a person at the reference month. It decides the months of income (careers.py)."""

    ENFANT = 0
    ETUDIANT = 1
    APPRENTI = 2
    EMPLOI = 3
    CONTRATS_COURTS = 4
    INDEPENDANT = 5
    CHOMAGE_INDEMNISE = 6
    CHOMAGE_FINI = 7
    CHOMAGE_SANS = 8
    INACTIF = 9
    RETRAITE = 10
    HANDICAP_80 = 11
    HANDICAP_50 = 12
    INVALIDITE = 13
    MALADIE = 14
    REPRISE = 15
    PERTE = 16


class Union(IntEnum):
    """Bond between the reference person and the partner."""

    AUCUNE = 0
    MARIAGE = 1
    PACS = 2
    CONCUBINAGE = 3


class Hosting(IntEnum):
    """Who is hosted besides the household's own family."""

    PERSONNE = 0
    ENFANT_PARENT = 1
    ASCENDANT = 2
    FRATRIE = 3
    FAMILLE = 4
    COLOCATION = 5


TENURE_CODES = (
    "proprietaire", "primo_accedant", "locataire_hlm", "locataire_vide", "locataire_meuble", "locataire_foyer",
    "loge_gratuitement", "sans_domicile",
)  # fmt: skip
"""Tenure of a household: index -> enum name of OpenFisca's statut_occupation_logement."""

TENURE_GROUP = np.array([0, 0, 1, 2, 2, 3, 3, 3])
"""Tenure -> index in margins.TENURES."""

PROPRIETAIRE, PRIMO_ACCEDANT, HLM, VIDE, MEUBLE, FOYER, GRATUIT, SANS_DOMICILE = range(8)

FRANCE, UNION_EUROPEENNE, HORS_UNION = range(3)
"""Groups of nationality."""


@dataclass(frozen=True, slots=True)
class Households:
    """n households as arrays: (n,) for the household, (n, SLOTS) for its persons. Absent slots hold no meaning.

    age: full years on the last day of the reference month. famille, foyer: slot of the demandeur and of the declarant.
    level_eur: gross euros a month of the main income of the person's state, at full rate (0: none). origin: index in
    names.ORIGINS.
    """

    present: Bools
    age: Ints
    female: Bools
    famille: Ints
    foyer: Ints
    state: Ints
    level_eur: Floats
    foreign: Ints
    union: Ints
    hosting: Ints
    tenure: Ints
    origin: Ints

    def __len__(self) -> int:
        return len(self.union)

    def take(self, rows: Ints) -> Households:
        """The households at these positions, repeated as often as asked."""
        return Households(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    @property
    def size(self) -> Ints:
        """Persons of each household, the expected child left out."""
        return np.asarray(self.present[:, :EXPECTED].sum(axis=1), dtype=np.int64)

    @property
    def young_children(self) -> Ints:
        """Children of the reference person under 21, of each household."""
        kids = self.present[:, CHILDREN] & (self.age[:, CHILDREN] < 21)
        return np.asarray(kids.sum(axis=1), dtype=np.int64)
