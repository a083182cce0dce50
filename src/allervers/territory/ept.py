"""Établissements publics territoriaux (CGCT L. 5219-2): the groupings of communes of the Métropole du Grand Paris."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import polars as pl

from allervers.foundation.errors import NotFound
from allervers.territory.communes import Commune, commune, communes, communes_table


@dataclass(frozen=True, slots=True)
class Ept:
    """An EPT of one vintage: `code` is its SIREN number. `communes` holds its members in the asked département only."""

    code: str
    nom: str
    communes: tuple[Commune, ...]

    @property
    def population(self) -> int:
        """Municipal population (persons) of the members."""
        return sum(member.population for member in self.communes)


@cache
def epts(departement: str, vintage: int) -> tuple[Ept, ...]:
    """EPT that have members in a département, by code; empty outside the Métropole. raises: NotFound as `communes`."""
    members = communes(departement, vintage)
    rows = communes_table(departement).filter((pl.col("vintage") == vintage) & pl.col("ept_code").is_not_null())
    return tuple(
        Ept(code, nom, tuple(member for member in members if member.ept == code))
        for code, nom in rows.select("ept_code", "ept_nom").unique().sort("ept_code").iter_rows()
    )


def ept_of(code: str, vintage: int) -> Ept:
    """EPT of a commune; raises NotFound for an unknown commune and for one that belongs to none."""
    member = commune(code, vintage)
    for ept in epts(member.departement, vintage):
        if ept.code == member.ept:
            return ept
    raise NotFound(f"La commune {code} n'appartient à aucun EPT au millésime {vintage}.", code=code, vintage=vintage)
