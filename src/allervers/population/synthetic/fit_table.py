"""How close a written synthetic population comes to the public figures, read back from its files.

Income is what the persons received over the last twelve months, turned into disposable income by the rough model of
transfers.py: good enough to compare with FiLoSoFi, not an entitlement.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from allervers.foundation.errors import NotFound
from allervers.foundation.periods import Month
from allervers.population.synthetic.margins import (
    INCOME_GROWTH_SINCE_2021,
    POVERTY_LINE_EUR_MONTH,
    DepartementMargins,
    departement_margins,
)
from allervers.population.synthetic.transfers import HouseholdIncome, consumption_units, disposable_eur_month
from allervers.territory.communes import vintage_in_force

_WORK = ("salaire_net",)
_REPLACEMENT = (
    "chomage_net", "retraite_nette", "pensions_invalidite", "indemnites_journalieres_maladie",
    "pensions_alimentaires_percues",
)  # fmt: skip
_TURNOVER, _TURNOVER_KEPT = "rpns_auto_entrepreneur_CA_bnc", 0.52
"""What is left of a turnover once costs and contributions are paid (rough)."""


def fit_table(folder: Path, departement: str) -> pl.DataFrame:
    """Public and synthetic figures: columns commune, indicator, public_figure, synthetic, relative_gap.

    Counts of the population are raised to the public number of households. commune is null for the whole département;
    shares are between 0 and 1; a figure under secrecy is left out.
    raises: NotFound when the folder holds no population.
    """
    month = month_of_population(folder)
    margins = departement_margins(departement, vintage_in_force(departement, month))
    parts = [_households(persons, folder, month) for persons in _person_groups(folder, month)]
    homes = pl.concat([home for home, _ in parts])
    persons = pl.concat([ages for _, ages in parts]).group_by("age").agg(pl.col("n").sum())
    raising = float(margins.households.sum()) / len(homes)
    table = pl.concat([_public(margins), _public_ages(margins)]).join(
        pl.concat([_synthetic(homes, raising), _synthetic_ages(persons, margins)]),
        on=["commune", "indicator"], how="left", nulls_equal=True,
    )  # fmt: skip
    gap = (pl.col("synthetic") - pl.col("public_figure")) / pl.col("public_figure")
    return table.filter(pl.col("public_figure") > 0).with_columns(relative_gap=gap)


def month_of_population(folder: Path) -> Month:
    """Reference month of a synthetic population. raises: NotFound when the folder holds none."""
    file = folder / "individu.parquet"
    if not file.is_file():
        raise NotFound("Ce dossier ne contient pas de population (individu.parquet manque).")
    marks = pq.read_schema(file).metadata or {}
    if b"allervers:month" not in marks:
        raise NotFound("Cette population n'est pas une population synthétique d'AllerVers.")
    return Month.parse(marks[b"allervers:month"].decode())


def _person_groups(folder: Path, month: Month) -> Iterator[pl.DataFrame]:
    """Persons by row group (whole households), with only the columns that the table needs."""
    year = [str(month - back) for back in range(12)]
    amounts = [f"{name}@{m}" for name in (*_WORK, *_REPLACEMENT, _TURNOVER) for m in year]
    situation = ["activite", "taux_incapacite", "aah_restriction_substantielle_durable_acces_emploi"]
    columns = ["menage_id", "menage_role", "date_naissance", *amounts, *(f"{name}@{month}" for name in situation)]
    with pq.ParquetFile(folder / "individu.parquet") as file:
        for group in range(file.num_row_groups):
            frame = pl.DataFrame(pl.from_arrow(file.read_row_group(group, columns=columns)))
            mean = {
                "work": pl.sum_horizontal(f"{n}@{m}" for n in _WORK for m in year)
                + _TURNOVER_KEPT * pl.sum_horizontal(f"{_TURNOVER}@{m}" for m in year),
                "replacement": pl.sum_horizontal(f"{n}@{m}" for n in _REPLACEMENT for m in year),
            }
            keep = ["menage_id", "menage_role", "date_naissance"]
            renamed = {f"{name}@{month}": name for name in situation}
            yield frame.select(*keep, *renamed, **{k: v.cast(pl.Float64) / 12 for k, v in mean.items()}).rename(renamed)


def _households(persons: pl.DataFrame, folder: Path, month: Month) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row a household (commune, size, tenure, family, level of living), and persons by age."""
    end = pl.lit(month.last_day)
    born = persons.filter(pl.col("date_naissance") <= end).with_columns(
        age=((end - pl.col("date_naissance")).dt.total_days() / 365.2425).floor().cast(pl.Int32),
        works=pl.col("work") > 30,
        aah=(pl.col("taux_incapacite") >= 0.8) | pl.col("aah_restriction_substantielle_durable_acces_emploi"),
        own_child=pl.col("menage_role") == "enfant",
    )
    child = (pl.col("age") < 20) & ~pl.col("works")
    head = pl.col("menage_role") == "personne_de_reference"
    grouped = born.group_by("menage_id").agg(
        pl.len().alias("size"), pl.col("work").sum(), pl.col("replacement").sum(), pl.col("works").sum(),
        adults=(~child).sum().clip(1), couple=(pl.col("menage_role") == "conjoint").any(), children=child.sum(),
        under_3=(child & (pl.col("age") < 3)).sum(), over_14=(child & (pl.col("age") >= 14)).sum(),
        aah=(pl.col("aah") & (pl.col("age") >= 18)).sum(), seniors=(pl.col("age") >= 65).sum(),
        student=((pl.col("activite") == "etudiant") & head).any(),
        young=(pl.col("own_child") & (pl.col("age") < 21)).sum(),
        persons_14=(pl.col("age") >= 14).sum(), persons_13=(pl.col("age") < 14).sum(),
    )  # fmt: skip
    names = {f"{name}@{month}": name for name in ("depcom", "statut_occupation_logement", "loyer")}
    dwellings = pl.scan_parquet(folder / "menage.parquet").select("id", *names).rename(names)
    homes = grouped.lazy().join(dwellings, left_on="menage_id", right_on="id").collect()
    level = _level_of_living(homes)
    ages = born.group_by("age").agg(n=pl.len())
    kept = homes.select(
        "depcom",
        "size",
        "couple",
        "young",
        owner=pl.col("statut_occupation_logement").is_in(["proprietaire", "primo_accedant"]),
    )
    return kept.with_columns(level=pl.Series(level)), ages


def _level_of_living(homes: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Disposable income per consumption unit of each household, euros a month."""
    of = {name: homes[name].to_numpy() for name in homes.columns if name not in ("menage_id", "depcom")}
    income = HouseholdIncome(
        work_eur=of["work"], replacement_eur=of["replacement"], workers=of["works"].astype(np.int64),
        adults=of["adults"].astype(np.int64), couple=of["couple"], children=of["children"].astype(np.int64),
        children_under_3=of["under_3"].astype(np.int64), children_over_14=of["over_14"].astype(np.int64),
        aah=of["aah"].astype(np.int64), seniors=of["seniors"].astype(np.int64), students=of["student"],
        rent_eur=of["loyer"].astype(np.float64),
    )  # fmt: skip
    units = consumption_units(of["persons_14"].astype(np.int64), of["persons_13"].astype(np.int64))
    return np.asarray(disposable_eur_month(income) / units, dtype=np.float64)


def _synthetic(homes: pl.DataFrame, raising: float) -> pl.DataFrame:
    """Indicators of each commune, long: commune, indicator, synthetic."""
    persons = pl.col("size").sum()
    lone = (~pl.col("couple") & (pl.col("young") > 0)).sum()
    large = (pl.col("couple") & (pl.col("young") >= 3)).sum()
    expanded = homes.select("depcom", "level", "size").with_columns(copies=pl.col("size").cast(pl.Int64))
    middle = (
        expanded.select(pl.all().repeat_by("copies").explode())
        .group_by("depcom")
        .agg(median_eur_year=pl.col("level").median() * 12)
    )
    poor = pl.when(pl.col("level") < POVERTY_LINE_EUR_MONTH).then(pl.col("size")).otherwise(0).sum()
    wide = homes.group_by("depcom").agg(
        households=pl.len() * raising, persons=persons * raising, lone_parents=lone * raising,
        couples_3_children=large * raising, poverty_share=poor / persons,
        owner_person_share=pl.when("owner").then("size").otherwise(0).sum() / persons,
    )  # fmt: skip
    return (
        wide.join(middle, on="depcom")
        .rename({"depcom": "commune"})
        .unpivot(index="commune", variable_name="indicator", value_name="synthetic")
    )


def _public(margins: DepartementMargins) -> pl.DataFrame:
    rows = []
    for c in margins.communes:
        median = None if c.median_eur_year is None else c.median_eur_year * INCOME_GROWTH_SINCE_2021
        for indicator, value in (
            ("households", c.households), ("persons", c.persons), ("lone_parents", c.lone_parent_families),
            ("couples_3_children", c.couples_with_3_children), ("poverty_share", c.poverty_share),
            ("owner_person_share", c.owner_person_share), ("median_eur_year", median),
        ):  # fmt: skip
            rows.append((c.code_insee, indicator, None if value is None else float(value)))
    schema = {"commune": pl.String, "indicator": pl.String, "public_figure": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _public_ages(margins: DepartementMargins) -> pl.DataFrame:
    names = [f"age_{first}_share" for first in margins.age_first]
    table = pl.DataFrame({"indicator": names, "public_figure": margins.age_shares()})
    return table.select(commune=pl.lit(None, dtype=pl.String), indicator="indicator", public_figure="public_figure")


def _synthetic_ages(persons: pl.DataFrame, margins: DepartementMargins) -> pl.DataFrame:
    first = np.array(margins.age_first)
    band = np.searchsorted(first, persons["age"].to_numpy(), side="right") - 1
    counts = np.bincount(band, weights=persons["n"].to_numpy(), minlength=len(first))
    return pl.DataFrame({"indicator": [f"age_{f}_share" for f in first], "synthetic": counts / counts.sum()}).select(
        commune=pl.lit(None, dtype=pl.String), indicator="indicator", synthetic="synthetic"
    )
