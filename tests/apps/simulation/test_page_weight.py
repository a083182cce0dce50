"""What a first visit weighs: people come with an old phone and a slow or metered connection."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from simulated_visit import walked

from allervers.apps.simulation import queries

pytestmark = [pytest.mark.law, pytest.mark.django_db, pytest.mark.usefixtures("in_november", "ready_law")]

MOST_BYTES = 100_000
"""Two seconds at 50 kB a second, everything included. The aim was 300 kB."""
PAGES = (
    "/", "/simulateur/", "/simulateur/foyer/", "/simulateur/droits/", "/simulateur/droits/rsa/", "/simulateur/et-si/",
    "/simulateur/bilan/", "/simulateur/reponses/", "/droits/",
)  # fmt: skip


@pytest.fixture(autouse=True)
def served_files(quick, settings) -> None:
    """What sends static files is left out of other tests."""
    settings.MIDDLEWARE = ["whitenoise.middleware.WhiteNoiseMiddleware", *settings.MIDDLEWARE]


@pytest.fixture
def ready_law(live_law, monkeypatch):
    monkeypatch.setattr(queries, "live_law", lambda month: live_law)


def sent(client: Client, path: str) -> bytes:
    answer = client.get(path, HTTP_ACCEPT_ENCODING="gzip")
    assert answer.status_code == 200, path
    try:
        return b"".join(answer.streaming_content) if answer.streaming else answer.content
    finally:
        answer.close()


def weight(client: Client, path: str) -> int:
    """Bytes of a page and of every file that it asks for."""
    page = sent(client, path)
    files = set(re.findall(r'(?:href|src)="(/static/[^"?]+)', page.decode()))
    assert any(file.endswith("bootstrap.min.css") for file in files)
    return len(page) + sum(len(sent(client, file)) for file in files)


def test_a_first_visit_is_light(client):
    questions: list[str] = []
    walked(client, seen=lambda address, html: questions.append(address))
    weights = {path: weight(client, path) for path in (*questions, *PAGES)}
    print(sorted(weights.values()))
    assert {path: found for path, found in weights.items() if found > MOST_BYTES} == {}


def test_what_is_sent_compressed_is_the_file(client):
    found = sorted(Path(str(finders.find("vendor/bootstrap.min.css"))).parent.glob("*.gz"))
    assert len(found) >= 3
    for file in found:
        assert gzip.decompress(file.read_bytes()) == file.with_suffix("").read_bytes(), file.name
        assert sent(client, f"/static/vendor/{file.stem}") == file.read_bytes()
