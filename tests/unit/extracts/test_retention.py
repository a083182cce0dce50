"""Clocks and opposition: what must go is gone, everywhere, once, even when the destruction is cut off."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from allervers.extracts import retention
from allervers.extracts.identity.reading import Purpose, read_identities
from allervers.extracts.identity.vault import Vault
from allervers.extracts.linkage.link import link
from allervers.extracts.linkage.report import ledger_of, persons
from allervers.extracts.register import DESTROYED, ImportRow, Register
from allervers.extracts.retention import oppose, opposed, purge
from allervers.extracts.store import opened_store
from allervers.foundation.errors import InvalidInput, NotFound, Refused, Unavailable

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
NIR = "2820599126111"
PEOPLE = pl.DataFrame(
    {
        "person_number": ["1|1", "1|2", "2|1"],
        "nir": [NIR, None, "1790993001222"],
        "nom_naissance": ["Zqdiarra", "Zqdiarra", "Benhamou"],
        "prenoms": ["Awa", "Moussa", "Karim"],
        "date_naissance": [date(1982, 5, 17), date(2015, 2, 2), date(1979, 9, 23)],
        "sexe": ["2", "1", "1"],
    }
)


class Store:
    """A store with a Caf import and a Cpam one, linked."""

    def __init__(self, path):
        self.path = path
        self.caf = self.take("caf-1", "caf93", PEOPLE, date(2027, 6, 30))
        self.cpam = self.take("cpam-1", "cpam93", PEOPLE.head(1), date(2027, 10, 31))
        link(path, now=NOW)

    def take(self, import_id, partner, people, retention_on):
        with Vault(self.path) as vault, vault.transaction():
            keys = vault.person_keys(partner, people)
            dossiers = vault.dossier_keys(partner, people["person_number"].str.split("|").list.first())
        folder = self.path / "imports" / import_id
        folder.mkdir(parents=True)
        kept = ~opposed(self.path, keys)
        frame = pl.DataFrame({"source_key": keys, "dossier_key": dossiers}).filter(kept)
        frame.write_parquet(folder / "personnes.parquet")
        frame.select("dossier_key").unique().write_parquet(folder / "dossiers.parquet")
        frame.select(source_key=pl.lit(None, pl.String), dossier_key="dossier_key").unique().write_parquet(
            folder / "paiements.parquet"
        )
        frame.select("source_key").write_parquet(folder / "ressources.parquet")
        register = Register(self.path)
        register.begin(
            ImportRow(
                import_id,
                import_id,
                partner,
                import_id,
                0,
                "",
                "information",
                "C-1",
                date(2026, 10, 31),
                retention_on,
                NOW,
            )
        )
        register.complete(import_id, read=1, kept=1, rejected=0)
        register.close()
        return keys

    def rows(self, name):
        files = sorted((self.path / "imports").glob(f"*/{name}.parquet"))
        return pl.concat([pl.read_parquet(path) for path in files]) if files else pl.DataFrame()

    def one(self, query, *values):
        with Vault(self.path) as vault:
            return vault.connection.execute(query, values).fetchone()[0]


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def test_nothing_is_due_before_its_day(store):
    report = purge(store.path, today=date(2027, 6, 29))
    assert (report.imports, report.vault_persons) == ((), 0)
    assert store.rows("personnes").height == 4


def test_an_import_is_destroyed_on_its_retention_date_with_the_identities_it_alone_named(store):
    report = purge(store.path, today=date(2027, 6, 30))
    assert (report.imports, report.vault_persons) == (("caf-1",), 3)
    assert not (store.path / "imports" / "caf-1").exists()
    assert persons(store.path)["source_key"].to_list() == store.cpam.to_list()
    assert persons(store.path)["zone"].to_list() == ["alone"]
    register = Register(store.path)
    assert [row.import_id for row in register.rows(status=DESTROYED)] == ["caf-1"]
    register.close()
    again = purge(store.path, today=date(2027, 6, 30))
    assert (again.imports, again.vault_persons) == ((), 0)


def test_a_purge_that_is_cut_off_is_ended_by_the_next(store, monkeypatch):
    def cut(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(retention, "erase_vault_persons", cut)
        with pytest.raises(KeyboardInterrupt):
            purge(store.path, today=date(2027, 6, 30))
    assert persons(store.path).height == 4
    assert purge(store.path, today=date(2027, 6, 30)).vault_persons == 3


def test_opposition_destroys_the_person_everywhere(store):
    report = oppose(store.path, store.cpam[0], actor="agent-7", now=NOW)
    assert set(report.source_keys) == {store.caf[0], store.cpam[0]}
    for table in ("personnes", "ressources"):
        assert not set(report.source_keys) & set(store.rows(table)["source_key"])
    assert store.rows("personnes").height == 2
    # What was told of the shared dossier goes; who shared it is no longer computed as a household without them.
    assert store.rows("dossiers").height == store.rows("paiements").height == 1
    left = store.rows("personnes").filter(pl.col("source_key") == store.caf[1])
    assert left["dossier_key"].to_list() == [None]
    assert persons(store.path).height == 2
    assert ledger_of(store.path, store.caf[0]).is_empty()
    assert opposed(store.path, pl.concat([store.caf, store.cpam])).to_list() == [True, False, False, True]
    assert store.one("SELECT act FROM destruction") == "opposition"


def test_a_dossier_that_loses_its_only_person_goes_too(store):
    report = oppose(store.path, store.caf[2], actor="agent-7", now=NOW)
    assert report.rows == 4
    assert store.rows("dossiers").height == store.rows("paiements").height == 2


def test_a_later_import_of_an_opposed_person_is_dropped(store):
    oppose(store.path, store.caf[0], actor="agent-7", now=NOW)
    same_nir = PEOPLE.head(1).with_columns(person_number=pl.lit("77"), nom_naissance=pl.lit("Autre"))
    same_names = PEOPLE.head(1).with_columns(person_number=pl.lit("78"), nir=pl.lit(None, pl.String))
    for number, people in enumerate((PEOPLE, same_nir, same_names)):
        keys = store.take(f"cd-{number}", "cd93", people, date(2027, 10, 31))
        assert opposed(store.path, keys)[0]
        assert not opposed(store.path, keys)[1:].any()
        assert keys[0] not in persons(store.path)["source_key"]
    assert store.one("SELECT count(*) FROM opposition") == 1


def test_a_relative_who_was_known_by_the_same_nir_is_not_opposed(store):
    child = PEOPLE[1].with_columns(nir=pl.lit(NIR))
    key = store.take("cpam-2", "cpam93", child.with_columns(person_number=pl.lit("9")), date(2027, 10, 31))
    oppose(store.path, key[0], actor="agent-7", now=NOW)
    again = store.take("cd-1", "cd93", PEOPLE.head(1), date(2027, 10, 31))
    assert not opposed(store.path, again)[0]


def test_an_opposition_that_is_cut_off_already_holds_and_is_ended_by_purge(store, monkeypatch):
    def cut(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(retention, "erase_vault_persons", cut)
        with pytest.raises(KeyboardInterrupt):
            oppose(store.path, store.caf[0], actor="agent-7", now=NOW)
    assert opposed(store.path, store.caf)[0]
    assert purge(store.path, today=TODAY).oppositions_resumed == 1
    assert persons(store.path).height == 2
    assert purge(store.path, today=TODAY).oppositions_resumed == 0


def test_rows_known_by_number_alone_go_once_the_person_is_recognised(store):
    oppose(store.path, store.caf[0], actor="agent-7", now=NOW)
    paid = store.take("cd-1", "cd93", PEOPLE.head(1).select("person_number"), date(2027, 10, 31))
    assert not opposed(store.path, paid)[0]
    assert store.take("cd-2", "cd93", PEOPLE.head(1), date(2027, 10, 31))[0] == paid[0]
    assert opposed(store.path, paid)[0]
    assert purge(store.path, today=TODAY).oppositions_resumed == 1
    assert paid[0] not in store.rows("ressources")["source_key"]
    assert paid[0] not in persons(store.path)["source_key"]


def test_an_import_under_way_is_waited_for(store):
    with opened_store(store.path) as other, other.alone():
        with pytest.raises(Unavailable):
            oppose(store.path, store.caf[0], actor="agent-7", now=NOW)
        with pytest.raises(Unavailable):
            purge(store.path, today=TODAY)
    assert store.one("SELECT count(*) FROM opposition") == 0


def test_records_that_may_be_the_same_person_are_told(store):
    near = PEOPLE.head(1).with_columns(nir=pl.lit(None, pl.String), date_naissance=date(1982, 5, 18))
    key = store.take("cd-1", "cd93", near, date(2027, 10, 31))
    link(store.path, now=NOW)
    assert oppose(store.path, store.caf[0], actor="agent-7", now=NOW).to_review == (key[0],)


@pytest.mark.parametrize(("months", "last"), [(24, date(2028, 11, 2)), (12, date(2027, 11, 2))])
def test_the_opposition_list_forgets_in_time(store, months, last):
    oppose(store.path, store.caf[0], actor="agent-7", now=NOW, months=months)
    assert purge(store.path, today=last).oppositions_expired == 0
    assert opposed(store.path, store.caf)[0]
    day_after = date.fromordinal(last.toordinal() + 1)
    assert purge(store.path, today=day_after).oppositions_expired == 1
    assert not opposed(store.path, store.caf)[0]
    assert store.one("SELECT count(*) FROM opposition_hash") == 0


def test_traces_are_kept_thirty_six_months(store):
    with Vault(store.path) as vault:
        read_identities(vault, store.caf, purpose=Purpose.CONTACT, actor="agent-7", now=NOW)
    reads = "SELECT count(*) FROM access_log WHERE purpose = 'contact'"
    purge(store.path, today=date(2029, 11, 3))
    assert store.one(reads) == 1
    assert purge(store.path, today=date(2029, 11, 4)).traces >= 2
    assert store.one(reads) == 0
    assert store.one("SELECT count(*) FROM access_person") == 0


def test_what_is_refused(store, tmp_path):
    with pytest.raises(Refused):
        oppose(store.path, store.caf[0], actor=" ", now=NOW)
    for months in (11, 25):
        with pytest.raises(InvalidInput):
            oppose(store.path, store.caf[0], actor="agent-7", now=NOW, months=months)
    with pytest.raises(NotFound):
        oppose(store.path, "0" * 32, actor="agent-7", now=NOW)
    with pytest.raises(NotFound):
        purge(tmp_path / "nowhere", today=TODAY)


def test_nothing_of_the_person_lingers_in_the_files(store):
    with Vault(store.path) as vault:
        query = "SELECT nir_keyed, identity FROM source_person WHERE source_key = ?"
        nir_keyed, sealed = vault.connection.execute(query, (store.caf[2],)).fetchone()
    oppose(store.path, store.caf[2], actor="agent-7", now=NOW, months=12)
    files = [path for path in store.path.rglob("*") if path.is_file()]
    assert not [path.name for path in files if sealed in path.read_bytes()]
    purge(store.path, today=date(2027, 11, 3))
    files = [path for path in store.path.rglob("*") if path.is_file()]
    assert not [path.name for path in files if nir_keyed.encode() in path.read_bytes()]
    assert not [path.name for path in files if b"zqdiarra" in path.read_bytes().lower()]
