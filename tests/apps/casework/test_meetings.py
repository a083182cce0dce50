"""The rendez-vous des droits: begun once, saved through cuts without loss nor overwriting, read by its agent alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from small_world import NOW, line

from allervers.apps.audit.models import Entry
from allervers.apps.casework.actions import meetings
from allervers.apps.casework.domain import Origin
from allervers.apps.casework.models import Meeting
from allervers.foundation.errors import Conflict, InvalidInput, Refused


def started(world, who="agent", household="menage-1"):
    return meetings.start_meeting(
        acting_user=getattr(world, who), now=NOW, household=household, origin=Origin.LIST, line="rsa"
    )


def saved(world, meeting, answers, version, draft, sequence, who="agent"):
    kept = meetings.save_answers(
        acting_user=getattr(world, who), now=NOW, meeting=meeting, answers=answers, version=version, draft=draft,
        sequence=sequence,
    )  # fmt: skip
    return kept.version, kept.is_new


def kept(world, meeting):
    return meetings.answers_of(world.agent, Meeting.objects.get(pk=meeting.pk))


@pytest.fixture
def meeting(world):
    line(world)
    return started(world)[0]


def test_it_opens_the_plan_with_what_the_lists_show(world, meeting):
    [right] = meeting.plan.rights.all()
    assert (right.right, right.status, right.proposed_eur) == ("rsa", "detected", 600.0)
    assert started(world) == (meeting, False)
    theirs, is_new = started(world, "manager")
    assert (theirs.plan, is_new) == (meeting.plan, True)
    assert meeting.plan.rights.count() == 1


@pytest.mark.parametrize("who", ["neighbour", "unnamed", "admin", "platform"])
def test_others_start_none(world, who):
    line(world)
    with pytest.raises(PermissionDenied):
        started(world, who)
    assert not Meeting.objects.exists()


def test_what_is_sent_again_is_kept_once(world, meeting):
    assert saved(world, meeting, "a", 0, "page-1", 1) == (1, True)
    assert saved(world, meeting, "a", 0, "page-1", 1) == (1, False)
    assert kept(world, meeting) == "a"
    assert Meeting.objects.get(pk=meeting.pk).answers != "a"
    assert Entry.objects.filter(action="meeting_saved").count() == 1


def test_after_a_cut_nothing_is_lost_nor_goes_back(world, meeting):
    saved(world, meeting, "a", 0, "page-1", 1)  # its answer is lost: the page still believes in version 0
    assert saved(world, meeting, "a, b", 0, "page-1", 2) == (2, True)
    assert saved(world, meeting, "a", 0, "page-1", 1) == (2, False)  # comes late, changes nothing
    assert kept(world, meeting) == "a, b"


def test_another_page_never_overwrites_what_it_has_not_seen(world, meeting):
    saved(world, meeting, "a", 0, "page-1", 1)
    with pytest.raises(Conflict):
        saved(world, meeting, "z", 0, "page-2", 1)
    assert kept(world, meeting) == "a"
    assert saved(world, meeting, "a, z", 1, "page-2", 1) == (2, True)
    with pytest.raises(Conflict):
        saved(world, meeting, "a, b", 1, "page-1", 2)
    assert kept(world, meeting) == "a, z"


def test_only_its_agent_saves_and_reads(world, meeting):
    with pytest.raises(PermissionDenied):
        saved(world, meeting, "a", 0, "page-1", 1, "manager")
    with pytest.raises(PermissionDenied):
        meetings.answers_of(world.manager, meeting)
    world.convention.ends_on = NOW.date()
    world.convention.save()
    with pytest.raises(PermissionDenied):
        saved(world, meeting, "a", 0, "page-1", 1)


@pytest.mark.parametrize(("answers", "draft", "sequence"), [("x" * 200_001, "p", 1), ("x", "", 1), ("x", "p", 0)])
def test_what_cannot_be_kept_is_refused(world, meeting, answers, draft, sequence):
    with pytest.raises(InvalidInput):
        saved(world, meeting, answers, 0, draft, sequence)


def test_held_then_closed(world, meeting):
    meetings.hold_meeting(acting_user=world.agent, now=NOW, meeting=meeting)
    later = NOW + timedelta(hours=1)
    over = meetings.hold_meeting(acting_user=world.agent, now=later, meeting=meeting, closes=True)
    assert (over.held_at, over.closed_at) == (NOW, later)
    with pytest.raises(Refused):
        saved(world, meeting, "a", 0, "page-1", 1)
    assert started(world)[1]
