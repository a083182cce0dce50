"""An agent and their manager: from the list to the right taken in charge and settled, with and without scripts."""

from __future__ import annotations

import pytest
from django.conf import settings
from playwright.sync_api import expect
from small_store import FAMILY, HOUSEHOLD, make_store
from small_world import World, line

from allervers.apps.findings.models import FollowUp


@pytest.fixture
def home(world: World, tmp_path, monkeypatch):
    monkeypatch.setattr(settings.ALLERVERS, "store", make_store(tmp_path / "store"))
    found = line(
        world, household=HOUSEHOLD, unit=FAMILY, amount_eur_month=607.75, since_month="2026-09", eur_lost=1215.5,
        deadline_on="2026-11-30", deadline_reason="Chaque mois sans demande est perdu",
    )  # fmt: skip
    line(world, 2, right="aspa", amount_eur_month=120.0)
    line(world, 3, kind="event", right="", event="separation", amount_eur_month=None)
    return found


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_an_agent_takes_a_right_in_charge_and_settles_it(world, home, window, script, phone):
    with window(world.agent, script=script, phone=phone) as seen:
        page = seen.go("/listes/")
        page.get_by_text("Filtrer").click()
        page.get_by_label("Droit", exact=True).select_option("rsa")
        if not script:
            page.get_by_role("button", name="Appliquer").click()
        page.wait_for_url("**droit=rsa**")
        page.get_by_role("link", name=HOUSEHOLD[:8]).click()
        page.get_by_text("Pourquoi ?").first.click()
        expect(page.get_by_text("Zelie Marqueur")).to_be_visible()
        page.get_by_role("button", name="Prendre en charge").first.click()
        expect(page.get_by_text("C'est enregistré.")).to_be_visible()
        page.get_by_role("button", name="Terminer").click()
        assert FollowUp.objects.get().progress == "settled"
        if script:
            seen.check()


def test_a_manager_shares_out_the_work(world, home, window):
    with window(world.manager) as seen:
        page = seen.go("/listes/")
        page.get_by_label("Tout cocher").check()
        page.get_by_label("Confier les lignes cochées à").select_option(label="Agent")
        page.get_by_role("button", name="Confier").click()
        expect(page.get_by_text("3 lignes confiées.")).to_be_visible()
        page.get_by_role("link", name="Équipe").click()
        row = page.get_by_role("row", name="Agent")
        expect(row.get_by_role("cell").nth(0)).to_have_text("3")
        seen.check()


def test_everything_by_the_keyboard_alone(world, home, window):
    with window(world.agent) as seen:
        page = seen.go("/listes/")
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text("Aller au contenu")
        page.keyboard.press("Enter")
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.locator(":focus").inner_text() == HOUSEHOLD[:8]:
                break
        page.keyboard.press("Enter")
        page.wait_for_url("**/menages/**")
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.locator(":focus").inner_text() == "Prendre en charge":
                break
        page.keyboard.press("Enter")
        page.get_by_text("C'est enregistré.").wait_for()


def test_a_correction_and_an_opposition(world, home, window):
    with window(world.agent) as seen:
        page = seen.go(f"/listes/menages/{HOUSEHOLD}/")
        page.get_by_text("Une donnée est fausse").first.click()
        page.get_by_label("Laquelle, et de qui vient-elle ?").first.select_option(index=1)
        page.get_by_role("button", name="Demander la correction").first.click()
        expect(page.get_by_text("La demande de correction est enregistrée")).to_be_visible()
        page.get_by_role("link", name="Une personne s'oppose").click()
        seen.check()
        page.get_by_label("Zelie Marqueur").check()
        page.get_by_label("La personne a été informée").check()
        page.get_by_role("button", name="Enregistrer l'opposition").click()
        expect(page.get_by_text("le foyer ne paraît plus dans aucune liste")).to_be_visible()
        expect(page.get_by_role("link", name=HOUSEHOLD[:8])).not_to_be_visible()


def test_the_map_moves_and_its_table_says_the_same(world, home, window):
    with window(world.analyst) as seen:
        page = seen.go("/listes/volumes/?droit=rsa")
        page.get_by_role("button", name="Zoom in").click()
        seen.check()
        row = page.get_by_role("row", name="Saint-Denis 12")
        expect(row).to_be_visible()
    with window(world.analyst, script=False) as seen:
        page = seen.go("/listes/volumes/?droit=rsa")
        expect(page.get_by_role("img", name="Ménages qui ne reçoivent pas ce droit")).to_be_visible()
