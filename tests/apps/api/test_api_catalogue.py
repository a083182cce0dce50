"""The catalogue by the API: the same facts as its sheets, for everyone; its description and the page made of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client

from allervers.api.v1.routes import api
from allervers.rights.catalogue import catalogue

SNAPSHOT = Path(__file__).with_name("openapi.json")


def get(path, status=200):
    answer = Client().get(f"/api/v1/{path}")
    assert answer.status_code == status, answer.content
    return answer.json()


@pytest.mark.parametrize("right", sorted(catalogue()))
def test_every_right_has_its_whole_sheet(db, right):
    told = get(f"rights/{right}")
    assert told["label"] == catalogue()[right].label
    assert told["confidence"]["conditions"]["grade"] in "ABC"
    assert get(f"rights/{right}/documents")["right"] == right


def test_filters(db):
    everything = get("rights?page_size=200")
    assert everything["total"] == len(everything["items"]) > 60
    housing = get("rights?theme=logement&page_size=200")
    assert 0 < housing["total"] < everything["total"]
    assert all("logement" in one["themes"] for one in housing["items"])
    caf = get("rights?institution=caf&level=4&page_size=200")
    assert all(one["level"] == 4 for one in caf["items"])
    second = get("rights?page=2&page_size=10")
    assert [one["id"] for one in second["items"]] == [one["id"] for one in everything["items"][10:20]]


def test_search_changes_and_procedures(db):
    assert get("search?q=je+ne+peux+plus+payer+mon+loyé")["items"]
    assert get("changes?since=2025-01-01")["total"] > 0
    assert {one["level"] for one in get("procedures?level=5")["items"]} == {5}
    assert "tous" in {one["id"] for one in get("lists")["situations"]}


@pytest.mark.parametrize(
    ("path", "status"),
    [("rights/nope", 404), ("rights?theme=nope", 404), ("rights?institution=nope", 404), ("nope", 404),
     ("rights/rsa/documents?situation=nope", 400), ("search", 400), ("search?q=", 400), ("changes", 400),
     ("changes?since=2026", 400), ("procedures?level=6", 400), ("rights?level=x", 400), ("lists?x=1", 200)],
)  # fmt: skip
def test_problems_have_one_form(db, path, status):
    told = get(path, status)
    assert status == 200 or set(told) == {"code", "error", "message", "details"}


def test_public_answers_may_be_kept(db):
    assert Client().get("/api/v1/rights")["Cache-Control"] == "public, max-age=300"


def test_the_description_changes_knowingly(db):
    """To accept a change: ALLERVERS_SNAPSHOT=1, and say it in changelog.d (clients are written against it)."""
    import os

    told = json.dumps(api.get_openapi_schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("ALLERVERS_SNAPSHOT"):
        SNAPSHOT.write_text(told, "utf-8")
    assert told == SNAPSHOT.read_text("utf-8")
    assert json.loads(Client().get("/api/v1/openapi.json").content) == json.loads(told)


def test_the_reference_is_a_plain_page(db):
    answer = Client().get("/api/")
    text = answer.content.decode()
    for path in api.get_openapi_schema()["paths"]:
        assert path in text
    assert "http://" not in text.replace("http://testserver", "")
    assert "https://" not in text
    assert text.count("<script") == 1  # ours, of every page
    for anchor in {part.split('"')[0] for part in text.split('href="#')[1:]}:
        assert f'id="{anchor}"' in text, anchor
