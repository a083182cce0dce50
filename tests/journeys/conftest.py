"""The application served on this machine, a browser, and windows signed in as someone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from browser import Seen, chromium, missing_parts, opened
from emptied_tables import let_tests_empty_the_register
from playwright.sync_api import Browser, sync_playwright
from small_world import World, make_world

from allervers.apps.accounts.models import User

let_tests_empty_the_register()

Window = Callable[..., AbstractContextManager[Seen]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser the journeys cannot run: skipped with the reason, but never in CI, where that is a failure."""
    missing = missing_parts()
    if missing and not os.environ.get("ALLERVERS_CI"):
        reason = pytest.mark.skip(reason="il manque : " + ", ".join(missing))
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert missing_parts() == [], "CI must have them"
    # The browser is driven through an event loop, which Django would take for asynchronous code of ours.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        found = playwright.chromium.launch(executable_path=chromium(), args=flags)
        yield found
        found.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def world(transactional_db, settings) -> World:
    # The real hash is slow by design, and a world has ten accounts.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return make_world()


@pytest.fixture
def window(browser, live_server, client) -> Window:
    """Open a window as someone (None: a visitor), in a theme, on a phone or not, with scripts or not."""

    def opened_as(who: User | None = None, **options: object) -> AbstractContextManager[Seen]:
        cookies = []
        if who is not None:
            client.force_login(who, backend="allauth.account.auth_backends.AuthenticationBackend")
            session = client.session
            session["proconnect"] = True  # a session whose second factor was the provider's
            session.save()
            cookies = [{"name": "sessionid", "value": client.cookies["sessionid"].value}]
        return opened(browser, live_server.url, cookies=cookies, **options)

    return opened_as
