"""Pictures of the guides, taken in a real browser on the demonstration: python scripts/screenshots.py [ADDRESS].

`bin/demo` must be running. Everything on them is invented, and says so.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).parents[1] / "docs" / "images"
PHRASE = "demonstration-93"
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}

PICTURES = {
    "liste": ("agent", "/listes/", DESKTOP, "light"),
    "a-completer": ("agent", "/listes/a-completer/", DESKTOP, "light"),
    "menage": ("agent", "household", DESKTOP, "light"),
    "menage-telephone": ("agent", "household", PHONE, "light"),
    "volumes": ("analyste", "/listes/volumes/", DESKTOP, "light"),
    "volumes-nuit": ("analyste", "/listes/volumes/", DESKTOP, "dark"),
    "qui-voit-quoi": ("administration", "/partenariat/qui-voit-quoi/", DESKTOP, "light"),
    "convention": ("administration", "convention", DESKTOP, "light"),
    "registre": ("dpo", "/registre/", DESKTOP, "light"),
    "catalogue": ("", "/droits/", DESKTOP, "light"),
    "fiche-telephone": ("", "/droits/rsa/", PHONE, "light"),
    "simulateur-question": ("", "question", PHONE, "light"),
    "simulateur-droits": ("", "rights", PHONE, "light"),
    "rendez-vous": ("agent", "meeting", DESKTOP, "light"),
    "plan": ("agent", "plan", DESKTOP, "light"),
}
"""File -> the account, the address (or what to open from the list of them), the screen, the theme."""


def take(browser: Browser, address: str, name: str) -> None:
    """One picture."""
    who, path, screen, theme = PICTURES[name]
    context = browser.new_context(viewport=screen, color_scheme=theme, locale="fr-FR")  # type: ignore[arg-type]
    page = context.new_page()
    if who:
        _sign_in(page, address, who)
    if path in _OPENED:
        _OPENED[path](page, address)
    else:
        page.goto(address + path)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / f"{name}.png")
    context.close()


def _household(page: Page, address: str) -> None:
    page.goto(f"{address}/listes/?droit=rsa")
    page.locator("tbody th a").first.click()


def _convention(page: Page, address: str) -> None:
    page.goto(f"{address}/partenariat/conventions/")
    page.locator("main a[href*='/conventions/']").last.click()


def _question(page: Page, address: str) -> None:
    """The first question asked of a lone mother."""
    page.goto(f"{address}/simulateur/foyer/")
    page.locator('[name="f0.adult.born"]').fill("01/03/1988")
    page.get_by_label("Non, sans conjoint").check()
    page.locator('[name="f0.c0.born"]').fill("05/05/2014")
    page.get_by_label("Dans un logement").check()
    page.get_by_label("Commune").select_option("93066")
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/question/**")


def _rights(page: Page, address: str) -> None:
    _question(page, address)
    page.goto(f"{address}/simulateur/droits/")


def _meeting(page: Page, address: str) -> None:
    """The first question of a rendez-vous des droits, which is left open."""
    _household(page, address)
    page.get_by_role("button", name="Commencer un rendez-vous des droits").click()
    page.get_by_role("button", name="Continuer").last.click()
    page.locator("#question").wait_for()


def _plan(page: Page, address: str) -> None:
    page.goto(f"{address}/plans/")
    page.locator("tbody th a").first.click()


_OPENED: dict[str, Callable[[Page, str], None]] = {
    "household": _household, "convention": _convention, "question": _question, "rights": _rights, "meeting": _meeting,
    "plan": _plan,
}  # fmt: skip
"""How a page without an address of its own is opened."""


def _sign_in(page: Page, address: str, who: str) -> None:
    page.goto(f"{address}/compte/connexion/")
    page.fill("input[name=login]", f"{who}@demo.allervers.fr")
    page.fill("input[name=password]", PHRASE)
    page.locator("main form button[type=submit], main form button").first.click()
    page.wait_for_load_state("networkidle")


def main() -> int:
    """Take them all, or those named after the address."""
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name in sys.argv[2:] or PICTURES:
            take(browser, address, name)
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
