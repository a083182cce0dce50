"""What is destroyed and when: one import on demand, everything past its time every day."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from deposited import caf_csv, send, work
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from small_world import NOW, TODAY

from allervers.apps.audit.models import Entry
from allervers.apps.findings.models import Publication
from allervers.apps.intake import files, queries
from allervers.apps.intake.actions import ask_destruction
from allervers.apps.intake.models import Deposit
from allervers.apps.jobs.actions import ask_due_jobs
from allervers.apps.jobs.domain import State
from allervers.apps.jobs.models import Job
from allervers.apps.partnership.models import Convention
from allervers.extracts.identity.vault import Vault
from allervers.extracts.register import Register


@pytest.fixture
def imported(world, caf, place):
    send(caf, caf_csv())
    work()
    return Deposit.objects.get()


def status(place) -> list[str]:
    register = Register(place / "store")
    try:
        return [row.status for row in register.rows()]
    finally:
        register.close()


def identities(place) -> int:
    with Vault(place / "store") as vault:
        return vault.connection.execute("SELECT count(*) FROM source_person").fetchone()[0]


def test_an_import_is_destroyed_on_demand_with_its_identities(world, caf, place, imported):
    assert identities(place) == 40
    address = reverse("import-destroy", args=[imported.import_id])
    assert caf.post(address).status_code == 400, "not without the box"
    for _ in range(2):
        assert caf.post(address, {"sure": "1"}).status_code == 302
    (job,) = work()
    assert job.state == State.DONE, job.message
    assert (status(place), identities(place)) == (["destroyed"], 0)
    assert not (place / "store" / "imports" / imported.import_id).exists()
    assert not files.rejects_path(imported.pk).exists()
    told = list(Entry.objects.filter(kind="import").values_list("action", flat=True))
    assert told == ["import_destroy_asked", "import_destroy_asked", "import_destroyed"]
    assert "Aucun import en vigueur" in caf.get(reverse("imports")).content.decode()


@pytest.mark.parametrize("who", ["admin", "outsider", "platform", "agent", "officer"])
def test_nobody_destroys_what_another_sent(world, imported, signed_in, who, place):
    user = getattr(world, who)
    row = queries.received(world.admin_of_caf, TODAY)[0].row
    with pytest.raises(PermissionDenied):
        ask_destruction(acting_user=user, now=NOW, row=row)
    answer = signed_in(user).post(reverse("import-destroy", args=[row.import_id]), {"sure": "1"})
    assert answer.status_code in {403, 404}
    assert status(place) == ["done"]


def test_the_register_is_shown_to_its_own_and_to_the_platform(world, imported):
    seen = {who: len(queries.received(getattr(world, who), TODAY)) for who in ("admin_of_caf", "platform", "admin")}
    assert seen == {"admin_of_caf": 1, "platform": 1, "admin": 0}
    assert queries.received(world.agent, TODAY) == []


def test_an_ended_convention_shows_on_the_page_of_imports(world, caf, imported):
    Convention.objects.update(ends_on=TODAY)
    assert "plus en vigueur : non utilisé" in caf.get(reverse("imports")).content.decode()
    assert queries.usable_imports(TODAY) == []


def test_every_day_what_is_past_its_time_goes(world, place, imported, monkeypatch):
    later = NOW + timedelta(days=366)
    Publication.objects.create(month="2026-11", published_at=NOW, law="", conventions=[])
    Session.objects.create(session_key="x", session_data="", expire_date=NOW)
    stray = files.deposits_folder() / "perdu.csv"
    stray.write_bytes(b"x")
    os.utime(stray, (NOW.timestamp(), NOW.timestamp()))
    monkeypatch.setattr(timezone, "now", lambda: later)
    for _ in range(2):
        ask_due_jobs(now=later, today=timezone.localdate(later))
    assert Job.objects.filter(task="retention").count() == 1
    work()
    job = Job.objects.get(task="retention")
    assert job.state == State.DONE, job.message
    assert (status(place), identities(place)) == (["destroyed"], 0)
    assert not Publication.objects.exists()
    assert not Session.objects.exists()
    assert not stray.exists()
    assert not files.rejects_path(imported.pk).exists()
    assert Entry.objects.filter(action="lists_destroyed").count() == 2


def test_what_is_within_its_time_stays(world, place, imported, monkeypatch):
    later = NOW + timedelta(days=300)
    monkeypatch.setattr(timezone, "now", lambda: later)
    ask_due_jobs(now=later, today=timezone.localdate(later))
    work()
    assert (status(place), identities(place)) == (["done"], 40)
    assert Publication.objects.exists()


def test_a_file_whose_import_never_ends_is_destroyed_after_a_week(world, caf, place, monkeypatch):
    send(caf, caf_csv())
    Job.objects.update(state=State.FAILED)
    for days, waits in ((6, True), (8, False)):
        later = NOW + timedelta(days=days)
        monkeypatch.setattr(timezone, "now", lambda at=later: at)
        ask_due_jobs(now=later, today=timezone.localdate(later))
        work()
        assert bool(Deposit.objects.get().stored) is waits
    assert list((place / "deposits").iterdir()) == []


def test_the_chain_of_the_register_is_verified_every_day(world, db):
    ask_due_jobs(now=NOW, today=TODAY)
    work()
    job = Job.objects.get(task="audit_check")
    assert (job.state, job.result["entries"] > 0) == (State.DONE, True)


def test_the_page_of_imports_reads_as_much_for_one_as_for_many(world, caf, imported):
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as found:
            assert caf.get(reverse("imports")).status_code == 200
        counts.append(len(found))
        for number in range(20):
            imported.pk, imported.sha256 = None, str(number)
            imported.save()
    assert counts[0] == counts[1]


def test_the_state_page_holds_no_data_of_a_person(world, imported, signed_in):
    page = signed_in(world.platform).get(reverse("health-page")).content.decode()
    for wanted in ("SQLite" if connection.vendor == "sqlite" else "PostgreSQL", "Disque", "OpenFisca-France", "Django"):
        assert wanted in page
    assert "Aucun processus de travail ne répond" in page
    for person in ("Administration-caf", "MARTIN", world.agent.full_name, world.agent.email):
        assert person not in page
