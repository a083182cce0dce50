"""What the pages of a plan read. `acting_user` bounds what comes back: fetching is the permission check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from django.db.models import Model, Prefetch
from django.http import Http404
from django.utils import timezone

from allervers.apps.accounts.models import User
from allervers.apps.casework.delays import appeal_by, delay_of
from allervers.apps.casework.domain import AT_COUNTER, GESTURES, UNDER_WAY, WITH_PAPERS, RightStatus, allowed_after
from allervers.apps.casework.models import Meeting, Note, Plan, PlannedRight, PlanStep, Referral, RightChange
from allervers.apps.casework.papers import Papers, papers_for, situations_to_ask
from allervers.apps.casework.parcours import Template, called_for, templates
from allervers.apps.casework.permissions import grant_for_plan, may_read_names, plans_open_to, readable_notes
from allervers.apps.casework.sealing import opened
from allervers.apps.findings.domain import Kind
from allervers.apps.findings.models import Finding
from allervers.apps.findings.permissions import grants_for_household, visible
from allervers.apps.findings.queries import persons_of
from allervers.apps.findings.received import received_rights
from allervers.apps.partnership.domain import Grant
from allervers.apps.partnership.labels import rights_known
from allervers.apps.partnership.models import Organisation
from allervers.apps.partnership.queries import organisations_of
from allervers.apps.people.domain import Person
from allervers.foundation.errors import AllerVersError
from allervers.rights.catalogue import catalogue
from allervers.rights.graph import opened_by
from allervers.rights.registries import Situation
from allervers.rights.sheets import sheet

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class RightCard:
    """A right of a plan as the page shows it."""

    planned: PlannedRight
    gestures: tuple[tuple[str, str], ...]
    """(status, words of the button) of each move that may follow."""
    changes: tuple[RightChange, ...]
    linked: tuple[tuple[str, str], ...]
    """(right, why) of what may be proposed in one go with it."""
    answer_by: date | None
    is_default_delay: bool
    appeal_by: date | None
    """Until when a refusal may be contested; None: it is no refusal."""
    whose: str
    """For whom, where several may have it and the reader may read names."""


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step, its words opened."""

    step: PlanStep
    what: str


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A note, its words opened."""

    note: Note
    text: str


@dataclass(frozen=True, slots=True)
class PlanPage:
    """What the page of a plan shows."""

    plan: Plan
    grant: Grant
    person: str
    """What somebody who came is called; "" for who is in the lists."""
    cards: tuple[RightCard, ...]
    suggested: tuple[Finding, ...]
    """Lines of the lists that are not in the plan."""
    steps: tuple[StepLine, ...]
    papers: Papers
    situations: tuple[Situation, ...]
    referrals: tuple[Referral, ...]
    notes: tuple[NoteLine, ...]
    meetings: tuple[Meeting, ...]
    called_for: tuple[Template, ...]
    templates: tuple[Template, ...]
    places: tuple[Organisation, ...]
    is_household_open: bool
    may_meet: bool
    """A meeting may begin: the household is open, or it is somebody who came and whom no list shows."""
    catalogue: tuple[tuple[str, str], ...]
    """(id, label) of the rights that may be added."""


def plan_of(acting_user: User, number: int, on: date) -> Plan:
    """A plan that the person may open. Raises Http404 otherwise: nothing tells that it exists."""
    found = plans_open_to(acting_user, on).select_related("team", "agent", "organisation").filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def right_of(acting_user: User, number: int, on: date) -> PlannedRight:
    """A right of a plan that the person may open. Raises Http404."""
    found = PlannedRight.objects.select_related("plan").filter(pk=number, plan__in=plans_open_to(acting_user, on))
    return _found(found.first())


def step_of(acting_user: User, number: int, on: date) -> PlanStep:
    """A step of a plan that the person may open. Raises Http404."""
    found = PlanStep.objects.select_related("plan").filter(pk=number, plan__in=plans_open_to(acting_user, on))
    return _found(found.first())


def referral_of(acting_user: User, number: int, on: date) -> Referral:
    """A referral of a plan that the person may open. Raises Http404."""
    found = Referral.objects.select_related("plan").filter(pk=number, plan__in=plans_open_to(acting_user, on))
    return _found(found.first())


def meeting_of(acting_user: User, number: int, on: date) -> Meeting:
    """A meeting of a plan that the person may open. Raises Http404."""
    found = Meeting.objects.select_related("plan").filter(pk=number, plan__in=plans_open_to(acting_user, on))
    return _found(found.first())


def notes_of(acting_user: User, meeting: Meeting) -> tuple[NoteLine, ...]:
    """The notes written during a meeting, as far as the person reads them."""
    notes = readable_notes(acting_user, meeting.plan).filter(meeting=meeting)
    return tuple(NoteLine(note, opened(note.text)) for note in notes)


def _found(row: Row | None) -> Row:
    if row is None:
        raise Http404
    return row


def plan_page(acting_user: User, plan: Plan, now: datetime) -> PlanPage:
    """Everything of a plan that `plan_of` gave. The caller writes the reading in the register."""
    on = timezone.localdate(now)
    grant = grant_for_plan(acting_user, plan, on)
    if grant is None:
        raise Http404
    changes = Prefetch("changes", RightChange.objects.select_related("by"))
    rights = list(plan.rights.select_related("helped_by").prefetch_related(changes))
    lines = list(visible(acting_user, on).filter(household=plan.household, is_to_act=True).order_by("rank"))
    held = {one.right for one in rights}
    is_open = bool(grants_for_household(acting_user, plan.household, on))
    has = held | set(received_rights(acting_user, plan.household, on))
    events = frozenset(line.event for line in lines if line.kind == Kind.EVENT)
    asked_for = [one.right for one in rights if one.status in WITH_PAPERS]
    steps = [StepLine(step, opened(step.what)) for step in plan.steps.select_related("place", "done_by")]
    called = tuple(templates()[name] for name in called_for(events))
    return PlanPage(
        plan=plan,
        grant=grant,
        person=opened(plan.person),
        cards=tuple(_card(one, has, is_named=may_read_names(plan, grant)) for one in rights),
        suggested=tuple(line for line in lines if line.kind == Kind.RIGHT and line.right not in held),
        steps=tuple(sorted(steps, key=_by_date)),
        papers=papers_for(asked_for, plan.situations, set(plan.ticks.values_list("document", flat=True))),
        situations=situations_to_ask(asked_for),
        referrals=tuple(plan.referrals.select_related("to", "by")),
        notes=tuple(NoteLine(note, opened(note.text)) for note in readable_notes(acting_user, plan)),
        meetings=tuple(plan.meetings.select_related("agent")),
        called_for=called,
        templates=tuple(one for one in templates().values() if one not in called),
        places=tuple(organisations_of(acting_user).filter(is_active=True).exclude(code=acting_user.organisation_code)),
        is_household_open=is_open,
        may_meet=is_open or plan.household.startswith(AT_COUNTER),
        catalogue=tuple((name, label) for name, label in rights_known().items() if _may_be_added(name, held)),
    )


def _may_be_added(right: str, held: set[str]) -> bool:
    return right not in held and sheet(right).force != "ended"


def _by_date(line: StepLine) -> tuple[bool, bool, date, int]:
    due = line.step.due_on
    return line.step.done_at is not None, due is None, due or date.max, line.step.pk


def _card(planned: PlannedRight, held: set[str], *, is_named: bool) -> RightCard:
    delay = delay_of(planned.right)
    waits = planned.status == RightStatus.REQUESTED and planned.requested_on is not None
    return RightCard(
        planned=planned,
        gestures=tuple((str(status), GESTURES[status]) for status in allowed_after(planned.status)),
        changes=tuple(planned.changes.all()),
        linked=linked_rights(planned.right, held) if planned.status in (*UNDER_WAY, RightStatus.PAID) else (),
        answer_by=date.fromordinal(planned.requested_on.toordinal() + delay.days)
        if waits and planned.requested_on
        else None,
        is_default_delay=delay.is_default,
        appeal_by=appeal_by(planned),
        whose=opened(planned.whose) if is_named else "",
    )


def linked_rights(right: str, held: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """(right, why) of what a right opens or makes easier, and that is neither held nor ended: one request, several
    rights.
    """
    if right not in catalogue():
        return ()
    known = set(held)
    return tuple(
        (edge.target, edge.text or "") for edge in opened_by(right)
        if edge.target not in known and sheet(edge.target).force != "ended"
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Summary:
    """What the person takes home. `persons`: named only where a convention opens identities."""

    page: PlanPage
    persons: tuple[Person, ...]
    shared: tuple[NoteLine, ...]
    to_do: tuple[StepLine, ...]
    done: tuple[StepLine, ...]
    whose: str = ""
    """The family that it is for, where several live together; "": for all."""

    @property
    def families(self) -> list[str]:
        """Those for whom there are rights, where there are several: a person is within their family."""
        told = dict.fromkeys(card.whose for card in self.page.cards if card.whose)
        whole = [one for one in told if not any(one != other and _names(one) < _names(other) for other in told)]
        return whole if len(whole) > 1 else []

    def of(self, *statuses: str) -> list[RightCard]:
        """Rights in one of these statuses, for the family that the summary is for."""
        of_all = [card for card in self.page.cards if card.planned.status in statuses]
        return [card for card in of_all if not self.whose or not card.whose or _names(card.whose) <= _names(self.whose)]

    @property
    def to_ask(self) -> list[RightCard]:
        """Rights that are to be asked for, without those that a better one of the plan makes pointless."""
        # A right that was only detected is nothing that the person was told of: it takes the place of none.
        kept = self.of(*(status for status in UNDER_WAY if status != RightStatus.DETECTED), RightStatus.PAID)
        held = {(card.planned.right, card.whose) for card in kept}
        return [
            card for card in self.of(RightStatus.PROPOSED, RightStatus.ACCEPTED)
            if not any((other, card.whose) in held for other in _better_than(card.planned.right))
        ]  # fmt: skip

    @property
    def asked(self) -> list[RightCard]:
        """Rights that wait for an answer or a payment."""
        return self.of(RightStatus.REQUESTED, RightStatus.GRANTED)

    @property
    def over(self) -> list[RightCard]:
        """Rights that are paid or refused."""
        return self.of(RightStatus.PAID, RightStatus.REFUSED)

    @property
    def declined(self) -> list[RightCard]:
        """Rights that the person does not wish."""
        return self.of(RightStatus.DECLINED)


def _better_than(right: str) -> tuple[str, ...]:
    known = catalogue().get(right)
    return known.excluded_by if known is not None else ()


def _names(whose: str) -> frozenset[str]:
    return frozenset(whose.split(", "))


def summary_of(acting_user: User, plan: Plan, now: datetime, rank: str = "") -> Summary:
    """The summary of a plan. Names come through the vault, which writes each reading, as for the household's page.

    rank: of one of its families, from 1, where there are several; anything else: for all.
    """
    page = plan_page(acting_user, plan, now)
    told = [line for line in page.steps if not line.step.is_discreet]
    summary = Summary(
        page=page,
        persons=_persons(acting_user, page, now),
        shared=tuple(line for line in page.notes if line.note.level == "shared"),
        to_do=tuple(line for line in told if line.step.done_at is None),
        done=tuple(line for line in told if line.step.done_at is not None),
    )
    ranks = {str(number): one for number, one in enumerate(summary.families, 1)}
    return replace(summary, whose=ranks.get(rank, ""))


def _persons(acting_user: User, page: PlanPage, now: datetime) -> tuple[Person, ...]:
    if not page.is_household_open:
        return ()
    try:
        return persons_of(acting_user, page.plan.household, now)
    except AllerVersError:
        return ()  # the data of the month were destroyed: the name is written by hand
