"""Requests drawn from the description of the API, right and wrong, against the real WSGI application."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import pytest
import requests
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as conforms
from small_world import line

from allervers.api.v1.routes import api
from allervers.web.wsgi import application

SCHEMA = json.loads(json.dumps(api.get_openapi_schema()))
# The token is given by the test, not drawn.
SECURED = {
    (path, method)
    for path, methods in SCHEMA["paths"].items()
    for method, described in methods.items()
    if described.pop("security", None)
}
del SCHEMA["components"]["securitySchemes"]
OPERATIONS = {
    f"{one.method.upper()} {one.path}": one
    for one in (found.ok() for found in schemathesis.openapi.from_dict(SCHEMA).get_all_operations())
}
CHECKS = [
    conforms.status_code_conformance, conforms.content_type_conformance, conforms.response_schema_conformance,
    conforms.response_headers_conformance, conforms.negative_data_rejection,
    schemathesis.checks.not_a_server_error,
]  # fmt: skip
MODES = {"right": GenerationMode.POSITIVE, "wrong": GenerationMode.NEGATIVE}


@pytest.fixture(autouse=True)
def _transaction_of_the_test_stays_open():
    """A server closes the connection of a request that it finds in a transaction: here, the test's own."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def asked(prepared: requests.PreparedRequest, key: str) -> Response:
    """The answer of the application to a request, through WSGI, as a server would ask it."""
    url = urlsplit(prepared.url)
    body = prepared.body or b""
    body = body.encode() if isinstance(body, str) else body
    environ: dict[str, Any] = {
        "REQUEST_METHOD": prepared.method, "PATH_INFO": unquote_to_bytes(url.path).decode("latin-1"),
        "QUERY_STRING": url.query, "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SCRIPT_NAME": "",
        "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(), "CONTENT_LENGTH": str(len(body)), "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": prepared.headers.get("Content-Type", ""),
    }  # fmt: skip
    if key:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    told: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        told.update(status=int(status[:3]), headers={name.lower(): [value] for name, value in headers})

    answer = application(environ, start_response)
    content = b"".join(answer)
    answer.close()
    return Response(told["status"], told["headers"], content, prepared, 0.0, verify=False)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_answered_is_what_is_described(world, program: Callable[..., Any], name, mode):
    operation = OPERATIONS[name]
    for rank in range(1, 4):
        line(world, rank)
    key = program().defaults["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    if mode == "wrong" and not (operation.query or operation.path_parameters or operation.body):
        pytest.skip("nothing to give, nothing to give wrong")

    @settings(max_examples=6, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def answers(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=MODES[mode]))
        given_ = case.as_transport_kwargs(base_url="http://localhost")
        given_.pop("cookies", None)
        prepared = requests.Request(**{k: v for k, v in given_.items() if k != "timeout"}).prepare()
        case.validate_response(asked(prepared, key), checks=CHECKS)
        if (operation.path, operation.method) in SECURED:
            response = asked(prepared, "")
            assert response.status_code == 401
            case.validate_response(response, checks=CHECKS[:4])

    answers()
