"""How good each rule proves, counted where a person counts, and never from a small count."""

from __future__ import annotations

import pytest
from django.conf import settings
from small_store import make_store
from small_world import NOW, TODAY, line

from allervers.apps.findings.actions import change_progress
from allervers.apps.findings.domain import Progress
from allervers.apps.findings.models import FollowUp
from allervers.apps.findings.volumes import measured_precision, reach_of

pytestmark = pytest.mark.usefixtures("in_november")


def judged(commune: str, right: int, wrong: int, subject: str = "rsa") -> None:
    FollowUp.objects.bulk_create(
        FollowUp(
            household=f"{commune}-{number}", unit=f"{commune}-{number}", subject=subject, commune=commune,
            progress=Progress.SETTLED if number < right else Progress.NOT_RELEVANT,
            reason="" if number < right else "not_entitled", created_at=NOW, changed_at=NOW,
        )
        for number in range(right + wrong)
    )  # fmt: skip


def counted(user) -> dict[str, tuple[int, float | None] | None]:
    found = measured_precision(reach_of(user, TODAY))
    return {subject: None if rate is None else (rate.total, rate.value) for subject, rate in found}


def test_each_counts_their_communes(world):
    judged("93066", 6, 6)
    judged("93010", 9, 1)
    judged("", 5, 5)
    assert counted(world.manager) == {"rsa": (12, 0.5)}
    assert counted(world.analyst)["rsa"] == (32, pytest.approx(20 / 32))
    assert counted(world.admin) == {"rsa": (12, 0.5)}


def test_a_small_count_is_secret_but_to_who_opens_its_lines(world):
    judged("93066", 30, 2)
    assert counted(world.admin) == {"rsa": None}
    assert counted(world.manager) == {"rsa": (32, pytest.approx(30 / 32))}


def test_a_rule_out_of_the_missions_is_not_judged_by_their_manager(world):
    judged("93066", 6, 0, subject="aah")
    judged("93066", 7, 0, subject="separation")
    assert set(counted(world.manager)) == {"separation"}
    assert set(counted(world.analyst)) == {"aah", "separation"}


def test_work_begun_remembers_its_commune(world):
    change_progress(acting_user=world.agent, now=NOW, finding=line(world), progress=Progress.IN_CHARGE, version=0)
    assert FollowUp.objects.get().commune == "93066"


def test_the_page_says_that_it_is_secret(world, signed_in, tmp_path, monkeypatch):
    monkeypatch.setattr(settings.ALLERVERS, "store", make_store(tmp_path / "store"))
    judged("93066", 30, 2)
    page = signed_in(world.admin).get("/listes/volumes/").content.decode()
    rules = page.partition("Justesse mesurée")[2]
    assert "secret" in rules
    assert "94" not in rules
