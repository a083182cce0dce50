"""The simulator as people use it: on a phone, on a desk, by keyboard alone, without script; each page is accessible."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from allervers.apps.simulation import queries

pytestmark = [pytest.mark.law, pytest.mark.usefixtures("in_november", "ready_law")]

SHOTS = os.environ.get("ALLERVERS_SHOTS", "")
"""A folder where what is seen is kept, to be looked at."""
ANSWERS = {
    "occupation": "Locataire d'un logement vide", "isolement": "Non",
    "activite": "Travaille (salarié, indépendant, apprenti)", "etat_civil": "Célibataire",
}  # fmt: skip
AMOUNTS = {"loyer": "600", "salaire": "600", "annees": "7000", "epargne": "0"}


@pytest.fixture
def in_november(monkeypatch):
    from django.utils import timezone
    from small_world import NOW

    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def ready_law(live_law, monkeypatch):
    monkeypatch.setattr(queries, "live_law", lambda month: live_law)


def shot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def describe(page: Page) -> None:
    page.get_by_label("Votre date de naissance").fill("01/03/1988")
    page.get_by_label("Prénom ou surnom").first.fill("Nadia")
    page.get_by_label("Non, sans conjoint").check()
    page.locator('[name="f0.c0.born"]').fill("05/05/2014")
    page.locator('[name="f0.c0.name"]').fill("Lina")
    page.get_by_label("Dans un logement").check()
    page.get_by_label("Commune").select_option("93066")
    page.get_by_role("button", name="Continuer").click()


def answer(page: Page) -> None:
    """Answer the page that is shown."""
    subject = page.url.split("/question/")[1].split("/")[0]
    if subject == "sources":
        page.get_by_label("Un salaire").check()
    elif subject in AMOUNTS:
        for box in page.locator("form.av-question input.form-control").all():
            box.fill(AMOUNTS[subject])
    elif subject == "coloc":
        for group in page.locator("form.av-question fieldset").all():
            group.get_by_label("Non", exact=True).check()
    elif page.get_by_label("Personne", exact=True).count():
        page.get_by_label("Personne", exact=True).check()
    elif subject in ANSWERS:
        page.get_by_label(ANSWERS[subject], exact=True).check()
    else:
        for group in page.locator("form.av-question fieldset").all():
            group.get_by_role("radio").first.check()
    page.get_by_role("button", name="Continuer").click()


@pytest.mark.parametrize(
    "looks", [{"phone": True}, {"theme": "dark"}, {"phone": True, "script": False}], ids=["phone", "desk", "no script"]
)
def test_from_the_door_to_a_printed_report(looks, window, transactional_db):
    with window(None, **looks) as seen:
        name = "-".join(f"{key}{value}" for key, value in looks.items())
        checks = looks.get("script", True)
        page = seen.go("/")
        page.get_by_role("link", name="À quoi ai-je droit ?").click()
        shot(page, f"{name}-00-start")
        page.get_by_role("link", name="Commencer").click()
        if checks:
            seen.check("household")
        shot(page, f"{name}-01-household")
        describe(page)
        for number in range(40):
            if "/question/" not in page.url:
                break
            if checks:
                seen.check()
            shot(page, f"{name}-{number + 2:02d}-{page.url.split('/question/')[1].replace('/', '-')}")
            answer(page)
        assert page.get_by_role("heading", name="Mes droits", level=1).count()
        for rank, address in enumerate(("droits/", "droits/rsa/", "droits/aspa/", "et-si/", "et-si/?si=enfant",
                                        "et-si/?si=logement&loyer=300", "bilan/", "bilan/?gros=1", "bilan/?facile=1",
                                        "reponses/", "garder/", "reprendre/", "chercher/?q=loyer")):  # fmt: skip
            seen.go(f"/simulateur/{address}")
            if checks:
                seen.check(address)
            shot(page, f"{name}-9{rank:02d}-{address.strip('/').replace('/', '-').replace('?', '-')}")
        seen.go("/simulateur/droits/")
        page.get_by_role("link", name="Tout effacer").first.click()
        page.get_by_role("button", name="Oui, tout effacer").click()
        assert page.get_by_role("heading", name="Tout est effacé").count()
        assert not [c for c in page.context.cookies() if c["name"].startswith("simulation")]


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desk"])
def test_back_comes_to_the_household_where_a_child_was_added(phone, window, transactional_db):
    with window(None, phone=phone) as seen:
        page = seen.go("/simulateur/foyer/")
        page.get_by_label("Prénom ou surnom").first.fill("Nadia")
        page.get_by_role("button", name="Ajouter un enfant").click()
        expect(page.locator('[name="f0.c1.born"]')).to_be_focused()
        assert page.url.endswith("/simulateur/foyer/")
        expect(page.get_by_label("Prénom ou surnom").first).to_have_value("Nadia")
        page.locator('[name="f0.c1.born"]').fill("05/11/2026")
        describe(page)
        page.wait_for_url("**/question/**")
        seen.back()
        expect(page.get_by_label("Votre date de naissance")).to_have_value("01/03/1988")
        expect(page.locator('[name="f0.c1.born"]')).to_have_value("05/11/2026")
        page.get_by_label("Sans domicile stable").check()
        page.get_by_role("button", name="Continuer").last.click()
        page.wait_for_url("**/question/**")
        for address in ("droits/", "bilan/", "bilan/?facile=1"):
            seen.go(f"/simulateur/{address}")
            expect(page.get_by_text("Première étape : une adresse.")).to_be_visible()
            seen.check(address)


def answer_in_any_language(page: Page) -> None:
    """Answer the page that is shown without reading it: the first choice of each group, nobody, or an amount."""
    for group in page.locator("form.av-question fieldset").all():
        if group.locator("input[type=radio]").count():
            group.locator("input[type=radio]").first.check()
    nobody = page.locator("form.av-question input[type=checkbox][value=personne]")
    if nobody.count():
        nobody.check()
    for box in page.locator("form.av-question input.form-control").all():
        box.fill("500")
    page.locator("form.av-question button.btn-primary").click()


def test_two_families_in_english_on_a_phone(window, transactional_db):
    with window(None, phone=True) as seen:
        page = seen.go("/simulateur/")
        page.get_by_role("button", name="In English").click()
        page.get_by_role("link", name="Start").first.click()
        page.get_by_role("button", name="Add another").click()
        page.locator("[name='f0.adult.born']").fill("1 March 1988")
        page.locator("[name='f0.bond'][value=none]").check()
        page.locator("[name='f1.adult.born']").fill("05/05/1960")
        page.locator("[name='f1.adult.name']").fill("Aicha")
        page.locator("[name='f1.bond'][value=none]").check()
        page.locator("[name=home][value=home]").check()
        page.locator("#town").select_option("93066")
        page.locator("main form button.btn-primary").click()
        for _ in range(40):
            if "/question/" not in page.url:
                break
            seen.check()
            answer_in_any_language(page)
        seen.check("results in English")
        shot(page, "english-results")
        page.get_by_role("button", name="Aicha").click()
        for _ in range(40):
            if "/question/" not in page.url:
                break
            answer_in_any_language(page)
        expect(page.get_by_text("Aicha").first).to_be_visible()
        seen.check("results of the other family")
        for right in ("rsa", "aspa", "ppa", "aides_logement", "css_sans_participation"):
            seen.go(f"/simulateur/droits/{right}/")
            seen.check(right)
            shot(page, f"english-{right}")
        seen.go("/simulateur/chercher/?q=I+lost+my+job")
        seen.check("search in English")
        shot(page, "english-search")


def test_the_back_button_shows_what_was_answered(window, transactional_db):
    with window(None) as seen:
        page = seen.go("/simulateur/foyer/")
        describe(page)
        first = page.url
        answer(page)
        assert page.url != first
        seen.back()
        assert page.url == first
        answer(page)
        assert "/question/" in page.url


def test_by_keyboard_alone(window, transactional_db):
    with window(None) as seen:
        page = seen.go("/simulateur/foyer/")
        page.locator('[name="f0.adult.born"]').focus()
        page.keyboard.type("01/03/1960")
        page.keyboard.press("Tab")
        page.keyboard.type("Awa")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.locator('[name="home"]').first.focus()
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        page.wait_for_url("**/question/**")
        for _ in range(3):
            before = page.url
            # The first field of the question, then « je ne sais pas », reached by Tab alone.
            page.locator("form.av-question").evaluate("form => form.querySelector('input:not([type=hidden])').focus()")
            for _tab in range(30):
                page.keyboard.press("Tab")
                if page.evaluate("document.activeElement.name") == "unknown":
                    break
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url, before=before: url != before)


def test_a_page_is_light(window, transactional_db):
    with window(None, phone=True) as seen:
        weights: list[int] = []
        seen.page.on("response", lambda answer: weights.append(len(answer.body()) if answer.ok else 0))
        page = seen.go("/simulateur/foyer/")
        describe(page)
        weights.clear()
        seen.go("/simulateur/suite/")
        assert sum(weights) < 300_000
