"""Public figures by commune (Caf, FiLoSoFi) and ages of the département: what a synthetic population is fitted to.

A null is a secret or a missing figure, never zero. A sum over secret cells is a lower bound, and says so.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from allervers.foundation.errors import NotFound
from allervers.territory.communes import communes, communes_table, join_vintages
from allervers.territory.tables import read_table

GEOGRAPHY = 2021
"""Vintage of the communes in the Caf and FiLoSoFi tables."""

CAF_MEASURES = (
    "allocataires",
    "personnes_couvertes",
    "isoles",
    "monoparents",
    "couples_sans_enfant",
    "couples_avec_enfants",
    "couples_3_enfants_ou_plus",
    "enfants",
    "enfants_0_2_ans",
    "enfants_3_5_ans",
    "enfants_6_10_ans",
    "enfants_11_14_ans",
    "enfants_15_17_ans",
    "enfants_18_24_ans",
    "etudiants",
    "moins_25_ans_non_etudiants",
    "aides_logement",
    "apl",
    "aah",
    "prime_activite",
    "rsa",
)
"""Measures of the Caf table, in its order. All count allocataires, but `personnes_couvertes` and `enfants*` (persons).

`rsa` is the socle; the first four family situations add up to `allocataires` where nothing is secret.
"""

FIT_MEASURES = (
    "allocataires",
    "isoles",
    "monoparents",
    "couples_sans_enfant",
    "couples_avec_enfants",
    "couples_3_enfants_ou_plus",
    "etudiants",
    "aides_logement",
    "aah",
    "prime_activite",
    "rsa",
)
"""Caf measures that `fit_targets` gives."""

_CAF = {"code": pl.String, "measure": pl.String, "value": pl.Int64, "iris": pl.Int64, "masked_iris": pl.Int64}
_FILOSOFI_COUNTS = ("menages", "personnes")
_FILOSOFI_LEVELS = (
    "niveau_vie_median_eur_year",
    "imposes_share",
    "pauvrete_share",
    "pauvrete_moins_30_ans_share",
    "pauvrete_30_39_ans_share",
    "pauvrete_40_49_ans_share",
    "pauvrete_50_59_ans_share",
    "pauvrete_60_74_ans_share",
    "pauvrete_75_ans_ou_plus_share",
    "pauvrete_proprietaires_share",
    "pauvrete_locataires_share",
    "revenus_activite_share",
    "salaires_share",
    "chomage_share",
    "independants_share",
    "pensions_share",
    "patrimoine_share",
    "prestations_sociales_share",
    "prestations_familiales_share",
    "minima_sociaux_share",
    "prestations_logement_share",
    "impots_share",
    "decile_1_eur_year",
    "decile_9_eur_year",
    "rapport_interdecile",
)
FILOSOFI_COLUMNS = ("code", *_FILOSOFI_COUNTS, *_FILOSOFI_LEVELS)
"""Columns of the FiLoSoFi table, in its order. Shares lie between 0 and 1; `impots_share` is negative."""

_AGES = {"year": pl.Int32, "sexe": pl.String, "age_min": pl.Int32, "age_max": pl.Int32, "population": pl.Int64}
_ROUNDING = 0.005  # the published rates are whole percents


@cache
def caf_recipients(departement: str, vintage: int) -> pl.DataFrame:
    """Caf recipients of December 2021 by commune of `vintage` and measure (CAF_MEASURES), summed over IRIS.

    Columns: code, measure, value (null: every IRIS is secret or the commune is not in the source), iris, masked_iris
    (number of IRIS in the source, and of those whose cell is secret: fewer than 5), is_lower_bound.
    raises: Unavailable (the département has no such table), InvalidInput (a vintage that splits communes).
    """
    communes(departement, vintage)
    table = join_vintages(read_table(departement, "caf", _CAF), "code", GEOGRAPHY, vintage)
    known = pl.col("value").is_not_null()
    return (
        table.group_by("code", "measure", maintain_order=True)
        .agg(
            pl.when(known.any()).then(pl.col("value").sum()).alias("value"),
            pl.col("iris", "masked_iris").sum(),
            (known.any() & (~known.all() | (pl.col("masked_iris").sum() > 0))).alias("is_lower_bound"),
        )
        .sort("code", pl.col("measure").cast(pl.Enum(CAF_MEASURES)))
    )


@cache
def filosofi(departement: str, vintage: int) -> pl.DataFrame:
    """FiLoSoFi 2021 (disposable income) by commune of `vintage`: one row a commune, columns FILOSOFI_COLUMNS.

    Units: euros a year and a consumption unit, shares 0..1, fiscal households and persons. For a commune born of a
    merger the counts are summed (null if one is null) and the levels are null: a median or a rounded rate does not add.
    raises: Unavailable (the département has no such table).
    """
    communes(departement, vintage)
    schema: dict[str, pl.DataType | type[pl.DataType]] = {"code": pl.String}
    schema |= dict.fromkeys(_FILOSOFI_COUNTS, pl.Int64) | dict.fromkeys(_FILOSOFI_LEVELS, pl.Float64)
    table = join_vintages(read_table(departement, "filosofi", schema), "code", GEOGRAPHY, vintage)
    whole = [pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name) for name in _FILOSOFI_COUNTS]
    single = [pl.when(pl.len() == 1).then(pl.col(name).first()).alias(name) for name in _FILOSOFI_LEVELS]
    return table.group_by("code").agg(*whole, *single).sort("code").select(FILOSOFI_COLUMNS)


@cache
def ages(departement: str, year: int) -> pl.DataFrame:
    """Population of a département on 1 January of `year`: columns sexe (homme/femme), age_min, age_max, population.

    Five-year classes, both ends included, age_max null for the last one (95 and over); 40 rows. Insee estimates.
    raises: Unavailable (no such table), NotFound (no such year).
    """
    table = read_table(departement, "ages", _AGES)
    chosen = table.filter(pl.col("year") == year).drop("year")
    if chosen.is_empty():
        known = ", ".join(str(known) for known in table["year"].unique().sort())
        raise NotFound(
            f"Pas de population par âge pour {departement} en {year}. Années présentes : {known}.",
            departement=departement,
            year=year,
        )
    return chosen


@cache
def fit_targets(departement: str, vintage: int) -> pl.DataFrame:
    """What a synthetic population is fitted to: one row a commune of `vintage`, by code.

    Columns: code, nom, ept_code, population (municipal, of that vintage); from FiLoSoFi menages, personnes,
    niveau_vie_median_eur_year, pauvrete_share, pauvrete_proprietaires_share, pauvrete_locataires_share,
    proprietaires_share with its bounds (see `owners_share`); for each of FIT_MEASURES the number and
    `<measure>_is_lower_bound`. Null is unknown. raises: as `caf_recipients` and `filosofi`.
    """
    base = (
        communes_table(departement).filter(pl.col("vintage") == vintage).select("code", "nom", "ept_code", "population")
    )
    incomes = filosofi(departement, vintage).select(
        "code",
        "menages",
        "personnes",
        "niveau_vie_median_eur_year",
        "pauvrete_share",
        "pauvrete_proprietaires_share",
        "pauvrete_locataires_share",
        *owners_share(),
    )
    caf = caf_recipients(departement, vintage).filter(pl.col("measure").is_in(FIT_MEASURES))
    counts = caf.pivot("measure", index="code", values="value")
    bounds = caf.with_columns(pl.col("measure") + "_is_lower_bound").pivot(
        "measure", index="code", values="is_lower_bound"
    )
    joined = base
    for part in (incomes, counts, bounds):
        joined = joined.join(part, on="code", how="left", validate="1:1")
    return joined.sort("code")


def owners_share() -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Share of persons in owner households (`proprietaires_share`, `_low`, `_high`) that the poverty rates imply.

    The rate of all is the mean of the owners' and the tenants' weighted by their shares. The bounds carry the rounding
    of the three published rates (half a percent). Null where one is secret or the two rates are too close to tell.
    """
    rates = [pl.col(f"pauvrete_{name}share") for name in ("", "proprietaires_", "locataires_")]
    every, owners, tenants = rates

    def implied(sign: int) -> pl.Expr:
        # The share grows with both tenure rates and falls with the rate of all: its extremes are at these corners.
        high, mean, low = tenants + sign * _ROUNDING, every - sign * _ROUNDING, owners + sign * _ROUNDING
        share = ((high - mean) / (high - low)).clip(0.0, 1.0)
        return pl.when(tenants - owners > 2 * _ROUNDING).then(share)

    return (
        implied(0).alias("proprietaires_share"),
        implied(-1).alias("proprietaires_share_low"),
        implied(1).alias("proprietaires_share_high"),
    )
