"""What a refused person reads: in French, with the way back; and nothing personal is kept by the browser."""

from __future__ import annotations

import pytest
from django.test import Client
from small_world import line

from allervers.apps.findings.models import Step

pytestmark = pytest.mark.usefixtures("in_november")


def test_a_form_without_its_token_is_refused_in_french(db):
    answer = Client(enforce_csrf_checks=True).post("/theme/", {"theme": "dark"})
    assert answer.status_code == 403
    assert "restée ouverte trop longtemps" in answer.content.decode()


def test_pages_of_someone_signed_in_are_not_stored_and_public_ones_may_be(world, signed_in):
    assert signed_in(world.agent).get("/listes/")["Cache-Control"] == "no-store"
    assert "no-store" not in Client().get("/accessibilite/").get("Cache-Control", "")


def test_a_second_click_changes_nothing_and_a_colleague_is_told_with_the_way_back(world, signed_in):
    found = line(world)
    taken = {"progress": "in_charge", "version": 0}
    client, path = signed_in(world.agent), f"/listes/lignes/{found.pk}/"
    for _ in range(2):
        assert client.post(path, taken).status_code == 302
    assert Step.objects.count() == 1
    page = f"http://testserver/listes/menages/{found.household}/"
    refused = signed_in(world.manager).post(path, taken, headers={"Referer": page})
    assert refused.status_code == 409
    assert f'href="{page}"' in refused.content.decode()


@pytest.mark.parametrize("elsewhere", ["https://ailleurs.invalid/x", "javascript:alert(1)", "//ailleurs.invalid", ""])
def test_the_way_back_never_leads_elsewhere(world, signed_in, elsewhere):
    found = line(world)
    signed_in(world.agent).post(f"/listes/lignes/{found.pk}/", {"progress": "in_charge", "version": 0})
    refused = signed_in(world.manager).post(
        f"/listes/lignes/{found.pk}/", {"progress": "in_charge", "version": 0}, headers={"Referer": elsewhere}
    )
    assert refused.status_code == 409
    assert "Revoir la page" not in refused.content.decode()


def test_a_convention_is_not_ended_without_being_sure(world, signed_in):
    path = f"/partenariat/conventions/{world.convention.pk}/fin/"
    assert signed_in(world.admin).post(path, {"ends_on": "2026-11-24"}).status_code == 400
    before = world.convention.ends_on
    world.convention.refresh_from_db()
    assert world.convention.ends_on == before


def test_a_button_opened_as_a_page_is_answered_by_a_page(world, signed_in):
    answer = signed_in(world.agent).get("/listes/confier/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    page = answer.content.decode()
    assert "utilisez son bouton" in page
    assert 'href="/"' in page


def test_a_program_that_asks_the_wrong_way_is_answered_in_json(db):
    answer = Client().delete("/api/v1/rights")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "GET" in answer["Allow"]


@pytest.mark.parametrize("path", ["/listes/", "/droits/chercher/", "/"])
def test_an_address_too_long_is_answered_by_a_page(db, path):
    answer = Client().get(path, {"q": "x" * 33_000})
    assert answer.status_code == 414
    page = answer.content.decode()
    assert "Adresse trop longue" in page
    assert "x" * 4_000 not in page
    assert Client().get("/", {"q": "x" * 30_000}).status_code == 200


def test_an_address_too_long_of_a_program_is_answered_in_json(db):
    answer = Client().get("/api/v1/rights", {"q": "x" * 33_000})
    assert (answer.status_code, answer.json()["code"]) == (414, "address_too_long")


def test_the_root_of_the_api_leads_to_its_description(db):
    client = Client()
    links = client.get("/api/v1/").json()
    assert client.get(links["openapi"]).json()["info"]["title"] == links["title"]
    assert client.get(links["documentation"]).status_code == 200
    assert client.post("/api/v1/").json()["code"] == "method_not_allowed"
