"""Every page that opens by its address, as who may open it: accessible in both themes, wide and on a phone."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from small_store import FAMILY, HOUSEHOLD, make_store
from small_world import NOW, World, line
from test_role_matrix import ROWS, WHO, Opens, Public

NOT_PAGES = {
    "health", "openfisca", "export-list", "export-to-complete", "export-volumes", "accounts-export", "audit-export",
    "access-file", "api-index",
    "deposit-rejects", "export-follow-ups", "export-plan-figures", "interview-ahead", "plan-summary-pdf",
    "catalogue-changes-csv", "catalogue-changes-feed", "catalogue-procedures-csv",
}  # fmt: skip
"""Files and programs' addresses."""
RESTRICTED = sorted(n for n, r in ROWS.items() if isinstance(r, Opens) and r.method == "get" and n not in NOT_PAGES)
PUBLIC = sorted(n for n, r in ROWS.items() if isinstance(r, Public) and r.method == "get" and n not in NOT_PAGES)


@pytest.fixture
def home(world: World, tmp_path, monkeypatch) -> World:
    monkeypatch.setattr(settings.ALLERVERS, "store", make_store(tmp_path / "store"))
    line(world, 900, household=HOUSEHOLD, unit=FAMILY, amount_eur_month=607.75, since_month="2026-09", eur_lost=1215.5)
    return world


@pytest.mark.parametrize("name", RESTRICTED)
def test_a_page_of_a_role(name, home, window):
    row = ROWS[name]
    address = reverse(name, args=[HOUSEHOLD] if name in {"household", "oppose"} else row.args(home))
    who = getattr(home, WHO[row.roles[0]])
    for looks in ({"theme": "light"}, {"theme": "dark", "phone": True}):
        with window(who, **looks) as seen:
            seen.go(address)
            seen.check(f"{name} {looks}")


@pytest.mark.parametrize("name", PUBLIC)
def test_a_page_for_everyone(name, window, world):
    row = ROWS[name]
    for looks in ({"theme": "light", "phone": True}, {"theme": "dark"}):
        with window(None, **looks) as seen:
            seen.go(reverse(name, args=row.args))
            # The browser itself notes an answer 404.
            seen.problems = [problem for problem in seen.problems if "404" not in problem]
            seen.check(f"{name} {looks}")


@pytest.mark.parametrize("role", WHO)
def test_the_menu_holds_on_one_line(role, home, window):
    with window(getattr(home, WHO[role])) as seen:
        page = seen.go("/accessibilite/")
        heights = {round(one.bounding_box()["y"]) for one in page.locator(".av-menu > li").all()}
        assert len(heights) == 1
        for group in page.locator(".av-menu summary").all():
            group.click()
            seen.check(f"menu {role}")
            page.keyboard.press("Escape")
            assert page.locator(".av-menu details[open]").count() == 0


def test_the_columns_of_a_list_fit_the_screen(home, window):
    for rank in range(1, 9):
        line(home, rank, eur_lost=1215.5, eur_recoverable=1500.25, since_month="2026-09", deadline_on="2026-12-31")
    with window(home.manager) as seen:
        page = seen.go("/listes/")
        assert page.evaluate("(box => box.scrollWidth <= box.clientWidth)(document.querySelector('.av-scroll'))")
        seen.check("list")


@pytest.mark.parametrize("phone", [False, True])
def test_somebody_of_no_list_is_met_from_the_grid(phone, home, window, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    with window(home.agent, phone=phone) as seen:
        page = seen.go("/plans/accueil/")
        page.locator("#logement-oui").check()
        page.get_by_role("button", name="Voir ce que cela propose").click()
        seen.check("what the grid proposes")
        page.get_by_label("Commune où elle vit").select_option("93066")
        page.get_by_role("button", name="Commencer un rendez-vous des droits").click()
        page.wait_for_url("**/foyer/")
        seen.check("who lives there")
