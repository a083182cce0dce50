"""The inputs of the law that the store holds of one household, each group only where a category opens it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from allervers.apps.partnership.domain import Category, Grant
from allervers.apps.people.domain import Inputs, Source, group_of
from allervers.apps.people.queries import Store, household_file, provenance
from allervers.foundation.errors import Refused

_MEMBERSHIP = ("id", "menage_id", "menage_role", "famille_id", "famille_role", "foyer_fiscal_id")
_OPENED_BY: Mapping[str, Category] = {
    "logement": Category.DOSSIERS, "ressources_mensuelles": Category.RESSOURCES, "ressources_n1": Category.RESSOURCES,
    "ressources_n2": Category.RESSOURCES,
}  # fmt: skip
"""Group of data -> the category that opens it; composition and situation of persons for the others, health included."""


def household_inputs(store: Store, household: str, grants: Sequence[Grant], *, actor: str, now: datetime) -> Inputs:
    """What partners give of a household. Names are read through the vault, which writes it down.

    raises: Refused without a grant; NotFound when the store no longer holds the household.
    """
    if not grants:
        raise Refused("Ce foyer n'est pas dans vos missions.")
    opened = frozenset().union(*(grant.categories for grant in grants))
    file = household_file(store, household, grants, actor=actor, now=now)
    individuals = store.assembled("individu")
    people = _rows(individuals, "menage_id", [household], opened)
    families = [row["famille_id"] for row in people if "famille_id" in row]
    homes = _rows(store.assembled("menage"), "id", [household], opened)
    return Inputs(
        month=str(store.month),
        people=tuple(people),
        families={row["id"]: row for row in _rows(store.assembled("famille"), "id", families, opened)},
        home=homes[0] if homes else {},
        names={person.id: person.name for person in file.persons if person.name},
        sources=_sources(provenance(store, household).to_dicts()),
    )


def _rows(table: pl.LazyFrame, key: str, ids: Collection[str], opened: Collection[Category]) -> list[dict[str, Any]]:
    """The rows with these ids, reduced to the columns that a category opens."""
    names = [name for name in table.collect_schema().names() if _is_open(name, opened)]
    return table.filter(pl.col(key).is_in(list(ids))).select(names).collect().to_dicts()


def _is_open(column: str, opened: Collection[Category]) -> bool:
    variable = column.partition("@")[0]
    if column in _MEMBERSHIP:
        return column == "id" or Category.PERSONNES in opened
    return _OPENED_BY.get(group_of(variable), Category.PERSONNES) in opened


def _sources(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], Source]:
    return {
        (row["person_id"], row["input_group"]): Source(
            row["input_group"], row["partner"], row["reference_on"], row["state"]
        )
        for row in rows
    }
