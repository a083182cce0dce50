"""Facts that nobody was asked and that would close a right (closers.toml): whom they may concern, the question."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import Block
from allervers.foundation.periods import Month
from allervers.rights.openers import ADULTS, When, when_of


@dataclass(frozen=True, slots=True)
class Closer:
    """A fact that would close these rights. `confidence`: in the article, A to C as in the register."""

    id: str
    rights: tuple[str, ...]
    article: str
    confidence: str
    question: str
    when: tuple[When, ...]
    tax_roles: tuple[str, ...] = ()
    alone: bool = False
    is_income: bool = False
    """Whether the fact is an income: a right refused because a closed one is better may then be due."""

    def rows(self, block: Block, month: Month, entity: str) -> NDArray[np.bool_]:
        """The rows of an entity whose right the fact may close: the person itself, or every adult of the group."""
        persons = self.persons(block, month)
        if entity == "individu":
            return persons
        groups = block.membership[entity]
        adult = np.isin(groups.role, ADULTS[entity])
        rows = np.zeros(groups.count, dtype=bool)
        rows[groups.group[adult]] = True
        rows[groups.group[adult & ~persons]] = False
        return rows

    def persons(self, block: Block, month: Month) -> NDArray[np.bool_]:
        """The persons whom the fact may concern."""
        persons = np.ones(block.persons, dtype=bool)
        for one in self.when:
            persons &= one.holds(block, month)
        if self.tax_roles:
            persons &= np.isin(block.membership["foyer_fiscal"].role, self.tax_roles)
        if self.alone:
            family = block.membership["famille"]
            persons &= np.bincount(family.group, minlength=family.count)[family.group] == 1
        return persons


@cache
def closers() -> tuple[Closer, ...]:
    """Every closer, in the order of the file."""
    text = (files("allervers.rights") / "closers.toml").read_text("utf-8")
    return tuple(_closer(data) for data in tomllib.loads(text)["closer"])


def _closer(data: Mapping[str, Any]) -> Closer:
    lists = {"rights": tuple(data["rights"]), "tax_roles": tuple(data.get("tax_roles", ())), "when": when_of(data)}
    return Closer(**{**data, **lists})
