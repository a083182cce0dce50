"""Facts that would close a right: declared with article and question, and possible for whoever is not known."""

from __future__ import annotations

import re

import numpy as np

from allervers.engine.block import Block, Membership
from allervers.foundation.periods import Month
from allervers.rights.catalogue import catalogue
from allervers.rights.closers import Closer, closers

MONTH = Month(2026, 11)
PERMIT = ("duree_possession_titre_sejour", str(MONTH))


def named(identifier: str) -> Closer:
    return next(one for one in closers() if one.id == identifier)


def block(families: list[int], roles: list[str], tax_roles: list[str], **columns: list[object]) -> Block:
    month = str(MONTH)
    values = {(name, "ETERNITY" if name == "date_naissance" else month): np.array(c) for name, c in columns.items()}
    family = Membership(max(families) + 1, np.array(families), np.array(roles))
    alone = Membership(len(families), np.arange(len(families)), np.array(tax_roles))
    membership = {"famille": family, "foyer_fiscal": alone}
    return Block(len(families), membership, values, dict.fromkeys(values, "individu"), {})


def adults(*nationalities: str, years: list[float]) -> Block:
    """Each one alone in its family."""
    size = len(nationalities)
    roles = ["demandeur"] * size, ["declarant_principal"] * size
    return block([*range(size)], *roles, nationalite=[*nationalities], duree_possession_titre_sejour=[*years])


def test_each_has_its_rights_its_article_and_its_question() -> None:
    for one in closers():
        assert set(one.rights) <= set(catalogue())
        assert re.search(r"\d", one.article)
        assert one.confidence in {"B", "C"} or "à confirmer" not in one.article
        assert "?" in one.question
        assert "_" not in one.question


def test_a_permit_that_is_not_known_may_be_missing_but_a_nationality_is_not_supposed() -> None:
    known = adults("MA", "MA", "MA", "FR", years=[0.0, 2.0, 8.0, 0.0])
    unsaid = np.array([False, False, True, False])
    known.unknown[PERMIT] = unsaid  # type: ignore[index]
    assert named("sans_titre_de_sejour").rows(known, MONTH, "famille").tolist() == [True, False, True, False]
    assert named("titre_de_cinq_ans").rows(known, MONTH, "famille").tolist() == [True, True, True, False]
    known.unknown["nationalite", str(MONTH)] = np.ones(4, dtype=bool)  # type: ignore[index]
    assert not named("sans_titre_de_sejour").rows(known, MONTH, "famille").any()


def test_a_right_of_the_family_stays_open_by_one_of_its_adults() -> None:
    families, roles = [0, 0, 1, 1, 1], ["demandeur", "conjoint", "demandeur", "conjoint", "enfant"]
    of_two = block(families, roles, ["declarant_principal"] * 5,
                   nationalite=["MA", "FR", "MA", "MA", "FR"], duree_possession_titre_sejour=[0.0] * 5)  # fmt: skip
    assert named("sans_titre_de_sejour").rows(of_two, MONTH, "famille").tolist() == [False, True]
    assert named("sans_titre_de_sejour").rows(of_two, MONTH, "individu").tolist() == [True, False, True, True, False]


def test_a_student_is_on_the_tax_return_of_the_parents_or_not() -> None:
    tax_roles = ["declarant_principal", "personne_a_charge"]
    taxed = block([0, 1], ["demandeur", "enfant"], tax_roles, activite=["etudiant"] * 2)
    assert named("ressources_des_parents").rows(taxed, MONTH, "individu").tolist() == [True, False]


def test_the_young_student_alone() -> None:
    born = np.array(["2001-11-02", "2001-11-01", "2004-01-01", "2004-01-01"], dtype="datetime64[D]")
    young = block([0, 1, 2, 2], ["demandeur", "demandeur", "demandeur", "enfant"], ["declarant_principal"] * 4,
                  date_naissance=list(born), activite=["etudiant"] * 4)  # fmt: skip
    assert named("rattachement_aux_parents").rows(young, MONTH, "famille").tolist() == [True, False, False]
