"""What a visitor is told first: an address before a claim, what opens next month, the event behind ordinary words."""

from __future__ import annotations

import pytest
from simulated_visit import described

from allervers.apps.simulation import queries
from allervers.rights.interview.live_law import LiveLaw

pytestmark = [pytest.mark.law, pytest.mark.django_db, pytest.mark.usefixtures("in_november", "ready_law")]


@pytest.fixture
def ready_law(live_law: LiveLaw, monkeypatch) -> LiveLaw:
    monkeypatch.setattr(queries, "live_law", lambda month: live_law)
    return live_law


def test_a_child_born_this_month_is_told_of_the_next_one(client):
    described(client, **{"f0.c1.born": "05/11/2026"})
    for page in ("droits/", "bilan/"):
        html = client.get(f"/simulateur/{page}").content.decode()
        assert html.count("Peut s&#x27;ouvrir le mois prochain") + html.count("Peut s'ouvrir le mois prochain") >= 1, (
            page
        )
    described(client)
    assert "ouvrir le mois prochain" not in client.get("/simulateur/droits/").content.decode()


def test_who_has_no_home_is_told_of_an_address_first(client):
    described(client, home="homeless")
    for page in ("droits/", "bilan/", "bilan/?facile=1"):
        html = client.get(f"/simulateur/{page}").content.decode()
        assert "Première étape : une adresse." in html, page
        assert "115" in html
    described(client)
    assert "Première étape" not in client.get("/simulateur/droits/").content.decode()


def test_words_of_many_lead_to_no_sorrow(client):
    for words in ("je suis une femme seule avec deux enfants", "mon mari est au chômage"):
        html = client.get("/simulateur/chercher/", {"q": words}).content.decode().replace("&#x27;", "'")
        assert "Le décès du conjoint" not in html, words


@pytest.mark.parametrize(
    ("words", "event"),
    [("j'ai perdu mon travail, j'ai droit à quoi ?", "La perte d'un emploi"),
     ("je viens d'avoir un bébé", "Une naissance"), ("je divorce", "Une séparation")],
)  # fmt: skip
def test_ordinary_words_lead_to_a_life_event(client, words, event):
    html = client.get("/simulateur/chercher/", {"q": words}).content.decode().replace("&#x27;", "'")
    assert event in html
