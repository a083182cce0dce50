"""Conditions named by the register of corrections, computed for each famille; and what is unknown about each ménage."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from allervers.detection.casefile import column_of
from allervers.detection.entitlement import unit_homes
from allervers.engine.block import Column
from allervers.foundation.periods import Month
from allervers.population.folder import Population, column_name, some_at_a_time
from allervers.rights.assumptions import assumptions
from allervers.rights.openers import EUROPEAN_UNION

INPUT_GROUPS: Mapping[str, str] = {
    "composition": "Qui vit au foyer, et la personne vit-elle en couple ?",
    "logement": "Quel est le logement : locataire, propriétaire, hébergé, sans domicile ; et quel loyer ?",
    "ressources_mensuelles": "Quelles ont été les ressources de chacun, mois par mois, sur les douze derniers mois ?",
    "ressources_annuelles": "Quels revenus figurent sur le dernier avis d'imposition ?",
    "sante": "Un taux d'incapacité, une inaptitude au travail ou une grossesse ont-ils été reconnus ?",
    "scolarite": "Quelle est la scolarité des enfants et des jeunes du foyer ?",
    "sejour": "Quelle nationalité, et depuis quand un titre de séjour qui autorise à travailler ?",
    "etat_civil": "Quelle est la date de naissance et la situation familiale ?",
}
"""What may be missing, and the question that settles it."""

_GROUP_OF = {
    "depcom": "logement",
    "statut_occupation_logement": "logement",
    "loyer": "logement",
    "charges_locatives": "logement",
    "coloc": "logement",
    "logement_chambre": "logement",
    "taux_incapacite": "sante",
    "aah_restriction_substantielle_durable_acces_emploi": "sante",
    "inapte_travail": "sante",
    "enceinte": "sante",
    "scolarite": "scolarite",
    "statuts_etablissement_scolaire": "scolarite",
    "activite": "scolarite",
    "nationalite": "sejour",
    "duree_possession_titre_sejour": "sejour",
    "date_naissance": "etat_civil",
    "statut_marital": "etat_civil",
    "garde_alternee": "composition",
    "rsa_isolement_recent": "composition",
}


def group_of(column: Column) -> str:
    """The group of INPUT_GROUPS that an input belongs to."""
    found = _GROUP_OF.get(column[0])
    return found or ("ressources_annuelles" if len(column[1]) == 4 else "ressources_mensuelles")


def unknown_groups(population: Population) -> pl.DataFrame:
    """The groups of inputs of which a value is missing, by ménage: menage_id, group."""
    found = []
    homes = unit_homes(population)
    for entity in ("individu", "famille", "menage"):
        menages = population.ids["menage"].gather(pl.Series(homes[entity]))
        file = pl.scan_parquet(population.folder / f"{entity}.parquet")
        named: dict[str, list[str]] = {}
        for column, variable in population.columns.items():
            if variable.entity == entity and column[0] not in assumptions():
                named.setdefault(group_of(column), []).append(column_name(column))
        for group, names in named.items():
            missing = np.zeros(len(menages), dtype=bool)
            for some in some_at_a_time(names):
                missing |= file.select(pl.any_horizontal(pl.col(some).is_null())).collect().to_series().to_numpy()
            found.append(
                pl.DataFrame({"menage_id": menages.filter(pl.Series(missing))}).with_columns(group=pl.lit(group))
            )
    return pl.concat(found).unique() if found else pl.DataFrame(schema={"menage_id": pl.String, "group": pl.String})


def condition_units(population: Population, month: Month) -> Mapping[str, Callable[[], pl.Series]]:
    """Condition name -> function giving the famille ids for which it holds (see rights.corrections.CONDITIONS)."""
    return {
        "etudiant_hors_union": lambda: _students_outside_union(population, month),
        "jeune_adulte_hors_famille": lambda: _young_adults_outside(population, month),
        "independant_au_foyer": lambda: _self_employed(population, month),
        "locataire_foyer": lambda: _hostel_tenants(population, month),
        "etudiant_autonome": lambda: _students_on_their_own(population, month),
        "residence_alternee": lambda: _alternating_children(population, month),
    }


def _persons(population: Population) -> pl.DataFrame:
    """person_id, famille_id, famille_role, menage_id."""
    famille, menage = population.membership["famille"], population.membership["menage"]
    return pl.DataFrame(
        {
            "unit_id": population.ids["individu"],
            "famille_id": population.ids["famille"].gather(pl.Series(famille.group)),
            "famille_role": famille.role,
            "menage_id": population.ids["menage"].gather(pl.Series(menage.group)),
        }
    )


def _students_outside_union(population: Population, month: Month) -> pl.Series:
    activity = column_of(population, "individu", "activite", str(month)).rename({"value": "activite"})
    nationality = column_of(population, "individu", "nationalite", str(month)).rename({"value": "nationalite"})
    heads = _persons(population).filter(pl.col("famille_role") == "demandeur")
    rows = heads.join(activity, on="unit_id").join(nationality, on="unit_id")
    return rows.filter(
        pl.col("activite").cast(pl.String) == "etudiant",
        ~pl.col("nationalite").cast(pl.String).is_in(EUROPEAN_UNION).fill_null(value=False),
    )["famille_id"].unique()


def _students_on_their_own(population: Population, month: Month) -> pl.Series:
    activity = column_of(population, "individu", "activite", str(month))
    heads = _persons(population).filter(pl.col("famille_role") != "enfant").join(activity, on="unit_id")
    return heads.filter(pl.col("value").cast(pl.String) == "etudiant")["famille_id"].unique()


def _alternating_children(population: Population, month: Month) -> pl.Series:
    alternating = column_of(population, "individu", "garde_alternee", str(month))
    children = _persons(population).join(alternating, on="unit_id")
    return children.filter(pl.col("value").cast(pl.Boolean).fill_null(value=False))["famille_id"].unique()


def _young_adults_outside(population: Population, month: Month) -> pl.Series:
    births = (
        pl.scan_parquet(population.folder / "individu.parquet")
        .select(pl.col("id").cast(pl.String).alias("unit_id"), "date_naissance")
        .collect()
    )
    persons = _persons(population).join(births, on="unit_id")
    months = (month.year - pl.col("date_naissance").dt.year()) * 12 + month.month - pl.col("date_naissance").dt.month()
    young = persons.filter(months.is_between(18 * 12, 25 * 12 - 1), pl.col("famille_role") == "demandeur")
    families = persons.filter(pl.col("famille_role") == "demandeur").select("famille_id", "menage_id")
    beside = families.join(young.select("menage_id", pl.col("famille_id").alias("young_id")), on="menage_id")
    apart = beside.filter(pl.col("famille_id") != pl.col("young_id"))
    return pl.concat([apart["famille_id"], apart["young_id"].alias("famille_id")]).unique()


def _self_employed(population: Population, month: Month) -> pl.Series:
    names = [
        column_name(c)
        for c in population.columns
        if c[0].startswith("rpns_") and len(c[1]) == 7 and str(month - 12) <= c[1] <= str(month)
    ]
    if not names:
        return pl.Series("famille_id", [], pl.String)
    earning = (
        pl.scan_parquet(population.folder / "individu.parquet")
        .filter(pl.any_horizontal(pl.col(n) > 0 for n in names))
        .select(pl.col("id").cast(pl.String).alias("unit_id"))
        .collect()
    )
    return _persons(population).join(earning, on="unit_id")["famille_id"].unique()


def _hostel_tenants(population: Population, month: Month) -> pl.Series:
    tenure = column_of(population, "menage", "statut_occupation_logement", str(month))
    hostels = tenure.filter(pl.col("value").cast(pl.String) == "locataire_foyer").select(
        pl.col("unit_id").alias("menage_id")
    )
    return _persons(population).join(hostels, on="menage_id")["famille_id"].unique()
