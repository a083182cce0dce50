"""The vault: same keys for same people, nothing in clear on disk, reads journaled, plain hashes refused."""

import hashlib
import sqlite3
import stat
from datetime import UTC, date, datetime

import polars as pl
import pytest

from allervers.extracts.identity.nir import keyed_hash
from allervers.extracts.identity.reading import READABLE, Purpose, accesses_to, read_identities
from allervers.extracts.identity.sealed import Sealer
from allervers.extracts.identity.vault import Vault
from allervers.extracts.records import IDENTITY_COLUMNS
from allervers.foundation.errors import InvalidInput, Refused, Unavailable

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
NIR = "2951099126111"
MARKED = {
    "person_number": ["ZQMATRICULE1"],
    "nir": [NIR + "93"],
    "nom_naissance": ["Zqmarquée"],
    "nom_usage": ["Zqusage"],
    "prenoms": ["Zqprénom"],
    "date_naissance": [date(1995, 10, 3)],
    "sexe": ["F"],
    "commune_naissance": ["99126"],
    "code_insee": ["93066"],
    "code_postal": ["93200"],
    "adresse": ["17 rue Zqadresse"],
}


def put(vault, partner="caf93", **changes):
    columns = {name: values for name, values in (MARKED | changes).items() if values is not None}
    with vault.transaction():
        return vault.person_keys(partner, pl.DataFrame(columns))


def count(vault):
    return vault.connection.execute("SELECT count(*) FROM source_person").fetchone()[0]


def row(vault, key):
    query = "SELECT nir_keyed, nir_status, code_insee FROM source_person WHERE source_key = ?"
    return vault.connection.execute(query, (key,)).fetchone()


def clear(vault, key):
    return read_identities(vault, pl.Series([key]), purpose=Purpose.CONTACT, actor="agent-7", now=NOW).row(
        0, named=True
    )


def test_a_key_depends_on_partner_and_number_alone(tmp_path):
    with Vault(tmp_path) as vault:
        key = put(vault)[0]
        assert put(vault, nom_naissance=["Autre"])[0] == key
        assert put(vault, person_number=[" zqmatricule 1"])[0] == key
        assert put(vault, partner="cpam93")[0] != key
        assert count(vault) == 2
    with Vault(tmp_path / "other") as other:
        assert put(other)[0] != key


def test_keys_come_in_the_order_of_rows_and_null_stays_null(tmp_path):
    with Vault(tmp_path) as vault, vault.transaction():
        frame = pl.DataFrame({"person_number": ["b", None, "a", "b", ""], "prenoms": ["X", "Y", "Z", "W", "V"]})
        keys = vault.person_keys("caf93", frame)
        assert keys.name == "source_key"
        assert keys[0] == keys[3] != keys[2]
        assert keys.is_null().to_list() == [False, True, False, False, True]
        assert count(vault) == 2


def test_delivered_columns_replace_and_the_others_stay(tmp_path):
    with Vault(tmp_path) as vault:
        key = put(vault)[0]
        with vault.transaction():
            vault.person_keys("caf93", pl.DataFrame({"person_number": ["ZQMATRICULE1"]}))
            vault.person_keys("caf93", pl.DataFrame({"person_number": ["ZQMATRICULE1"], "nom_usage": [None]}))
        found = clear(vault, key)
        assert (found["nom_naissance"], found["nom_usage"], found["sexe"]) == ("Zqmarquée", None, "2")
        assert row(vault, key)[0] == keyed_hash(vault.linkage_key, NIR)


def test_a_number_alone_opens_no_identity_and_adds_newcomers(tmp_path, monkeypatch):
    with Vault(tmp_path) as vault:
        key = put(vault)[0]
        monkeypatch.setattr(Sealer, "unseal", lambda *_: pytest.fail("an identity was opened"))
        with vault.transaction():
            found = vault.person_keys("caf93", pl.DataFrame({"person_number": ["ZQMATRICULE1", "ZQ2", None]}))
        monkeypatch.undo()
        assert found[0] == key
        assert count(vault) == 2
        assert clear(vault, key)["nom_usage"] == "Zqusage"
        assert clear(vault, found[1])["nom_usage"] is None


def test_nothing_in_clear_reaches_the_disk(tmp_path):
    with Vault(tmp_path) as vault:
        key = put(vault)[0]
        put(vault, adresse=["18 rue Zqadresse"])
        clear(vault, key)
        vault.reseal()
    marks = [b"Zq", b"ZQ", NIR.encode(), b"1995-10-03", b"93200", "prénom".encode()]
    for path in tmp_path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [mark for mark in marks if mark in content], path.name


def test_the_vault_is_readable_by_its_owner_alone(tmp_path):
    with Vault(tmp_path) as vault:
        put(vault)
        files = [path for path in tmp_path.iterdir() if path.is_file()]
        assert len(files) == 3
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_dry_run_leaves_nothing(tmp_path):
    with Vault(tmp_path) as vault:
        with vault.transaction(dry_run=True):
            vault.person_keys("caf93", pl.DataFrame(MARKED))
        assert count(vault) == 0


def test_an_error_leaves_nothing(tmp_path):
    def fail(vault):
        with vault.transaction():
            vault.person_keys("caf93", pl.DataFrame(MARKED))
            raise ZeroDivisionError

    with Vault(tmp_path) as vault:
        with pytest.raises(ZeroDivisionError):
            fail(vault)
        assert count(vault) == 0


def test_writing_outside_a_transaction_is_a_mistake(tmp_path):
    with Vault(tmp_path) as vault, pytest.raises(RuntimeError):
        vault.person_keys("caf93", pl.DataFrame(MARKED))


def test_the_person_number_is_needed(tmp_path):
    with Vault(tmp_path) as vault, vault.transaction(), pytest.raises(InvalidInput):
        vault.person_keys("caf93", pl.DataFrame({"nir": [NIR]}))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "certain"),
        ({"sexe": ["M"]}, "discordant"),
        ({"date_naissance": [date(1965, 10, 3)]}, "discordant"),
        ({"nir": [NIR + "94"]}, "invalide"),
        ({"nir": [None]}, "absent"),
        ({"nir": ["7951099126111"], "sexe": ["M"]}, "provisoire"),
    ],
)
def test_what_a_nir_is_worth_is_kept(tmp_path, changes, status):
    with Vault(tmp_path) as vault:
        nir_keyed, found, code_insee = row(vault, put(vault, **changes)[0])
        assert (found, code_insee) == (status, "93066")
        assert (nir_keyed is None) == (status in ("invalide", "absent"))


def test_a_nir_is_never_read(tmp_path):
    assert not {"nir", "nir_hmac"} & set(READABLE)
    with Vault(tmp_path) as vault:
        found = clear(vault, put(vault)[0])
        assert NIR not in str(found)


def test_each_read_is_journaled_with_its_purpose(tmp_path):
    with Vault(tmp_path) as vault:
        key = put(vault)[0]
        clear(vault, key)
        log = vault.connection.execute("SELECT actor, purpose, persons FROM access_log").fetchall()
        assert log == [("agent-7", "contact", 1)]
        assert accesses_to(vault, key).rows() == [(NOW.isoformat(timespec="seconds"), "agent-7", "contact")]
        assert accesses_to(vault, "0" * 32).is_empty()


@pytest.mark.parametrize(("purpose", "actor"), [("contact", "agent-7"), (None, "agent-7"), (Purpose.CONTACT, " ")])
def test_a_read_needs_a_purpose_and_an_actor(tmp_path, purpose, actor):
    with Vault(tmp_path) as vault:
        keys = put(vault)
        with pytest.raises(Refused):
            read_identities(vault, keys, purpose=purpose, actor=actor, now=NOW)


def test_the_whole_vault_is_read_for_linkage_alone(tmp_path):
    with Vault(tmp_path) as vault, pytest.raises(Refused):
        read_identities(vault, None, purpose=Purpose.CONTACT, actor="agent-7", now=NOW)


def test_a_sealed_identity_cannot_be_moved_to_somebody_else(tmp_path):
    with Vault(tmp_path) as vault:
        key, other = put(vault)[0], put(vault, person_number=["2"])[0]
        vault.connection.execute(
            "UPDATE source_person SET identity = (SELECT identity FROM source_person WHERE source_key = ?) "
            "WHERE source_key = ?",
            (key, other),
        )
        with pytest.raises(Unavailable):
            clear(vault, other)


def test_the_master_key_is_replaced(tmp_path):
    with Vault(tmp_path) as vault:
        key = put(vault)[0]
        assert vault.reseal() == 1
        assert list(vault.keys.versions("master")) == [2]
        assert clear(vault, key)["nom_naissance"] == "Zqmarquée"
    with Vault(tmp_path) as vault:
        assert clear(vault, key)["prenoms"] == "Zqprénom"


def test_an_identity_sealed_with_fewer_values_is_still_read(tmp_path):
    with Vault(tmp_path) as vault:
        key = put(vault)[0]
        whole = vault.sealer.unseal(key, next(iter(vault.sealed_persons())).identity)
        older = vault.sealer.seal(key, whole[: IDENTITY_COLUMNS.index("telephone")])
        vault.connection.execute("UPDATE source_person SET identity = ? WHERE source_key = ?", (older, key))
        assert vault.sealer.unseal(key, older) == whole
        found = clear(vault, key)
        assert (found["adresse"], found["telephone"], found["courriel"]) == ("17 rue Zqadresse", None, None)
        put(vault, telephone=["+33639980102"])
        put(vault, nom_usage=["Autre"])
        assert clear(vault, key)["telephone"] == "+33639980102"


def test_a_vault_without_its_keys_says_so(tmp_path):
    with Vault(tmp_path) as vault:
        put(vault)
    for path in (tmp_path / "keys").iterdir():
        path.unlink()
    with pytest.raises(Unavailable):
        Vault(tmp_path)


def test_a_vault_from_a_newer_version_is_left_alone(tmp_path):
    Vault(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "vault.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(Unavailable):
        Vault(tmp_path)


def exchange(vault, digest, number="H1"):
    frame = pl.DataFrame({"person_number": [number], "nir_hmac": [digest], "prenoms": ["Zq"]})
    with vault.transaction():
        return vault.person_keys("cpam93", frame)[0]


def test_a_nir_hashed_with_the_exchange_key_is_recognised(tmp_path):
    with Vault(tmp_path) as vault:
        key = put(vault)[0]
        _, shared = vault.keys.exchange("cpam93")
        other = exchange(vault, keyed_hash(shared, NIR).upper())
        stranger = exchange(vault, keyed_hash(shared, "1111111111111"), "H2")
        with vault.transaction():
            assert vault.resolve_exchange_hashes() == []
        assert row(vault, other)[:2] == row(vault, key)[:2]
        assert row(vault, stranger)[0] is None


def test_an_older_exchange_key_still_reads_older_deliveries(tmp_path):
    with Vault(tmp_path) as vault:
        put(vault)
        _, shared = vault.keys.exchange("cpam93")
        other = exchange(vault, keyed_hash(shared, NIR))
        vault.keys.rotate("exchange.cpam93")
        with vault.transaction():
            vault.resolve_exchange_hashes()
        assert row(vault, other)[1] == "certain"


def test_a_plain_hash_of_a_known_nir_is_refused(tmp_path):
    with Vault(tmp_path) as vault:
        put(vault)
        with pytest.raises(Refused):
            exchange(vault, hashlib.sha256((NIR + "93").encode()).hexdigest())
        assert count(vault) == 1


def test_a_plain_hash_that_came_before_the_nir_is_erased(tmp_path):
    with Vault(tmp_path) as vault:
        other = exchange(vault, hashlib.sha256(NIR.encode()).hexdigest())
        put(vault)
        with vault.transaction():
            assert vault.resolve_exchange_hashes() == ["cpam93"]
        assert row(vault, other)[0] is None
        assert vault.connection.execute("SELECT count(nir_exchange) FROM source_person").fetchone() == (0,)


def test_a_digest_in_the_place_of_a_nir_is_refused(tmp_path):
    with Vault(tmp_path) as vault, pytest.raises(Refused):
        put(vault, nir=[hashlib.sha1(NIR.encode()).hexdigest()])


def test_dossiers_belong_to_a_partner_and_dwellings_to_nobody(tmp_path):
    with Vault(tmp_path) as vault:
        numbers = pl.Series("numero", ["12", " 12", None, "13"])
        caf, cpam = vault.dossier_keys("caf93", numbers), vault.dossier_keys("cpam93", numbers)
        assert caf[0] == caf[1] != caf[3]
        assert caf[2] is None
        assert caf[0] != cpam[0]
        assert vault.dwelling_keys(numbers)[0] == vault.dwelling_keys(pl.Series([12]))[0]
        assert vault.dwelling_keys(numbers)[0] != caf[0]
