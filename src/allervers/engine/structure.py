"""Persons and their groups as positions: who is where, in which place, with which role. Computed once for a block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import Block, Membership
from allervers.foundation.errors import InvalidInput

Positions = NDArray[np.int64]


@dataclass(slots=False)
class Groups:
    """The groups of one kind. `index[i]`: group of person i; `role[i]`: its role. A group has one member at least."""

    count: int
    index: Positions
    role: NDArray[np.str_]
    _of_role: dict[str, Positions] = field(default_factory=dict)
    _nth: dict[int, Positions] = field(default_factory=dict)

    @classmethod
    def of(cls, membership: Membership) -> Groups:
        """The groups of a membership."""
        return cls(membership.count, np.ascontiguousarray(membership.group, dtype=np.int64), membership.role)

    @cached_property
    def size(self) -> Positions:
        """Number of members of each group."""
        return np.bincount(self.index, minlength=self.count).astype(np.int64)

    @cached_property
    def position(self) -> NDArray[np.int32]:
        """Place of each person in its group, in the order of persons."""
        order = np.argsort(self.index, kind="stable")
        starts = np.concatenate([[0], np.cumsum(self.size)[:-1]]) if self.count else np.zeros(0, np.int64)
        position = np.empty(len(self.index), dtype=np.int32)
        position[order] = np.arange(len(self.index)) - starts[self.index[order]]
        return position

    @cached_property
    def largest(self) -> int:
        """Number of members of the largest group."""
        return int(self.size.max(initial=0))

    def has_role(self, role: str) -> NDArray[np.bool_]:
        """Whether each person holds the role."""
        return np.asarray(self.role == role)

    def of_role(self, role: str) -> Positions:
        """The person who holds the role in each group, -1 where nobody does. Raises InvalidInput when two do."""
        found = self._of_role.get(role)
        if found is None:
            found = np.full(self.count, -1, dtype=np.int64)
            holders = np.flatnonzero(self.has_role(role))
            found[self.index[holders]] = holders
            if np.count_nonzero(found >= 0) != len(holders):
                raise InvalidInput(f"Le rôle « {role} » est tenu par deux personnes d'un même groupe.", role=role)
            self._of_role[role] = found
        return found

    def nth(self, place: int) -> Positions:
        """The person at this place in each group, -1 where the group is smaller."""
        found = self._nth.get(place)
        if found is None:
            found = np.full(self.count, -1, dtype=np.int64)
            there = np.flatnonzero(self.position == place)
            found[self.index[there]] = there
            self._nth[place] = found
        return found

    def always_held(self, role: str) -> bool:
        """True when each group has exactly one person with this role."""
        holders = self.index[self.has_role(role)]
        return len(holders) == self.count and bool(np.all(np.bincount(holders, minlength=self.count) == 1))


@dataclass(frozen=True)
class Structure:
    """Persons and the groups of each kind."""

    persons: int
    groups: Mapping[str, Groups]

    @classmethod
    def of(cls, block: Block) -> Structure:
        """The structure of a block."""
        return cls(block.persons, {name: Groups.of(m) for name, m in block.membership.items()})

    def count(self, entity: str) -> int:
        """Number of rows of an entity."""
        return self.persons if entity == "individu" else self.groups[entity].count

    def always_held(self, roles: Mapping[str, tuple[str, ...]]) -> frozenset[tuple[str, str]]:
        """The (group, role) that each group has exactly once, among these roles."""
        return frozenset(
            (group, role) for group, names in roles.items() for role in names if self.groups[group].always_held(role)
        )


def picked(values: NDArray[Any], positions: Positions, default: Any) -> NDArray[Any]:
    """`values[positions]`, the default at -1."""
    missing = positions < 0
    if not missing.any():
        return np.asarray(values[positions])
    result: NDArray[Any] = values[np.where(missing, 0, positions)]
    result[missing] = default
    return result
