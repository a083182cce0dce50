"""Programs that ask the API: a token of Saint-Denis, and a client that carries it. Time is that of the small world."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings as given
from django.test import Client
from small_world import NOW, World

from allervers.apps.partnership.models import Token
from allervers.apps.partnership.tokens.actions import create_token

# schemathesis imports werkzeug for a thing that is not used here (links inferred from logs). We leave that server out
# of our environment (pyproject.toml): two modules of empty names stand for it.
_NAMES = {"exceptions": ("MethodNotAllowed", "NotFound"), "routing": ("Map", "MapAdapter", "RequestRedirect", "Rule")}
for _name, _classes in _NAMES.items():
    _module = ModuleType(f"werkzeug.{_name}")
    vars(_module).update({name: type(name, (Exception,), {}) for name in _classes})
    sys.modules.setdefault("werkzeug", ModuleType("werkzeug"))
    sys.modules.setdefault(f"werkzeug.{_name}", _module)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The clock of the pages and of the API stands at NOW; `set_clock` moves it."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """The accounts of the small world are many, and none of these tests signs in."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def no_rate(monkeypatch):
    monkeypatch.setattr(given.ALLERVERS, "api_per_minute", 1_000_000)


def make_token(world: World, **given: Any) -> tuple[Token, str]:
    asked = {
        "acting_user": world.admin, "now": NOW, "name": "Logiciel métier", "convention": world.convention,
        "team": world.team, "may_report": True, "expires_on": date(2026, 12, 31),
    }  # fmt: skip
    return create_token(**{**asked, **given})


@pytest.fixture
def program(world) -> Callable[..., Client]:
    """A client with a new token; `.token` is the row."""

    def made(**given: Any) -> Client:
        token, key = make_token(world, **given)
        client = Client(headers={"Authorization": f"Bearer {key}"})
        client.token = token
        return client

    return made


@pytest.fixture
def neighbour_admin(world):
    return world.admin_of_bondy
