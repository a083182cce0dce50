"""What follows a decision: contested in time, linked rights, likely sums; what a step and the summary may hold."""

from __future__ import annotations

from datetime import timedelta

import pytest
from small_plan import make_plan
from small_world import NOW, TODAY

from allervers.apps.casework.actions import rights, steps
from allervers.apps.casework.domain import Doer, RightStatus
from allervers.apps.casework.models import PlannedRight
from allervers.foundation.errors import InvalidInput

pytestmark = pytest.mark.usefixtures("in_november")


@pytest.fixture
def small(world):
    return make_plan(world)


def test_what_a_right_opens_is_proposed_once_it_is_paid_too(world, small, signed_in):
    PlannedRight.objects.filter(pk=small.right.pk).update(status="paid", paid_on=TODAY)
    assert (
        "Droits liés, à proposer en une fois" in signed_in(world.agent).get(f"/plans/{small.plan.pk}/").content.decode()
    )


@pytest.mark.parametrize(("days", "awaits"), [(20, True), (60, True), (61, False)])
def test_a_refusal_is_contested_in_time(world, small, signed_in, days, awaits):
    refused_on = TODAY - timedelta(days=days)
    PlannedRight.objects.filter(pk=small.right.pk).update(
        status="refused", requested_on=refused_on, decided_on=refused_on
    )
    client = signed_in(world.agent)
    rows = [row for row in client.get("/plans/?statut=refused").context["page"].object_list if row.right == "rsa"]
    assert [row.due_on for row in rows] == ([refused_on + timedelta(days=60)] if awaits else [])
    plan, summary = (client.get(f"/plans/{small.plan.pk}/{page}").content.decode() for page in ("", "resume/"))
    assert ("contester avant le" in plan) == awaits
    assert ("Vous pouvez contester, avant le" in summary) == awaits
    assert ("semble passé" in plan) != awaits


@pytest.fixture
def granted(small):
    PlannedRight.objects.filter(pk=small.right.pk).update(status="granted", proposed_eur=600.0)
    return PlannedRight.objects.get(pk=small.right.pk)


def test_an_unlikely_sum_is_asked_again(world, small, granted, signed_in):
    client, path = signed_in(world.agent), f"/plans/droits/{granted.pk}/"
    sent = {"status": "paid", "version": granted.version, "on": "2026-11-20", "euros": "19999"}
    answer = client.post(path, sent)
    assert answer.status_code == 400
    html = answer.content.decode()
    assert "c'est beaucoup pour ce droit" in html.replace("&#x27;", "'")
    assert 'name="is_sure"' in html
    assert client.post(path, sent | {"is_sure": "on"}).status_code == 302
    granted.refresh_from_db()
    assert granted.paid_eur == 19_999


@pytest.mark.parametrize(("proposed", "euros", "is_taken"), [
    (600.0, 1_900.0, True), (600.0, 1_900.01, False), (None, 3_000.0, True), (None, 3_000.01, False),
    (600.0, 0.0, False),
])  # fmt: skip
def test_what_is_likely(world, granted, proposed, euros, is_taken):
    PlannedRight.objects.filter(pk=granted.pk).update(proposed_eur=proposed)
    move = {"acting_user": world.agent, "now": NOW, "planned": granted, "status": RightStatus.PAID,
            "version": granted.version, "eur": euros}  # fmt: skip
    if euros == 0:
        move["is_sure"] = True  # nothing paid is no payment, whoever is sure
    if is_taken:
        assert rights.change_right(**move)[0].paid_eur == euros
    else:
        with pytest.raises(InvalidInput):
            rights.change_right(**move)


def test_a_step_is_a_line(world, small):
    by = {"acting_user": world.agent, "now": NOW, "plan": small.plan, "key": "long", "doer": Doer.AGENT}
    with pytest.raises(InvalidInput, match="300"):
        steps.add_step(**by, what="a" * 301)
    assert steps.add_step(**by, what="a" * 300).pk


def test_the_summary_asks_for_one_cover_not_two(world, small, signed_in):
    rights.add_rights(acting_user=world.agent, now=NOW, plan=small.plan, rights=["css_avec_participation"])
    client, path = signed_in(world.agent), f"/plans/{small.plan.pk}/resume/"
    told = client.get(path).content.decode()
    assert "Complémentaire santé solidaire sans participation" in told
    assert "Complémentaire santé solidaire avec participation" not in told
    PlannedRight.objects.filter(right="css_sans_participation").update(status="detected")
    assert "Complémentaire santé solidaire avec participation" in client.get(path).content.decode()
    PlannedRight.objects.filter(right="css_sans_participation").update(status="refused", decided_on=TODAY)
    assert "Complémentaire santé solidaire avec participation" in client.get(path).content.decode()
