"""One household many times: a block whose copies lie one after the other, each with its own persons and groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from allervers.engine.block import Block, Membership


def repeated_membership(membership: Mapping[str, Membership], copies: int) -> dict[str, Membership]:
    """The groups of each copy: copy k of group g is group `k * count + g`."""
    return {
        name: Membership(
            members.count * copies,
            (np.arange(copies)[:, None] * members.count + members.group[None, :]).ravel(),
            np.tile(members.role, copies),
        )
        for name, members in membership.items()
    }


def repeated(block: Block, copies: int) -> Block:
    """The block `copies` times: row r of copy k is row `k * count + r` of its entity."""
    return replace(
        block,
        persons=block.persons * copies,
        membership=repeated_membership(block.membership, copies),
        columns={column: np.tile(values, copies) for column, values in block.columns.items()},
        unknown={column: np.tile(mask, copies) for column, mask in block.unknown.items()},
    )
