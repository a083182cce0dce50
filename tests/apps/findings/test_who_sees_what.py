"""Who sees which lines: allowed, stranger, nearest neighbour; and what an ended convention closes."""

from datetime import date, timedelta

import pytest
from small_world import TODAY, line

from allervers.apps.findings.permissions import grant_for, visible
from allervers.apps.people.models import Opposition


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("agent", True), ("manager", True), ("neighbour", False), ("unnamed", False), ("admin", False),
        ("analyst", False), ("officer", False), ("platform", False),
    ],
)  # fmt: skip
def test_a_line_of_saint_denis_is_seen_by(world, who, sees):
    found = line(world)
    assert visible(getattr(world, who), TODAY).filter(pk=found.pk).exists() is sees
    assert (grant_for(getattr(world, who), found, TODAY) is not None) is sees


def test_the_neighbour_sees_theirs(world):
    theirs, ours = line(world, 1, commune="93010"), line(world, 2)
    assert list(visible(world.neighbour, TODAY)) == [theirs]
    assert list(visible(world.agent, TODAY)) == [ours]


def test_a_right_outside_the_convention_is_not_seen(world):
    line(world, right="css_sans_participation")
    assert not visible(world.agent, TODAY).exists()


def test_an_event_about_a_right_needs_both(world):
    line(world, 1, kind="event", right="", event="separation")
    line(world, 2, kind="event", right="rsa", event="separation")
    line(world, 3, kind="event", right="aah", event="separation")
    assert sorted(visible(world.agent, TODAY).values_list("rank", flat=True)) == [1, 2]


def test_a_line_without_commune_is_seen_by_nobody(world):
    line(world, commune="")
    assert not visible(world.agent, TODAY).exists()


def test_the_end_of_the_convention_closes_access_the_same_day(world):
    line(world)
    ends = world.convention.ends_on
    assert visible(world.agent, ends - timedelta(days=1)).exists()
    assert not visible(world.agent, ends).exists()


@pytest.mark.parametrize("change", ["draft", "not_started", "other"])
def test_no_convention_in_force_no_line(world, change):
    line(world)
    if change == "draft":
        world.convention.signed_on = None
    elif change == "not_started":
        world.convention.starts_on = TODAY + timedelta(days=1)
    else:
        world.convention.reference = "AUTRE"
    world.convention.save()
    assert not visible(world.agent, TODAY).exists()


def test_the_end_of_a_habilitation_closes_access_the_same_day(world):
    line(world)
    world.convention.habilitations.filter(user=world.agent).update(ends_on=TODAY)
    assert visible(world.agent, TODAY - timedelta(days=1)).exists()
    assert not visible(world.agent, TODAY).exists()


def test_lists_made_from_an_ended_convention_are_closed_to_all(world):
    line(world)
    world.publication.conventions = [world.convention.reference, "FINIE"]
    world.publication.save()
    assert not visible(world.agent, TODAY).exists()


def test_a_closed_account_sees_nothing(world):
    line(world)
    world.agent.is_active = False
    assert not visible(world.agent, TODAY).exists()


def test_who_opposes_disappears_at_once(world):
    found = line(world)
    Opposition.objects.create(household=found.household, person="personne-1", asked_at="2026-11-24T09:00:00Z")
    assert not visible(world.agent, TODAY).exists()


def test_who_leaves_the_team_sees_nothing(world):
    line(world)
    world.team.members.remove(world.agent)
    assert not visible(world.agent, TODAY).exists()


def test_dates_are_compared_as_dates(world):
    line(world)
    assert visible(world.agent, date(2026, 12, 31)).exists()
