"""A real browser on the application under test: what a person sees, checked for accessibility and console errors."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

AXE = Path(os.environ.get("ALLERVERS_AXE", Path(__file__).parents[2] / ".venv" / "axe" / "axe.min.js"))
"""The accessibility checker, fetched by scripts/vendor_static.py --tests."""

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
_RULES = """;axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}}).then(found =>
    JSON.stringify(found.violations.map(v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))])))"""


def missing_parts() -> list[str]:
    """What this machine lacks to run a journey."""
    parts = []
    if chromium() is None:
        parts.append("chromium (Debian : apt install chromium)")
    if not AXE.is_file():
        parts.append("axe-core (scripts/vendor_static.py --tests .venv/axe)")
    return parts


def chromium() -> str | None:
    """The browser of the machine."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@dataclass
class Seen:
    """A page and what its console said."""

    page: Page
    address: str
    problems: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Open an address of the application, as a person would."""
        self.page.goto(self.address + path)
        return self.page

    def back(self) -> None:
        """The browser's own button, pressed from the page: the page shown again may be one that was kept whole."""
        before = self.page.url
        self.page.evaluate("setTimeout(() => history.back())")
        self.page.wait_for_url(lambda address: address != before, wait_until="commit")
        self.page.wait_for_load_state()

    def check(self, what: str = "") -> None:
        """No accessibility fault on what is shown now, nothing wider than the screen, nothing in the console."""
        faults = self.faults()
        assert faults == [], f"{what or self.page.url} {faults}"
        assert not self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"), self.page.url
        assert self.problems == [], what or self.page.url

    def faults(self) -> list[Any]:
        """Rules of WCAG 2.2 A and AA (and good practice) that the page breaks."""
        # A click returns when the address changes; the checker needs the page that goes with it.
        self.page.wait_for_load_state()
        # Through the browser's own door: our policy refuses any script that is not ours.
        door = self.page.context.new_cdp_session(self.page)
        answer = door.send(
            "Runtime.evaluate",
            {"expression": AXE.read_text("utf-8") + _RULES, "awaitPromise": True, "returnByValue": True},
        )
        door.detach()
        assert "exceptionDetails" not in answer, f"{self.page.url} {answer['exceptionDetails']}"
        found: list[Any] = json.loads(answer["result"]["value"])
        return found


@contextmanager
def opened(
    browser: Browser,
    address: str,
    *,
    cookies: list[dict[str, str]] = (),
    theme: str = "light",
    phone: bool = False,
    script: bool = True,
) -> Iterator[Seen]:
    """A window of the browser, signed in by cookies when some are given."""
    context: BrowserContext = browser.new_context(
        viewport=PHONE if phone else DESKTOP, color_scheme=theme, locale="fr-FR", timezone_id="Europe/Paris",
        java_script_enabled=script, reduced_motion="reduce",
    )  # fmt: skip
    context.set_default_timeout(15_000)
    # The first page that says why loads the whole law, which a server has done beside before anybody asks.
    context.set_default_navigation_timeout(60_000)
    if not script:
        # Without script the theme of the device is not known: only the cookie tells.
        theme = "light"
    if cookies:
        context.add_cookies([{**cookie, "url": address} for cookie in cookies])
    page = context.new_page()
    seen = Seen(page, address)

    def told(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            seen.problems.append(message.text)

    page.on("console", told)
    page.on("pageerror", lambda error: seen.problems.append(str(error)))
    try:
        yield seen
    finally:
        context.close()
