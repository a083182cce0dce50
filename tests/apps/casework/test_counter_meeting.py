"""A rendez-vous des droits with somebody who came, and whom no list shows: begun, led, followed; closed to others."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from interview_store import make_interview_store
from small_world import NOW

from allervers.apps.audit.models import Entry
from allervers.apps.casework.actions.meetings import start_meeting, start_meeting_at_counter
from allervers.apps.casework.domain import AT_COUNTER, Origin
from allervers.apps.casework.models import Meeting, Plan
from allervers.apps.casework.permissions import plans_open_to
from allervers.apps.casework.sealing import opened
from allervers.apps.partnership.models import Convention
from allervers.apps.simulation import queries
from allervers.foundation.errors import InvalidInput

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_november")]

KEY = "0" * 31 + "a"
SAINT_DENIS, BONDY = "93066", "93010"


@pytest.fixture
def store(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(settings.ALLERVERS, "store", make_interview_store(tmp_path / "store"))


def begun(world, key=KEY, commune=SAINT_DENIS, who=None):
    return start_meeting_at_counter(
        acting_user=who or world.agent, now=NOW, key=key, commune=commune, origin=Origin.COUNTER
    )


def test_a_click_sent_twice_makes_one_plan_and_one_meeting(world):
    (first, is_new), (second, again) = begun(world), begun(world)
    assert (is_new, again) == (True, False)
    assert first == second
    plan = Plan.objects.get()
    assert (plan.household, plan.commune, plan.agent) == (f"{AT_COUNTER}{KEY}", SAINT_DENIS, world.agent)
    assert list(Entry.objects.filter(target=plan.household).order_by("pk").values_list("action", flat=True)) == [
        "plan_opened", "meeting_started",
    ]  # fmt: skip


def test_a_commune_of_others_and_a_mark_that_is_none_are_refused(world):
    with pytest.raises(PermissionDenied):
        begun(world, commune=BONDY)
    for who in (world.analyst, world.officer, world.platform):
        with pytest.raises(PermissionDenied):
            begun(world, who=who)
    with pytest.raises(InvalidInput):
        begun(world, key="../x")
    assert not Plan.objects.exists()


def test_the_plan_is_the_team_s_and_closed_to_the_nearest_neighbour(world, signed_in):
    meeting, _ = begun(world)
    on = NOW.date()
    assert plans_open_to(world.agent, on).filter(pk=meeting.plan_id).exists()
    assert not plans_open_to(world.neighbour, on).filter(pk=meeting.plan_id).exists()
    assert signed_in(world.neighbour).get(f"/plans/{meeting.plan_id}/").status_code == 404
    with pytest.raises(PermissionDenied):
        start_meeting(acting_user=world.neighbour, now=NOW, household=meeting.household, origin=Origin.OTHER)
    Convention.objects.update(ends_on=on - timedelta(days=1))
    assert signed_in(world.agent).get(f"/plans/{meeting.plan_id}/").status_code == 404
    with pytest.raises(PermissionDenied):
        begun(world, key="1" * 32)


def test_a_right_outside_the_missions_does_not_close_the_plan(world, store, signed_in):
    meeting, _ = begun(world)
    client = signed_in(world.agent)
    client.post(f"/plans/{meeting.plan_id}/droits/", {"right": "bourse_crous", "rights": ["bourse_crous"]})
    page = client.get(f"/plans/{meeting.plan_id}/")
    assert page.status_code == 200
    assert "accueil 00000000" in page.content.decode()
    assert "/listes/menages/accueil-" not in page.content.decode()


@pytest.mark.law
def test_from_the_grid_to_a_plan_that_is_followed(world, store, signed_in, live_law, monkeypatch):
    monkeypatch.setattr(queries, "live_law", lambda month: live_law)
    client = signed_in(world.agent)
    html = client.post("/plans/accueil/", {"origin": "counter", "key": KEY, "logement": "oui"}).content.decode()
    key = re.search(r'name="key" value="([0-9a-f]{32})"', html).group(1)
    assert f'<option value="{SAINT_DENIS}">' in html
    assert f'<option value="{BONDY}">' not in html
    answer = client.post("/plans/accueil/rendez-vous/", {"origin": "counter", "key": key, "commune": SAINT_DENIS})
    base = answer["Location"]
    assert client.get(base)["Location"].endswith("/foyer/")
    meeting = Meeting.objects.get()
    who = {"f0.adult.id": "p1", "f0.adult.name": "Awa", "f0.adult.born": "03/05/1950", "f0.bond": "none",
           "f0.partner.born": "", "home": "home", "town": SAINT_DENIS}  # fmt: skip
    told = client.post(f"{base}foyer/", {"version": meeting.version, "draft": "foyer", "sequence": 1, **who})
    assert told.status_code == 302, told.content.decode()
    assert "Les droits, en direct" in client.get(base).content.decode()
    client.post(f"{base}bilan/", {"wish-aspa": "accepted"})
    plan = Plan.objects.get()
    assert opened(plan.person) == "Awa"
    # Nothing else tells this plan from that of the next person who comes.
    assert "Awa" not in plan.person
    for path in (f"/plans/{plan.pk}/", f"/plans/{plan.pk}/resume/", "/plans/"):
        assert "Awa" in client.get(path).content.decode(), path
    assert "Awa" not in client.get("/plans/export.csv").content.decode("utf-8-sig")
    assert [one.right for one in plan.rights.all()] == ["aspa"]
    assert client.get(f"/plans/{plan.pk}/resume/").status_code == 200
    assert f"accueil {key[:8]}" in client.get("/plans/").content.decode()
    client.post(f"{base}tenu/")
    assert "Commencer un rendez-vous des droits" in client.get(f"/plans/{plan.pk}/").content.decode()
