"""Make `caf.csv`, `filosofi.csv` and `ages.csv` of départements from the public files that their sources.toml names.

Usage: python scripts/territory_figures.py --data FOLDER [--output FOLDER] DEPARTEMENT...
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import packages
import polars as pl

from allervers.territory.figures import CAF_MEASURES, FILOSOFI_COLUMNS
from allervers.territory.tables import DATA

CAF_INPUT = [
    "a",
    "percou",
    "ai",
    "am",
    "acssenf",
    "acavenf",
    "ac3enf",
    "enf",
    "enf_2",
    "enf_3_5",
    "enf_6_10",
    "enf_11_14",
    "enf_15_17",
    "enf_18_24",
    "a_etud",
    "a_netud_24",
    "aal",
    "aapl",
    "aaah",
    "appa",
    "arsas",
]
"""Columns of the Caf file, in the order of CAF_MEASURES."""

FILOSOFI_INPUT = [
    "CODGEO",
    "NBMENFISC21",
    "NBPERSMENFISC21",
    "MED21",
    "PIMP21",
    "TP6021",
    "TP60AGE121",
    "TP60AGE221",
    "TP60AGE321",
    "TP60AGE421",
    "TP60AGE521",
    "TP60AGE621",
    "TP60TOL121",
    "TP60TOL221",
    "PACT21",
    "PTSA21",
    "PCHO21",
    "PBEN21",
    "PPEN21",
    "PPAT21",
    "PPSOC21",
    "PPFAM21",
    "PPMINI21",
    "PPLOGT21",
    "PIMPOT21",
    "D121",
    "D921",
    "RD21",
]
"""Columns of the FiLoSoFi file, in the order of FILOSOFI_COLUMNS."""

SECRET = ("", "s", "ns", "nd")
"""Cells of the FiLoSoFi file that hide a figure."""

_SEXES = {"Hommes": "homme", "Femmes": "femme"}
_CLASS = re.compile(r"(\d+) à (\d+) ans")
_LAST_CLASS = re.compile(r"(\d+) ans et plus")


def caf(path: Path, _entry: dict[str, Any]) -> pl.DataFrame:
    """Sum the IRIS by commune: a secret cell is counted, never added; a commune whose cells are all secret is null.

    Communes that the file lacks are added by `with_absent_communes`.
    """
    schema = {"iris_code": pl.String, "note": pl.Int64} | dict.fromkeys(CAF_INPUT, pl.Int64)
    table = pl.read_csv(path, schema=schema)
    situations = pl.sum_horizontal("ai", "am", "acssenf", "acavenf", ignore_nulls=False)
    if wrong := table.filter(situations != pl.col("a"))["iris_code"].to_list():
        raise SystemExit(f"{path}: family situations do not add up to the allocataires in {wrong}")
    long = table.rename(dict(zip(CAF_INPUT, CAF_MEASURES, strict=True))).unpivot(
        CAF_MEASURES, index="iris_code", variable_name="measure"
    )
    value = pl.col("value")
    return long.group_by(pl.col("iris_code").str.head(5).alias("code"), "measure").agg(
        pl.when(value.is_not_null().any()).then(value.sum()).alias("value"),
        pl.len().cast(pl.Int64).alias("iris"),
        value.null_count().cast(pl.Int64).alias("masked_iris"),
    )


def filosofi(path: Path, _entry: dict[str, Any]) -> pl.DataFrame:
    """Names, units and nulls of ours; raises when a cell is neither a number nor a known mark of secrecy."""
    table = pl.read_csv(path, schema=dict.fromkeys(FILOSOFI_INPUT, pl.String))
    table = table.rename(dict(zip(FILOSOFI_INPUT, FILOSOFI_COLUMNS, strict=True)))
    figures = pl.all().exclude("code")
    hidden = pl.when(~figures.is_in(SECRET)).then(figures.str.replace(",", ".", literal=True))
    numbers = table.with_columns(hidden.cast(pl.Float64))
    shares = [name for name in FILOSOFI_COLUMNS if name.endswith("_share")]
    whole = [name for name in FILOSOFI_COLUMNS if name in ("menages", "personnes") or name.endswith("_eur_year")]
    return numbers.with_columns((pl.col(shares) / 100).round(4), pl.col(whole).cast(pl.Int64)).sort("code")


def ages(path: Path, entry: dict[str, Any]) -> pl.DataFrame:
    """Classes of the years that the source names, by sex, checked against the published totals."""
    table = pl.read_csv(path).filter(pl.col("annee").is_in(entry["years"]))
    published = {(row[0], row[1]): row[2] for row in table.filter(age="Total").drop("age").iter_rows()}
    rows = [
        {"year": year, "sexe": sexe, "age_min": bounds[0], "age_max": bounds[1], "population": population}
        for year, sexe, label, population in table.iter_rows()
        if sexe != "Ensemble" and label != "Total" and (bounds := _bounds(label))
    ]
    classes = pl.DataFrame(rows).sort("year", "sexe", "age_min")
    for (year, sexe), total in published.items():
        of_year = classes.filter(pl.col("year") == year, sexe == "Ensemble" or pl.col("sexe") == sexe)
        if of_year["population"].sum() != total:
            raise SystemExit(f"{path}: classes of {sexe} {year} do not add up to {total}")
    return classes.with_columns(pl.col("sexe").replace_strict(_SEXES)).sort("year", "sexe", "age_min")


def _bounds(label: str) -> tuple[int, int | None]:
    if match := _CLASS.fullmatch(label):
        return int(match[1]), int(match[2])
    if match := _LAST_CLASS.fullmatch(label):
        return int(match[1]), None
    raise SystemExit(f"age class {label!r} is not understood")


def with_absent_communes(table: pl.DataFrame, codes: pl.Series) -> pl.DataFrame:
    """The Caf table with a null row (0 IRIS) for each measure of each commune that its source lacks."""
    grid = codes.to_frame("code").join(pl.DataFrame({"measure": CAF_MEASURES}), how="cross")
    if unknown := sorted(set(table["code"]) - set(codes)):
        raise SystemExit(f"Caf: communes {unknown} are not those of the vintage")
    joined = grid.join(table, on=["code", "measure"], how="left")
    order = pl.col("measure").cast(pl.Enum(CAF_MEASURES))
    return joined.with_columns(pl.col("iris", "masked_iris").fill_null(0)).sort("code", order)


MAKERS: dict[str, Callable[[Path, dict[str, Any]], pl.DataFrame]] = {"caf": caf, "filosofi": filosofi, "ages": ages}


def make(departement: str, data: Path, output: Path) -> None:
    """Write the tables that `sources.toml` of the département names, under `output/<departement>/`."""
    for name, maker in MAKERS.items():
        (entry,) = packages.declared(name, DATA / departement / "sources.toml")
        table = maker(packages.checked_input(entry, data), entry)
        if name == "caf":
            communes = pl.read_csv(DATA / departement / "communes.csv", schema_overrides={"code": pl.String})
            table = with_absent_communes(table, communes.filter(vintage=entry["vintage"])["code"])
        with packages.public_file(output / departement / f"{name}.csv") as temporary:
            table.write_csv(temporary)


def main() -> None:
    """Read the command line and make the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("departements", nargs="+", metavar="DEPARTEMENT")
    parser.add_argument("--data", type=Path, required=True, help="folder of public data that the inputs are under")
    parser.add_argument("--output", type=Path, default=DATA)
    options = parser.parse_args()
    for departement in options.departements:
        make(departement, options.data, options.output)


if __name__ == "__main__":
    main()
