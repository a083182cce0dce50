"""A slip in a form of a plan: told on the page of the plan, with what was typed, and nothing changed."""

from __future__ import annotations

import pytest
from django.utils.html import escape
from small_plan import make_plan
from small_world import NOW

from allervers.apps.casework.actions import plans
from allervers.apps.casework.models import Note, PlannedRight, PlanStep

pytestmark = pytest.mark.usefixtures("in_november")


@pytest.fixture
def small(world):
    return make_plan(world)


def told(answer, status=400):
    assert answer.status_code == status
    html = answer.content.decode()
    assert "Plan d'accompagnement" in html
    return html


def test_the_field_is_named_and_what_was_typed_is_there_still(world, small, signed_in):
    client = signed_in(world.agent)
    PlannedRight.objects.filter(pk=small.right.pk).update(status="granted")
    sent = {"status": "paid", "version": 3, "on": "2026-11-20", "euros": "426 000"}
    html = told(client.post(f"/plans/droits/{small.right.pk}/", sent))
    assert "Rien n&#x27;a été changé" in html or "Rien n'a été changé." in html
    assert "Euros : " in html
    assert 'value="426 000"' in html
    assert 'value="2026-11-20"' in html
    small.right.refresh_from_db()
    assert (small.right.status, small.right.version) == ("granted", 3)


@pytest.mark.parametrize("typed", ["580,50", "580.50"])
def test_cents_are_read_with_a_comma_too(world, small, signed_in, typed):
    PlannedRight.objects.filter(pk=small.right.pk).update(status="granted", requested_on="2026-09-01")
    sent = {"status": "paid", "version": 3, "on": "2026-11-20", "euros": typed}
    assert signed_in(world.agent).post(f"/plans/droits/{small.right.pk}/", sent).status_code == 302
    small.right.refresh_from_db()
    assert small.right.paid_eur == 580.5


def test_a_step_far_away_keeps_its_words(world, small, signed_in):
    sent = {"key": "loin", "what": "Écrire <à> la Caf", "doer": "person", "due_on": "2066-01-01"}
    html = told(signed_in(world.agent).post(f"/plans/{small.plan.pk}/etapes/", sent))
    assert "Avant le : " in html
    assert f'value="{escape("Écrire <à> la Caf")}"' in html
    assert 'name="key" value="loin"' in html  # sent again, it is the same step
    assert not PlanStep.objects.filter(step="loin").exists()


def test_a_note_on_a_plan_that_was_just_closed_is_not_lost(world, small, signed_in):
    plans.close_plan(acting_user=world.agent, now=NOW, plan=small.plan, version=1, even_unfinished=True)
    sent = {"key": "n", "level": "team", "text": "À revoir en janvier"}
    html = told(signed_in(world.agent).post(f"/plans/{small.plan.pk}/notes/", sent), 403)
    assert "Ce plan est clos" in html
    assert "À revoir en janvier" in html
    assert not Note.objects.filter(key="n").exists()


def test_a_right_that_a_colleague_took_out_has_its_own_page(world, small, signed_in):
    client = signed_in(world.agent)
    PlannedRight.objects.filter(pk=small.right.pk).delete()
    sent = {"status": "granted", "version": 3}
    assert client.post(f"/plans/droits/{small.right.pk}/", sent).status_code == 404


def test_a_neighbour_sees_no_page_in_the_refusal(world, small, signed_in):
    answer = signed_in(world.neighbour).post(f"/plans/{small.plan.pk}/notes/", {"key": "n", "level": "team"})
    assert answer.status_code == 404
    assert "Plan d'accompagnement" not in answer.content.decode()
