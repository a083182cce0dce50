"""The pipeline against OpenFisca's own builder: same situations, same values; entities and roles of the law."""

from __future__ import annotations

import sys
import types
import warnings
from typing import Any

import numpy as np
import pytest

from allervers.engine.conformance.calculators import calculator_for
from allervers.engine.conformance.cases import case_in
from allervers.engine.conformance.comparing import same_bits
from allervers.engine.conformance.running import Bench, Status, run_case
from allervers.engine.conformance.situations import PLURALS, ROLES, expected_in, situation_of
from allervers.engine.conformance.stock import formulas_in_force, remembering_instants
from allervers.engine.law import Changes, ForcedInput
from allervers.engine.openfisca import OpenFiscaLaw, calculated_arrays
from allervers.foundation.errors import InvalidInput

pytestmark = pytest.mark.law

PERSONS = {
    "zoé": {"date_naissance": "1990-01-01", "salaire_de_base": {2026: "1900 * 12"}, "statut_marital": 1},
    "ali": {"date_naissance": "1988-03-02", "salaire_de_base": {"2026-01": 700.5}},
    "eve": {"date_naissance": "2019-05-06"},
}
CASES: tuple[dict[str, Any], ...] = (
    {"input": {"individus": PERSONS, "famille": {"parents": ["zoé", "ali"], "enfants": ["eve"]},
               "foyer_fiscal": {"declarants": ["zoé", "ali"], "personnes_a_charge": "eve"},
               "menage": {"personne_de_reference": "zoé", "conjoint": "ali", "enfants": ["eve"], "depcom": "93066"}}},
    {"input": {"individus": PERSONS, "familles": {"f": {"parents": ["ali", "zoé"], "enfants": ["eve"]}}}},
    {"input": {"salaire_de_base": [1000, 2000.5], "date_naissance": ["1990-01-01", "1960-01-01"]}},
    {"input": {"salaire_de_base": {"2026-01": 1000, 2025: 12000}}},
    {"input": {}},
    {"input": {"individus": {"a": {"date_naissance": "1990-01-01"}}, "foyer_fiscal": {"rfr": {2024: 9000}}}},
    {"input": {"salaire_de_base": {"month:2026-01:12": [12000, 24000], "month:2025-01:12": [1, 2]}}},
)  # fmt: skip
ASKED = (("age", "2026-01"), ("af", "2026-01"), ("salaire_net", "2026-01"), ("irpp_economique", "2025"))


@pytest.mark.parametrize("document", CASES)
def test_situations_in_full_give_what_openfisca_s_own_builder_gives(openfisca: Any, document: dict[str, Any]) -> None:
    from openfisca_core.simulations import SimulationBuilder

    case = case_in({"period": "2026-01", "output": {"af": 0}, **document}, "f.yaml", 1)
    found = calculated_arrays(openfisca, situation_of(case, openfisca), ASKED)
    builder = SimulationBuilder()
    builder.set_default_period("2026-01")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        simulation = builder.build_from_dict(openfisca._system, document["input"])
        for name, period in ASKED:
            assert same_bits(found[name, period], np.asarray(simulation.calculate(name, period))), name


def test_entities_and_roles_are_those_of_the_law(openfisca: Any) -> None:
    assert {entity.key: entity.plural for entity in openfisca._system.entities} == dict(PLURALS)
    keys = {e.plural: tuple(role.plural or role.key for role in e.roles) for e in openfisca._system.group_entities}
    assert keys == dict(ROLES)


def test_remembered_parameters_are_the_parameters(openfisca: Any) -> None:
    law = remembering_instants(openfisca)
    for day in ("2026-01-01", "2024-07-01"):
        smic = law._system.get_parameters_at_instant(day).marche_travail.salaire_minimum.smic.smic_b_horaire
        assert (
            smic == openfisca._system.get_parameters_at_instant(day).marche_travail.salaire_minimum.smic.smic_b_horaire
        )
    assert "get_parameters_at_instant" not in vars(openfisca._system), "the law of others is left as it was"


def test_a_reform_of_openfisca_france_is_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    from openfisca_core.reforms import Reform

    class Ageless(Reform):
        def apply(self) -> None:
            self.neutralize_variable("age")

    module = types.ModuleType("openfisca_france.reform_of_a_test")
    module.ageless = Ageless  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    document = {"period": "2026-01", "input": {"date_naissance": "1990-01-01"}, "output": {"age": 36}}
    bench = Bench()
    assert run_case(bench, case_in(document, "f.yaml", 1)).status is Status.PASSED
    reformed = case_in(document | {"reforms": f"{module.__name__}.ageless"}, "f.yaml", 1)
    assert run_case(bench, reformed).status is Status.OPENFISCA_FAILED
    for absent in ("openfisca_france.nulle.part", "openfisca_france.nulle_part"):
        result = run_case(bench, case_in(document | {"reforms": absent}, "f.yaml", 1))
        assert result.status is Status.SKIPPED
        assert "réforme absente" in result.reason


def test_what_openfisca_cannot_compute_is_its_failure() -> None:
    document = {"input": {}, "output": {"af": {2026: 0}}}
    result = run_case(Bench(), case_in(document, "f.yaml", 1))
    assert result.status is Status.OPENFISCA_FAILED
    assert "af" in result.reason
    wrong_date = case_in({"period": "2026-01", "input": {"date_naissance": "hier"}, "output": {"age": 1}}, "f.yaml", 1)
    assert run_case(Bench(), wrong_date).status is Status.OPENFISCA_FAILED


def test_a_law_that_forces_inputs_is_refused() -> None:
    law = OpenFiscaLaw("x", Changes(inputs=(ForcedInput("etudiant", "2026-01", True),)))
    with pytest.raises(InvalidInput):
        calculator_for("openfisca", law).calculate({"individus": {"a": {}}}, [("age", "2026-01")])


def test_expected_instances_follow_the_order_of_the_situation(openfisca: Any) -> None:
    document = {"period": "2026-01", "input": CASES[0]["input"], "output": {"individus": {"eve": {"age": 6}}}}
    case = case_in(document, "f.yaml", 1)
    (expected,) = expected_in(case, openfisca)
    assert expected.instance == "eve"
    assert run_case(Bench(), case).status is Status.PASSED


def test_formulas_in_force(openfisca: Any) -> None:
    found = dict(formulas_in_force(openfisca, 2026))
    assert found["rsa"] == "2026-01"
    assert found["irpp_economique"] == "2026"
    assert "date_naissance" not in found
    assert len(found) > 500
