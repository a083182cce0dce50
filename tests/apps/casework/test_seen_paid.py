"""Rights seen paid when the next lists come: the month, the sum, the partner; within what conventions give."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from django.conf import settings
from small_store import FAMILY, HOUSEHOLD, make_store
from small_world import NOW, TODAY, line

from allervers.apps.audit.models import Entry
from allervers.apps.casework.actions import plans, rights
from allervers.apps.casework.domain import RightStatus
from allervers.apps.casework.paid import see_what_is_paid
from allervers.apps.casework.tasks import plans_paid
from allervers.apps.jobs.actions import ask_due_jobs
from allervers.apps.jobs.models import Job
from allervers.apps.partnership.models import Party
from allervers.foundation.errors import Refused


@pytest.fixture
def folder(tmp_path, monkeypatch):
    store = make_store(tmp_path / "store")
    monkeypatch.setattr(settings.ALLERVERS, "store", store)
    return store


@pytest.fixture
def rsa(world, folder):
    line(world, household=HOUSEHOLD, unit=FAMILY)
    plan, _ = plans.open_plan(acting_user=world.agent, now=NOW, household=HOUSEHOLD)
    return rights.add_rights(acting_user=world.agent, now=NOW, plan=plan, rights=["rsa"])[0]


def paid_in_the_store(folder, unit=FAMILY, units=1):
    path = folder / "detections" / "2026-11" / "statuts.parquet"
    rows = pl.read_parquet(path).filter(pl.col("right") != "rsa")
    new = [{"right": "rsa", "unit_id": unit if n == 0 else f"autre-{n}", "menage_id": HOUSEHOLD, "status": "received"}
           for n in range(units)]  # fmt: skip
    pl.concat([rows, pl.DataFrame(new)], how="diagonal").write_parquet(path)
    path = folder / "assembled" / "2026-11" / "receipts.parquet"
    paid = pl.DataFrame({"menage_id": [HOUSEHOLD], "prestation": ["rsa"], "month": ["2026-11"], "montant": [590.5],
                         "partner": ["caf-93"]})  # fmt: skip
    pl.concat([pl.read_parquet(path), paid]).write_parquet(path)


def test_not_paid_nothing_changes(world, rsa):
    assert see_what_is_paid(NOW) == 0


def test_seen_paid_once_with_month_sum_and_partner(world, folder, rsa):
    rights.change_right(acting_user=world.agent, now=NOW, planned=rsa, status=RightStatus.ACCEPTED, version=0)
    paid_in_the_store(folder)
    assert see_what_is_paid(NOW) == 1
    assert see_what_is_paid(NOW) == 0
    rsa.refresh_from_db()
    assert (rsa.status, rsa.paid_month, rsa.paid_by, rsa.paid_eur, rsa.paid_on) == (
        "paid", "2026-11", "caf-93", 590.5, TODAY,
    )  # fmt: skip
    assert rsa.changes.last().by is None
    assert Entry.objects.get(action="right_seen_paid").actor == ""
    with pytest.raises(Refused, match="vu dans les données"):
        rights.undo_change(acting_user=world.agent, now=NOW, planned=rsa, version=rsa.version)


def test_what_was_said_paid_by_hand_keeps_its_date(world, folder, rsa):
    for version, status in enumerate(("accepted", "requested", "granted", "paid")):
        rights.change_right(
            acting_user=world.agent, now=NOW, planned=rsa, status=RightStatus(status), version=version,
            on=date(2026, 11, 20) if status != "accepted" else None, eur=1.0,
        )  # fmt: skip
    paid_in_the_store(folder)
    assert see_what_is_paid(NOW) == 1
    rsa.refresh_from_db()
    assert (rsa.paid_on, rsa.paid_eur, rsa.is_seen) == (date(2026, 11, 20), 590.5, True)


def test_the_unit_counts_and_a_sum_is_not_given_to_one_of_two(world, folder, rsa):
    paid_in_the_store(folder, unit="une-autre")
    assert see_what_is_paid(NOW) == 0
    paid_in_the_store(folder, units=2)
    assert see_what_is_paid(NOW) == 1
    rsa.refresh_from_db()
    assert (rsa.status, rsa.paid_eur) == ("paid", None)


def test_declined_or_opposed_or_closed_is_left_alone(world, folder, rsa):
    rights.change_right(acting_user=world.agent, now=NOW, planned=rsa, status=RightStatus.DECLINED, version=0)
    paid_in_the_store(folder)
    assert see_what_is_paid(NOW) == 0


def test_only_what_a_convention_gives_is_told(world, folder, rsa):
    paid_in_the_store(folder)
    receives = Party.objects.filter(side="receives", organisation=world.saint_denis)
    receives.update(rights=["aspa"])
    assert see_what_is_paid(NOW) == 0
    receives.update(rights=["aspa", "rsa"], categories=["identite"])
    assert see_what_is_paid(NOW) == 1
    rsa.refresh_from_db()
    assert rsa.paid_eur is None


def test_the_lists_of_an_ended_convention_tell_nothing(world, folder, rsa):
    paid_in_the_store(folder)
    world.convention.ends_on = TODAY
    world.convention.save()
    assert see_what_is_paid(NOW) == 0


def test_a_household_that_moved_is_in_its_new_commune(world, rsa):
    world.publication.findings.update(commune="93031")
    see_what_is_paid(NOW)
    rsa.plan.refresh_from_db()
    assert rsa.plan.commune == "93031"


def test_the_job_is_asked_once_a_publication(world, folder, rsa, in_november):
    ask_due_jobs(now=NOW, today=TODAY)
    ask_due_jobs(now=NOW, today=TODAY)
    job = Job.objects.get(task="plans_paid")
    assert job.parameters == {"publication": world.publication.pk}
    paid_in_the_store(folder)

    class Here:
        parameters, number = job.parameters, job.pk

        def progress(self, done, total, message=""):
            del done, total, message

    assert plans_paid(Here())["seen"] == 1
