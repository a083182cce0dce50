"""An opposition is carried to its end: identities, lists and work destroyed, whatever cuts it on the way."""

from __future__ import annotations

import polars as pl
import pytest
from deposited import work
from small_store import FAMILY, FAMILY_NAME, HOUSEHOLD, make_store
from small_world import NOW, TODAY, line

from allervers.apps.audit.models import Entry
from allervers.apps.casework.models import Plan
from allervers.apps.findings.models import Finding, FollowUp
from allervers.apps.intake import oppositions
from allervers.apps.jobs.actions import ask_due_jobs
from allervers.apps.jobs.models import Job
from allervers.apps.people.models import Opposition
from allervers.extracts.identity.vault import Vault
from allervers.extracts.linkage.report import records_of


@pytest.fixture
def opposed(world, place):
    store = make_store(place / "store")
    persons = pl.read_parquet(store / "assembled" / "2026-11" / "individu.parquet")["id"].to_list()
    finding = line(world, household=HOUSEHOLD, unit=FAMILY)
    FollowUp.objects.create(
        household=HOUSEHOLD, unit=FAMILY, subject="rsa", progress="in_charge", created_at=NOW, changed_at=NOW
    )
    Plan.objects.create(
        household=HOUSEHOLD, commune="93066", organisation=world.saint_denis, team=world.team, opened_at=NOW,
        changed_at=NOW,
    )  # fmt: skip
    line(world, 2)
    assert finding.household == HOUSEHOLD
    return Opposition.objects.create(household=HOUSEHOLD, person=persons[0], asked_at=NOW, recorded_by=world.agent)


def test_a_worker_asks_for_it_by_itself_and_once(opposed):
    assert ask_due_jobs(now=NOW, today=TODAY) >= 1
    ask_due_jobs(now=NOW, today=TODAY)
    assert Job.objects.filter(task="opposition").count() == 1


def test_everything_of_the_person_is_destroyed(opposed, place):
    ask_due_jobs(now=NOW, today=TODAY)
    work()
    store = place / "store"
    with Vault(store) as vault:
        assert vault.opposed(pl.Series([opposed.person])).to_list() == [True]
    assert records_of(store, [opposed.person]).is_empty()
    assert FAMILY_NAME.encode() not in (store / "vault.sqlite").read_bytes()
    # No convention lets the lists be made again here: those that named the person are gone.
    assert not (store / "assembled" / "2026-11").exists()
    assert not (store / "detections" / "2026-11").exists()
    assert not Finding.objects.filter(household=HOUSEHOLD).exists()
    assert not FollowUp.objects.filter(household=HOUSEHOLD).exists()
    assert not Plan.objects.exists()
    assert Finding.objects.count() == 1
    opposed.refresh_from_db()
    assert opposed.done_at is not None
    assert Job.objects.get(task="opposition").state == "done"
    assert Entry.objects.filter(action="opposition_done", target=HOUSEHOLD).count() == 1


def test_cut_after_the_identities_it_ends_when_run_again(opposed, place, monkeypatch):
    def cut(*_):
        raise OSError

    monkeypatch.setattr(oppositions, "forget_person", cut)
    ask_due_jobs(now=NOW, today=TODAY)
    work()
    opposed.refresh_from_db()
    assert opposed.done_at is None
    monkeypatch.undo()
    Job.objects.filter(task="opposition").delete()
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    ask_due_jobs(now=NOW, today=TODAY)
    work()
    opposed.refresh_from_db()
    assert opposed.done_at is not None


def test_the_current_lists_are_made_again_before_older_ones_are_destroyed(opposed, monkeypatch):
    order = []
    monkeypatch.setattr(oppositions.tasks, "detection", lambda part: order.append(("lists", part.parameters["month"])))
    monkeypatch.setattr(oppositions, "forget_person", lambda store, person: order.append(("forget", person)))
    ask_due_jobs(now=NOW, today=TODAY)
    work()
    assert order == [("lists", "2026-11"), ("forget", opposed.person)]
