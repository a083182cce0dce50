"""Keys: made private, rotated without losing anything, forgotten only when nothing needs them."""

import stat

import pytest
from allauth.mfa.models import Authenticator
from django.core import signing
from small_world import NOW

from allervers.apps.accounts.keyring import KeyRing
from allervers.apps.accounts.rotation import forget_field_keys, keys_in_use, rotate_field_keys
from allervers.apps.audit.models import Entry
from allervers.foundation.errors import InvalidInput, Refused, Unavailable
from allervers.web.configuration import (
    KEPT_SECRETS,
    forget_old_secret_keys,
    old_secret_keys,
    rotate_secret_key,
    secret_key,
)


@pytest.fixture
def ring(tmp_path):
    made = KeyRing(tmp_path / "keys" / "field-keys")
    made.make_sure()
    return made


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_keys_are_made_readable_by_their_owner_alone(ring):
    assert mode(ring.path) == 0o600
    assert mode(ring.path.parent) == 0o700
    ring.add()
    assert mode(ring.path) == 0o600
    ring.path.chmod(0o640)
    with pytest.raises(InvalidInput, match="chmod 600"):
        ring.make_sure()


def test_a_text_comes_back_and_never_looks_the_same_twice(ring):
    assert ring.decrypt(ring.encrypt("é secret")) == "é secret"
    assert ring.encrypt("x") != ring.encrypt("x")


def test_a_changed_text_or_a_missing_key_is_told(ring, tmp_path):
    sealed = ring.encrypt("secret")
    other = KeyRing(tmp_path / "other")
    other.make_sure()
    for broken in (sealed[:-6] + "AAAAA=", "v1:inconnue:" + sealed.split(":")[2], "en clair", ""):
        with pytest.raises(Unavailable):
            ring.decrypt(broken)
    with pytest.raises(Unavailable):
        other.decrypt(sealed)
    ring.path.unlink()
    with pytest.raises(Unavailable):
        ring.decrypt(sealed)


@pytest.mark.parametrize("content", ["", "abc", "abc court\n", "é\n"])
def test_a_damaged_file_of_keys_is_told(ring, content):
    ring.path.write_text(content)
    with pytest.raises((InvalidInput, Unavailable)):
        ring.encrypt("x")


def test_a_key_added_by_another_process_is_used_without_restart(ring):
    here = KeyRing(ring.path)
    before = here.encrypt("un")
    added = ring.add()
    assert here.identifiers[0] == added
    assert KeyRing.key_of(here.encrypt("deux")) == added
    assert here.decrypt(before) == "un"


def test_rotation_puts_everything_under_the_new_key_and_loses_nothing(world, ring):
    Authenticator.objects.create(user=world.agent, type="totp", data={"secret": ring.encrypt("LE SECRET")})
    Authenticator.objects.create(
        user=world.agent, type="recovery_codes", data={"seed": ring.encrypt("LA GRAINE"), "used_mask": 5}
    )
    before = ring.identifiers[0]
    assert rotate_field_keys(now=NOW, ring=ring) == 2
    assert keys_in_use() == {ring.identifiers[0]}
    assert ring.identifiers[0] != before
    kept = {one.type: one.data for one in Authenticator.objects.all()}
    assert ring.decrypt(kept["totp"]["secret"]) == "LE SECRET"
    assert ring.decrypt(kept["recovery_codes"]["seed"]) == "LA GRAINE"
    assert kept["recovery_codes"]["used_mask"] == 5
    assert forget_field_keys(now=NOW, ring=ring) == 1
    assert ring.decrypt(kept["totp"]["secret"]) == "LE SECRET"
    assert list(Entry.objects.values_list("action", flat=True)) == ["keys_rotated", "keys_forgotten"]


def test_a_key_that_is_still_needed_is_not_forgotten(world, ring):
    Authenticator.objects.create(user=world.agent, type="totp", data={"secret": ring.encrypt("S")})
    ring.add()
    with pytest.raises(Refused):
        forget_field_keys(now=NOW, ring=ring)
    assert len(ring.identifiers) == 2


def test_a_rotation_that_meets_a_lost_key_changes_nothing(world, ring, tmp_path):
    other = KeyRing(tmp_path / "other")
    other.make_sure()
    data = {"secret": other.encrypt("S")}
    Authenticator.objects.create(user=world.agent, type="totp", data=data)
    with pytest.raises(Unavailable):
        rotate_field_keys(now=NOW, ring=ring)
    assert Authenticator.objects.get().data == data


def test_what_the_old_key_of_sessions_signed_holds_until_it_is_forgotten(tmp_path, settings):
    settings.SECRET_KEY = first = secret_key(tmp_path)
    signed = signing.dumps({"a": 1})
    rotate_secret_key(tmp_path)
    assert secret_key(tmp_path) != first
    assert old_secret_keys(tmp_path) == [first]
    assert mode(tmp_path / "keys" / "secret-key") == mode(tmp_path / "keys" / "secret-key.old") == 0o600
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = secret_key(tmp_path), old_secret_keys(tmp_path)
    assert signing.loads(signed) == {"a": 1}
    assert forget_old_secret_keys(tmp_path) == 1
    settings.SECRET_KEY_FALLBACKS = old_secret_keys(tmp_path)
    with pytest.raises(signing.BadSignature):
        signing.loads(signed)


def test_few_old_keys_of_sessions_are_kept(tmp_path):
    for _ in range(KEPT_SECRETS + 2):
        rotate_secret_key(tmp_path)
    assert len(old_secret_keys(tmp_path)) == KEPT_SECRETS
