"""The register: a chain that tells what was changed, rows that the database keeps, writers that take turns."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import DatabaseError, connection, connections, transaction
from small_world import NOW

from allervers.apps.audit.actions import record
from allervers.apps.audit.domain import GENESIS, Link, digest_of, first_break
from allervers.apps.audit.models import Entry, Head
from allervers.apps.audit.queries import entries_about, is_protected, verify_chain

POSTGRESQL = connection.vendor == "postgresql"


def told(number, **details):
    return record(
        acting_user=None, now=NOW + timedelta(seconds=number), action="essai", kind="household", target=f"m{number}",
        **details,
    )  # fmt: skip


@pytest.fixture
def five(db):
    for number in range(1, 6):
        told(number, montant=number, texte="é")


@pytest.fixture
def unprotected(five):
    """The register as someone who holds the database can make it: without its triggers."""
    with connection.cursor() as cursor:
        if POSTGRESQL:
            cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER audit_entry_no_update")
            cursor.execute("DROP TRIGGER audit_entry_no_delete")


def test_an_untouched_chain_is_whole(five):
    found = verify_chain()
    assert (found.entries, found.broken_at) == (5, None)
    assert found.digest == Entry.objects.get(number=5).digest


def test_an_empty_register_is_whole(db):
    assert verify_chain().broken_at is None
    assert verify_chain().digest == GENESIS


@pytest.mark.parametrize(
    "change",
    [
        {"target": "autre"}, {"actor": "autre"}, {"at": datetime(2020, 1, 1, tzinfo=UTC)}, {"details": {}},
        {"purpose": "autre"}, {"convention": "autre"}, {"action": "autre"}, {"organisation": "autre"}, {"kind": "x"},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_a_changed_field_is_named_by_its_entry(unprotected, change):
    Entry.objects.filter(number=3).update(**change)
    assert verify_chain().broken_at == 3


def test_a_change_made_with_its_digest_breaks_the_next(unprotected):
    entry = Entry.objects.get(number=3)
    entry.target = "autre"
    Entry.objects.filter(number=3).update(
        target="autre", digest=digest_of(entry.number, entry.content(), entry.previous)
    )
    assert verify_chain().broken_at == 4


@pytest.mark.parametrize(("removed", "named"), [(1, 1), (3, 3), (5, 5)])
def test_a_removed_entry_is_named(unprotected, removed, named):
    Entry.objects.filter(number=removed).delete()
    assert verify_chain().broken_at == named


def test_an_added_entry_is_named(unprotected):
    last = Entry.objects.get(number=5)
    last.number, last.previous = 6, last.digest
    last.digest = digest_of(6, last.content(), last.previous)
    last.save(force_insert=True)
    assert verify_chain().broken_at == 6


def test_two_entries_exchanged_are_named(unprotected):
    Entry.objects.filter(number=2).update(number=20)
    Entry.objects.filter(number=3).update(number=2)
    Entry.objects.filter(number=20).update(number=3)
    assert verify_chain().broken_at == 2


def test_an_end_put_back_is_named(five):
    Head.objects.update(number=4, digest=Entry.objects.get(number=4).digest)
    assert verify_chain().broken_at == 5


@pytest.mark.parametrize(
    "attempt",
    [
        lambda entry: Entry.objects.filter(pk=entry.pk).update(target="autre"),
        lambda entry: entry.delete(),
        lambda entry: entry.save(),
    ],
    ids=["update", "delete", "save"],
)
def test_the_database_refuses_to_change_or_remove(five, attempt):
    entry = Entry.objects.get(number=2)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        attempt(entry)
    assert Entry.objects.get(number=2).target == "m2"


@pytest.mark.skipif(not POSTGRESQL, reason="SQLite has no TRUNCATE")
def test_the_database_refuses_to_empty(five):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_entry")


def test_a_register_without_its_triggers_is_told(five):
    assert is_protected()


def test_a_register_unprotected_is_told(unprotected):
    assert not is_protected()


def test_an_entry_stays_or_goes_with_what_it_tells(five):
    def half_done():
        with transaction.atomic():
            told(6)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_done()
    told(7)
    assert verify_chain().entries == 6
    assert verify_chain().broken_at is None


def test_an_instant_without_zone_is_refused(db):
    with pytest.raises(ValueError, match="time zone"):
        record(acting_user=None, now=datetime(2026, 1, 1), action="a", kind="k", target="t")


def test_an_instant_of_another_zone_is_the_same_instant(db):
    paris = NOW.astimezone(timezone(timedelta(hours=1)))
    assert record(acting_user=None, now=paris, action="a", kind="k", target="t").at == NOW
    assert verify_chain().broken_at is None


def test_who_acted_is_an_identifier_never_a_name(world):
    entry = record(acting_user=world.agent, now=NOW, action="a", kind="household", target="m")
    assert (entry.actor, entry.organisation) == (world.agent.public_id, "ccas-saint-denis")
    assert "Agent" not in str(entry.content())
    assert "invalid" not in str(entry.content())


def test_entries_about_one_thing(five):
    assert [entry.number for entry in entries_about("household", "m3")] == [3]


def test_an_empty_chain_and_a_gap():
    assert first_break([]) is None
    link = Link(2, {}, GENESIS, digest_of(2, {}, GENESIS))
    assert first_break([link]) == 1


@pytest.mark.skipif(not POSTGRESQL, reason="SQLite lets one writer in at a time; its tests are in memory")
def test_writers_at_the_same_time_make_one_chain(django_db_setup, django_db_blocker):
    failures = []

    def write(rank):
        try:
            for number in range(25):
                told(rank * 100 + number)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    with django_db_blocker.unblock():
        try:
            threads = [threading.Thread(target=write, args=(rank,)) for rank in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert failures == []
            found = verify_chain()
            assert (found.entries, found.broken_at) == (200, None)
        finally:
            # Committed for real: put the table back as the other tests expect it.
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
                cursor.execute("DELETE FROM audit_entry")
                cursor.execute("DELETE FROM audit_head")
                cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
            connection.close()
