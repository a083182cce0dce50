"""From a household to a right paid: the meeting, the plan, the summary, the follow-ups; with and without scripts."""

from __future__ import annotations

import pytest
from django.conf import settings
from playwright.sync_api import expect
from small_plan import make_plan
from small_store import FAMILY, HOUSEHOLD, make_store
from small_world import World, line

from allervers.apps.casework.models import Plan, PlannedRight


@pytest.fixture
def home(world: World, tmp_path, monkeypatch):
    monkeypatch.setattr(settings.ALLERVERS, "store", make_store(tmp_path / "store"))
    line(world, household=HOUSEHOLD, unit=FAMILY, amount_eur_month=607.75, since_month="2026-09", eur_lost=1215.5)
    line(world, 3, household=HOUSEHOLD, kind="event", right="", event="separation", amount_eur_month=None)
    return world


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_meeting_makes_a_plan_that_is_followed(home, window, script, phone):
    with window(home.agent, script=script, phone=phone) as seen:
        page = seen.go(f"/listes/menages/{HOUSEHOLD}/")
        page.get_by_role("button", name="Commencer un rendez-vous des droits").click()
        page.wait_for_url("**/plans/rendez-vous/**")
        page.goto(f"{seen.address}/plans/{Plan.objects.get().pk}/")
        page.get_by_role("heading", name="Plan d'accompagnement").wait_for()
        page.get_by_role("button", name="Proposer", exact=True).first.click()
        page.get_by_role("button", name="La personne accepte").click()
        page.get_by_text("Droits liés").first.click()
        page.get_by_role("button", name="Proposer ces droits").first.click()
        page.get_by_label("Étapes d'un événement de vie").select_option("separation")
        page.get_by_role("button", name="Ajouter ces étapes").click()
        page.get_by_role("button", name="C'est fait").first.click()
        page.get_by_role("button", name="La demande est faite").click()
        page.get_by_role("button", name="Reçue").first.click()
        page.get_by_text("Écrire une note").click()
        page.get_by_label("Votre note").fill("Se sent seule dans les démarches")
        page.get_by_label("Partagée avec la personne").check()
        page.get_by_role("button", name="Enregistrer la note").click()
        page.get_by_role("button", name="Le rendez-vous est fini").click()
        page.get_by_text("Le rendez-vous est tenu").wait_for()
        if script:
            seen.check("plan")
        page.get_by_role("link", name="Résumé pour la personne").click()
        for told in ("Zelie Marqueur", "Ce que vous avez demandé", "Se sent seule dans les démarches"):
            expect(page.get_by_text(told).first).to_be_visible()
        if script:
            seen.check("summary")
        page.get_by_role("link", name="Mes suivis").first.click()
        expect(page.get_by_role("link", name=HOUSEHOLD[:8]).first).to_be_visible()
        if script:
            seen.check("follow-ups")
    plan = Plan.objects.get()
    assert (plan.agent, plan.meetings.get().held_at is not None, plan.ticks.count()) == (home.agent, True, 1)
    assert PlannedRight.objects.get(right="rsa").status == "requested"


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_full_plan_is_accessible_opened_up(home, window, phone, theme):
    small = make_plan(home, 7, household="menage-7")
    with window(home.agent, phone=phone, theme=theme) as seen:
        page = seen.go(f"/plans/{small.plan.pk}/")
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        seen.check("plan, everything open")
        seen.go("/plans/")
        seen.check("follow-ups")


def test_a_slip_is_undone_and_a_colleague_is_not_overwritten(home, window):
    small = make_plan(home, 7, household="menage-7")
    with window(home.agent) as seen:
        page = seen.go(f"/plans/{small.plan.pk}/")
        right = page.locator(f"#droit-{small.right.pk}")
        right.get_by_role("button", name="Refusé").click()
        right.get_by_role("button", name="Annuler la dernière étape").click()
        expect(page.get_by_text("La dernière étape est annulée.")).to_be_visible()
        PlannedRight.objects.filter(pk=small.right.pk).update(version=9)
        right.get_by_role("button", name="Accordé").click()
        expect(page.get_by_text("Un collègue a modifié ce plan entre-temps")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_an_unlikely_sum_is_told_in_its_page_and_confirmed(home, window, phone):
    small = make_plan(home, 7, household="menage-7")
    with window(home.agent, phone=phone) as seen:
        page = seen.go(f"/plans/{small.plan.pk}/")
        right = page.locator(f"#droit-{small.right.pk}")
        right.get_by_role("button", name="Accordé").click()
        right.get_by_label("Euros par mois, si connu").fill("19999")
        right.get_by_role("button", name="Versé ou ouvert").click()
        expect(page.get_by_role("alert")).to_be_focused()
        expect(right.get_by_label("Euros par mois, si connu")).to_have_value("19999")
        seen.problems.clear()  # the browser tells of the refusal
        seen.check("an unlikely sum")
        right.get_by_label("C'est bien ce montant").check()
        right.get_by_role("button", name="Versé ou ouvert").click()
        expect(right.get_by_text("19 999")).to_be_visible()


def test_the_grid_in_less_than_a_minute_by_the_keyboard(home, window):
    with window(home.agent, phone=True) as seen:
        page = seen.go("/plans/accueil/?origin=domiciliation")
        seen.check("grid")
        page.get_by_label("Oui").first.focus()
        page.keyboard.press("Space")
        page.get_by_role("button", name="Voir ce que cela propose").press("Enter")
        page.get_by_text("Rendez-vous des droits proposé").wait_for()
        seen.check("what it proposes")


def test_figures_of_a_manager(home, window):
    make_plan(home, 7, household="menage-7")
    with window(home.manager) as seen:
        page = seen.go("/plans/chiffres/")
        expect(page.get_by_text("ils ne classent personne")).to_be_visible()
        seen.check("figures")
