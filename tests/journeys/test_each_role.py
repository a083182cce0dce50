"""A short day of those who neither hold nor share out a list: administrators, data protection officer, visitor."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect
from small_store import FAMILY, HOUSEHOLD, make_store
from small_world import NOW, World, line

from allervers.apps.accounts.models import Invitation


@pytest.fixture
def home(world: World, tmp_path, monkeypatch) -> World:
    monkeypatch.setattr(settings.ALLERVERS, "store", make_store(tmp_path / "store"))
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    line(world, household=HOUSEHOLD, unit=FAMILY)
    return world


def test_an_administrator_invites_an_agent_and_reads_who_may_see_what(home, window):
    with window(home.admin) as seen:
        page = seen.go("/compte/comptes/")
        page.get_by_role("link", name="Inviter quelqu'un").click()
        page.get_by_label("Adresse électronique").fill("nouvelle@test.invalid")
        page.get_by_label("Prénom et nom").fill("Nouvelle Agente")
        page.get_by_label("Rôle").select_option("agent")
        seen.check("invitation")
        page.get_by_role("button", name="Envoyer l'invitation").click()
        expect(page.get_by_text("Nouvelle Agente").first).to_be_visible()
        assert Invitation.objects.get().email == "nouvelle@test.invalid"
        seen.check("accounts")
        seen.go("/partenariat/qui-voit-quoi/")
        seen.check("matrix")
        # What an administrator may never open.
        assert page.goto(f"{seen.address}/listes/menages/{HOUSEHOLD}/").status == 403


def test_an_officer_tells_the_person_who_looked(home, window):
    with window(home.agent) as seen:
        seen.go(f"/listes/menages/{HOUSEHOLD}/")
    with window(home.officer) as seen:
        page = seen.go("/registre/")
        seen.check("register")
        page.get_by_role("link", name="Qui a consulté un ménage").click()
        page.get_by_label("Identifiant du ménage").fill(HOUSEHOLD)
        page.get_by_role("button", name="Chercher").click()
        expect(page.get_by_role("row").filter(has_text="ccas-saint-denis").first).to_be_visible()
        assert "Zelie" not in page.content()
        seen.check("sheet for the person")


def test_the_platform_sees_accounts_and_no_person(home, window):
    with window(home.platform) as seen:
        page = seen.go("/compte/comptes/")
        expect(page.get_by_text("administration@test.invalid").first).to_be_visible()
        seen.check("accounts")
        for address in ("/listes/", f"/listes/menages/{HOUSEHOLD}/", "/plans/", "/registre/menage/"):
            assert page.goto(seen.address + address).status == 403
            assert "Zelie" not in page.content()


@pytest.mark.parametrize("looks", [{"phone": True}, {"theme": "dark", "script": False}], ids=["phone", "no script"])
def test_a_visitor_finds_a_right_in_their_own_words(looks, world, window):
    with window(None, **looks) as seen:
        page = seen.go("/droits/")
        page.get_by_label("Que cherchez-vous ?").fill("alocation lojement")
        page.get_by_role("button", name="Chercher").click()
        page.get_by_role("link", name="Aides au logement").first.click()
        assert page.get_by_role("heading", level=1).inner_text().startswith("Aides au logement")
        if looks.get("script", True):
            seen.check("sheet")
