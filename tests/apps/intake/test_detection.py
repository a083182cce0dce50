"""Detection as a job: from the imports whose conventions are in force, published whole or not at all."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from deposited import caf_csv, send, work
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from small_world import NOW, REFERENCE, TODAY

from allervers.apps.findings.models import Publication
from allervers.apps.findings.unsettled import Asked, Unsettled
from allervers.apps.intake import queries, tasks
from allervers.apps.intake.actions import ask_detection
from allervers.apps.intake.models import Deposit
from allervers.apps.jobs.actions import ask_due_jobs, cancel_job
from allervers.apps.jobs.domain import LEASE, State
from allervers.apps.jobs.models import Job
from allervers.apps.partnership.models import Convention
from allervers.apps.people.models import Opposition
from allervers.detection.making import Found
from allervers.extracts.importing import import_file
from allervers.extracts.store import opened_store
from allervers.foundation.errors import InvalidInput
from allervers.foundation.periods import Month

MONTH = Month(2026, 11)


@pytest.fixture
def imported(world, caf, place):
    send(caf, caf_csv())
    work()
    return Deposit.objects.get()


@pytest.fixture
def made(monkeypatch):
    """In place of the computation, minutes long: what it was asked, and lists with nothing in them."""
    asked_for = []

    def make(store, asked, *, report):
        asked_for.append(asked)
        report("Population")
        for folder, content in ((asked.population, "population"), (asked.place, "lists")):
            folder.mkdir(exist_ok=True)
            (folder / "made.txt").write_text(f"{content} {len(asked_for)}")
        report("Droits")
        return Found(None, None, {"law": "essai"}, asked.place)

    monkeypatch.setattr(tasks, "make_lists", make)
    monkeypatch.setattr("allervers.apps.findings.actions.lines_of", lambda folder: pl.DataFrame())
    monkeypatch.setattr("allervers.apps.findings.actions.insert_lines", lambda *_: None)
    return asked_for


def ask(world) -> Job:
    return ask_detection(acting_user=world.platform, now=NOW, today=TODAY, month=MONTH)


def in_force(place) -> list[str]:
    found = (place / "store" / name / "2026-11" / "made.txt" for name in ("assembled", "detections"))
    return [path.read_text() for path in found if path.exists()]


def by_hand(place, convention, partner="caf-93", days=1):
    """An import made by the operator's command, which knows no convention."""
    path = place / "main.csv"
    path.write_bytes(caf_csv(41))
    with opened_store(place / "store") as store:
        return import_file(
            path=path, format_name="caf_allocataires", partner=partner, convention=convention, purpose="information",
            reference_on=TODAY - timedelta(days=days), store=store, now=NOW,
        ).import_id  # fmt: skip


def test_lists_are_made_and_published(world, place, imported, made, signed_in):
    client = signed_in(world.platform)
    page = client.post(reverse("detection-ask"), {"month": "2026-11"}, follow=True).content.decode()
    assert "En attente" in page
    (job,) = work()
    assert job.state == State.DONE, job.message
    publication = Publication.objects.get(is_current=True)
    assert (publication.month, publication.conventions, publication.law) == ("2026-11", [REFERENCE], "essai")
    assert publication.pk != world.publication.pk
    assert in_force(place) == ["population 1", "lists 1"]
    assert not (place / "store" / ".runs").exists()
    assert made[0].imports == {imported.import_id}
    ask(world)
    work()
    assert in_force(place) == ["population 2", "lists 2"]
    assert Publication.objects.filter(is_current=True).count() == 1
    assert client.get(reverse("detections")).status_code == 200


def test_imports_of_an_ended_convention_are_left_aside(world, place, imported, made):
    other = Convention.objects.create(
        reference="FINIE", title="t", purpose="information", legal_base="b", starts_on="2026-01-01", ends_on=TODAY,
        signed_on="2026-01-01", dpo_contact="d@test.invalid",
    )  # fmt: skip
    other.parties.create(organisation=imported.organisation, side="gives", formats=["caf_allocataires"])
    by_hand(place, "FINIE", days=1)
    by_hand(place, "INCONNUE", days=2)
    by_hand(place, REFERENCE, partner="cpam-93", days=3)
    received = {(one.row.partner, one.row.convention): one.is_usable for one in queries.received(world.platform, TODAY)}
    assert received == {
        ("caf-93", REFERENCE): True, ("caf-93", "FINIE"): False, ("caf-93", "INCONNUE"): False,
        ("cpam-93", REFERENCE): False,
    }  # fmt: skip
    assert [row.import_id for row in queries.usable_imports(TODAY)] == [imported.import_id]
    ask(world)
    work()
    assert made[0].imports == {imported.import_id}
    assert Publication.objects.get(is_current=True).conventions == [REFERENCE]


def test_with_nothing_in_force_it_is_refused_and_the_lists_stay(world, place, imported, made):
    Convention.objects.update(ends_on=TODAY)
    ask(world)
    (job,) = work()
    assert job.state == State.FAILED
    assert "convention en vigueur" in job.message
    assert (made, Publication.objects.get(is_current=True)) == ([], world.publication)


@pytest.mark.parametrize("who", ["admin", "admin_of_caf", "agent", "manager", "officer", "analyst"])
def test_only_the_platform_asks(world, who):
    with pytest.raises(PermissionDenied):
        ask_detection(acting_user=getattr(world, who), now=NOW, today=TODAY, month=MONTH)


def test_a_month_to_come_is_refused(world):
    with pytest.raises(InvalidInput):
        ask_detection(acting_user=world.platform, now=NOW, today=TODAY, month=MONTH + 1)


@pytest.mark.parametrize("at", ["Droits", "Publication"])
def test_cancelled_between_two_stages_keeps_nothing(world, place, imported, made, monkeypatch, at):
    job = ask(world)
    told = tasks.actions.publish

    def cancelled(**values):
        found = told(**values)
        cancel_job(acting_user=world.platform, now=NOW, job=job)
        return found

    if at == "Publication":
        monkeypatch.setattr(tasks.actions, "publish", cancelled)
    else:
        monkeypatch.setattr(tasks, "link", lambda *_, **__: cancel_job(acting_user=world.platform, now=NOW, job=job))
    work()
    job.refresh_from_db()
    assert job.state == State.CANCELLED
    assert in_force(place) == []
    assert not (place / "store" / ".runs").exists()
    assert Publication.objects.get() == world.publication


def test_a_run_that_was_given_to_another_worker_publishes_nothing(world, place, imported, made, monkeypatch):
    job = ask(world)
    told = tasks.actions.publish

    def lost(**values):
        found = told(**values)
        Job.objects.filter(pk=job.pk).update(worker="w2", lease_until=NOW + LEASE)
        return found

    monkeypatch.setattr(tasks.actions, "publish", lost)
    work()
    job.refresh_from_db()
    assert (in_force(place), Publication.objects.get()) == ([], world.publication)


def test_what_a_killed_run_left_is_swept(world, place, imported, made):
    left = place / "store" / ".runs" / "7"
    left.mkdir(parents=True)
    (left / "population").write_text("names")
    ask(world)
    work()
    assert not left.exists()


def test_who_opposes_meanwhile_does_not_come_back(world, place, imported, made, monkeypatch):
    seen = iter([{"a", "b"}, {"a"}, {"a"}, {"a"}])
    monkeypatch.setattr(tasks, "persons", lambda store: {"source_key": next(seen)})
    ask(world)
    (job,) = work()
    assert job.state == State.DONE, job.message
    assert len(made) == 2, "made again without the person"


@pytest.mark.parametrize(("day", "asked"), [(0, 0), (25, 0), (24, 1), (1, 1)])
def test_every_month_from_the_day_that_the_operator_says(world, settings, day, asked):
    settings.ALLERVERS = settings.ALLERVERS.model_copy(update={"detection_day": day})
    for _ in range(2):
        ask_due_jobs(now=NOW, today=TODAY)
    assert Job.objects.filter(task="detection", parameters={"month": "2026-11"}).count() == asked


@pytest.mark.law
def test_for_real_from_a_deposited_file_to_lists(world, place, imported):
    ask(world)
    (job,) = work()
    assert job.state == State.DONE, job.message
    assert (place / "store" / "detections" / "2026-11" / "liste.parquet").is_file()
    assert (place / "store" / "assembled" / "2026-11" / "individu.parquet").is_file()
    publication = Publication.objects.get(is_current=True)
    assert publication.lines == publication.findings.count()
    # One partner's file settles no right here: its household is one to complete.
    assert len(Unsettled(world.agent, TODAY, Asked())) > 0
    by_hand(place, "INCONNUE")
    ask(world)
    work()
    again = Publication.objects.get(is_current=True)
    assert again.lines == publication.lines, "an import without convention changes nothing"


def test_lists_made_again_after_an_opposition_keep_their_date(world, imported, made):
    Publication.objects.all().delete()
    ask(world)
    work()
    before = Publication.objects.get(is_current=True)
    earlier = before.published_at - timedelta(days=9)
    Publication.objects.filter(pk=before.pk).update(published_at=earlier)
    Opposition.objects.create(household="menage-1", person="personne-1", asked_at=NOW, recorded_by=world.agent)
    ask_due_jobs(now=NOW, today=TODAY)
    work()
    again = Publication.objects.get(is_current=True)
    assert again.pk != before.pk
    assert again.published_at == earlier
    ask(world)
    work()
    assert Publication.objects.get(is_current=True).published_at > earlier
