"""The dwelling of familles and ménages, from every partner that knows one: Caf, Cpam, landlords, local services."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from allervers.extracts.assembly.incomes import history
from allervers.extracts.assembly.sources import first_known, in_precedence
from allervers.foundation.errors import InvalidInput, NotFound
from allervers.foundation.periods import Month
from allervers.territory.communes import departement_of, resolve_code, vintage_in_force
from allervers.territory.tables import departements

DWELLING = ("code_insee", "identifiant_logement", "statut_logement", "loyer", "charges", "colocation", "chambre")
"""Columns of `dossiers` that describe the dwelling."""

FILE = ("etat", "pieces_manquantes", "suivi_social", "quotient_familial", "derniere_declaration_on",
        "declaration_attendue_on")  # fmt: skip
"""Columns of `dossiers` that describe the partner's file."""

VARIABLES = {
    "depcom": "code_insee",
    "statut_occupation_logement": "statut_logement",
    "loyer": "loyer",
    "charges_locatives": "charges",
    "coloc": "colocation",
    "logement_chambre": "chambre",
}
"""Variable of `menage` -> column of the dossier. All are carried over the history: partners give the present."""


def rows_by_famille(rows: pl.DataFrame, members: pl.DataFrame, dossiers: pl.DataFrame) -> pl.DataFrame:
    """Dossiers that speak of a famille, in precedence: those of its adults, files not struck off first.

    rows: personnes with person_id. members: person_id, famille_id, famille_role. Shape: a dossier row per famille.
    """
    adults = members.filter(pl.col("famille_role") != "enfant").select("person_id", "famille_id")
    links = rows.select("person_id", "dossier_key").drop_nulls().unique().join(adults, on="person_id")
    known = links.select("famille_id", "dossier_key").unique().join(dossiers, on="dossier_key")
    struck_off = pl.col("etat").eq("radie").fill_null(value=False)
    return in_precedence(known, "famille_id").sort("famille_id", struck_off, maintain_order=True)


def dwellings_of(by_famille: pl.DataFrame, rows: pl.DataFrame, members: pl.DataFrame, month: Month) -> pl.DataFrame:
    """The dwelling of each famille: first known value of each column. Shape: famille_id, DWELLING, FILE.

    The commune that no dossier gives is that of the demandeur, as the identity vault knows it (`code_insee` of rows).
    """
    known = first_known(by_famille, "famille_id", (*DWELLING, *FILE))
    heads = members.filter(pl.col("famille_role") == "demandeur").select("person_id", "famille_id")
    communes = heads.join(first_known(rows, "person_id", ("code_insee",)), on="person_id").drop("person_id")
    frame = (
        communes.join(known, on="famille_id", how="left", suffix="_dossier")
        .with_columns(code_insee=pl.coalesce("code_insee_dossier", "code_insee"))
        .drop("code_insee_dossier")
    )
    codes = frame["code_insee"].drop_nulls().unique().to_list()
    current = {code: _current(code, month) for code in codes}
    return frame.with_columns(pl.col("code_insee").replace_strict(current, default=None, return_dtype=pl.String))


def menage_columns(month: Month) -> Iterator[pl.Expr]:
    """Expressions of every column of `menage`, over one row per ménage with the columns DWELLING."""
    for at in history(month):
        for variable, column in VARIABLES.items():
            yield pl.col(column).alias(f"{variable}@{at}")


def _current(code: str, month: Month) -> str | None:
    """Code in force of a commune that partners may still write with an old code; unknown when no vintage has it.

    A code of a département whose communes are not in our data is kept: nothing says that it is wrong.
    """
    try:
        departement = departement_of(code)
        if departement not in departements():
            return code
        return resolve_code(code, vintage_in_force(departement, month))
    except (InvalidInput, NotFound):
        return None
