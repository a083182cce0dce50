"""The simulator over a slow connection (400 ms away, 50 kB a second): each page comes, and can be used."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page
from test_simulator_for_everyone import answer, describe, in_november, ready_law

pytestmark = [pytest.mark.law, pytest.mark.usefixtures("in_november", "ready_law")]
__all__ = ["in_november", "ready_law"]

SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
MOST_SECONDS = 20.0
"""The server of tests sends files uncompressed, on a machine that may be loaded: twice what a first visit needs."""


def slowed(page: Page) -> None:
    door = page.context.new_cdp_session(page)
    door.send("Network.enable")
    door.send("Network.setCacheDisabled", {"cacheDisabled": True})
    door.send("Network.emulateNetworkConditions", SLOW)


def test_every_page_comes_and_can_be_used(window, transactional_db):
    with window(None, phone=True) as seen:
        slowed(seen.page)
        seen.page.set_default_timeout(40_000)
        for path in ("/", "/simulateur/", "/simulateur/foyer/"):
            began = time.monotonic()
            page = seen.go(path)
            assert page.get_by_role("heading", level=1).count() == 1
            assert time.monotonic() - began < MOST_SECONDS, path
        describe(page)
        for _ in range(3):
            before = page.url
            assert "/question/" in before
            answer(page)
            page.wait_for_url(lambda url, before=before: url != before)
        for path in ("droits/", "droits/rsa/", "bilan/"):
            page = seen.go(f"/simulateur/{path}")
            assert page.get_by_role("heading", level=1).count() == 1
        seen.check("slow")
