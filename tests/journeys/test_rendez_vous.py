"""A rendez-vous des droits as an agent leads it: by keyboard alone, through a cut of the network, on a phone."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from interview_store import make_interview_store
from playwright.sync_api import Page, expect
from small_store import FAMILY, HOUSEHOLD
from small_world import NOW, line

from allervers.apps.casework.actions.interviews import interview_of
from allervers.apps.casework.models import Meeting, PlannedRight
from allervers.apps.simulation import queries

pytestmark = [pytest.mark.law, pytest.mark.usefixtures("ready_law")]

TIMES = """performance.getEntriesByType('resource').filter(one => one.name.includes('/question/'))
    .map(one => Math.round(one.duration))"""
SHOTS = os.environ.get("ALLERVERS_SHOTS", "")
"""A folder where what is seen is kept, to be looked at."""


@pytest.fixture
def ready_law(live_law, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr(queries, "live_law", lambda month: live_law)


@pytest.fixture
def home(world, tmp_path, monkeypatch):
    monkeypatch.setattr(settings.ALLERVERS, "store", make_interview_store(tmp_path / "store"))
    return line(world, household=HOUSEHOLD, unit=FAMILY)


def shot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def begin(seen) -> Page:
    """From the household's page to the first question."""
    page = seen.go(f"/listes/menages/{HOUSEHOLD}/")
    page.get_by_role("button", name="Commencer un rendez-vous des droits").click()
    page.wait_for_url("**/foyer/")
    page.get_by_role("button", name="Continuer").last.click()
    page.wait_for_url("**/plans/rendez-vous/*/*")
    page.locator("#question").wait_for()
    return page


def title(page: Page) -> str:
    return page.locator("#question").inner_text()


def answer(page: Page) -> None:
    """Answer the question that is shown, by the keyboard alone: Tab to the first field, then Enter."""
    page.locator("#question").focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        kind = page.evaluate("document.activeElement.type")
        if kind in ("radio", "checkbox", "text", "select-one"):
            break
    if kind == "text":
        page.keyboard.type("0")
    elif kind == "select-one":
        page.keyboard.press("ArrowDown")
        while page.evaluate("document.activeElement.tagName") != "BUTTON":
            page.keyboard.press("Tab")
    else:
        page.keyboard.press("Space")
        # A page may ask two things: Tab goes to the next group.
        while kind == "radio" and page.evaluate("document.activeElement.type") == "radio":
            page.keyboard.press("Space")
            page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def answered(page: Page) -> str:
    before = title(page)
    answer(page)
    expect(page.locator("#question")).not_to_have_text(before, timeout=15_000)
    expect(page.locator("#question")).to_be_focused()
    return before


def kept(world) -> dict[str, object]:
    return dict(interview_of(world.agent, Meeting.objects.get(), NOW).answers.given)


@pytest.mark.parametrize("looks", [{"phone": True}, {"theme": "dark"}], ids=["phone", "desk"])
def test_by_keyboard_alone_to_the_plan(looks, world, home, window):
    with window(world.agent, **looks) as seen:
        page = begin(seen)
        seen.check("first question")
        shot(page, f"first-{len(looks)}-{'phone' if 'phone' in looks else 'desk'}")
        answered(page)
        answered(page)
        expect(page.locator("#etat")).to_have_text(re.compile("enregistré à"))
        seen.check("after two answers")
        print("an answer, in the browser (ms):", page.evaluate(TIMES))
        page.locator(".av-live details").first.locator("summary").focus()
        page.keyboard.press("Enter")
        # The first reasons of a process read the names of the law: seconds, once.
        expect(page.locator(".av-live details .av-lines, .av-live details div").first).to_be_visible(timeout=30_000)
        seen.check("reasons")
        shot(page, f"second-{'phone' if 'phone' in looks else 'desk'}")
        page.get_by_role("link", name="Terminer").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/bilan/")
        seen.check("end")
        shot(page, f"end-{'phone' if 'phone' in looks else 'desk'}")
        page.get_by_role("button", name="Mettre dans le plan").focus()
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Plan d'accompagnement").wait_for()
        assert page.evaluate("sessionStorage.length") == 0
        assert Meeting.objects.get().closed_at is not None
        assert PlannedRight.objects.filter(status="proposed").exists()


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desk"])
def test_a_cut_of_the_network_loses_nothing(phone, world, home, window):
    with window(world.agent, phone=phone) as seen:
        seen.page.clock.install()
        page = begin(seen)
        with page.expect_response("**/suite/"):
            answered(page)
        page.wait_for_timeout(900)
        before = set(kept(world))
        page.context.set_offline(True)
        asked = [answered(page) for _ in range(3)]
        assert len(set(asked)) == 3
        expect(page.locator("#etat")).to_have_text("hors ligne : 3 réponses gardées sur ce poste")
        assert page.evaluate("sessionStorage.length") == 1
        page.clock.fast_forward("05:00")
        expect(page.locator("#etat")).to_have_text("hors ligne : 3 réponses gardées sur ce poste")
        assert set(kept(world)) == before
        shot(page, "offline")
        assert seen.faults() == []
        page.context.set_offline(False)
        expect(page.locator("#etat")).to_have_text(re.compile("enregistré à"), timeout=15_000)
        assert page.evaluate("sessionStorage.length") == 0
        assert len(set(kept(world)) - before) >= 3
        seen.problems.clear()  # the browser itself tells of each request that could not leave
        seen.check("back")


def test_a_page_loaded_again_sends_what_it_kept(world, home, window):
    with window(world.agent) as seen:
        page = begin(seen)
        with page.expect_response("**/suite/"):
            answered(page)
        before = set(kept(world))
        page.route("**/question/**", lambda route: route.abort())
        answered(page)
        assert page.evaluate("sessionStorage.length") == 1
        page.unroute("**/question/**")
        page.on("dialog", lambda dialog: dialog.accept())
        page.reload()
        expect(page.locator("#etat")).to_have_text(re.compile("enregistré à"), timeout=15_000)
        assert page.evaluate("sessionStorage.length") == 0
        assert set(kept(world)) > before


def test_a_meeting_closed_elsewhere_leaves_nothing_here(world, home, window):
    with window(world.agent) as seen:
        page = begin(seen)
        page.wait_for_timeout(900)  # the questions kept ahead have come: nothing is under way when it ends
        Meeting.objects.update(closed_at=NOW)
        answer(page)
        expect(page.locator("#etat")).to_have_text(re.compile("Ce rendez-vous est clos"))
        assert page.evaluate("sessionStorage.length") == 0


def test_another_page_is_never_overwritten(world, home, window):
    with window(world.agent) as seen:
        page = begin(seen)
        Meeting.objects.update(version=9, draft="autre")
        answer(page)
        expect(page.locator("#etat")).to_have_text(re.compile("Cette réponse n'est pas enregistrée"))
        assert Meeting.objects.get().version == 9
        seen.problems.clear()  # the browser tells of the refusal
        seen.check("refused")
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Effacer les réponses gardées").click()
        expect(page.locator("#etat")).to_have_text("enregistré")
        assert page.evaluate("sessionStorage.length") == 0


def test_an_answer_that_the_server_cannot_take_holds_back_no_other(world, home, window):
    with window(world.agent) as seen:
        page = begin(seen)
        with page.expect_response("**/suite/"):
            answered(page)
        page.wait_for_timeout(900)
        before = set(kept(world))
        refused = page.locator(".av-question").get_attribute("action")
        page.route(f"**{refused}", lambda route: route.fulfill(status=500, body="?"))
        page.context.set_offline(True)
        for _ in range(3):
            answered(page)
        page.context.set_offline(False)
        expect(page.locator("#etat")).to_have_text(
            "Une réponse n'a pas pu être enregistrée : elle est gardée sur ce poste.", timeout=15_000
        )
        for _ in range(100):
            if page.evaluate("JSON.parse(sessionStorage.getItem(sessionStorage.key(0))).queue.length") == 0:
                break
            page.wait_for_timeout(100)
        taken = set(kept(world)) - before
        assert len(taken) >= 2
        page.unroute(f"**{refused}")
        seen.problems.clear()  # the browser tells of the refusal
        seen.check("set aside")
        page.get_by_role("button", name="Réessayer").click()
        expect(page.locator("#etat")).to_have_text(re.compile("enregistré à"), timeout=15_000)
        assert page.evaluate("sessionStorage.length") == 0
        assert set(kept(world)) - before > taken


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desk"])
def test_two_families_in_turn_to_a_plan_that_says_for_whom(phone, world, home, window):
    with window(world.agent, phone=phone) as seen:
        page = seen.go(f"/listes/menages/{HOUSEHOLD}/")
        page.get_by_role("button", name="Commencer un rendez-vous des droits").click()
        page.wait_for_url("**/foyer/")
        page.get_by_role("button", name="autre").last.click()
        expect(page.locator("[id='f1.adult.born']")).to_be_focused()  # what was added has the focus
        page.locator("[id='f1.adult.name']").fill("Bo")
        page.locator("[id='f1.adult.born']").fill("01/01/1985")
        page.locator("input[name='f1.bond'][value='none']").check()
        seen.check("two families")
        page.get_by_role("button", name="Continuer").last.click()
        page.locator("#question").wait_for()
        answered(page)
        other = page.get_by_role("button", name=re.compile("Passer à"))
        page.context.set_offline(True)
        other.click()
        expect(page.locator("#etat")).to_have_text(re.compile("une autre famille répondra après"))
        expect(page.locator("#etat")).to_be_in_viewport()
        page.get_by_role("link", name="Terminer").click()
        expect(page.locator("#etat")).to_have_text(re.compile("le rendez-vous se terminera après"))
        page.context.set_offline(False)
        other.click()
        page.get_by_text("Les droits affichés sont ceux de").wait_for()
        seen.problems.clear()
        seen.check("the other family")
        shot(page, f"other-family-{'phone' if phone else 'desk'}")
        answered(page)
        page.get_by_role("link", name="Terminer").click()
        page.wait_for_url("**/bilan/")
        seen.check("end for two families")
        shot(page, f"end-families-{'phone' if phone else 'desk'}")
        page.locator("fieldset", has_text="pour Bo").first.get_by_label("La personne accepte").check()
        page.get_by_role("button", name="Mettre dans le plan").click()
        page.get_by_role("heading", name="Plan d'accompagnement").wait_for()
        expect(page.get_by_text("pour Bo").first).to_be_visible()
        seen.check("plan of two families")
        shot(page, f"plan-families-{'phone' if phone else 'desk'}")


def test_without_script(world, home, window):
    with window(world.agent, script=False) as seen:
        page = begin(seen)
        before = title(page)
        answer(page)
        page.wait_for_url("**/plans/rendez-vous/*/#question")
        assert title(page) != before
        expect(page.get_by_role("heading", name="Les droits, en direct")).to_be_visible()
