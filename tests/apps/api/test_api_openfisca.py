"""The law under /api/openfisca/: a process apart that loads, answers, is too slow, dies; the habits of its clients."""

from __future__ import annotations

import gc
import json
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from allervers.api import mount
from allervers.api.apart import Apart
from allervers.api.limits import Limits
from allervers.api.messages import Request

UNIT = Path(__file__).parents[2] / "unit" / "api"
ENTRIES = json.loads((UNIT / "golden.json").read_text("utf-8"))
ASKED = {"individus": {"a": {"rsa": {"2026-01": None}}}}


@pytest.fixture
def apart(monkeypatch):
    """A process over the fake law of three variables."""
    monkeypatch.setenv("PYTHONPATH", str(UNIT))
    made = Apart("fake_law:application", Limits(body_bytes=100_000, answer_seconds=1.5), wait_seconds=0.3)
    yield made
    made.stop()
    gc.collect()


@pytest.fixture
def served(apart, monkeypatch, settings_on):
    monkeypatch.setattr(mount, "law", lambda: apart)
    ready(apart)
    return Client()


@pytest.fixture
def settings_on(monkeypatch):
    monkeypatch.setattr(settings.ALLERVERS, "openfisca", True)
    monkeypatch.setattr(settings.ALLERVERS, "openfisca_per_minute", 1_000_000)


def ready(apart: Apart) -> None:
    for _ in range(200):
        if apart.answer(Request("GET", "/entities")).status == 200:
            return
        time.sleep(0.1)
    raise AssertionError("the law does not load")


def post(client, situation, path="calculate"):
    return client.post(f"/api/openfisca/{path}", situation, content_type="application/json")


def test_while_the_law_loads_the_client_is_told_to_come_back(apart):
    response = apart.answer(Request("GET", "/entities"))
    assert (response.status, dict(response.headers)["Retry-After"]) == (503, "10")
    ready(apart)


def test_it_answers_as_the_law_does(served):
    response = post(served, ASKED)
    assert (response.status_code, response.json()) == (200, {"individus": {"a": {"rsa": {"2026-01": 607.75}}}})
    assert response["Country-Package"] == "openfisca-fake"
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


def test_links_and_redirections_stay_under_the_mount(served):
    assert served.get("/api/openfisca").json()["welcome"].endswith("(http://testserver/api/openfisca/spec).")
    assert served.get("/api/openfisca/variables").json()["rsa"]["href"] == (
        "http://testserver/api/openfisca/variable/rsa"
    )
    assert served.get("/api/openfisca/variables/")["Location"] == "/api/openfisca/variables"


def test_a_header_of_a_proxy_is_not_believed(served):
    answer = served.get("/api/openfisca/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"})
    assert "http://testserver/" in answer.json()["welcome"]


def test_a_body_too_large_is_refused(served):
    assert post(served, {"individus": {"a" * 100_001: {}}}).status_code == 413


def test_a_computation_too_long_stops_and_the_next_one_is_served(served):
    started = time.perf_counter()
    assert post(served, {"individus": {"forever": {"rsa": {"2026-01": None}}}}).status_code == 503
    assert time.perf_counter() - started < 5
    assert post(served, ASKED).status_code == 200


def test_a_process_that_dies_is_replaced(served, apart):
    response = post(served, {"individus": {"killed": {}}})
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    ready(apart)
    assert post(served, ASKED).status_code == 200


def test_one_computes_one_waits_the_others_are_told_to_come_back(served, apart):
    forever = Request("POST", "/calculate", {"content-type": "application/json"}, b'{"individus": {"forever": {}}}')
    statuses: list[tuple[int, float]] = []

    def ask() -> None:
        started = time.perf_counter()
        statuses.append((apart.answer(forever).status, time.perf_counter() - started))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _ in statuses] == [503] * 4
    assert sorted(took < 1 for _, took in statuses) == [False, True, True, True]


def test_off_it_is_not_there(db):
    assert settings.ALLERVERS.serves_openfisca is False
    assert Client().get("/api/openfisca/entities").status_code == 404


def test_its_rate_is_bounded(served, monkeypatch):
    monkeypatch.setattr(settings.ALLERVERS, "openfisca_per_minute", 2)
    monkeypatch.setattr(mount, "RATE", type(mount.RATE)())
    assert [served.get("/api/openfisca/entities").status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.law
def test_the_habits_of_openfiscas_clients(openfisca, monkeypatch, settings_on):
    """The recorded answers of OpenFisca's own web API, asked through the web application."""
    from allervers.api.application import Application
    from allervers.engine.description import LawDescription

    application = Application(openfisca, openfisca.trace_situation, LawDescription(openfisca.system))
    monkeypatch.setattr(mount, "law", lambda: application)
    client = Client()
    # Names of hosts are ALLERVERS_HOSTS and the proxy of the settings, here: theirs are what a client says.
    asked = [one for one in ENTRIES if not {"Host", "X-Forwarded-Host"} & one["headers"].keys()]
    assert [one["path"] for one in asked if through_the_mount(client, one) != expected(one)] == []
    assert len(asked) > 140


def through_the_mount(client, entry):
    body = entry["body"] if isinstance(entry["body"], str) else json.dumps(entry["body"])
    path, _, query = entry["path"].partition("?")
    given = {"Host": "127.0.0.1:5900", **entry["headers"]}
    answer = client.generic(
        entry["method"], f"{mount.MOUNT}{path}", b"" if entry["body"] is None else body.encode(),
        headers={k: v for k, v in given.items() if k != "Content-Type"}, QUERY_STRING=query,
        CONTENT_TYPE=given.get("Content-Type", ""),
    )  # fmt: skip
    recorded = entry["answer"]["headers"]
    headers = {name: value.replace(mount.MOUNT, "") for name, value in answer.items() if name in recorded}
    headers.pop("Vary", None)
    if "Allow" in headers:
        headers["Allow"] = ", ".join(sorted(headers["Allow"].split(", ")))
    text = answer.content.decode().replace(mount.MOUNT, "")
    return {"status": answer.status_code, "headers": headers, "body": timeless(entry, text)}


def expected(entry):
    # `Vary` holds what the pages of the web application vary on as well.
    headers = {name: value for name, value in entry["answer"]["headers"].items() if name != "Vary"}
    return {**entry["answer"], "headers": headers, "body": timeless(entry, entry["answer"]["body"])}


def timeless(entry, text):
    """A trace without the times that it took."""
    if entry["path"] != "/trace" or not text.startswith("{"):
        return text
    told = json.loads(text)
    for step in told.get("trace", {}).values():
        del step["calculation_time"], step["formula_time"]
    return told
