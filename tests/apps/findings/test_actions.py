"""What becomes of a line: permissions, conflicts, idempotence, the register, and the next publication."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from small_store import FAMILY, HOUSEHOLD
from small_world import NOW, line

from allervers.apps.audit.models import Entry
from allervers.apps.findings.actions import Conflict, assign, change_progress
from allervers.apps.findings.domain import Progress, Reason
from allervers.apps.findings.models import Finding, FollowUp, Step
from allervers.apps.findings.volumes import Reach, measured_precision
from allervers.foundation.errors import InvalidInput, Refused


def changed(world, finding, progress, who="agent", version=0, reason=""):
    return change_progress(
        acting_user=getattr(world, who), now=NOW, finding=finding, progress=progress, version=version, reason=reason
    )


def test_taking_in_charge_names_the_agent_and_the_team(world):
    finding = line(world)
    changed(world, finding, Progress.IN_CHARGE)
    finding.refresh_from_db()
    assert (finding.progress, finding.agent, finding.team) == ("in_charge", world.agent, world.team)
    assert Step.objects.get().by == world.agent
    assert Entry.objects.get(action="line_changed").details["progress"] == "in_charge"


@pytest.mark.parametrize("who", ["neighbour", "unnamed", "admin", "analyst", "officer", "platform"])
def test_others_cannot_act(world, who):
    finding = line(world)
    with pytest.raises(PermissionDenied):
        changed(world, finding, Progress.IN_CHARGE, who)
    assert not FollowUp.objects.exists()
    assert not Entry.objects.exists()


def test_a_page_that_is_out_of_date_changes_nothing(world):
    finding = line(world)
    changed(world, finding, Progress.IN_CHARGE)
    with pytest.raises(Conflict):
        changed(world, finding, Progress.NOT_RELEVANT, "manager", version=0, reason=Reason.DECLINED)
    assert FollowUp.objects.get().progress == "in_charge"


def test_not_relevant_asks_why(world):
    with pytest.raises(InvalidInput):
        changed(world, line(world), Progress.NOT_RELEVANT)
    assert not Step.objects.exists()


def test_given_back_it_is_nobodys(world):
    finding = line(world)
    changed(world, finding, Progress.IN_CHARGE)
    changed(world, finding, Progress.TO_DO, version=1)
    finding.refresh_from_db()
    assert (finding.progress, finding.agent, finding.version) == ("to_do", None, 2)


def test_a_manager_gives_lines_to_an_agent_of_the_team(world):
    lines = [line(world, rank) for rank in (1, 2)]
    assert assign(acting_user=world.manager, now=NOW, findings=lines, team=world.team, agent=world.agent) == 2
    assert set(Finding.objects.values_list("progress", "agent")) == {("assigned", world.agent.pk)}


def test_an_agent_cannot_share_out_work(world):
    with pytest.raises(PermissionDenied):
        assign(acting_user=world.agent, now=NOW, findings=[line(world)], team=world.team, agent=world.agent)


def test_a_manager_cannot_give_the_lines_of_another_team(world):
    with pytest.raises(PermissionDenied):
        assign(acting_user=world.manager, now=NOW, findings=[line(world)], team=world.team_of_bondy, agent=None)
    theirs = line(world, 2, commune="93010")
    with pytest.raises(PermissionDenied):
        assign(acting_user=world.manager, now=NOW, findings=[theirs], team=world.team, agent=None)


@pytest.mark.parametrize("who", ["neighbour", "unnamed"])
def test_lines_are_not_given_to_who_may_not_see_them(world, who):
    with pytest.raises(Refused):
        assign(acting_user=world.manager, now=NOW, findings=[line(world)], team=world.team, agent=getattr(world, who))
    assert not FollowUp.objects.filter(progress="assigned").exists()


def test_settled_lines_are_left_alone(world):
    finding = line(world)
    changed(world, finding, Progress.SETTLED)
    assert assign(acting_user=world.manager, now=NOW, findings=[finding], team=world.team, agent=None) == 0


def test_the_precision_of_a_rule_is_what_agents_found(world):
    for rank, (progress, reason) in enumerate(
        [(Progress.SETTLED, ""), (Progress.NOT_RELEVANT, Reason.DECLINED), (Progress.NOT_RELEVANT, Reason.NOT_ENTITLED),
         (Progress.NOT_RELEVANT, Reason.UNREACHABLE), (Progress.IN_CHARGE, "")], start=1,
    ):  # fmt: skip
        changed(world, line(world, rank), progress, reason=reason)
    [(subject, rate)] = measured_precision(Reach(world.publication, frozenset({"93066"}), hides=False))
    assert (subject, rate.count, rate.total) == ("rsa", 2, 3)
    assert rate.low < rate.value < rate.high


def test_the_work_is_found_again_in_the_next_lists(world, tmp_path):
    import polars as pl

    from allervers.apps.findings.actions import publish

    finding = line(world, household=HOUSEHOLD, unit=FAMILY)
    changed(world, finding, Progress.IN_CHARGE)
    listed = {
        "right": ["rsa", "css_sans_participation"], "menage_id": [HOUSEHOLD] * 2,
        "unit_entity": ["famille"] * 2, "unit_id": [FAMILY] * 2,
        "person_id": ["p"] * 2, "code_insee": ["93066", None], "status": ["not_claimed", "not_computable"],
        "contact_allowed": [True, None], "channels": ["letter,sms", None],
        "amount_eur_month": [600.0, None], "amount_eur": [600.0, None],
        "amount_hidden": [False, None], "since_month": ["2026-09", None], "since_is_exact": [True, None],
        "months_persisting": [2, None], "eur_lost": [1200.0, None], "eur_recoverable": [None, None],
        "eur_lost_per_day": [19.7, None], "deadline_on": [NOW.date(), None], "deadline_reason": ["x", None],
        "blocked_by": [None, None], "questions": [[], ["Quelles pensions ?"]],
    }  # fmt: skip
    pl.DataFrame(listed).write_parquet(tmp_path / "liste.parquet")
    texts = dict.fromkeys(
        ("right", "alert", "menage_id", "famille_id", "person_id", "code_insee", "detail", "partner"), pl.String
    )
    schema = texts | {
        "contact_allowed": pl.Boolean,
        "amount_eur": pl.Float64,
        "deadline_on": pl.Date,
        "since_on": pl.Date,
    }
    pl.DataFrame({"alert": ["separation"], "menage_id": [HOUSEHOLD]}, schema_overrides=schema).with_columns(
        pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in ("alert", "menage_id")
    ).write_parquet(tmp_path / "alertes.parquet")
    made = publish(
        acting_user=None, now=NOW, folder=tmp_path, month="2026-12", law="x",
        conventions=[world.convention.reference], is_synthetic=True,
    )  # fmt: skip
    assert (made.lines, Finding.objects.count()) == (3, 3)
    again = Finding.objects.get(right="rsa")
    assert (again.channels, Finding.objects.get(kind="event").channels) == ("letter,sms", None)
    assert (again.progress, again.agent, again.version, again.rank) == ("in_charge", world.agent, 1, 1)
    unknown = Finding.objects.get(right="css_sans_participation")
    assert (unknown.commune, unknown.amount_eur_month, unknown.questions) == ("", None, ["Quelles pensions ?"])
