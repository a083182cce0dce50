"""Blocks and households: famille, foyer fiscal and ménage do not nest."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from allervers.engine.block import GROUPS, ROLES, Block, Membership, components
from allervers.engine.law import Answer, unknown_rows


def _membership(groups: Mapping[str, list[int]]) -> dict[str, Membership]:
    members = {}
    for name, of_person in groups.items():
        positions = np.unique(of_person, return_inverse=True)[1].astype(np.int64)
        members[name] = Membership(int(positions.max(initial=-1)) + 1, positions, np.full(len(of_person), "x"))
    return members


@st.composite
def structures(draw: st.DrawFn) -> tuple[int, dict[str, Membership]]:
    """Any three partitions of the persons: several families in a ménage, foyers across ménages."""
    persons = draw(st.integers(1, 25))
    partition = st.lists(st.integers(0, persons), min_size=persons, max_size=persons)
    return persons, _membership({group: draw(partition) for group in GROUPS})


def _slow_components(persons: int, membership: Mapping[str, Membership]) -> list[int]:
    label = list(range(persons))
    for _ in range(persons):
        for groups in membership.values():
            for one in range(persons):
                for other in range(persons):
                    if groups.group[one] == groups.group[other]:
                        label[one] = label[other] = min(label[one], label[other])
    return label


@given(structures())
def test_components_are_those_of_a_plain_search(structure: tuple[int, dict[str, Membership]]) -> None:
    persons, membership = structure
    assert components(membership, persons).tolist() == _slow_components(persons, membership)


@given(structures())
def test_no_group_is_cut(structure: tuple[int, dict[str, Membership]]) -> None:
    persons, membership = structure
    label = components(membership, persons)
    for groups in membership.values():
        for group in range(groups.count):
            assert len(set(label[groups.group == group])) <= 1


def test_a_chain_across_the_three_groups_is_one_household() -> None:
    membership = _membership({"famille": [0, 0, 1, 2], "foyer_fiscal": [0, 1, 1, 2], "menage": [0, 1, 2, 2]})
    assert components(membership, 4).tolist() == [0, 0, 0, 0]


def test_nobody() -> None:
    assert components(_membership({group: [] for group in GROUPS}), 0).tolist() == []


def test_counts_and_roles() -> None:
    block = Block(3, _membership({"famille": [0, 0, 1], "foyer_fiscal": [0, 1, 2], "menage": [0, 0, 0]}), {}, {})
    assert [block.count(entity) for entity in ("individu", *GROUPS)] == [3, 2, 3, 1]
    assert all(len(set(roles)) == len(roles) for roles in ROLES.values())


def test_unknown_reaches_the_household_and_only_it() -> None:
    membership = _membership({"famille": [0, 0, 1, 2], "foyer_fiscal": [0, 1, 1, 2], "menage": [0, 1, 2, 3]})
    read, unread = ("salaire_net", "2026-01"), ("loyer", "2026-01")
    unknown = {read: np.array([True, False, False, False]), unread: np.array([False, False, False, True])}
    block = Block(4, membership, {}, {read: "individu", unread: "menage"}, unknown)
    component = components(membership, 4)

    def rows(entity: str, reads: set[tuple[str, str]]) -> list[bool]:
        return unknown_rows(block, Answer(np.zeros(4), entity, frozenset(reads)), component).tolist()

    assert rows("individu", {read}) == [True, True, True, False]
    assert rows("famille", {read}) == [True, True, False]
    assert rows("famille", {unread}) == [False, False, True]
    assert rows("menage", set()) == [False] * 4
