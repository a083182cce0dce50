"""The matrix inputs x rights, computed: which collected input moves which right, over chosen households."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from allervers.engine.law import Law
from allervers.foundation.periods import Month
from allervers.population.inputs import INPUTS, Input
from allervers.rights.catalogue import computed_rights
from household_situations import PLAIN, Household, Person, block_of, income

MONTH = Month(2026, 11)
TENANT = {"statut_occupation_logement": "locataire_vide", "loyer": 600.0, "charges_locatives": 60.0}
FURNISHED = {"statut_occupation_logement": "locataire_meuble", "loyer": 450.0}

CHILD_5 = Person("enfant", {"date_naissance": "2021-05-02", "scolarite": "maternelle"})
CHILD_8 = Person("enfant", {"date_naissance": "2018-03-03", "scolarite": "primaire"})
PUPIL_13 = Person(
    "enfant", {"date_naissance": "2013-02-01", "scolarite": "college", "statuts_etablissement_scolaire": "public"}
)
PUPIL_16 = Person(
    "enfant", {"date_naissance": "2010-02-01", "scolarite": "lycee", "statuts_etablissement_scolaire": "public"}
)
STUDENT_19 = Person(
    "enfant",
    {"date_naissance": "2007-08-01", "activite": "etudiant", "scolarite": "enseignement_superieur",
     "statuts_etablissement_scolaire": "public"},
)  # fmt: skip


def _adult(born: str, nature: str | None = None, net: float = 0.0, **values: Any) -> Person:
    return Person("demandeur", {"date_naissance": born, **(income(nature, net) if nature else {}), **values})


HOUSEHOLDS: dict[str, Household] = {
    "sans_revenu": Household([_adult("1985-04-01")], TENANT),
    "salarie": Household([_adult("1988-04-01", "salaire", 1_100, activite="actif")], TENANT),
    "chomeur": Household([_adult("1990-04-01", "chomage", 500, activite="chomeur")], TENANT),
    "etudiant": Household(
        [_adult("2005-04-01", activite="etudiant", scolarite="enseignement_superieur",
                statuts_etablissement_scolaire="public")], FURNISHED),
    "etudiant_parent": Household(
        [_adult("2003-04-01", "salaire", 300, activite="etudiant", scolarite="enseignement_superieur",
                statuts_etablissement_scolaire="public", statut_marital="marie"), CHILD_5], FURNISHED),
    "retraite": Household([_adult("1950-04-01", "retraite", 700, activite="retraite")], TENANT),
    "pre_retraite": Household([_adult("1964-01-01", "invalidite", 400)], TENANT),
    "invalide": Household([_adult("1980-01-01", "invalidite", 500, inapte_travail=True)], TENANT),
    "inapte": Household([_adult("1962-03-01")], TENANT),
    "etranger_salarie": Household(
        [_adult("1985-01-01", "salaire", 1_000, activite="actif", nationalite="CN",
                duree_possession_titre_sejour=12.0)], TENANT),
    "etranger_retraite": Household(
        [_adult("1950-01-01", "retraite", 300, activite="retraite", nationalite="CN",
                duree_possession_titre_sejour=12.0)], TENANT),
    "etranger_invalide": Household(
        [_adult("1980-01-01", "invalidite", 300, nationalite="CN", duree_possession_titre_sejour=12.0)], TENANT),
    "naissance_proche": Household(
        [_adult("1994-01-01", "salaire", 1_500, activite="actif", enceinte=True),
         Person("enfant", {"date_naissance": "2027-01-10"})], TENANT),
    "handicape": Household([_adult("1985-01-01", taux_incapacite=0.85)], TENANT),
    "handicape_salarie": Household(
        [_adult("1985-01-01", "salaire", 600, activite="actif", taux_incapacite=0.6,
                aah_restriction_substantielle_durable_acces_emploi=True)], TENANT),
    "independant": Household([_adult("1985-01-01", "independant", 1_200, activite="actif")], TENANT),
    "malade": Household([_adult("1985-01-01", "maladie", 700, activite="actif")], TENANT),
    "etranger": Household([_adult("1985-01-01", nationalite="CN", duree_possession_titre_sejour=12.0)], TENANT),
    "parent_isole": Household(
        [_adult("1992-01-01", "salaire", 700, activite="actif"), CHILD_5], TENANT, {"rsa_isolement_recent": True}
    ),
    "parent_bebe": Household(
        [_adult("1992-01-01"), Person("enfant", {"date_naissance": "2026-10-05"})], TENANT
    ),
    "enceinte": Household([_adult("1998-01-01", enceinte=True)], TENANT),
    "jeune_enceinte": Household([_adult("2005-01-01", enceinte=True)], FURNISHED),
    "couple_enfants": Household(
        [_adult("1982-01-01", "salaire", 1_500, activite="actif", statut_marital="marie"),
         Person("conjoint", {"date_naissance": "1984-01-01", "statut_marital": "marie"}),
         CHILD_5, CHILD_8, PUPIL_13],
        TENANT,
    ),
    "couple_aise": Household(
        [_adult("1982-01-01", "salaire", 3_000, activite="actif", statut_marital="marie"),
         Person("conjoint", {"date_naissance": "1984-01-01", "statut_marital": "marie", "activite": "actif",
                             **income("salaire", 3_000)}),
         PUPIL_13, PUPIL_16],
        {"statut_occupation_logement": "proprietaire"},
    ),
    "parent_lyceen": Household([_adult("1980-01-01", "salaire", 1_300, activite="actif"), PUPIL_16], TENANT),
    "parent_collegien": Household([_adult("1980-01-01", "salaire", 1_200, activite="actif"), PUPIL_13], TENANT),
    "parent_etudiant": Household([_adult("1975-01-01", "salaire", 1_400, activite="actif"), STUDENT_19], TENANT),
    "couple_retraites": Household(
        [_adult("1948-01-01", "retraite", 900, activite="retraite", statut_marital="marie"),
         Person("conjoint", {"date_naissance": "1949-01-01", "statut_marital": "marie", "activite": "retraite"})],
        TENANT,
    ),
}  # fmt: skip
"""Households chosen so that every right is open for one of them at least, near enough to its limits to move."""

CHOICES: dict[str, tuple[Any, ...]] = {
    "date_naissance": ("1955-01-01", "1970-01-01", "2004-01-01", "2008-01-01", "2016-01-01", "2024-06-01"),
    "activite": ("actif", "chomeur", "etudiant", "retraite", "inactif"),
    "statut_marital": ("marie", "celibataire", "veuf"),
    "scolarite": ("inconnue", "primaire", "college", "lycee", "enseignement_superieur"),
    "statuts_etablissement_scolaire": ("inconnu", "public", "prive_hors_contrat"),
    "taux_incapacite": (0.0, 0.55, 0.9),
    "nationalite": ("FR", "BE", "CN"),
    "duree_possession_titre_sejour": (0.0, 6.0, 20.0),
    "depcom": ("93066", "75056", "23096", "13055"),
    "statut_occupation_logement": (
        "proprietaire", "primo_accedant", "locataire_hlm", "locataire_vide", "locataire_meuble", "loge_gratuitement",
        "locataire_foyer", "sans_domicile",
    ),
    "loyer": (0.0, 150.0, 900.0),
}  # fmt: skip
MONTHLY_STEPS_EUR = (-250.0, 150.0, 600.0, 2_000.0, 6_000.0)


def computed_matrix(law: Law) -> dict[str, dict[str, bool]]:
    """input -> right -> does changing that input alone move the right of some household? One evaluation a right."""
    stacked, base_of, input_of = list(HOUSEHOLDS.values()), list(range(len(HOUSEHOLDS))), [""] * len(HOUSEHOLDS)
    for item in INPUTS:
        for period, name in labels(item).items():
            for base, household in enumerate(HOUSEHOLDS.values()):
                for variant in _variants(household, item, period):
                    stacked.append(variant)
                    base_of.append(base)
                    input_of.append(name)
    block = block_of(stacked, MONTH)
    home = block.membership["famille"].group
    matrix: dict[str, dict[str, bool]] = {name: {} for item in INPUTS for name in labels(item).values()}
    for right in computed_rights():
        assert right.computation is not None
        answer = law.evaluate(block, right.computation.output, str(MONTH))
        values = answer.values.astype(float)
        if answer.entity == "individu":
            values = np.bincount(home, weights=values, minlength=len(stacked))
        moved = np.abs(values - values[np.array(base_of)]) > 0.01
        touched = {name for name, has in zip(input_of, moved, strict=True) if has}
        for name, cells in matrix.items():
            cells[right.id] = name in touched
    return matrix


def labels(item: Input) -> dict[str, str]:
    """How an input is changed -> its name in the matrix. Monthly ones move as a whole, tax years one by one."""
    if item.rhythm == "yearly":
        return {f"{item.variable}@{MONTH.year - back}": f"{item.variable}@N-{back}" for back in (2, 1)}
    return {item.variable: item.variable}


def _variants(household: Household, item: Input, name: str) -> Iterator[Household]:
    usual = f"{item.variable}@year" if item.rhythm == "yearly" else item.variable
    plain = PLAIN.get(item.variable, 0.0)
    if item.entity == "menage":
        for value in _others(item, household.menage.get(usual, plain)):
            yield Household(household.persons, {**household.menage, name: value}, household.famille)
    elif item.entity == "famille":
        for value in _others(item, household.famille.get(usual, plain)):
            yield Household(household.persons, household.menage, {**household.famille, name: value})
    else:
        for rank, person in enumerate(household.persons):
            for value in _others(item, person.values.get(usual, plain)):
                changed = [*household.persons]
                changed[rank] = person.given(**{name: value})
                yield Household(changed, household.menage, household.famille)


def _others(item: Input, value: Any) -> Iterator[Any]:
    """Other values worth trying for an input whose value is this one."""
    if item.variable in CHOICES:
        yield from (other for other in CHOICES[item.variable] if other != value)
    elif isinstance(value, bool):
        yield not value
    else:
        scale = 12 if item.rhythm == "yearly" else 1
        tried = {max(value + scale * step, 0.0) for step in (*MONTHLY_STEPS_EUR, -value)}
        yield from sorted(tried - {value})
