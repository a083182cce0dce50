"""Jobs: who sees and stops them, what cancelled and retried mean, the calendar, the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from small_world import NOW, TODAY

from allervers.apps.audit.models import Entry
from allervers.apps.jobs import registry
from allervers.apps.jobs.actions import (
    ask_due_jobs,
    ask_job,
    cancel_job,
    end_job,
    forget_jobs,
    reap_jobs,
    retry_job,
    take_job,
    tell_progress,
)
from allervers.apps.jobs.domain import LEASE, Cancelled, LeaseLost, State
from allervers.apps.jobs.models import Job, WorkerSign
from allervers.apps.jobs.permissions import can_cancel, visible_jobs
from allervers.apps.jobs.worker import Worker, run_one
from allervers.foundation.errors import AllerVersError, NotFound, Refused


@pytest.fixture(autouse=True)
def tasks(monkeypatch):
    """Only the tasks of the test."""
    known: dict[str, registry.Registered] = {}
    monkeypatch.setattr(registry, "_TASKS", known)
    registry.task("essai", "Essai")(lambda running: {"sentences": ["fait"]})
    return known


def asked(user=None, **parameters) -> Job:
    return ask_job(acting_user=user, now=NOW, task="essai", parameters=parameters)


def a_worker(now=NOW) -> Worker:
    return Worker(lambda: now, name="w1")


@pytest.mark.parametrize(
    ("who", "sees"),
    [("admin", True), ("platform", True), ("admin_of_bondy", False), ("agent", False), ("officer", False)],
)
def test_a_job_of_saint_denis_is_seen_by(world, who, sees):
    job = asked(world.admin)
    assert visible_jobs(getattr(world, who)).filter(pk=job.pk).exists() is sees
    assert can_cancel(getattr(world, who), job) is sees


def test_actions_check_the_permission_themselves(world):
    job = asked(world.admin)
    with pytest.raises(PermissionDenied):
        cancel_job(acting_user=world.admin_of_bondy, now=NOW, job=job)
    with pytest.raises(PermissionDenied):
        retry_job(acting_user=world.agent, now=NOW, job=job)
    job.refresh_from_db()
    assert not job.is_cancel_asked


def test_a_closed_administrator_sees_no_job(world):
    asked(world.admin)
    world.admin.is_active = False
    assert not visible_jobs(world.admin).exists()


def test_asked_twice_waits_once(world):
    assert asked(world.admin, a=1) == asked(world.admin, a=1)
    assert asked(world.admin, a=2) != asked(world.admin, a=1)
    job = take_job(worker="w1", now=NOW)
    assert asked(world.admin, a=1) == job
    assert Entry.objects.filter(action="job_asked").count() == 2


def test_an_unknown_task_is_refused(db):
    with pytest.raises(NotFound):
        ask_job(acting_user=None, now=NOW, task="rien", parameters={})
    assert not Job.objects.exists()


def test_done(db):
    job = asked()
    assert run_one(a_worker()) == job
    job.refresh_from_db()
    assert (job.state, job.result, job.worker, job.share_done) == (State.DONE, {"sentences": ["fait"]}, "", 100)
    assert run_one(a_worker()) is None
    assert Entry.objects.filter(action="job_ended", target=str(job.pk)).count() == 1


def test_an_expected_error_is_told_and_another_says_no_value(db, tasks):
    def broken(running):
        raise ValueError("Mme Exemple, 12 rue des Lilas")

    def refused(running):
        raise AllerVersError("Le fichier est vide.")

    for function, message in ((refused, "Le fichier est vide."), (broken, "Erreur interne (ValueError)")):
        registry.task("essai", "Essai")(function)
        job = asked(f=message)
        run_one(a_worker())
        job.refresh_from_db()
        assert job.state == State.FAILED
        assert message in job.message
        assert "Exemple" not in job.message


def test_cancelled_while_it_waits(world):
    job = cancel_job(acting_user=world.platform, now=NOW, job=asked(world.admin))
    assert job.state == State.CANCELLED
    assert take_job(worker="w1", now=NOW) is None
    with pytest.raises(Refused):
        cancel_job(acting_user=world.platform, now=NOW, job=job)


def test_cancelled_while_it_runs_stops_at_the_next_step(world):
    reached = []

    def steps(running):
        running.progress(1, 3)
        cancel_job(acting_user=world.admin, now=NOW, job=Job.objects.get())
        running.progress(2, 3)
        reached.append(2)
        return {}

    registry.task("essai", "Essai")(steps)
    asked(world.admin)
    run_one(a_worker())
    job = Job.objects.get()
    assert (job.state, reached) == (State.CANCELLED, [])
    assert retry_job(acting_user=world.admin, now=NOW, job=job).state == State.QUEUED


def test_only_a_failed_or_cancelled_job_is_retried(world):
    job = asked(world.admin)
    with pytest.raises(Refused):
        retry_job(acting_user=world.admin, now=NOW, job=job)


def test_a_worker_that_is_not_heard_loses_its_job(db):
    job = asked()
    take_job(worker="w1", now=NOW)
    later = NOW + LEASE + timedelta(seconds=1)
    assert take_job(worker="w2", now=NOW) is None
    assert take_job(worker="w2", now=later) == job
    with pytest.raises(LeaseLost):
        tell_progress(job=job, worker="w1", now=later, done=1, total=2, message="")
    assert not end_job(job=job, worker="w1", now=later, state=State.DONE)
    assert end_job(job=job, worker="w2", now=later, state=State.DONE)


def test_cancelled_then_dead_is_cancelled_not_started_again(world):
    job = asked(world.admin)
    take_job(worker="w1", now=NOW)
    cancel_job(acting_user=world.admin, now=NOW, job=job)
    with pytest.raises(Cancelled):
        tell_progress(job=job, worker="w1", now=NOW, done=1, total=2, message="")
    assert reap_jobs(now=NOW + 3 * LEASE) == 1
    job.refresh_from_db()
    assert job.state == State.CANCELLED


def test_the_calendar_asks_once_a_day_and_never_for_what_is_not_due(db):
    registry.task("jour", "Chaque jour", due=lambda on: {"on": on.isoformat()})(lambda running: {})
    assert [ask_due_jobs(now=NOW, today=TODAY) for _ in range(3)] == [1, 0, 0]
    assert run_one(a_worker()).task == "jour"
    assert ask_due_jobs(now=NOW, today=TODAY) == 0
    assert ask_due_jobs(now=NOW, today=TODAY + timedelta(days=1)) == 1


def test_a_worker_shows_that_it_lives(db):
    a_worker().show_life()
    a_worker(NOW + timedelta(minutes=1)).show_life()
    sign = WorkerSign.objects.get()
    assert sign.seen_at == NOW + timedelta(minutes=1)


def test_old_jobs_are_forgotten_those_under_way_never(db):
    done, waiting = asked(n=1), asked(n=2)
    run_one(a_worker())
    assert forget_jobs(before=NOW + timedelta(days=1)) == 1
    assert list(Job.objects.all()) == [waiting]
    assert done.pk != waiting.pk


def test_the_list_reads_as_much_for_one_job_as_for_many(world, signed_in):
    client = signed_in(world.platform)
    counts = []
    for _ in range(2):
        for number in range(30):
            asked(world.admin, n=f"{len(counts)}-{number}")
            if not counts:
                break
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(reverse("jobs")).status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_the_page_refreshes_by_itself_with_and_without_script(world, signed_in):
    client, job = signed_in(world.admin), asked(world.admin)
    for address in (reverse("jobs"), reverse("job", args=[job.pk])):
        whole = client.get(address).content.decode()
        assert f'data-poll="{address}"' in whole
        assert '<noscript><meta http-equiv="refresh"' in whole
        part = client.get(address, headers={"X-Part": "1"}).content.decode()
        assert "<html" not in part
        assert "data-running" in part
    run_one(a_worker())
    assert "data-poll" not in client.get(reverse("job", args=[job.pk])).content.decode()


def test_cancel_and_retry_by_the_page(world, signed_in):
    client, job = signed_in(world.admin), asked(world.admin)
    assert client.post(reverse("job-cancel", args=[job.pk]), follow=True).status_code == 200
    page = client.post(reverse("job-cancel", args=[job.pk]))
    assert page.status_code == 403
    assert "déjà terminé" in page.content.decode()
    assert client.post(reverse("job-retry", args=[job.pk]), follow=True).status_code == 200
    job.refresh_from_db()
    assert job.state == State.QUEUED
