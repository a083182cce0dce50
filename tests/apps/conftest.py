"""What tests of the web application may ask for: the small world, and a browser signed in as someone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone
from emptied_tables import let_tests_empty_the_register
from small_world import NOW, World, make_world

from allervers.apps.accounts.models import User

let_tests_empty_the_register()


@pytest.fixture(autouse=True)
def quick(settings) -> None:
    """The real hash is slow by design, and a world has ten accounts; static files are read again for each client."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def world(db) -> World:
    return make_world()


@pytest.fixture
def in_november(monkeypatch) -> datetime:
    """The clock of the pages and of the jobs stands at the moment of the small world, whose conventions end one day."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return NOW


@pytest.fixture
def signed_in(settings) -> Callable[[User], Client]:
    """A client whose session is open, second factor done."""

    def client_of(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        session = client.session
        session["proconnect"] = True  # a session whose second factor was the provider's
        session.save()
        return client

    return client_of
