"""What if a child is born: the household with more persons, and the rights for each number of births."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import Block, Membership
from allervers.engine.program import Asked, Program
from allervers.engine.what_if import Curves, Floats, outputs_of, refuse_unknown
from allervers.foundation.errors import InvalidInput

NEWBORN_ROLES: Mapping[str, str] = {"famille": "enfant", "foyer_fiscal": "personne_a_charge", "menage": "enfant"}
"""Roles of a child who is born, by kind of group."""


def with_births(block: Block, parent: int, births: int, given: Mapping[str, Any]) -> Block:
    """The household with that many more children, in the groups of the person at row `parent`.

    `given`: variable -> natural value of a newborn, among which the date of birth. An amount that is not given is 0 and
    a truth value is False: a newborn has neither income nor status. Raises InvalidInput for a text or an item that is
    not given.
    """
    if births == 0:
        return block
    membership = {
        name: Membership(
            members.count,
            np.concatenate([members.group, np.repeat(members.group[parent], births)]),
            np.concatenate([members.role, np.repeat(NEWBORN_ROLES[name], births)]),
        )
        for name, members in block.membership.items()
    }
    columns, unknown = dict(block.columns), dict(block.unknown)
    for column, values in block.columns.items():
        if block.entity_of[column] == "individu":
            new = np.repeat(np.asarray([_of_newborn(column[0], values, given)]), births)
            columns[column] = np.concatenate([values, new.astype(values.dtype) if values.dtype.kind != "U" else new])
            if column in unknown:
                unknown[column] = np.concatenate([unknown[column], np.zeros(births, dtype=bool)])
    return replace(block, persons=block.persons + births, membership=membership, columns=columns, unknown=unknown)


def _of_newborn(name: str, values: NDArray[Any], given: Mapping[str, Any]) -> Any:
    if name in given:
        return np.datetime64(given[name], "D") if values.dtype.kind == "M" else given[name]
    if values.dtype.kind in "iufb":
        return values.dtype.type(0)
    raise InvalidInput(f"Donnez « {name} » pour l'enfant à naître : rien ne permet de le deviner.", variable=name)


def by_births(
    program: Program,
    block: Block,
    parent: int,
    births: Sequence[int],
    given: Mapping[str, Any],
    *,
    engine: str = "native",
) -> Curves:
    """The outputs for each number of births, for the rows of the household as it is (groups keep their rows)."""
    results: dict[Asked, list[Floats]] = {asked: [] for asked in program.outputs}
    for count in births:
        changed = with_births(block, parent, count, given)
        refuse_unknown(program, changed)
        for asked, array in outputs_of(program, changed, engine, 1).items():
            results[asked].append(array[0, : block.count(program.entities[asked])])
    return Curves(np.array(births, dtype=np.float64), {asked: np.stack(rows) for asked, rows in results.items()})
