"""A block: persons, the groups they belong to, the input columns. Plain numpy; knows neither files nor OpenFisca."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

GROUPS = ("famille", "foyer_fiscal", "menage")
ENTITIES = ("individu", *GROUPS)
ROLES: Mapping[str, tuple[str, ...]] = {
    "famille": ("demandeur", "conjoint", "enfant"),
    "foyer_fiscal": ("declarant_principal", "conjoint", "personne_a_charge"),
    "menage": ("personne_de_reference", "conjoint", "enfant", "autre"),
}
"""Roles of each group. The first is held by exactly one person, `conjoint` by one at most.

OpenFisca takes an unknown role without a word (`declarant`, for one), hence this closed list."""

Column = tuple[str, str]
"""(variable, period): the period in OpenFisca's syntax, or `ETERNITY`."""


@dataclass(frozen=True, slots=True)
class Membership:
    """Who belongs to which group: `group[i]` is the position of person i's group, `role[i]` its role in it."""

    count: int
    group: NDArray[np.int64]
    role: NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Block:
    """Whole households. Columns hold natural values (float, bool, text, datetime64[D]), one per row of the entity.

    `unknown[column]`, where present, marks the rows whose value was not given: the column holds a placeholder there.
    """

    persons: int
    membership: Mapping[str, Membership]
    columns: Mapping[Column, NDArray[Any]]
    entity_of: Mapping[Column, str]
    unknown: Mapping[Column, NDArray[np.bool_]] = field(default_factory=dict)

    def count(self, entity: str) -> int:
        """Number of rows of an entity."""
        return self.persons if entity == "individu" else self.membership[entity].count


def components(membership: Mapping[str, Membership], persons: int) -> NDArray[np.int64]:
    """Label of the connected component of each person: two persons who share any group have the same label.

    famille, foyer fiscal and ménage do not nest, so the component is the smallest set that can be computed alone.
    Shape (persons,). Labels are the smallest person position of the component.
    """
    label = np.arange(persons, dtype=np.int64)
    while True:
        before = label.copy()
        for groups in membership.values():
            lowest = np.full(groups.count, persons, dtype=np.int64)
            np.minimum.at(lowest, groups.group, label)
            label = lowest[groups.group]
        label = label[label]
        if np.array_equal(label, before):
            return label
