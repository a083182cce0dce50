"""Random populations of general structure: several families in a ménage, foyers across ménages, every kind of input."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from allervers.population.folder import write_population

MONTH = "2026-01"
MONTHS = [f"2025-{month:02d}" for month in range(1, 13)] + [MONTH]


def general_frames(seed: int, communities: int) -> dict[str, pl.DataFrame]:
    """Tables of the interchange contract. A community is one to three families that share ménages and foyers."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for number in range(communities):
        rows += _community(rng, number)
    order = rng.permutation(len(rows))  # members of a group are not side by side
    persons = pl.DataFrame([rows[i] for i in order]).with_columns(**_person_columns(rng, [rows[i] for i in order]))
    menages = sorted(persons["menage_id"].unique())
    rents: Mapping[str, pl.Series] = {f"loyer@{m}": pl.Series(rng.integers(0, 900, len(menages))) for m in MONTHS}
    tenure = ["locataire_vide", "locataire_hlm", "proprietaire", "loge_gratuitement", "locataire_meuble"]
    return {
        "individu": persons.drop("age"),
        "famille": pl.DataFrame({"id": sorted(persons["famille_id"].unique())}),
        "foyer_fiscal": pl.DataFrame({"id": sorted(persons["foyer_fiscal_id"].unique())}),
        "menage": pl.DataFrame({"id": menages}).with_columns(
            **rents,
            **{f"statut_occupation_logement@{m}": pl.Series(rng.choice(tenure, len(menages))) for m in MONTHS[-2:]},
            **{f"depcom@{MONTH}": pl.Series(rng.choice(["93066", "75056", "23096"], len(menages)))},
        ),
    }


def write_general(folder: Path, seed: int, communities: int) -> Path:
    """Write such a population and give its folder."""
    write_population(folder, general_frames(seed, communities))
    return folder


def _community(rng: np.random.Generator, number: int) -> list[dict[str, Any]]:
    families = int(rng.integers(1, 4))
    one_roof = rng.random() < 0.5
    rows: list[dict[str, Any]] = []
    for family in range(families):
        key = f"{number:04d}_{family}"
        menage = f"m{number:04d}_{0 if one_roof else family}"
        head_of_menage = family == 0 or not one_roof
        couple, children = rng.random() < 0.5, int(rng.integers(0, 4))
        married = couple and rng.random() < 0.5
        adult = int(rng.integers(19, 80))
        rows.append(_row(key, "demandeur", f"d{key}", "declarant_principal", menage,
                         "personne_de_reference" if head_of_menage else "autre", adult))  # fmt: skip
        if couple:
            rows.append(_row(key, "conjoint", f"d{key}" if married else f"d{key}c",
                             "conjoint" if married else "declarant_principal", menage,
                             "conjoint" if head_of_menage else "autre", adult + int(rng.integers(-3, 4))))  # fmt: skip
        for child in range(children):
            # A child may be a dependant in the foyer of another family of the community, across ménages.
            elsewhere = int(rng.integers(0, families))
            foyer = f"d{number:04d}_{elsewhere}" if rng.random() < 0.3 else f"d{key}"
            rows.append(_row(key, "enfant", foyer, "personne_a_charge", menage,
                             "enfant" if head_of_menage else "autre", int(rng.integers(20)), str(child)))  # fmt: skip
    return rows


def _row(
    key: str, role: str, foyer: str, foyer_role: str, menage: str, menage_role: str, age: int, rank: str = ""
) -> Any:
    return {
        "id": f"p{key}{role}{rank}", "famille_id": f"f{key}", "famille_role": role, "foyer_fiscal_id": foyer,
        "foyer_fiscal_role": foyer_role, "menage_id": menage, "menage_role": menage_role, "age": max(age, 0),
    }  # fmt: skip


def _person_columns(rng: np.random.Generator, rows: list[dict[str, Any]]) -> dict[str, pl.Series]:
    ages = np.array([row["age"] for row in rows])
    adult, count = ages >= 18, len(rows)
    births = [date(2025, 12, 31) - timedelta(days=int(age * 365.25 + rng.integers(0, 365))) for age in ages]

    def money(share: float, high: float) -> np.ndarray[Any, Any]:
        return np.where(adult & (rng.random(count) < share), np.round(rng.random(count) * high, 2), 0.0)

    columns: dict[str, Any] = {"date_naissance": births}
    wage, pension = money(0.5, 2_500), money(0.25, 1_500)
    for month in MONTHS:
        monthly = np.round(wage * rng.uniform(0.6, 1.3, count), 2)
        columns |= {f"salaire_net@{month}": monthly, f"salaire_de_base@{month}": np.round(monthly / 0.78, 2)}
        columns |= {f"retraite_nette@{month}": pension, f"retraite_brute@{month}": np.round(pension / 0.93, 2)}
        columns[f"chomage_net@{month}"] = money(0.1, 1_200)
    columns["salaire_imposable@2024"] = np.round(wage * 12.4, 2)
    columns["retraite_imposable@2024"] = np.round(pension * 11.8, 2)
    columns[f"taux_incapacite@{MONTH}"] = rng.choice([0.0, 0.0, 0.0, 0.6, 0.85], count)
    school = np.select(
        [ages < 6, ages < 11, ages < 15, ages < 18], ["maternelle", "primaire", "college", "lycee"], "inconnue"
    )
    columns[f"scolarite@{MONTH}"] = school
    columns[f"activite@{MONTH}"] = rng.choice(["actif", "chomeur", "etudiant", "retraite", "inactif"], count)
    columns[f"enceinte@{MONTH}"] = rng.random(count) < 0.03
    return {name: pl.Series(values) for name, values in columns.items()}
