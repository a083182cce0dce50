"""Plans: who may open and write one, the chain of a right, versions, replays, and what is destroyed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from small_world import NOW, TODAY, account, line, organisation

from allervers.apps.accounts.departures import depart
from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.keyring import KeyRing
from allervers.apps.accounts.rotation import forget_field_keys, keys_in_use, rotate_field_keys
from allervers.apps.audit.models import Entry
from allervers.apps.casework.actions import forgetting, plans, rights, steps
from allervers.apps.casework.domain import (
    ANSWERS_KEPT,
    NEXT,
    PLANS_KEPT,
    Choice,
    Doer,
    Level,
    ReferralState,
    RightStatus,
    Why,
)
from allervers.apps.casework.models import Meeting, Note, PaperTick, Plan, PlannedRight, PlanStep, Referral
from allervers.apps.casework.permissions import plans_open_to, readable_notes
from allervers.apps.casework.sealing import opened
from allervers.apps.findings.actions import change_progress
from allervers.apps.findings.domain import Progress
from allervers.apps.findings.models import Finding, FollowUp
from allervers.apps.partnership.models import Convention, Habilitation, Party, Team
from allervers.apps.people.models import Opposition
from allervers.foundation.errors import Conflict, InvalidInput, Refused

PROPOSED, ACCEPTED, REQUESTED = RightStatus.PROPOSED, RightStatus.ACCEPTED, RightStatus.REQUESTED


@pytest.fixture
def plan(world) -> Plan:
    return plans.open_plan(acting_user=world.agent, now=NOW, household=line(world).household)[0]


@pytest.fixture
def rsa(world, plan) -> PlannedRight:
    return rights.add_rights(acting_user=world.agent, now=NOW, plan=plan, rights=["rsa"])[0]


def moved(world, planned, status, version, who="agent", **more):
    return rights.change_right(
        acting_user=getattr(world, who), now=NOW, planned=planned, status=status, version=version, **more
    )[0]


def other_organisation_with_the_same_lists(world):
    """The nearest neighbour: an agent of the Département whom the same convention opens the same household to."""
    departement = organisation("departement-93")
    lists = {"rights": ["aspa", "rsa"], "events": []}
    Party.objects.create(convention=world.convention, organisation=departement, side="receives",
                         categories=["identite"], **lists)  # fmt: skip
    paul = account("paul", Role.AGENT, departement)
    Team.objects.create(organisation=departement, name="Nord", communes=["93066"], **lists).members.set([paul])
    Habilitation.objects.create(convention=world.convention, user=paul, starts_on=date(2026, 1, 1))
    return paul


def test_a_plan_is_opened_once_for_a_household(world, plan):
    again, is_new = plans.open_plan(acting_user=world.manager, now=NOW, household=plan.household)
    assert (again, is_new) == (plan, False)
    assert (plan.commune, plan.team, plan.agent, plan.organisation) == (
        "93066", world.team, world.agent, world.saint_denis,
    )  # fmt: skip
    entry = Entry.objects.get(action="plan_opened")
    assert (entry.target, entry.convention) == (plan.household, world.convention.reference)


@pytest.mark.parametrize("who", ["neighbour", "unnamed", "admin", "analyst", "officer", "platform"])
def test_others_open_no_plan_and_write_in_none(world, who, plan, rsa):
    user = getattr(world, who)
    with pytest.raises(PermissionDenied):
        plans.open_plan(acting_user=user, now=NOW, household=plan.household)
    for write in (
        lambda: moved(world, rsa, ACCEPTED, 0, who),
        lambda: rights.undo_change(acting_user=user, now=NOW, planned=rsa, version=0),
        lambda: steps.apply_template(acting_user=user, now=NOW, plan=plan, template="separation"),
        lambda: steps.write_note(acting_user=user, now=NOW, plan=plan, key="k", level=Level.TEAM, text="x"),
        lambda: plans.close_plan(acting_user=user, now=NOW, plan=plan, version=0, even_unfinished=True),
        lambda: steps.tick_paper(acting_user=user, now=NOW, plan=plan, document="rib", is_there=True),
    ):
        with pytest.raises(PermissionDenied):
            write()
    assert not plans_open_to(user, TODAY).exists()


def test_another_organisation_sees_the_household_and_not_this_plan(world, plan, rsa):
    paul = other_organisation_with_the_same_lists(world)
    assert not plans_open_to(paul, TODAY).exists()
    with pytest.raises(PermissionDenied):
        rights.change_right(acting_user=paul, now=NOW, planned=rsa, status=ACCEPTED, version=0)
    theirs, is_new = plans.open_plan(acting_user=paul, now=NOW, household=plan.household)
    assert is_new
    assert theirs != plan


def test_the_end_of_the_convention_closes_plans_the_same_day(world, plan):
    assert plans_open_to(world.agent, TODAY).exists()
    Convention.objects.update(ends_on=TODAY)
    assert not plans_open_to(world.agent, TODAY).exists()
    with pytest.raises(PermissionDenied):
        plans.take_plan(acting_user=world.agent, now=NOW, plan=plan, version=0)


def test_a_plan_stays_open_once_its_rights_have_left_the_lists(world, plan, rsa):
    world.publication.findings.all().delete()
    assert list(plans_open_to(world.agent, TODAY)) == [plan]
    assert not plans_open_to(world.neighbour, TODAY).exists()


def test_an_opposition_closes_then_destroys(world, plan, rsa):
    steps.write_note(acting_user=world.agent, now=NOW, plan=plan, key="k", level=Level.SHARED, text="x")
    Opposition.objects.create(household=plan.household, person="p", recorded_by=world.agent, asked_at=NOW)
    assert not plans_open_to(world.agent, TODAY).exists()
    assert forgetting.forget_plans(acting_user=None, now=NOW, household=plan.household) == 1
    assert not any(model.objects.exists() for model in (Plan, PlannedRight, Note, Meeting))
    assert forgetting.forget_plans(acting_user=None, now=NOW, household=plan.household) == 0


def test_proposing_takes_the_amount_of_the_lists_and_the_date_of_detection(world, plan, rsa):
    assert (rsa.status, rsa.unit, rsa.proposed_eur) == ("proposed", "famille-1", 600.0)
    assert (rsa.detected_on, rsa.proposed_on) == (TODAY, TODAY)
    assert rights.add_rights(acting_user=world.agent, now=NOW, plan=plan, rights=["rsa"]) == []


def test_linked_rights_are_proposed_in_one_go(world, plan):
    made = rights.add_rights(
        acting_user=world.agent, now=NOW, plan=plan, rights=["solidarite_transport", "css_sans_participation"],
        linked_from="rsa",
    )  # fmt: skip
    assert [one.right for one in made] == ["css_sans_participation", "solidarite_transport"]
    assert {(one.linked_from, one.proposed_eur) for one in made} == {("rsa", None)}
    for wrong in ([], ["inconnu"]):
        with pytest.raises(InvalidInput):
            rights.add_rights(acting_user=world.agent, now=NOW, plan=plan, rights=wrong)


def test_the_whole_chain_with_its_dates_and_amounts(world, rsa):
    moved(world, rsa, ACCEPTED, 0)
    moved(world, rsa, REQUESTED, 1, "manager", on=date(2026, 11, 20))
    moved(world, rsa, RightStatus.GRANTED, 2, on=date(2026, 11, 23))
    paid = moved(world, rsa, RightStatus.PAID, 3, eur=580.0)
    assert (paid.requested_on, paid.decided_on, paid.paid_on) == (date(2026, 11, 20), date(2026, 11, 23), TODAY)
    assert (paid.paid_eur, paid.helped_by, paid.version, paid.is_seen) == (580.0, world.manager, 4, False)
    assert [change.status for change in paid.changes.all()] == [
        "detected", "proposed", "accepted", "requested", "granted", "paid",
    ]  # fmt: skip
    assert Entry.objects.filter(action="right_changed").count() == 4


@pytest.mark.parametrize(
    ("before", "after"), [(b, a) for b in RightStatus for a in RightStatus if a not in NEXT[b]]
)  # fmt: skip
def test_what_the_chain_does_not_know_is_refused_in_words(world, rsa, before, after):
    PlannedRight.objects.update(status=before)
    with pytest.raises(Refused, match="ne peut pas passer"):
        moved(world, rsa, after, 0)
    rsa.refresh_from_db()
    assert rsa.status == before


def test_dates_that_cannot_be(world, rsa):
    moved(world, rsa, ACCEPTED, 0)
    with pytest.raises(InvalidInput, match="avenir"):
        moved(world, rsa, REQUESTED, 1, on=TODAY + timedelta(days=1))
    moved(world, rsa, REQUESTED, 1, on=TODAY)
    with pytest.raises(InvalidInput, match="précéder"):
        moved(world, rsa, RightStatus.GRANTED, 2, on=TODAY - timedelta(days=1))


def test_a_page_out_of_date_changes_nothing_and_a_replay_neither(world, rsa):
    moved(world, rsa, ACCEPTED, 0)
    _, is_new = rights.change_right(acting_user=world.agent, now=NOW, planned=rsa, status=ACCEPTED, version=0)
    assert not is_new
    with pytest.raises(Conflict):
        moved(world, rsa, RightStatus.DECLINED, 0, "manager")
    with pytest.raises(Conflict):
        moved(world, rsa, ACCEPTED, 0, "manager")
    assert rsa.changes.count() == 3


def test_a_choice_may_be_told_or_not_and_taken_again(world, rsa):
    declined = moved(world, rsa, RightStatus.DECLINED, 0)
    assert declined.choice == ""
    again = moved(world, rsa, PROPOSED, 1)
    assert (again.answered_on, again.choice) == (None, "")
    assert moved(world, rsa, RightStatus.DECLINED, 2, choice=Choice.LATER).choice == "later"
    moved(world, rsa, PROPOSED, 3)
    with pytest.raises(InvalidInput):
        moved(world, rsa, RightStatus.DECLINED, 4, choice="paresse")


def test_undoing_goes_back_to_the_dates_before(world, plan, rsa):
    moved(world, rsa, ACCEPTED, 0)
    moved(world, rsa, REQUESTED, 1, on=date(2026, 11, 3))
    moved(world, rsa, RightStatus.REFUSED, 2, on=date(2026, 11, 10))
    moved(world, rsa, REQUESTED, 3, on=date(2026, 11, 12))
    back = rights.undo_change(acting_user=world.agent, now=NOW, planned=rsa, version=4)
    assert (back.status, back.requested_on, back.decided_on) == ("refused", date(2026, 11, 3), date(2026, 11, 10))
    with pytest.raises(Conflict):
        rights.undo_change(acting_user=world.agent, now=NOW, planned=rsa, version=4)
    for version in (5, 6, 7, 8):
        rights.undo_change(acting_user=world.agent, now=NOW, planned=rsa, version=version)
    assert list(plan.rights.values_list("status", flat=True)) == ["detected"]
    rights.undo_change(acting_user=world.agent, now=NOW, planned=rsa, version=9)
    assert not plan.rights.exists()


def test_a_template_applied_again_adds_nothing(world, plan):
    def apply():
        return steps.apply_template(acting_user=world.agent, now=NOW, plan=plan, template="impaye_loyer")

    assert apply() == 6
    first = plan.steps.first()
    steps.tick_step(acting_user=world.agent, now=NOW, step=first, is_done=True)
    assert apply() == 0
    first.refresh_from_db()
    assert (first.done_by, first.due_on) == (world.agent, TODAY + timedelta(days=15))
    assert "bailleur" in opened(first.what)
    with pytest.raises(InvalidInput):
        steps.apply_template(acting_user=world.agent, now=NOW, plan=plan, template="loterie")


def test_ticks_said_twice_are_said_once(world, plan):
    step = steps.add_step(acting_user=world.agent, now=NOW, plan=plan, key="a", what=" Appeler ", doer=Doer.AGENT)
    same = steps.add_step(acting_user=world.agent, now=NOW, plan=plan, key="a", what="Appeler", doer=Doer.AGENT)
    assert (step, opened(step.what), PlanStep.objects.count()) == (same, "Appeler", 1)
    assert "Appeler" not in step.what
    assert steps.tick_step(acting_user=world.agent, now=NOW, step=step, is_done=True)
    assert not steps.tick_step(acting_user=world.manager, now=NOW, step=step, is_done=True)
    with pytest.raises(Refused):
        steps.remove_step(acting_user=world.agent, now=NOW, step=step)
    assert steps.tick_paper(acting_user=world.agent, now=NOW, plan=plan, document="rib", is_there=True)
    assert not steps.tick_paper(acting_user=world.agent, now=NOW, plan=plan, document="rib", is_there=True)
    assert PaperTick.objects.count() == 1
    assert steps.tick_paper(acting_user=world.agent, now=NOW, plan=plan, document="rib", is_there=False)


def test_notes_have_three_circles_of_readers(world, plan):
    second = Team.objects.create(organisation=world.saint_denis, name="Autre", communes=["93066"], rights=["rsa"])
    colleague = account("collegue", Role.AGENT, world.saint_denis)
    second.members.set([colleague])
    Habilitation.objects.create(convention=world.convention, user=colleague, starts_on=date(2026, 1, 1))
    for level in Level:
        for _ in range(2):
            steps.write_note(acting_user=world.agent, now=NOW, plan=plan, key=level, level=level, text=f"pour {level}")
    assert Note.objects.count() == 3
    assert "pour" not in "".join(Note.objects.values_list("text", flat=True))

    def read_by(user):
        return {note.level for note in readable_notes(user, plan)}

    assert read_by(world.agent) == {"shared", "team", "private"}
    assert read_by(world.manager) == {"shared", "team"}
    assert plans_open_to(colleague, TODAY).exists()
    assert read_by(colleague) == {"shared"}
    assert "pour" not in str(list(Entry.objects.filter(action="note_written").values_list("details", flat=True)))


def test_a_referral_asks_for_agreement_and_is_followed(world, plan):
    def referred(to, *, is_agreed=True):
        return steps.refer(acting_user=world.agent, now=NOW, plan=plan, to=to, why=Why.LEGAL, is_agreed=is_agreed)

    with pytest.raises(Refused):
        referred(world.bondy, is_agreed=False)
    with pytest.raises(InvalidInput):
        referred(world.outsider.organisation)
    referral, _ = referred(world.bondy)
    assert referred(world.bondy) == (referral, False)
    done = steps.answer_referral(acting_user=world.agent, now=NOW, referral=referral, state=ReferralState.MET)
    assert (done.state, done.answered_at) == ("met", NOW)
    assert Referral.objects.count() == 1


def test_a_plan_unfinished_is_closed_only_if_meant(world, plan, rsa):
    with pytest.raises(Refused, match="encore attendus"):
        plans.close_plan(acting_user=world.agent, now=NOW, plan=plan, version=0)
    plans.close_plan(acting_user=world.agent, now=NOW, plan=plan, version=0, even_unfinished=True)
    with pytest.raises(Refused, match="clos"):
        moved(world, rsa, ACCEPTED, 0)
    reopened = plans.reopen_plan(acting_user=world.manager, now=NOW, plan=plan, version=1)
    assert (reopened.closed_at, reopened.version) == (None, 2)
    with pytest.raises(Conflict):
        plans.take_plan(acting_user=world.agent, now=NOW, plan=plan, version=1)


def test_who_leaves_gives_plans_back_and_private_notes_go(world, plan):
    steps.write_note(acting_user=world.agent, now=NOW, plan=plan, key="p", level=Level.PRIVATE, text="à moi")
    counts = depart(world.agent, world.admin, NOW)
    plan.refresh_from_db()
    assert (plan.agent, plan.team, counts["plans"], counts["private_notes"]) == (None, world.team, 1, 1)
    assert depart(world.agent, world.admin, NOW)["plans"] == 0
    assert Entry.objects.filter(action="plan_given_back").count() == 1


def test_what_is_past_its_time_is_destroyed(world, plan):
    Meeting.objects.create(plan=plan, household=plan.household, agent=world.agent, origin="list", started_at=NOW,
                           closed_at=NOW, answers="v1:x:y")  # fmt: skip
    plans.close_plan(acting_user=world.agent, now=NOW, plan=plan, version=0)
    day = timedelta(days=1)
    assert forgetting.destroy_old_plans(now=NOW + ANSWERS_KEPT - day) == (0, 0)
    assert forgetting.destroy_old_plans(now=NOW + ANSWERS_KEPT + day) == (0, 1)
    assert forgetting.destroy_old_plans(now=NOW + PLANS_KEPT - day) == (0, 0)
    assert forgetting.destroy_old_plans(now=NOW + PLANS_KEPT + day) == (1, 0)
    assert not Plan.objects.exists()


def test_keys_change_and_texts_are_read_again(world, plan, tmp_path, monkeypatch):
    ring = KeyRing(tmp_path / "keys" / "fields")
    ring.make_sure()
    monkeypatch.setattr(settings, "FIELD_KEYS", ring)
    note = steps.write_note(acting_user=world.agent, now=NOW, plan=plan, key="k", level=Level.SHARED, text="bonjour")
    old = ring.identifiers[0]
    assert keys_in_use() == {old}
    assert rotate_field_keys(now=NOW, ring=ring) == 1
    note.refresh_from_db()
    assert keys_in_use() == {ring.identifiers[0]} != {old}
    assert forget_field_keys(now=NOW, ring=ring) == 1
    assert opened(note.text) == "bonjour"


def test_the_line_of_a_right_follows_the_plan_and_comes_back(world, plan, rsa):
    def stands():
        found = plan_line(plan)
        return found.progress, found.agent

    other = line(world, 900, household=plan.household, unit="famille-1", right="aspa")
    assert stands() == ("in_charge", world.agent)
    for version, status in enumerate((ACCEPTED, REQUESTED, RightStatus.GRANTED)):
        moved(world, rsa, status, version)
        assert stands()[0] == "in_charge"
    moved(world, rsa, RightStatus.PAID, 3)
    assert stands()[0] == "settled"
    assert [one.progress for one in FollowUp.objects.get().steps.all()] == ["in_charge", "settled"]
    assert Entry.objects.filter(action="line_changed").count() == 2
    rights.undo_change(acting_user=world.agent, now=NOW, planned=rsa, version=4)
    assert stands()[0] == "in_charge"
    other.refresh_from_db()
    assert other.progress == "to_do"


def test_a_right_declined_settles_its_line_and_undoing_opens_it_again(world, plan, rsa):
    moved(world, rsa, RightStatus.DECLINED, 0, choice=Choice.LATER)
    assert (plan_line(plan).progress, FollowUp.objects.get().reason) == ("not_relevant", "declined")
    rights.undo_change(acting_user=world.agent, now=NOW, planned=rsa, version=1)
    assert plan_line(plan).progress == "in_charge"
    rights.undo_change(acting_user=world.agent, now=NOW, planned=rsa, version=2)
    assert (plan_line(plan).progress, plan_line(plan).agent) == ("to_do", None)


def test_a_line_that_a_colleague_has_settled_stays(world, plan):
    found = plan_line(plan)
    change_progress(acting_user=world.manager, now=NOW, finding=found, progress=Progress.NOT_RELEVANT, version=0,
                    reason="moved")  # fmt: skip
    planned = rights.add_rights(acting_user=world.agent, now=NOW, plan=plan, rights=["rsa"])[0]
    moved(world, planned, ACCEPTED, 0)
    assert plan_line(plan).progress == "not_relevant"


def test_a_fact_older_than_three_years_is_refused(world, plan, rsa):
    moved(world, rsa, ACCEPTED, 0)
    with pytest.raises(InvalidInput, match="plus de trois ans"):
        moved(world, rsa, REQUESTED, 1, on=date(1999, 11, 24))
    with pytest.raises(InvalidInput, match="plus de trois ans"):
        moved(world, rsa, REQUESTED, 1, on=TODAY.replace(year=TODAY.year - 3) - timedelta(days=1))
    moved(world, rsa, REQUESTED, 1, on=TODAY.replace(year=TODAY.year - 3))


def plan_line(plan):
    return Finding.objects.get(household=plan.household, right="rsa")
