"""« Mes suivis »: every right awaited, step, paper and referral of the plans that someone follows, by date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Prefetch

from allervers.apps.accounts.models import User
from allervers.apps.casework.delays import PAYMENT_DAYS, REFERRAL_DAYS, appeal_by, delay_of
from allervers.apps.casework.domain import (
    DOER_LABELS,
    STATUS_LABELS,
    UNDER_WAY,
    WITH_PAPERS,
    Doer,
    ReferralState,
    RightStatus,
)  # fmt: skip
from allervers.apps.casework.models import Plan, PlannedRight, PlanStep, Referral
from allervers.apps.casework.papers import papers_for
from allervers.apps.casework.permissions import may_read_names, nearest_grant, plans_open_to
from allervers.apps.casework.sealing import opened
from allervers.apps.partnership.domain import Scope
from allervers.apps.partnership.labels import right_label
from allervers.apps.partnership.queries import scope_of

MOST_PLANS = 2_000
"""Plans read at most for a page: far above what a team follows."""

_AWAITED = {
    RightStatus.DETECTED: "À proposer",
    RightStatus.PROPOSED: "Réponse de la personne",
    RightStatus.ACCEPTED: "Demande à faire",
    RightStatus.REQUESTED: "Réponse de l'organisme",
    RightStatus.GRANTED: "Versement ou ouverture",
    RightStatus.REFUSED: "Contester, si la personne le souhaite",
}


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    """Something awaited. `due_on`: None when nothing says by when; `note`: where a date comes from."""

    plan: Plan
    what: str
    detail: str
    due_on: date | None
    is_late: bool
    right: str = ""
    status: str = ""
    note: str = ""
    whose: str = ""
    """For whom, where several may have it and the reader may read names."""

    @property
    def person(self) -> str:
        """What somebody who came is called; "" for who is in the lists."""
        return opened(self.plan.person)

    @property
    def status_label(self) -> str:
        """The step of the right, in French; empty for what is no right."""
        return STATUS_LABELS[RightStatus(self.status)] if self.status else ""


def follow_ups(user: User, on: date, asked: Mapping[str, str]) -> tuple[FollowUpRow, ...]:
    """What is awaited in the open plans that the person follows (or all those of the team that they may open), the
    earliest date first, then what has none. asked: statut, droit, commune, qui, retard.
    """
    scope = scope_of(user, on)
    rows = [
        row for plan in _plans(user, on, asked, scope)
        for row in _rows(plan, on, is_named=may_read_names(plan, nearest_grant(scope, plan)))
        if _is_asked(row, asked)
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (row.due_on is None, row.due_on or date.max, row.plan.pk, row.what)))


def plans_followed(user: User, on: date, asked: Mapping[str, str]) -> int:
    """How many open plans these are, whatever is awaited in them."""
    return len(_plans(user, on, asked, scope_of(user, on)))


def _plans(user: User, on: date, asked: Mapping[str, str], scope: Scope) -> list[Plan]:
    found = plans_open_to(user, on, scope).filter(closed_at=None)
    if asked.get("qui") != "equipe":
        found = found.filter(agent=user)
    if "commune" in asked:
        found = found.filter(commune=asked["commune"])
    return list(
        found.select_related("agent")
        .prefetch_related(
            Prefetch(
                "rights", PlannedRight.objects.filter(status__in=(*UNDER_WAY, RightStatus.REFUSED)), to_attr="awaited"
            ),
            Prefetch("steps", PlanStep.objects.filter(done_at=None).select_related("place"), to_attr="to_do"),
            Prefetch(
                "referrals", Referral.objects.filter(state=ReferralState.SENT).select_related("to"), to_attr="sent"
            ),
            "ticks",
        )
        .order_by("pk")[:MOST_PLANS]
    )


def _is_asked(row: FollowUpRow, asked: Mapping[str, str]) -> bool:
    return (
        asked.get("statut", row.status) == row.status
        and asked.get("droit", row.right) == row.right
        and (asked.get("retard") != "oui" or row.is_late)
    )


def _rows(plan: Plan, on: date, *, is_named: bool) -> Iterator[FollowUpRow]:
    awaited: list[PlannedRight] = plan.awaited  # type: ignore[attr-defined]  # what `to_attr` above has put there
    for planned in awaited:
        until = appeal_by(planned)
        if planned.status == RightStatus.REFUSED and (until is None or until < on):
            continue  # nothing is awaited any more
        yield _of_right(plan, planned, on, is_named=is_named)
    to_do: list[PlanStep] = plan.to_do  # type: ignore[attr-defined]
    for step in to_do:
        doer = step.place.name if step.place is not None else DOER_LABELS[Doer(step.doer)]
        yield FollowUpRow(plan, opened(step.what), doer, step.due_on, _late(step.due_on, on), step.right)
    sent: list[Referral] = plan.sent  # type: ignore[attr-defined]
    for referral in sent:
        by = referral.sent_at.date() + timedelta(days=REFERRAL_DAYS)
        yield FollowUpRow(
            plan, f"Orientation : {referral.to.name}", referral.get_why_display(), by, by < on, referral.right,
            note="un mois sans nouvelles",
        )  # fmt: skip
    if plan.papers_due_on is not None:
        rights = [one.right for one in awaited if one.status in WITH_PAPERS]
        missing = papers_for(rights, plan.situations, {tick.document for tick in plan.ticks.all()}).missing
        if missing:
            detail = ", ".join(paper.document.label for paper in missing)
            yield FollowUpRow(
                plan, f"Pièces à apporter : {len(missing)}", detail, plan.papers_due_on, _late(plan.papers_due_on, on)
            )


def _of_right(plan: Plan, planned: PlannedRight, on: date, *, is_named: bool) -> FollowUpRow:
    due_on, note = None, ""
    if planned.status == RightStatus.REQUESTED and planned.requested_on is not None:
        delay = delay_of(planned.right)
        due_on = planned.requested_on + timedelta(days=delay.days)
        note = "délai général de deux mois" if delay.is_default else "délai du droit"
    elif planned.status == RightStatus.GRANTED and planned.decided_on is not None:
        due_on, note = planned.decided_on + timedelta(days=PAYMENT_DAYS), "deux mois après la décision"
    elif planned.status == RightStatus.REFUSED:
        due_on, note = appeal_by(planned), "deux mois, sauf si la lettre dit autrement"
    return FollowUpRow(
        plan, right_label(planned.right), _AWAITED[RightStatus(planned.status)], due_on, _late(due_on, on),
        planned.right, planned.status, note, opened(planned.whose) if is_named else "",
    )  # fmt: skip


def _late(due_on: date | None, on: date) -> bool:
    return due_on is not None and due_on < on
