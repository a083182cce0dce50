"""Keys of a store: made once, for their owner alone, replaced without losing anything."""

import stat

import pytest

from allervers.extracts.identity.keys import KeyRing
from allervers.foundation.errors import InvalidInput, Refused, Unavailable


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_keys_are_made_at_first_use_and_found_again(tmp_path):
    first = KeyRing(tmp_path / "keys")
    made = first.current("master"), first.current("linkage"), first.exchange("caf93")
    again = KeyRing(tmp_path / "keys")
    assert (again.current("master"), again.current("linkage"), again.exchange("caf93")) == made
    assert len({key for _, key in made}) == 3
    assert all(len(key) == 32 for _, key in made)


def test_key_files_are_readable_by_their_owner_alone(tmp_path):
    KeyRing(tmp_path / "keys").exchange("caf93")
    assert mode(tmp_path / "keys") == 0o700
    assert [mode(path) for path in (tmp_path / "keys").iterdir()] == [0o600]


@pytest.mark.parametrize(("which", "loose"), [("folder", 0o750), ("folder", 0o701), ("file", 0o640), ("file", 0o604)])
def test_looser_modes_are_refused(tmp_path, which, loose):
    KeyRing(tmp_path / "keys").current("master")
    path = tmp_path / "keys" if which == "folder" else tmp_path / "keys" / "master.1.key"
    path.chmod(loose)
    with pytest.raises(Refused):
        KeyRing(tmp_path / "keys")


def test_rotation_keeps_the_older_version_until_it_is_destroyed(tmp_path):
    ring = KeyRing(tmp_path / "keys")
    version, old = ring.current("linkage")
    assert ring.rotate("linkage") == version + 1
    assert ring.current("linkage")[1] != old
    assert ring.versions("linkage")[version] == old
    ring.destroy("linkage", version)
    assert list(KeyRing(tmp_path / "keys").versions("linkage")) == [version + 1]
    with pytest.raises(Refused):
        ring.destroy("linkage", version + 1)


def test_lost_keys_are_not_replaced_in_silence(tmp_path):
    with pytest.raises(Unavailable):
        KeyRing(tmp_path / "keys", may_create=False).current("master")


def test_a_damaged_key_file_is_told(tmp_path):
    KeyRing(tmp_path / "keys").current("master")
    (tmp_path / "keys" / "master.1.key").write_bytes(b"short")
    with pytest.raises(Unavailable):
        KeyRing(tmp_path / "keys")


@pytest.mark.parametrize("partner", ["", "../caf", "caf.93", "caf 93", "x" * 65, "éa"])
def test_partner_names_are_identifiers(tmp_path, partner):
    with pytest.raises(InvalidInput):
        KeyRing(tmp_path / "keys").exchange(partner)


def test_a_ring_never_shows_its_keys(tmp_path):
    ring = KeyRing(tmp_path / "keys")
    _, key = ring.current("master")
    assert key.hex() not in repr(ring)
    assert repr(key)[2:-1] not in repr(ring)
