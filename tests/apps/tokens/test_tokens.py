"""Tokens: who makes and revokes them, within what, and that a key is shown once and an account never signs in."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from small_world import NOW, TODAY

from allervers.apps.accounts.queries import accounts_of
from allervers.apps.audit.models import Entry
from allervers.apps.partnership.models import Convention, Token
from allervers.apps.partnership.tokens.actions import create_token, revoke_token
from allervers.apps.partnership.tokens.keys import PREFIX, hash_of
from allervers.apps.partnership.tokens.queries import tokens_of
from allervers.foundation.errors import InvalidInput, Refused


def make(world, **given):
    asked = {
        "acting_user": world.admin, "now": NOW, "name": "Logiciel", "convention": world.convention,
        "team": world.team, "may_report": False, "expires_on": date(2026, 12, 31),
    }  # fmt: skip
    return create_token(**{**asked, **given})


def test_a_key_is_kept_as_a_hash(world):
    token, key = make(world)
    assert key.startswith(PREFIX)
    assert len(key) == 53
    assert token.secret_hash == hash_of(key)
    assert key not in str(Token.objects.values().get()) + str(Entry.objects.values().get())
    assert Entry.objects.get().action == "token_created"


def test_the_account_of_a_program_cannot_sign_in_and_is_no_persons(world):
    token, _ = make(world)
    assert not token.account.is_active
    assert not token.account.has_usable_password()
    assert token.account not in accounts_of(world.admin)
    assert token.account.role_label == "Logiciel"


@pytest.mark.parametrize("who", ["agent", "manager", "neighbour", "analyst", "officer", "platform"])
def test_others_make_and_revoke_none(world, who):
    token, _ = make(world)
    other = getattr(world, who)
    with pytest.raises(PermissionDenied):
        make(world, acting_user=other)
    with pytest.raises(PermissionDenied):
        revoke_token(acting_user=other, now=NOW, token=token)
    assert not tokens_of(other).exists()


def test_the_neighbours_administrator_has_nothing_to_do_with_it(world):
    token, _ = make(world)
    theirs = world.admin_of_bondy
    assert not tokens_of(theirs).exists()
    with pytest.raises(PermissionDenied):
        revoke_token(acting_user=theirs, now=NOW, token=token)
    with pytest.raises(Refused):
        make(world, team=world.team_of_bondy)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"name": " "}, InvalidInput),
        ({"expires_on": TODAY}, InvalidInput),
        ({"expires_on": date(2027, 1, 2)}, InvalidInput),
    ],
)
def test_what_does_not_hold_is_refused(world, given, error):
    with pytest.raises(error):
        make(world, **given)
    assert not Token.objects.exists()


def test_a_convention_that_is_not_in_force_gives_no_token(world):
    Convention.objects.update(ends_on=TODAY)
    world.convention.refresh_from_db()
    with pytest.raises(Refused):
        make(world)


def test_revoked_twice_it_is_written_once(world):
    token, _ = make(world)
    for _ in range(2):
        revoke_token(acting_user=world.admin, now=NOW, token=token)
    assert Entry.objects.filter(action="token_revoked").count() == 1


def test_the_pages(world, signed_in):
    client, today = signed_in(world.admin), timezone.localdate()
    Convention.objects.update(starts_on=today - timedelta(days=9), ends_on=today + timedelta(days=90))
    assert "Aucun jeton" in client.get("/partenariat/jetons/").content.decode()
    assert client.get("/partenariat/jetons/nouveau/").status_code == 200
    given = {
        "name": "Millésime", "convention": world.convention.pk, "team": world.team.pk,
        "expires_on": (today + timedelta(days=91)).isoformat(),
    }  # fmt: skip
    assert client.post("/partenariat/jetons/nouveau/", given).status_code == 400
    given["expires_on"] = (today + timedelta(days=30)).isoformat()
    answer = client.post("/partenariat/jetons/nouveau/", given)
    assert PREFIX in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    page = client.get("/partenariat/jetons/").content.decode()
    assert "Millésime" in page
    assert PREFIX not in page
    assert client.post(f"/partenariat/jetons/{Token.objects.get().pk}/revoquer/").status_code == 302
    assert "Ce jeton a été révoqué." in client.get("/partenariat/jetons/").content.decode()


@pytest.mark.parametrize("who", ["agent", "manager", "analyst", "officer", "platform"])
def test_the_pages_are_the_administrators(world, signed_in, who):
    client = signed_in(getattr(world, who))
    assert client.get("/partenariat/jetons/").status_code == 403
    assert client.get("/partenariat/jetons/nouveau/").status_code == 403
