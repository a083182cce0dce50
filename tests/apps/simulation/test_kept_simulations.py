"""Codes, files and forgetting: only who has the code opens, nothing outlives its term, hostile files are refused."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from simulated_visit import described
from small_world import NOW

from allervers.apps.simulation import browser, queries
from allervers.apps.simulation.actions import forget_expired, keep_simulation, resume_simulation
from allervers.apps.simulation.codes import new_code, opened_with, plain, sealed_with
from allervers.apps.simulation.domain import read, read_amount
from allervers.apps.simulation.models import KeptSimulation
from allervers.foundation.errors import InvalidInput, NotFound

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_november", "no_law")]

UNKNOWN_QUESTION = json.dumps(
    {
        "allervers": 1, "month": "2026-11", "bonds": ["none"], "answers": {"__class__:p1": 1},
        "persons": [["p1", "a", "adult", 0, "2001-01-01", 0, 0]],
    }
).encode()  # fmt: skip


@pytest.fixture
def no_law(monkeypatch) -> None:
    monkeypatch.setattr(queries, "live_law", lambda month: None)


def code_in(html: str) -> str:
    return html.split('class="av-code">')[1].split("<", maxsplit=1)[0]


def test_a_code_opens_the_simulation_in_another_browser(client, django_user_model):
    from django.test import Client

    described(client)
    html = client.post("/simulateur/garder/code/").content.decode()
    code = code_in(html)
    assert code not in client.get("/simulateur/garder/").content.decode()
    other = Client()
    answer = other.post("/simulateur/reprendre/code/", {"code": code.lower().replace("-", " ")})
    assert answer["Location"] == "/simulateur/reponses/"
    assert "Nadia" in other.get("/simulateur/reponses/").content.decode()


def test_the_server_keeps_only_what_it_cannot_read(client):
    described(client)
    code = code_in(client.post("/simulateur/garder/code/").content.decode())
    (kept,) = KeptSimulation.objects.all()
    assert b"Nadia" not in bytes(kept.sealed)
    assert plain(code) not in kept.digest
    assert kept.expires_at == NOW + timedelta(days=30)


def test_a_code_ends_after_thirty_days():
    code = keep_simulation(now=NOW, text="{}")
    assert resume_simulation(now=NOW + timedelta(days=29), code=code) == "{}"
    with pytest.raises(NotFound):
        resume_simulation(now=NOW + timedelta(days=30), code=code)
    assert forget_expired(now=NOW + timedelta(days=31)) == 1


def test_a_code_is_deleted_at_once(client):
    code = keep_simulation(now=NOW, text="{}")
    assert "effacée" in client.post("/simulateur/reprendre/code/", {"code": code, "delete": "1"}).content.decode()
    assert not KeptSimulation.objects.exists()
    assert client.post("/simulateur/reprendre/code/", {"code": code, "delete": "1"}).status_code == 400


@pytest.mark.parametrize("code", ["", "ABCD", "x" * 500, "AAAA-AAAA-AAAA-AAAA-AAAA", "é" * 20])
def test_another_code_opens_nothing(client, code):
    keep_simulation(now=NOW, text="{}")
    assert client.post("/simulateur/reprendre/code/", {"code": code}).status_code == 400


def test_bytes_that_were_changed_are_refused():
    code = new_code()
    sealed = sealed_with(code, "texte")
    assert opened_with(code, sealed) == "texte"
    with pytest.raises(ValueError, match="code"):
        opened_with(code, sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(ValueError, match="code"):
        opened_with(new_code(), sealed)


def test_tries_are_limited(client):
    statuses = [client.post("/simulateur/reprendre/code/", {"code": "x"}).status_code for _ in range(25)]
    assert statuses[0] == 400
    assert statuses[-1] == 429


def test_a_file_is_taken_along_and_comes_back(client):
    described(client)
    content = client.get("/simulateur/garder/ma-simulation.json")
    assert "attachment" in content["Content-Disposition"]
    client.post("/simulateur/effacer/")
    assert client.get("/simulateur/reponses/").status_code == 302
    answer = client.post("/simulateur/reprendre/fichier/", {"file": SimpleUploadedFile("a.json", content.content)})
    assert answer["Location"] == "/simulateur/reponses/"
    assert "Lina" in client.get("/simulateur/reponses/").content.decode()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe\x00", b"[" * 60_000, b"x" * 70_000, b'{"allervers": 1}', UNKNOWN_QUESTION],
)  # fmt: skip
def test_a_hostile_file_is_refused(client, content):
    answer = client.post("/simulateur/reprendre/fichier/", {"file": SimpleUploadedFile("a.json", content)})
    assert answer.status_code == 400
    assert "simulation0" not in answer.cookies


def test_forgetting_is_asked_then_at_once(client):
    described(client)
    asked = client.get("/simulateur/effacer/")
    assert "Non, revenir" in asked.content.decode()
    assert "simulation0" not in asked.cookies
    answer = client.post("/simulateur/effacer/")
    assert answer["Location"] == "/simulateur/efface/"
    assert answer.cookies["simulation0"]["max-age"] == 0


def test_a_cookie_that_was_changed_or_is_old_is_no_state(client):
    described(client)
    text = client.cookies["simulation0"].value
    assert browser.opened(text) is not None
    assert browser.opened(text[:-2] + ("AA" if text[-2:] != "AA" else "BB")) is None
    assert browser.opened("é" * 10) is None
    assert browser.opened("") is None
    import time

    assert browser.opened(text, now=time.time() + browser.LASTS_SECONDS + 60) is None


@pytest.mark.parametrize("text", ["", "[]", "[1,2,3]", '[{}, "", null]'])
def test_a_state_that_cannot_be_read_is_refused(text):
    with pytest.raises(InvalidInput):
        read(text)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("1 234,50 €", 1234.5), ("0", 0.0), ("12.5", 12.5), ("", None), ("-3", None), ("1e5", None), ("abc", None),
     ("1.234,5", 1234.5), ("1,200", 1200.0),
     ("1.200", 1200.0), ("1,200.50", 1200.5), ("0,500", 0.5), ("1.234.567,8", 1234567.8),
     ("1.23,5", None), ("1 200 euros", 1200.0), ("12,5,5", None), ("٣", 3.0), ("9" * 30, None)],
)  # fmt: skip
def test_amounts_as_people_type_them(typed, amount):
    assert read_amount(typed) == amount


@pytest.mark.parametrize("words", ["j'ai perdu mon travail", "loyer", "je suis enceinte"])
def test_ordinary_words_lead_somewhere(client, words):
    html = client.get("/simulateur/chercher/", {"q": words}).content.decode()
    assert "Des droits à regarder" in html
    assert "Parler à quelqu'un" in html


def test_when_nothing_fits_it_says_so_and_names_somebody(client):
    html = client.get("/simulateur/chercher/", {"q": "zzzz qqqq"}).content.decode()
    assert "pas trouvé de réponse" in html
    assert "CCAS" in html
