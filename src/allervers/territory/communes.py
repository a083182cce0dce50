"""Communes as the Code officiel géographique names them on 1 January of a year: every function knows its vintage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import polars as pl

from allervers.foundation.errors import InvalidInput, NotFound
from allervers.foundation.periods import Month
from allervers.territory.tables import departements, read_table

_COMMUNES = {
    "vintage": pl.Int32,
    "code": pl.String,
    "nom": pl.String,
    "siren": pl.String,
    "codes_postaux": pl.String,
    "population": pl.Int64,
    "ept_code": pl.String,
    "ept_nom": pl.String,
    "epci_code": pl.String,
    "epci_nom": pl.String,
}
_MOUVEMENTS = {"vintage": pl.Int32, "ancien_code": pl.String, "nouveau_code": pl.String}


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of one vintage. `population`: municipal population (persons) known at that vintage.

    `ept` and `epci` are SIREN numbers; `ept` is null outside the Métropole du Grand Paris, `siren` before 2022.
    """

    code: str
    nom: str
    codes_postaux: tuple[str, ...]
    population: int
    ept: str | None
    departement: str
    vintage: int
    epci: str | None
    siren: str | None


def departement_of(code: str) -> str:
    """Code of the département that holds a commune code: three characters overseas (97x, 98x), two elsewhere."""
    if len(code) != 5:
        raise InvalidInput(f"Code commune invalide : {code!r}. Un code Insee a cinq caractères.", code=code)
    return code[:3] if code.startswith(("97", "98")) else code[:2]


@cache
def communes_table(departement: str) -> pl.DataFrame:
    """Every commune of every vintage: one row a (vintage, code), columns of `data/<departement>/communes.csv`."""
    return read_table(departement, "communes", _COMMUNES)


@cache
def vintages(departement: str) -> tuple[int, ...]:
    """Years whose list of communes (on 1 January) is in the data, in order."""
    return tuple(communes_table(departement)["vintage"].unique().sort().to_list())


def vintage_in_force(departement: str, month: Month) -> int:
    """Vintage to use for a month: the last one known that is not after it.

    raises: InvalidInput when the month comes before the first vintage.
    """
    known = [vintage for vintage in vintages(departement) if vintage <= month.year]
    if not known:
        raise InvalidInput(
            f"Aucun millésime de communes en {month} : le premier est {vintages(departement)[0]}.",
            departement=departement,
            month=str(month),
        )
    return known[-1]


@cache
def communes(departement: str, vintage: int) -> tuple[Commune, ...]:
    """Communes of a département on 1 January of `vintage`, by code; raises NotFound for an unknown vintage."""
    if vintage not in vintages(departement):
        known = ", ".join(str(year) for year in vintages(departement))
        raise NotFound(
            f"Millésime {vintage} inconnu pour le département {departement}. Millésimes présents : {known}.",
            departement=departement,
            vintage=vintage,
        )
    rows = communes_table(departement).filter(pl.col("vintage") == vintage).sort("code")
    return tuple(
        Commune(
            code=row["code"],
            nom=row["nom"],
            codes_postaux=tuple((row["codes_postaux"] or "").split()),
            population=row["population"],
            ept=row["ept_code"],
            departement=departement,
            vintage=vintage,
            epci=row["epci_code"],
            siren=row["siren"],
        )
        for row in rows.iter_rows(named=True)
    )


@cache
def _by_code(departement: str, vintage: int) -> dict[str, Commune]:
    return {commune.code: commune for commune in communes(departement, vintage)}


def commune(code: str, vintage: int) -> Commune:
    """The commune that bears this code in this vintage; raises NotFound, naming the vintages that know the code."""
    departement = departement_of(code)
    found = _by_code(departement, vintage).get(code) if vintage in vintages(departement) else None
    if found is not None:
        return found
    communes(departement, vintage)  # an unknown vintage has its own error
    known = [str(year) for year in vintages(departement) if code in _by_code(departement, year)]
    where = f" Ce code existe aux millésimes {', '.join(known)}." if known else ""
    raise NotFound(f"Commune inconnue au millésime {vintage} : {code!r}.{where}", code=code, vintage=vintage)


def communes_of_postal_code(postal_code: str, vintage: int) -> tuple[Commune, ...]:
    """Communes served by a postal code, by code, in every département that has data; raises NotFound when none is."""
    found = tuple(
        commune
        for departement in departements()
        if vintage in vintages(departement)
        for commune in communes(departement, vintage)
        if postal_code in commune.codes_postaux
    )
    if not found:
        raise NotFound(
            f"Aucune commune connue pour le code postal {postal_code!r} au millésime {vintage}.",
            postal_code=postal_code,
            vintage=vintage,
        )
    return found


@cache
def _moves(departement: str) -> dict[int, dict[str, str]]:
    """Vintage -> {code that is gone from this vintage on: code that replaces it}."""
    moves: dict[int, dict[str, str]] = {}
    for row in read_table(departement, "mouvements", _MOUVEMENTS).iter_rows(named=True):
        moves.setdefault(row["vintage"], {})[row["ancien_code"]] = row["nouveau_code"]
    return moves


def current_code(code: str, from_vintage: int, to_vintage: int) -> str:
    """Code in `to_vintage` of the commune that bore `code` in `from_vintage`.

    raises: NotFound (code or vintage unknown), InvalidInput (going back in time, a merged commune has several
    ancestors: no single code is right).
    """
    commune(code, from_vintage)
    departement = departement_of(code)
    moves = _moves(departement)
    if to_vintage >= from_vintage:
        for vintage in range(from_vintage + 1, to_vintage + 1):
            code = moves.get(vintage, {}).get(code, code)
    else:
        for vintage in range(from_vintage, to_vintage, -1):
            code = _single_ancestor(code, vintage, moves.get(vintage, {}), departement)
    return commune(code, to_vintage).code


def _single_ancestor(code: str, vintage: int, moves: dict[str, str], departement: str) -> str:
    ancestors = [old for old, new in moves.items() if new == code]
    if code in _by_code(departement, vintage - 1):
        ancestors.append(code)
    if len(ancestors) != 1:
        raise InvalidInput(
            f"La commune {code} réunit depuis {vintage} plusieurs communes ({', '.join(sorted(ancestors))}) : "
            f"son code au millésime {vintage - 1} ne peut pas être choisi.",
            code=code,
            vintage=vintage,
        )
    return ancestors[0]


def resolve_code(code: str, vintage: int) -> str:
    """Code in `vintage` of a code that a partner still writes: valid then, or in an earlier vintage.

    The last vintage that knows the code decides. raises: NotFound when no vintage up to this one knows it.
    """
    departement = departement_of(code)
    communes(departement, vintage)
    for known in reversed([year for year in vintages(departement) if year <= vintage]):
        if code in _by_code(departement, known):
            return current_code(code, known, vintage)
    return commune(code, vintage).code


def join_vintages(frame: pl.DataFrame, column: str, from_vintage: int, to_vintage: int) -> pl.DataFrame:
    """The same rows with the commune codes of `column` moved from one vintage to another; null stays null.

    Nothing is summed: rows of communes that merged now share a code. raises: InvalidInput (unknown code, with its
    first row counted from 1; or several ancestors), NotFound (unknown vintage or département).
    """
    codes = frame[column].cast(pl.String)
    mapping = {code: _moved(code, codes, column, from_vintage, to_vintage) for code in _distinct(codes)}
    return frame.with_columns(codes.replace_strict(mapping, default=None, return_dtype=pl.String).alias(column))


def _distinct(codes: pl.Series) -> Iterable[str]:
    return codes.drop_nulls().unique(maintain_order=True).to_list()


def _moved(code: str, codes: pl.Series, column: str, from_vintage: int, to_vintage: int) -> str:
    try:
        return current_code(code, from_vintage, to_vintage)
    except NotFound as error:
        if "code" not in error.data:
            raise
        row = codes.index_of(code) or 0
        raise InvalidInput(
            f"Colonne {column}, ligne {row + 1} : {error.message}", column=column, row=row + 1, code=code
        ) from error
