"""The web API over the corrected law: no path of this machine in what it describes, a trace that follows its shifts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from allervers.api.application import Application
from allervers.api.messages import Request
from allervers.engine.description import LawDescription
from allervers.engine.law import Law

pytestmark = pytest.mark.law

JSON = {"content-type": "application/json", "host": "x"}


@pytest.fixture(scope="module")
def application(corrected: Any) -> Application:
    return Application(corrected, corrected.trace_situation, LawDescription(corrected.system))


def test_what_is_described_holds_no_path_of_this_machine(application):
    description = application._catalogue._description
    system = description.system
    own = [name for name, item in system.variables.items() if "allervers" in type(item).__module__]
    paths = [f"/variable/{name}" for name in own]
    paths += [f"/parameter/{path}" for path in description.parameters_by_path if path.startswith("prestations_")][:300]
    for path in paths:
        body = application.answer(Request("GET", path, JSON)).body.decode()
        assert __file__.partition("/tests/")[0] not in body, path
        assert "/site-packages/" not in body, path


def test_a_trace_gives_what_the_calculation_gives(application, corrected: Law):
    shift = next((s for s in corrected.changes.tax_year_shifts), None)
    if shift is None:
        pytest.skip("no shift in the register")
    output, month = shift.outputs[0], f"2026-{shift.months[0]:02d}"
    plural = {e.key: e.plural for e in corrected.system.entities}[corrected.variable(output).entity]
    roles = {"familles": "parents", "foyers_fiscaux": "declarants", "menages": "personne_de_reference"}
    group = {roles[plural]: ["a"]} if plural in roles else {}
    situation = {"individus": {"a": {}}, plural: {"a": group | {output: {month: None}}}}
    body = json.dumps(situation).encode()
    filled = json.loads(application.answer(Request("POST", "/calculate", JSON, body)).body)
    traced = json.loads(application.answer(Request("POST", "/trace", JSON, body)).body)
    value = traced["trace"][f"{output}<{month}>"]["value"][0]
    assert value == pytest.approx(filled[plural]["a"][output][month])
