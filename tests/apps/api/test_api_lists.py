"""Filters, order, pages, reports and problems of the lists; as many queries for many lines as for one."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from small_world import NOW, line

from allervers.apps.audit.models import Entry
from allervers.apps.findings.actions import change_progress
from allervers.apps.findings.domain import Progress
from allervers.apps.findings.models import FollowUp, Step


def queries_of(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    ("path", "most"),
    [("findings?page_size=200", 14), ("events", 14), ("households/menage-1/findings", 19), ("unsettled", 14),
     ("organisations", 6), ("conventions", 8), ("teams", 6), ("token", 5)],
)  # fmt: skip
def test_as_many_queries_for_many_lines_as_for_one(world, program, path, most):
    client = program()
    line(world, 1)
    client.get("/api/v1/token")
    few = queries_of(client, f"/api/v1/{path}")
    for rank in range(2, 60):
        kind = {"kind": "event", "event": "separation", "right": ""} if rank % 3 else {}
        line(world, rank, household=f"menage-{rank % 5}", agent=world.agent if rank % 2 else None, **kind)
    assert queries_of(client, f"/api/v1/{path}") == few <= most


def test_the_public_catalogue_asks_the_database_nothing(db):
    for path in ("rights", "rights/rsa", "search?q=loyer", "changes?since=2020-01-01", "procedures", "lists"):
        assert queries_of(Client(), f"/api/v1/{path}") == 0


@pytest.mark.parametrize(
    ("query", "ranks"),
    [
        ("right=aspa", [2]), ("event=separation", [3]), ("kind=event", [3]), ("least_eur_month=700", [2]),
        ("least_months=6", [2]), ("deadline_before=2026-11-30", [3]), ("may_contact=false", [3]),
        ("progress=in_charge", [4]), ("progress=all", [1, 2, 3, 4]), ("household=menage-2", [2]),
        ("status=not_computable", [5]), ("commune=93066", [1, 2, 3, 4]), ("commune=93010", []),
        ("sort=montant", [2, 1, 4, 3]), ("channel=sms", [2]), ("channel=none", [3]), ("channel=unknown", [1, 4]),
        ("page_size=2&page=2", [3, 4]), ("page=9", []),
    ],
)  # fmt: skip
def test_filters_are_those_of_the_page(world, program, query, ranks):
    line(world, 1)
    line(world, 2, right="aspa", amount_eur_month=900.0, months_persisting=8, channels="letter,sms")
    line(
        world, 3, kind="event", right="", event="separation", amount_eur_month=None, deadline_on="2026-11-29",
        may_contact=False, channels="",
    )  # fmt: skip
    line(world, 4, progress="in_charge")
    line(world, 5, status="not_computable", is_to_act=False)
    answer = program().get(f"/api/v1/findings?{query}")
    assert [one["rank"] for one in answer.json()["items"]] == ranks
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=2001", "page_size=201", "page=x", "sort=agent", "inconnu=1", "commune=9306", "progress=done",
     "least_eur_month=nan", "right=%00", "deadline_before=hier", "agent=1", "channel=pigeon"],
)  # fmt: skip
def test_what_cannot_be_read_is_said_and_filters_nothing(world, program, query):
    line(world)
    answer = program().get(f"/api/v1/findings?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert answer.json()["details"][0]["place"].startswith("query")


@pytest.mark.parametrize(("channels", "told"), [(None, None), ("", []), ("letter,sms", ["letter", "sms"])])
def test_no_channel_is_not_an_unknown_one(world, program, channels, told):
    line(world, channels=channels)
    [one] = program().get("/api/v1/findings").json()["items"]
    assert one["channels"] == told


def test_an_amount_that_is_hidden_is_not_told(world, program):
    line(world, is_amount_hidden=True)
    [one] = program().get("/api/v1/findings").json()["items"]
    assert (one["amount_eur_month"], one["eur_lost"], one["is_amount_hidden"]) == (None, None, True)


def report(client, finding, **given):
    body = {"progress": "settled", "version": 0, **given}
    return client.put(f"/api/v1/findings/{finding.pk}/progress", body, content_type="application/json")


def test_a_program_reports_and_repeats_itself_without_harm(world, program):
    finding, client = line(world), program()
    first, again = report(client, finding), report(client, finding)
    assert first.json() == {"id": finding.pk, "progress": "settled", "reason": None, "version": 1, "is_new": True}
    assert again.json() == {**first.json(), "is_new": False}
    assert Step.objects.get().by == client.token.account
    assert Entry.objects.get(action="line_changed").actor == client.token.account.public_id


def test_who_comes_second_overwrites_nothing(world, program):
    finding, client = line(world), program()
    change_progress(acting_user=world.agent, now=NOW, finding=finding, progress=Progress.SETTLED, version=0)
    # The same words from another are no repetition.
    assert report(client, finding).status_code == 409
    assert report(client, finding, progress="not_relevant", reason="declined", version=1).status_code == 200
    assert report(client, finding, version=1).status_code == 409


@pytest.mark.parametrize(
    "given",
    [{"progress": "in_charge"}, {"progress": "to_do"}, {"progress": "not_relevant"}, {"reason": "declined"},
     {"reason": "parce que"}, {"version": -1}, {"version": 2**31}, {"agent": 1}, {"progress": None}],
)  # fmt: skip
def test_a_report_that_does_not_hold_is_refused(world, program, given):
    finding = line(world)
    assert report(program(), finding, **given).status_code == 400
    assert not FollowUp.objects.exists()


def test_a_token_that_only_reads_reports_nothing(world, program):
    finding = line(world)
    answer = report(program(may_report=False), finding)
    assert (answer.status_code, answer.json()["code"]) == (403, "refused")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"1", b"\xff", b"x" * 2_600_000], ids=["none", "cut", "list", "number", "bytes", "large"]
)
def test_a_body_that_is_no_report(world, program, body):
    finding = line(world)
    path = f"/api/v1/findings/{finding.pk}/progress"
    answer = program().put(path, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


def test_an_error_of_ours_says_nothing_of_the_person(world, program, monkeypatch, caplog):
    def fail(*_: object) -> None:
        raise RuntimeError("MARQUEUR")

    monkeypatch.setattr("allervers.api.v1.lists.visible", fail)
    monkeypatch.setattr("allervers.api.v1.lists._line", fail)
    finding = line(world)
    answer = program().get(f"/api/v1/findings/{finding.pk}")
    assert (answer.status_code, answer.json()["code"]) == (500, "failed")
    assert "MARQUEUR" not in answer.content.decode() + caplog.text


def test_a_locked_database_asks_to_come_back(world, program, monkeypatch):
    def locked(*_: object) -> None:
        raise OperationalError("database is locked")

    client = program()
    monkeypatch.setattr("allervers.api.v1.lists.finding_of", locked)
    answer = client.get("/api/v1/findings/1")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_too_many_requests_wait(world, program, monkeypatch, settings):
    from allervers.api.v1 import rates
    from allervers.apps.accounts.throttling import Rate

    now = [0.0]
    rate = Rate(lambda: now[0])
    monkeypatch.setattr(rates, "RATE", rate)
    monkeypatch.setattr(settings.ALLERVERS, "api_per_minute", 3)
    client, other = program(), program(name="Autre")
    assert [client.get("/api/v1/token").status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = client.get("/api/v1/token")
    assert (answer["Retry-After"], answer.json()["code"]) == ("20", "too_many_requests")
    assert other.get("/api/v1/token").status_code == 200
    assert [Client().get("/api/v1/lists").status_code for _ in range(4)] == [200, 200, 200, 429]
    now[0] = 20
    assert client.get("/api/v1/token").status_code == 200


def test_no_page_of_another_site_may_read(world, program):
    answer = program().get("/api/v1/findings", headers={"Origin": "https://ailleurs.example"})
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
