"""Households cut into blocks, persons laid out inside: what the block back-ends run on. Vectorised, once a population.

A household is a connected component: persons who share any group, directly or not. A block holds whole households. It
is aligned when each household is one famille, one foyer fiscal and one ménage: its persons then lie place by place
(first the first person of each household, and so on), households in order of decreasing size, so that a sum over the
members is a sum of whole runs. Other households come in blocks of their own, persons side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import ENTITIES, GROUPS, Block, components
from allervers.engine.structure import Structure

Rows = NDArray[np.int32]


@dataclass(frozen=True)
class Layout:
    """`order[e][i]`: row of the population that is row i. `group[g][i]`: group of person i, both in the new order.

    `first`, `rows`: shape (blocks, 4), by entity in the order of ENTITIES. `start`: place by place, where the persons
    of an aligned block begin; `start_of[b]`: where those of block b lie in it.
    """

    structure: Structure
    order: Mapping[str, Rows]
    back: Mapping[str, Rows]
    group: Mapping[str, Rows]
    first: Rows
    rows: Rows
    aligned: NDArray[np.bool_]
    places: Rows
    start: Rows
    start_of: Rows

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return len(self.first)

    def capacity(self) -> dict[str, int]:
        """Most rows of each entity in a block."""
        return {entity: int(self.rows[:, e].max(initial=0)) for e, entity in enumerate(ENTITIES)}

    def persons(self, positions: NDArray[np.int64], entity: str) -> Rows:
        """Persons given for each group of an entity (-1: none), in the new order of both."""
        of_group = positions[self.order[entity]]
        return np.where(of_group < 0, -1, self.back["individu"][of_group]).astype(np.int32)


def laid_out(block: Block, structure: Structure, households: int) -> Layout:
    """The layout of a population, in blocks of that many households."""
    household, size = _households(block)
    group_household = {g: _household_of_group(structure, g, household) for g in GROUPS}
    is_aligned = np.ones(len(size), dtype=bool)
    for g in GROUPS:
        is_aligned &= np.bincount(group_household[g], minlength=len(size)) == 1
    block_of = np.empty(len(size), dtype=np.int64)
    block_of[is_aligned] = np.arange(np.count_nonzero(is_aligned)) // households
    base = int(block_of[is_aligned].max(initial=-1)) + 1
    block_of[~is_aligned] = base + np.arange(np.count_nonzero(~is_aligned)) // households
    blocks = int(block_of.max(initial=-1)) + 1
    rank = np.empty(len(size), dtype=np.int64)
    rank[np.lexsort((np.where(is_aligned, -size, 0), block_of))] = np.arange(len(size))

    place = _places(household, size)
    aligned_person = is_aligned[household]
    major = np.where(aligned_person, place, rank[household])
    minor = np.where(aligned_person, rank[household], place)
    order = {"individu": np.lexsort((minor, major, block_of[household])).astype(np.int32)}
    for g in GROUPS:
        order[g] = np.lexsort((rank[group_household[g]],)).astype(np.int32)
    back = {entity: _inverse(rows) for entity, rows in order.items()}
    group = {g: back[g][structure.groups[g].index[order["individu"]]] for g in GROUPS}
    counts = [np.bincount(block_of[household], minlength=blocks)]
    counts += [np.bincount(block_of[group_household[g]], minlength=blocks) for g in GROUPS]
    rows = np.stack(counts, axis=1).astype(np.int32) if blocks else np.zeros((0, 4), np.int32)
    first = (np.cumsum(rows, axis=0) - rows).astype(np.int32)
    aligned = np.arange(blocks) < base
    start, start_of, places = _starts(block_of[household[aligned_person]], place[aligned_person], base, blocks)
    return Layout(structure, order, back, group, first, rows, aligned, places, start, start_of)


def _households(block: Block) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Household of each person, numbered in the order of their first person, and the size of each."""
    _, household, size = np.unique(components(block.membership, block.persons), return_inverse=True, return_counts=True)
    return household.astype(np.int64), size.astype(np.int64)


def _household_of_group(structure: Structure, group: str, household: NDArray[np.int64]) -> NDArray[np.int64]:
    members = structure.groups[group]
    found = np.zeros(members.count, dtype=np.int64)
    found[members.index] = household
    return found


def _places(household: NDArray[np.int64], size: NDArray[np.int64]) -> NDArray[np.int64]:
    """Place of each person in the household, in the order of persons."""
    order = np.argsort(household, kind="stable")
    place = np.empty(len(household), dtype=np.int64)
    place[order] = np.arange(len(household)) - (np.cumsum(size) - size)[household[order]]
    return place


def _starts(
    block_of: NDArray[np.int64], place: NDArray[np.int64], aligned: int, blocks: int
) -> tuple[Rows, Rows, Rows]:
    """Where the persons of each place begin in each aligned block (and where the last end), one run a block."""
    width = int(place.max(initial=-1)) + 1
    count = np.zeros((aligned, width + 1), dtype=np.int64)
    if width:
        count[:, 1:] = np.bincount(block_of * width + place, minlength=aligned * width).reshape(aligned, width)
    start = np.cumsum(count, axis=1)
    places = np.zeros(blocks, dtype=np.int32)
    places[:aligned] = (count[:, 1:] > 0).sum(axis=1)
    start_of = np.zeros(blocks, dtype=np.int32)
    start_of[:aligned] = np.arange(aligned) * (width + 1)
    return start.astype(np.int32).ravel(), start_of, places


def _inverse(order: Rows) -> Rows:
    back = np.empty(len(order), dtype=np.int32)
    back[order] = np.arange(len(order), dtype=np.int32)
    return back
