"""Amounts of a plan: by the period of each right; what is paid once a year is never counted twelve times."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from small_plan import make_plan
from small_world import NOW, TODAY, line

from allervers.apps.casework.actions import rights
from allervers.apps.casework.figures import figures_of
from allervers.apps.casework.models import PlannedRight
from allervers.apps.partnership.models import Party, Team

pytestmark = pytest.mark.usefixtures("in_november")


@pytest.fixture
def small(world):
    opened = {"rights": ["rsa", "aspa", "css_sans_participation", "ars"]}
    Party.objects.filter(side="receives", organisation=world.saint_denis).update(**opened)
    Team.objects.filter(pk=world.team.pk).update(**opened)
    return make_plan(world)


@pytest.fixture
def ars(world, small):
    """A grant of the school year, in the lists and in the plan."""
    line(world, 40, household=small.plan.household, right="ars", amount_eur=426.87, amount_eur_month=35.57)
    [made] = rights.add_rights(acting_user=world.agent, now=NOW, plan=small.plan, rights=["ars"])
    return made


def test_what_is_paid_by_the_year_is_told_by_the_year(world, small, ars, signed_in):
    assert ars.proposed_eur == 426.87
    client, base = signed_in(world.agent), f"/plans/{small.plan.pk}"
    for path in (f"{base}/", f"{base}/resume/"):
        told = client.get(path).content.decode().replace("</strong>", "")
        assert "426,87\u202f€ par an" in told.replace("\xa0", "\u202f"), path
        assert "35,57" not in told
    ars.status = "granted"
    ars.save()
    assert "Euros par an, si connu" in client.get(f"{base}/").content.decode()


def test_the_lists_beside_a_plan_say_the_year_too(world, small, signed_in):
    line(world, 40, household=small.plan.household, right="ars", amount_eur=426.87, amount_eur_month=35.57)
    told = signed_in(world.agent).get(f"/plans/{small.plan.pk}/").content.decode().replace("\xa0", "\u202f")
    assert "426,87\u202f€ par an" in told


def test_an_amount_that_is_not_open_is_not_proposed(world, small):
    line(
        world, 40, household=small.plan.household, right="ars", amount_eur=426.87, amount_eur_month=35.57,
        is_amount_hidden=True,
    )  # fmt: skip
    [made] = rights.add_rights(acting_user=world.agent, now=NOW, plan=small.plan, rights=["ars"])
    assert made.proposed_eur is None


def test_a_right_without_amount_asks_for_none(world, small, signed_in):
    PlannedRight.objects.filter(pk=small.right.pk).update(right="css_sans_participation", status="granted", unit="x")
    client, path = signed_in(world.agent), f"/plans/{small.plan.pk}/"
    assert 'name="euros"' not in client.get(path).content.decode()
    PlannedRight.objects.filter(pk=small.right.pk).update(status="paid", paid_on=TODAY)
    assert "montant non connu" not in client.get(path).content.decode()
    assert figures_of(world.manager, NOW).total.without_amount == 0


def test_figures_count_a_year_once(world, small, ars):
    paid = {"status": "paid", "paid_on": TODAY + timedelta(days=30)}
    PlannedRight.objects.filter(pk=small.right.pk).update(paid_eur=100.0, **paid)
    PlannedRight.objects.filter(pk=ars.pk).update(paid_eur=426.87, **paid)
    total = figures_of(world.manager, NOW).total
    assert (total.opened, total.eur_month, total.eur_year) == (2, 100.0, pytest.approx(1626.87))
    PlannedRight.objects.filter(pk=small.right.pk).update(paid_eur=None)
    total = figures_of(world.manager, NOW).total
    assert (total.eur_month, total.eur_year, total.without_amount) == (0.0, 426.87, 1)


def test_amounts_kept_by_the_month_become_those_of_their_period(small, ars):
    moved = import_module("allervers.apps.casework.migrations.0004_amounts_by_period")
    PlannedRight.objects.filter(pk=ars.pk).update(proposed_eur=35.0, paid_eur=420.0)
    before = (small.right.proposed_eur, small.right.paid_eur)
    moved.by_their_period(apps, None)
    ars.refresh_from_db()
    small.right.refresh_from_db()
    assert (ars.proposed_eur, ars.paid_eur) == (420.0, None)  # a month typed for a year may have been either
    assert (small.right.proposed_eur, small.right.paid_eur) == before
