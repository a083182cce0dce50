"""Byte for byte what OpenFisca's own web API answered (openfisca-core 44.7.1, openfisca-france 176.1.8, Flask 3.1.3).

golden.json was recorded by record_golden.py, from the real server. Known differences are listed in docs/api.md and are
not in it. The persons are invented; `demandeur` and `_` is the shape of the requests of the simulator aides-jeunes.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest
from record_golden import GOLDEN, kept

from allervers.api.application import Application
from allervers.api.messages import Request
from allervers.engine.description import LawDescription

pytestmark = pytest.mark.law

ENTRIES = json.loads(GOLDEN.read_text("utf-8"))


@pytest.fixture(scope="module")
def application(openfisca: Any) -> Application:
    return Application(openfisca, openfisca.trace_situation, LawDescription(openfisca.system))


def answered(application: Application, entry: dict[str, Any]) -> dict[str, Any]:
    body = entry["body"] if isinstance(entry["body"], str) else json.dumps(entry["body"])
    path, _, query = entry["path"].partition("?")
    headers = {name.lower(): value for name, value in {"Host": "127.0.0.1:5900", **entry["headers"]}.items()}
    content = b"" if entry["body"] is None else body.encode()
    response = application.answer(Request(entry["method"], unquote(path), headers, content, query))
    return {"status": response.status, "headers": kept(list(response.headers)), "body": response.body.decode()}


def timeless(text: str) -> Any:
    """A trace without the times that it took."""
    answer = json.loads(text)
    for step in answer.get("trace", {}).values():
        del step["calculation_time"], step["formula_time"]
    return answer


@pytest.mark.parametrize("entry", ENTRIES, ids=[f"{e['method']} {e['path'][:40]} {n}" for n, e in enumerate(ENTRIES)])
def test_the_answer_is_that_of_openfisca(application, entry):
    ours, theirs = answered(application, entry), entry["answer"]
    if (entry["method"], entry["path"], theirs["status"]) == ("POST", "/trace", 200):
        assert timeless(ours.pop("body")) == timeless(theirs["body"])
        theirs = {name: value for name, value in theirs.items() if name != "body"}
    assert ours == theirs
