"""Make `communes.csv` and `mouvements.csv` of départements from the vintages of @etalab/decoupage-administratif.

Usage: python scripts/territory_communes.py --cache FOLDER [--output FOLDER] DEPARTEMENT...
"""

from __future__ import annotations

import argparse
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import packages
import polars as pl

from allervers.territory.tables import DATA

Row = dict[str, Any]
COLUMNS = (
    "vintage",
    "code",
    "nom",
    "siren",
    "codes_postaux",
    "population",
    "ept_code",
    "ept_nom",
    "epci_code",
    "epci_nom",
)


def read_vintages(cache: Path) -> dict[int, dict[str, list[Row]]]:
    """Vintage -> the lists `communes`, `epci` and `ept` of its package (EPT of the vintage that the source names)."""
    entries = packages.declared("communes")
    read = {
        int(entry["vintage"]): {
            name: json.loads(content)
            for name in ("communes", "epci", "ept")
            if (content := packages.member(packages.received(entry, cache), f"package/data/{name}.json")) is not None
        }
        for entry in entries
    }
    for entry in entries:
        read[int(entry["vintage"])]["ept"] = read[int(entry["ept_vintage"])]["ept"]
    return read


def groupings(lists: list[Row]) -> dict[str, tuple[str, str]]:
    """Code of a member commune -> (code, name) of its grouping."""
    return {member["code"]: (group["code"], group["nom"]) for group in lists for member in group["membres"]}


def actual(lists: dict[str, list[Row]], departement: str) -> list[Row]:
    """Communes of a département that exist by themselves (neither déléguées nor associées nor arrondissements)."""
    return [
        row for row in lists["communes"] if row["type"] == "commune-actuelle" and row.get("departement") == departement
    ]


def commune_rows(vintage: int, lists: dict[str, list[Row]], departement: str) -> list[Row]:
    """Rows of `communes.csv` for one vintage."""
    ept, epci = groupings(lists["ept"]), groupings(lists["epci"])
    nowhere = (None, None)
    return [
        dict(
            zip(
                COLUMNS,
                (
                    vintage,
                    row["code"],
                    row["nom"],
                    row.get("siren"),
                    " ".join(sorted(row.get("codesPostaux", []))),
                    row.get("population"),
                    *ept.get(row["code"], nowhere),
                    *epci.get(row["code"], nowhere),
                ),
                strict=True,
            )
        )
        for row in actual(lists, departement)
    ]


def move_rows(vintages: dict[int, dict[str, list[Row]]], departement: str) -> list[Row]:
    """Rows of `mouvements.csv`: each code that is gone from one vintage to the next, and the one that replaces it."""
    moves: list[Row] = []
    years = sorted(vintages)
    for before, after in pairwise(years):
        old, new = ({row["code"]: row for row in actual(vintages[year], departement)} for year in (before, after))
        if restored := sorted(new.keys() - old.keys()):
            raise SystemExit(f"{departement}, {after}: new codes {restored} (a split has no single successor)")
        for code in sorted(old.keys() - new.keys()):
            heirs = [row["code"] for row in new.values() if code in row.get("anciensCodes", [])]
            if len(heirs) != 1:
                raise SystemExit(f"{departement}, {after}: {code} is replaced by {heirs}, expected one commune")
            moves.append({"vintage": after, "ancien_code": code, "nouveau_code": heirs[0]})
    return moves


def make(departement: str, vintages: dict[int, dict[str, list[Row]]], output: Path) -> None:
    """Write both tables of a département under `output/<departement>/`; raises SystemExit when it has no commune."""
    rows = [row for vintage, lists in sorted(vintages.items()) for row in commune_rows(vintage, lists, departement)]
    if not rows:
        raise SystemExit(f"{departement}: no commune in the packages")
    communes = pl.DataFrame(rows, infer_schema_length=None).sort("vintage", "code")
    moves = pl.DataFrame(
        move_rows(vintages, departement),
        schema={"vintage": pl.Int32, "ancien_code": pl.String, "nouveau_code": pl.String},
    )
    for name, table in (("communes", communes), ("mouvements", moves)):
        with packages.public_file(output / departement / f"{name}.csv") as temporary:
            table.write_csv(temporary)


def main() -> None:
    """Read the command line and make the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("departements", nargs="+", metavar="DEPARTEMENT")
    parser.add_argument("--cache", type=Path, required=True, help="folder of the packages already received")
    parser.add_argument("--output", type=Path, default=DATA)
    options = parser.parse_args()
    vintages = read_vintages(options.cache)
    for departement in options.departements:
        make(departement, vintages, options.output)


if __name__ == "__main__":
    main()
