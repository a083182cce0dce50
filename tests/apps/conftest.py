"""What tests of the web application may ask for: the small world, and a browser signed in as someone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from emptied_tables import let_tests_empty_the_register
from small_world import World, make_world

from allervers.apps.accounts.models import User

let_tests_empty_the_register()


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    # The hash of production takes a fifth of a second an account, on purpose.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def world(db) -> World:
    return make_world()


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
