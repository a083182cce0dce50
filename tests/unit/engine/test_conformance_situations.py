"""The three forms of OpenFisca's inputs in full; what OpenFisca would drop or misread in silence is refused."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from allervers.engine.conformance.cases import Case, case_in, period_text
from allervers.engine.conformance.situations import expected_in, situation_of
from allervers.engine.variables import Rhythm, ValueType, Variable, unknown_variable
from allervers.foundation.errors import InvalidInput


def _variable(
    name: str, entity: str, kind: ValueType, rhythm: Rhythm = "month", items: tuple[str, ...] = ()
) -> Variable:
    return Variable(name, name, entity, kind, rhythm, None, items, False, False)


class Words:
    """Variables of no law; one has the name of an entity, as in OpenFisca-France."""

    known: ClassVar = {
        variable.name: variable
        for variable in (
            _variable("salaire", "individu", "float"),
            _variable("naissance", "individu", "date", "eternity"),
            _variable("statut", "individu", "enum", items=("celibataire", "marie")),
            _variable("etudiant", "individu", "bool"),
            _variable("rsa", "famille", "float"),
            _variable("depcom", "menage", "str"),
            _variable("famille", "individu", "float"),
        )
    }

    def variable(self, name: str) -> Variable:
        if name not in self.known:
            raise unknown_variable(name, self.known)
        return self.known[name]


def _case(given: Any, output: Any = None, **more: Any) -> Case:
    return case_in({"period": "2026-01", "input": given, "output": output or {"rsa": 0}, **more}, "f.yaml", 1)


def test_variables_alone_make_one_person_each_alone() -> None:
    situation = situation_of(_case({"salaire": [1000, "12 * 100"], "depcom": {"2026-02": ["01001", 75056]}}), Words())
    assert situation["individus"] == {"0": {"salaire": {"2026-01": 1000}}, "1": {"salaire": {"2026-01": 1200}}}
    assert situation["familles"] == {"0": {"parents": ["0"]}, "1": {"parents": ["1"]}}
    assert situation["menages"]["1"] == {"personne_de_reference": ["1"], "depcom": {"2026-02": "75056"}}
    assert situation_of(_case({}), Words())["individus"] == {"0": {}}


def test_short_and_full_forms_are_the_same_situation() -> None:
    persons = {"a": {"salaire": 1, "statut": 1, "naissance": "1990-01-01", "etudiant": 0}, 2: {}}
    short = situation_of(_case({"individus": persons, "famille": {"parents": "a", "enfants": [2]}}), Words())
    full = situation_of(
        _case({"individus": persons, "familles": {"famille": {"parents": ["a"], "enfants": ["2"], "rsa": None}}}),
        Words(),
    )
    assert short == full
    assert short["individus"]["a"] == {
        "salaire": {"2026-01": 1}, "statut": {"2026-01": "marie"}, "naissance": {"2026-01": "1990-01-01"},
        "etudiant": {"2026-01": False},
    }  # fmt: skip
    assert short["familles"] == {"famille": {"parents": ["a"], "enfants": ["2"]}}
    assert list(short["menages"]) == ["a", "2"], "persons that no group names are alone, in their order"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"individus": {"a": {}}, "salaire": 1}, "salaire"),
        ({"individus": {"a": {}}, "individu": {}}, "tous les deux"),
        ({"familles": {"f": {}}}, "Aucun individu"),
        ({"individus": {}}, "Aucun individu"),
        ({"individus": ["a"]}, "dictionnaire"),
        ({"individus": {"a": 1}}, "dictionnaire"),
        ({"individus": {"a": {"salair": 1}}}, "Vouliez-vous dire « salaire »"),
        ({"individus": {"a": {"rsa": 1}}}, "pas une variable de « individus »"),
        ({"individus": {"a": {}}, "famille": {"parents": ["b"]}}, "inconnue"),
        ({"individus": {"a": {}}, "famille": {"parents": ["a"], "enfants": ["a"]}}, "deux familles"),
        ({"individus": {"a": {}}, "foyer_fiscal": {"declarant": ["a"]}}, "declarant"),
        ({"individus": {"a": {"salaire": "beaucoup"}}}, "salaire"),
        ({"individus": {"a": {"salaire": [1, 2]}}}, "salaire"),
        ({"individus": {"a": {"salaire": "__import__('os').getcwd()"}}}, "salaire"),
        ({"individus": {"a": {"statut": "pacse"}}}, "statut"),
        ({"individus": {"a": {"statut": 2}}}, "statut"),
        ({"individus": {"a": {"statut": -1}}}, "statut"),
        ({"individus": {"a": {"etudiant": "false"}}}, "etudiant"),
        ({"individus": {"a": {"naissance": 1990}}}, "naissance"),
        ({"individus": {"a": {"salaire": {True: 1}}}}, "période"),
        ({"salaire": [1, 2], "etudiant": True}, "1 valeurs pour 2"),
        ({"salaire": []}, "personnes"),
        ({"salaire": [0] * 1001}, "personnes"),
        ({"individus": {str(i): {} for i in range(1001)}}, "personnes"),
        ({"axes": [[{"count": 1_000_000_000, "name": "salaire"}]]}, "axes"),
    ],
)
def test_what_does_not_hold_together_is_refused(given: Any, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        situation_of(_case(given), Words())
    assert said in refused.value.message


def test_expected_values_in_every_form_and_in_order() -> None:
    output = {
        "rsa": {"2026-02": 1, 2026: 2},
        "famille": {"rsa": 3},
        "individus": {"a": {"salaire": {"2026-03": 4}}, 2: {"salaire": 5}},
        "salaire": [6, 7],
    }
    found = expected_in(_case({}, output), Words())
    assert [(one.variable, one.period, one.value, one.plural, one.instance) for one in found] == [
        ("rsa", "2026-02", 1, None, None),
        ("rsa", "2026", 2, None, None),
        ("rsa", "2026-01", 3, None, None),
        ("salaire", "2026-03", 4, "individus", "a"),
        ("salaire", "2026-01", 5, "individus", "2"),
        ("salaire", "2026-01", [6, 7], None, None),
    ]
    only = expected_in(_case({}, output, only_variables=["rsa"]), Words())
    assert {one.variable for one in only} == {"rsa"}
    rest = expected_in(_case({}, output, ignore_variables="rsa"), Words())
    assert {one.variable for one in rest} == {"salaire"}


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ({"rsaa": 1}, "rsaa"),
        ({"familles": {"f": {"salaire": 1}}}, "pas une variable de « familles »"),
        ({"familles": {"f": 1}}, "dictionnaire"),
        ({"famille": {"rsa": 1, "2026-01": 2}}, "2026-01"),
    ],
)
def test_wrong_outputs_are_refused(output: Any, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        expected_in(_case({}, output), Words())
    assert said in refused.value.message


def test_persons_left_out_take_the_values_of_the_groups_described() -> None:
    persons = {"individus": {"a": {}, "b": {}}}
    situation = situation_of(_case({**persons, "famille": {"rsa": 5}}), Words())
    assert situation["familles"] == {
        "famille": {"rsa": {"2026-01": 5}},
        "a": {"parents": ["a"], "rsa": {"2026-01": 5}},
        "b": {"parents": ["b"], "rsa": {"2026-01": 5}},
    }
    two = {**persons, "familles": {"f": {"parents": ["a"], "rsa": 5}, "g": {}}}
    with pytest.raises(InvalidInput, match="2 décrits"):
        situation_of(_case(two), Words())


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("month:2026-01", "2026-01"), ("month:2026-01:1", "2026-01"), ("month:2026-01:12", "2026"),
        ("year:2026", "2026"),
        ("year:2026-01", "2026"), ("month:2026-04:12", "year:2026-04"), ("year:2026-04:1", "year:2026-04"),
        ("month:2026-01:3", "month:2026-01:3"), ("year:2025:2", "year:2025:2"), ("day:2026-01-01", "2026-01-01"),
        ("month:2026", "month:2026"), (2026, "2026"), ("ETERNITY", "ETERNITY"), ("2026-W05", "2026-W05"),
    ],
)  # fmt: skip
def test_a_period_has_one_form(written: Any, read: str) -> None:
    assert period_text(written) == read


def test_a_variable_may_have_the_name_of_an_entity() -> None:
    for value in (-108, "-100 - 8", {"2026-01": -108}, {2026: -108}, [-108]):
        (found,) = expected_in(_case({}, {"famille": value}), Words())
        assert found.variable == "famille"
    (found,) = expected_in(_case({}, {"famille": {"rsa": 1}}), Words())
    assert found.variable == "rsa"


def test_an_item_given_by_its_position_is_named() -> None:
    output = {"statut": [0, 1], "individus": {"a": {"statut": {"2026-01": 1, "2026-02": "marie", "2026-03": 9}}}}
    found = [one.value for one in expected_in(_case({}, output), Words())]
    assert found == [["celibataire", "marie"], "marie", "marie", 9]


def test_periods_are_read_at_any_depth() -> None:
    found = expected_in(_case({}, {"rsa": {"year": {"2026-01": 1, "2026-02": 2}}}), Words())
    assert [(one.period, one.value) for one in found] == [("2026-01", 1), ("2026-02", 2)]


def test_no_period_at_all_is_told_but_for_what_has_none() -> None:
    case = case_in({"input": {"naissance": "1990-01-01"}, "output": {"rsa": 1}}, "f.yaml", 1)
    assert situation_of(case, Words())["individus"]["0"]["naissance"] == {"ETERNITY": "1990-01-01"}
    with pytest.raises(InvalidInput, match="aucune période"):
        expected_in(case, Words())
