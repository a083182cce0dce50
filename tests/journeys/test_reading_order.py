"""What a screen reader says, in its order, on the pages where one answers; and their look where no script runs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from test_rendez_vous import begin, home, ready_law  # noqa: F401 (fixtures)
from test_simulator_for_everyone import describe

pytestmark = [pytest.mark.law, pytest.mark.usefixtures("ready_law")]


def said(page) -> str:
    """The names and roles of the page, from its first to its last element."""
    return page.locator("body").aria_snapshot()


def in_order(text: str, *patterns: str) -> None:
    """Each pattern is found after the one before."""
    place = 0
    for pattern in patterns:
        found = re.compile(pattern).search(text, place)
        assert found, f"{pattern} n'est pas lu après {text[max(0, place - 200) : place]!r}"
        place = found.end()


def test_a_question_of_the_simulator_is_read_before_its_answers(window, transactional_db):
    with window(None, phone=True) as seen:
        page = seen.go("/simulateur/foyer/")
        describe(page)
        in_order(
            said(page), r"link \"Aller au contenu", r"banner", r"main", r"heading .*\[level=1\]",
            r"group|radio|textbox", r"button \"Continuer", r"contentinfo",
        )  # fmt: skip
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()


def test_an_interview_is_read_from_the_question_to_the_rights(world, home, window):  # noqa: F811
    with window(world.agent, phone=True) as seen:
        page = begin(seen)
        in_order(
            said(page), r"link \"Aller au contenu", r"heading \"Rendez-vous des droits\" \[level=1\]",
            r"heading .*\[level=2\]", r"radio|checkbox|textbox|combobox", r"button \"Continuer",
            r"heading \"Les droits, en direct", r"contentinfo",
        )  # fmt: skip


def test_an_interview_whose_script_does_not_come_is_accessible(world, home, window):  # noqa: F811
    with window(world.agent, phone=True) as seen:
        seen.page.route("**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
        begin(seen)
        seen.check("interview without its script")
