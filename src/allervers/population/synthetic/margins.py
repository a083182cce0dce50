"""Public figures that the synthetic département is fitted to, by commune and for the département.

Seam with the territory: everything here reads the figures through `departement_margins`, and only there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from allervers.foundation.errors import NotFound
from allervers.population.synthetic.fit import ipf
from allervers.territory import communes as territory_communes
from allervers.territory import figures

INCOME_GROWTH_SINCE_2021 = 1.17
"""Euros of 2021 -> euros of 2026. The poverty line went from 1,158 euros (2021) to 1,288 (2023), Insee; the years after
2023 are prolonged at 1.7 % a year (assumption)."""

POVERTY_LINE_EUR_MONTH = 1158 * INCOME_GROWTH_SINCE_2021
"""60 % of the national median income per consumption unit, in 2026 euros. Source: Insee, FiLoSoFi 2021."""

AGES_YEAR = 2022
"""Year of the population by age that ages are fitted to."""

TENANT_SHARES = (0.56, 0.36, 0.08)
"""Among households that do not own: social housing, private rent, other (hostel, free lodging, no home). Orders of
magnitude of the 2021 census in Seine-Saint-Denis, confidence C: to be read again."""

HOUSEHOLD_SHARES = {"personne_seule": 0.31, "couple_sans_enfant": 0.18, "plusieurs_familles": 0.06}
"""Shares of households by kind, same source and same confidence as TENANT_SHARES."""


@dataclass(frozen=True, slots=True)
class CommuneMargins:
    """Public figures of one commune; `None` is unknown or under statistical secrecy, never zero.

    Counts of families are Caf recipients of December 2021, summed over the IRIS that are not secret (a secret cell
    holds fewer than five); owner_person_share is the share of persons in owner households.
    """

    code_insee: str
    name: str
    postal_codes: tuple[str, ...]
    households: int
    persons: int
    median_eur_year: float | None
    poverty_share: float | None
    owner_person_share: float | None
    lone_parent_families: int | None
    couples_with_3_children: int | None
    housing_aid_families: int | None
    apl_families: int | None
    rsa_families: int | None
    ppa_families: int | None
    aah_families: int | None

    @property
    def recipients(self) -> dict[str, int | None]:
        """Caf recipients by right (ids of the catalogue); None where no figure is published."""
        return {
            "rsa": self.rsa_families, "ppa": self.ppa_families, "aides_logement": self.housing_aid_families,
            "aah": self.aah_families,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class DepartementMargins:
    """Figures of a département: its communes, and its persons by five-year age band (last one open)."""

    departement: str
    communes: tuple[CommuneMargins, ...]
    age_first: tuple[int, ...]
    age_persons: tuple[int, ...]

    @property
    def households(self) -> npt.NDArray[np.float64]:
        """Households by commune, in the order of `communes`."""
        return np.array([c.households for c in self.communes], dtype=np.float64)

    @property
    def persons(self) -> npt.NDArray[np.float64]:
        """Persons of these households by commune, in the order of `communes`."""
        return np.array([c.persons for c in self.communes], dtype=np.float64)

    def age_shares(self) -> npt.NDArray[np.float64]:
        """Share of persons in each age band; sums to 1."""
        counts = np.array(self.age_persons, dtype=np.float64)
        return np.asarray(counts / counts.sum(), dtype=np.float64)

    def tenure_persons(self) -> npt.NDArray[np.float64]:
        """Persons by commune (rows) and tenure: owner, social housing, private rent, other (columns).

        Owners come from FiLoSoFi. No published figure here splits the tenants of a commune: the start is drawn from
        the Caf's housing aid (APL goes mostly to social housing), then fitted to both margins.
        """
        known = np.array([np.nan if c.owner_person_share is None else c.owner_person_share for c in self.communes])
        usual = float(np.nansum(known * self.persons) / self.persons[~np.isnan(known)].sum())
        owner = np.where(np.isnan(known), usual, known) * self.persons
        apl = np.array([c.apl_families or 0 for c in self.communes])
        aid = np.array([c.housing_aid_families or 0 for c in self.communes])
        start = np.column_stack([apl, np.clip(aid - apl, 0.02 * self.households, None), 0.05 * self.households])
        tenants = self.persons - owner
        fitted = ipf(np.clip(start, 1.0, None), [tenants, np.array(TENANT_SHARES) * tenants.sum()])
        return np.column_stack([owner, fitted])


@lru_cache(maxsize=8)
def departement_margins(departement: str, vintage: int) -> DepartementMargins:
    """Margins of a département (its code, "93") in the communes of `vintage`.

    raises: NotFound or Unavailable when the territory has no figures for it.
    """
    targets = figures.fit_targets(departement, vintage)
    apl = figures.caf_recipients(departement, vintage).filter(pl.col("measure") == "apl").select("code", apl="value")
    postal = {c.code: c.codes_postaux for c in territory_communes.communes(departement, vintage)}
    levels = _levels_of_merged(departement, vintage)
    bands = figures.ages(departement, AGES_YEAR).group_by("age_min").agg(pl.col("population").sum()).sort("age_min")
    rows = targets.join(apl, on="code", how="left").filter(pl.col("menages").is_not_null()).to_dicts()
    if not rows:
        raise NotFound("Aucune figure publique n'est connue pour ce département.", departement=departement)
    return DepartementMargins(
        departement=departement,
        communes=tuple(_commune(row, postal, levels) for row in rows),
        age_first=tuple(bands["age_min"].to_list()),
        age_persons=tuple(bands["population"].to_list()),
    )


def _levels_of_merged(departement: str, vintage: int) -> dict[str, dict[str, Any]]:
    """Median and poverty rate of communes that merged: means of the old communes weighted by persons.

    An approximation that only guides the fit (a median does not add): the territory itself leaves them unknown.
    """
    old = figures.fit_targets(departement, figures.GEOGRAPHY)
    moved = territory_communes.join_vintages(old, "code", figures.GEOGRAPHY, vintage)
    weight = pl.col("personnes")
    names = ("niveau_vie_median_eur_year", "pauvrete_share", "proprietaires_share")
    means = [
        ((pl.col(name) * weight).sum() / weight.filter(pl.col(name).is_not_null()).sum()).alias(name) for name in names
    ]
    merged = moved.group_by("code").agg(pl.len(), *means).filter(pl.col("len") > 1)
    return {row["code"]: row for row in merged.to_dicts()}


def _commune(
    row: dict[str, Any], postal: dict[str, tuple[str, ...]], levels: dict[str, dict[str, Any]]
) -> CommuneMargins:
    level = levels.get(row["code"], row)
    return CommuneMargins(
        code_insee=row["code"],
        name=row["nom"],
        postal_codes=postal[row["code"]],
        households=row["menages"],
        persons=row["personnes"],
        median_eur_year=level["niveau_vie_median_eur_year"],
        poverty_share=level["pauvrete_share"],
        owner_person_share=level["proprietaires_share"],
        lone_parent_families=row["monoparents"],
        couples_with_3_children=row["couples_3_enfants_ou_plus"],
        housing_aid_families=row["aides_logement"],
        apl_families=row["apl"],
        rsa_families=row["rsa"],
        ppa_families=row["prime_activite"],
        aah_families=row["aah"],
    )
