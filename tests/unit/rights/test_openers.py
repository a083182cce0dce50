"""Facts that no input holds: declared with article and question, and true of nobody whose data are not known."""

from __future__ import annotations

import re

import numpy as np

from allervers.engine.block import Block, Membership
from allervers.foundation.periods import Month
from allervers.rights.catalogue import catalogue
from allervers.rights.openers import Opener, openers

MONTH = Month(2026, 11)


def named(identifier: str) -> Opener:
    return next(one for one in openers() if one.id == identifier)


def people(**columns: list[object]) -> Block:
    month = str(MONTH)
    values = {(name, month): np.array(column) for name, column in columns.items()}
    size = len(next(iter(columns.values())))
    return Block(size, {}, values, dict.fromkeys(values, "individu"))


def test_each_has_its_rights_its_article_and_its_question() -> None:
    for one in openers():
        assert set(one.rights) <= set(catalogue())
        assert re.search(r"\d", one.article)
        assert "?" in one.question
        assert "_" not in one.question


def test_a_short_permit_outside_the_union_only() -> None:
    block = people(nationalite=["SY", "FR", "RO", "SY"], duree_possession_titre_sejour=[1.0, 0.0, 1.0, 12.0])
    one = named("protection_internationale")
    assert one.persons(block, MONTH).tolist() == [True, False, False, False]
    lifted = one.lifted(block, MONTH)
    assert lifted.columns["duree_possession_titre_sejour", str(MONTH)].tolist() == [10.0, 0.0, 1.0, 12.0]


def test_what_is_not_known_is_asked_elsewhere() -> None:
    block = people(nationalite=["SY", "SY"], duree_possession_titre_sejour=[1.0, 1.0])
    block.unknown["duree_possession_titre_sejour", str(MONTH)] = np.array([True, False])  # type: ignore[index]
    assert named("protection_internationale").persons(block, MONTH).tolist() == [False, True]
    assert not named("revenu_du_travail_perdu").persons(block, MONTH).any()


def test_a_pregnancy_that_is_not_known_opens_the_rights_of_the_family_of_an_adult() -> None:
    block = people(enceinte=[False, False, True, False])
    block.unknown["enceinte", str(MONTH)] = np.array([True, False, False, True])  # type: ignore[index]
    family = Membership(4, np.arange(4), np.array(["demandeur", "demandeur", "demandeur", "enfant"]))
    block.membership["famille"] = family  # type: ignore[index]
    assert named("naissance_attendue").rows(block, MONTH, "famille").tolist() == [True, False, True, False]
