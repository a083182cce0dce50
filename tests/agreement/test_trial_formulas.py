"""Reductions, brackets, loops over texts and items: the engine is OpenFisca where few formulas of the law go."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from allervers.engine.block import Block, Membership
from allervers.engine.compile import Session, compiled
from allervers.engine.errors import Untraceable
from allervers.engine.facts import facts_of
from allervers.engine.law import Changes, Wanted
from allervers.engine.openfisca import OpenFiscaLaw

pytestmark = pytest.mark.law

MONTH = "2026-01"
ROLES = {
    "famille": ("demandeur", "enfant"),
    "foyer_fiscal": ("declarant_principal", "personne_a_charge"),
    "menage": ("personne_de_reference", "enfant"),
}


@pytest.fixture(scope="module")
def law() -> OpenFiscaLaw:
    return OpenFiscaLaw("trial", Changes(formulas=("trial_formulas:trial",)))


def _block(households: int = 60) -> Block:
    """Two persons a household."""
    rng = np.random.default_rng(5)
    persons = 2 * households
    membership = {
        group: Membership(households, np.repeat(np.arange(households), 2), np.array(list(roles) * households))
        for group, roles in ROLES.items()
    }
    births = np.datetime64("1950-01-01") + rng.integers(0, 27_000, persons)
    columns: dict[tuple[str, str], Any] = {
        ("date_naissance", "ETERNITY"): births.astype("datetime64[D]"),
        ("salaire_de_base", MONTH): rng.integers(0, 20_000, persons).astype(np.float32),
        ("depcom_entreprise", MONTH): rng.choice(["75056", "93008", "69123", "00000", "2A004"], persons),
        ("effectif_entreprise", MONTH): rng.integers(0, 30, persons).astype(np.int32),
        ("groupe_specialites_formation", MONTH): rng.choice(
            ["groupe_230", "groupe_231", "aucun", "groupe_100"], persons
        ),
        ("depcom", MONTH): rng.choice(["75056", "93008", "01004", "99999"], households),
    }
    entity_of = {column: "menage" if column[0] == "depcom" else "individu" for column in columns}
    return Block(persons, membership, columns, entity_of)


ASKED = (
    "essai_plus_jeune", "essai_plus_haut", "essai_tranche", "essai_texte", "taux_versement_transport",
    "domaine_specialites_formation", "zone_apl",
)  # fmt: skip


@pytest.mark.parametrize("engine", ["reference", "numpy", "native"])
@pytest.mark.parametrize("output", ASKED)
def test_the_engine_is_openfisca(law: OpenFiscaLaw, output: str, engine: str) -> None:
    block = _block()
    expected = law.evaluate(block, output, MONTH).values
    program = compiled(law, facts_of([block], law.variable, is_general=True), [Wanted(output, MONTH)])
    (found,) = program.run(block, engine).values()
    variable = law.variable(output)
    if variable.value_type == "enum":
        found = np.array(variable.items)[found]
    assert np.array_equal(found, expected)
    if output != "essai_texte":
        assert len(set(found.tolist())) > 1


def test_what_adds_the_whole_population_is_refused(law: OpenFiscaLaw) -> None:
    block = _block()
    given = {**block.columns, ("ebic_impv", "2025"): np.arange(block.persons, dtype=np.float32)}
    entity_of = {**block.entity_of, ("ebic_impv", "2025"): "individu"}
    for values in (given["ebic_impv", "2025"], np.full(block.persons, 30_000, dtype=np.float32)):
        wide = Block(block.persons, block.membership, {**given, ("ebic_impv", "2025"): values}, entity_of)
        with pytest.raises(Untraceable):
            compiled(law, facts_of([wide], law.variable), [Wanted("revenus_non_salarie_nets", "2025")])


def test_what_a_trace_shares_with_another_depends_on_what_each_is_given(law: OpenFiscaLaw) -> None:
    """Ages of many months, first where no date of birth is given, then where it is: nothing of the first is taken."""
    block = _block()
    birth = ("date_naissance", "ETERNITY")
    without = Block(
        block.persons,
        block.membership,
        {c: v for c, v in block.columns.items() if c != birth},
        {c: e for c, e in block.entity_of.items() if c != birth},
    )
    wanted = [Wanted("age", f"2025-{month:02d}") for month in range(1, 13)] + [Wanted("af_nbenf", MONTH)]
    session = Session.new()
    for given in (without, block, without):
        shared = compiled(law, facts_of([given], law.variable, is_general=True), wanted, session)
        for asked, values in shared.run(given).items():
            assert np.array_equal(values, law.evaluate(given, asked.variable, asked.period).values), asked
