"""Writes on the rights of a plan: put in it, moved along the chain, undone, seen paid."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from allervers.apps.accounts.models import User
from allervers.apps.casework.actions.guard import STALE, check_version, in_time, locked_plan, written
from allervers.apps.casework.actions.lines import follow, unfollow
from allervers.apps.casework.domain import STATUS_LABELS, TOLD, Choice, RightStatus, Wish, allowed_after
from allervers.apps.casework.models import Plan, PlannedRight, RightChange
from allervers.apps.casework.sealing import sealed
from allervers.apps.findings.domain import Kind
from allervers.apps.findings.models import Finding
from allervers.apps.findings.permissions import visible
from allervers.foundation.errors import Conflict, InvalidInput, Refused
from allervers.foundation.money import euros
from allervers.rights.catalogue import catalogue

_DATES = {
    RightStatus.DETECTED: "detected_on",
    RightStatus.PROPOSED: "proposed_on",
    RightStatus.ACCEPTED: "answered_on",
    RightStatus.DECLINED: "answered_on",
    RightStatus.REQUESTED: "requested_on",
    RightStatus.GRANTED: "decided_on",
    RightStatus.REFUSED: "decided_on",
    RightStatus.PAID: "paid_on",
}
"""Column that holds the date of each status. A status that comes again clears those of what follows it."""

_BEFORE_REQUEST = (RightStatus.DETECTED, RightStatus.PROPOSED, RightStatus.ACCEPTED, RightStatus.DECLINED)

UNLIKELY_EUR, UNLIKELY_TIMES, UNLIKELY_MORE = 3_000.0, 3.0, 100.0
"""A sum above the first, or where one was estimated so many times that and so many euros more, is asked again."""

_ORDER = ("detected_on", "proposed_on", "answered_on", "requested_on", "decided_on", "paid_on")


@transaction.atomic
def add_rights(
    *, acting_user: User, now: datetime, plan: Plan, rights: Collection[str], linked_from: str = "",
) -> list[PlannedRight]:  # fmt: skip
    """Put rights in a plan, several in one go: proposed, with the amount of the lists where the person may see it. What
    is already there stays as it is.

    permission: casework.permissions.grant_for_plan.
    raises: PermissionDenied; Refused when the plan is closed; InvalidInput for none, or one that does not exist.
    audit: right_proposed, one entry a right; line_changed for its lines.
    after: their lines are taken in charge. Returns those that are new.
    """
    plan, grant = locked_plan(acting_user, plan, now)
    if not rights or {*rights, *([linked_from] if linked_from else [])} - set(catalogue()):
        raise InvalidInput("Choisissez au moins un droit du catalogue.")
    lines = _lines(acting_user, plan, timezone.localdate(now))
    made = []
    for right in sorted(set(rights)):
        line = next((one for one in lines if one.right == right), None)
        unit = "" if line is None else line.unit
        if plan.rights.filter(right=right, unit__in=["", unit]).exists():
            continue
        planned = PlannedRight(plan=plan, right=right, unit=unit, linked_from=linked_from)
        _propose(planned, line, acting_user, now)
        written(acting_user, plan, grant, now, "right_proposed", right=right)
        made.append(planned)
    return made


def _propose(planned: PlannedRight, line: Finding | None, by: User, now: datetime) -> None:
    if planned.proposed_eur is None and line is not None:
        planned.proposed_eur = line.eur
    found = [] if line is None else [(RightStatus.DETECTED, timezone.localdate(line.publication.published_at))]
    _begin(planned, by, now, [*found, (RightStatus.PROPOSED, timezone.localdate(now))])
    follow(by, now, planned, RightStatus.PROPOSED)


@transaction.atomic
def plan_wish(*, acting_user: User, now: datetime, plan: Plan, wish: Wish) -> PlannedRight | None:
    """Put in a plan a right that an interview ends with, for whom it is; where it is there already, write what the
    interview found, until it is asked for. Without status, nothing new is put in.

    permission: casework.permissions.grant_for_plan.
    raises: PermissionDenied; Refused when the plan is closed; InvalidInput for a right that does not exist.
    audit: right_proposed for a new one, right_changed when something is new of one that is there; line_changed.
    after: its lines are taken in charge. Returns the right of the plan that the wish is about.
    """
    plan, grant = locked_plan(acting_user, plan, now)
    if wish.right not in catalogue():
        raise InvalidInput("Choisissez un droit du catalogue.")
    planned = _same(list(plan.rights.filter(right=wish.right)), wish)
    if planned is not None:
        before = (planned.proposed_eur, planned.whose)
        if planned.status in _BEFORE_REQUEST and wish.eur is not None:
            planned.proposed_eur = wish.eur
        planned.whose = planned.whose or sealed(wish.whose)
        if before != (planned.proposed_eur, planned.whose):
            planned.save(update_fields=["proposed_eur", "whose"])
            written(acting_user, plan, grant, now, "right_changed", right=wish.right, status=planned.status)
    if planned is not None or not wish.status:
        return planned
    lines = [one for one in _lines(acting_user, plan, timezone.localdate(now)) if one.right == wish.right]
    line = next((one for one in lines if wish.unit == one.unit), None)
    if line is None and not wish.whose:
        line = lines[0] if len(lines) == 1 else None
    planned = PlannedRight(plan=plan, right=wish.right, unit=wish.unit if line is None else line.unit)
    planned.whose, planned.proposed_eur = sealed(wish.whose), wish.eur
    _propose(planned, line, acting_user, now)
    written(acting_user, plan, grant, now, "right_proposed", right=wish.right)
    return planned


def _same(held: Sequence[PlannedRight], wish: Wish) -> PlannedRight | None:
    """The right of the plan that a wish is about: the one for the same persons. For a household where only one may have
    it, a right that does not say for whom too, or the only one of the lists when no file told who lives there.
    """
    exact = [one for one in held if one.unit == wish.unit]
    if exact or wish.whose:
        return exact[0] if exact else None
    is_told = wish.unit.startswith(TOLD)
    near = [one for one in held if not one.unit or (is_told and not one.unit.startswith(TOLD))]
    return near[0] if len(near) == 1 else None


def _lines(acting_user: User, plan: Plan, on: date) -> Sequence[Finding]:
    lines = visible(acting_user, on).filter(household=plan.household, kind=Kind.RIGHT, is_to_act=True)
    return list(lines.select_related("publication").order_by("rank"))


@transaction.atomic
def note_detected(*, acting_user: User, now: datetime, plan: Plan) -> int:
    """Put in a plan the rights that the lists show for the household, as detected: what a rendez-vous begins with.

    permission: casework.permissions.grant_for_plan.
    raises: PermissionDenied; Refused when the plan is closed.
    audit: rights_detected, when there are some.
    after: nothing. Returns the number of rights put in.
    """
    plan, grant = locked_plan(acting_user, plan, now)
    known = set(plan.rights.values_list("right", flat=True))
    made = 0
    for line in _lines(acting_user, plan, timezone.localdate(now)):
        if line.right in known:
            continue
        known.add(line.right)
        planned = PlannedRight(plan=plan, right=line.right, unit=line.unit)
        planned.proposed_eur = line.eur
        found_on = timezone.localdate(line.publication.published_at)
        _begin(planned, acting_user, now, [(RightStatus.DETECTED, found_on)])
        made += 1
    if made:
        written(acting_user, plan, grant, now, "rights_detected", rights=made)
    return made


def _begin(planned: PlannedRight, by: User, now: datetime, steps: Sequence[tuple[RightStatus, date]]) -> None:
    planned.status = steps[-1][0]
    planned.save()
    RightChange.objects.bulk_create(
        RightChange(planned=planned, at=now, by=by, status=status, on=on) for status, on in steps
    )
    _fold(planned)
    planned.save()


@transaction.atomic
def change_right(
    *, acting_user: User, now: datetime, planned: PlannedRight, status: RightStatus, version: int,
    on: date | None = None, eur: float | None = None, choice: str = "",
    is_sure: bool = False,
) -> tuple[PlannedRight, bool]:  # fmt: skip
    """Move a right along the chain. The same move of the same person, sent again, changes nothing and tells False.

    permission: casework.permissions.grant_for_plan.
    raises: PermissionDenied; Refused for a move that the chain does not know, or a closed plan; Conflict when a
        colleague came first; InvalidInput for a date to come, too old or before what it follows, an unknown choice, or
        an unlikely sum that nobody is sure of.
    audit: right_changed; line_changed for its lines that move.
    after: its lines, in the lists, follow.
    """
    plan, grant = locked_plan(acting_user, planned.plan, now)
    planned = PlannedRight.objects.select_for_update().get(pk=planned.pk)
    if (planned.version, planned.status) == (version + 1, status):
        last = planned.changes.last()
        if last is not None and last.by_id == acting_user.pk:
            return planned, False
    check_version(planned.version, version)
    on = on or timezone.localdate(now)
    _check(planned, status, on, now, choice)
    if status == RightStatus.PAID and eur is not None:
        _check_sum(planned, eur, is_sure=is_sure)
    RightChange.objects.create(planned=planned, at=now, by=acting_user, status=status, on=on)
    planned.choice = choice if status == RightStatus.DECLINED else ""
    if status == RightStatus.PAID:
        planned.paid_eur = eur
    if status == RightStatus.REQUESTED:
        planned.helped_by = acting_user
    _change(planned)
    follow(acting_user, now, planned, status)
    written(acting_user, plan, grant, now, "right_changed", right=planned.right, status=status)
    return planned, True


def _check(planned: PlannedRight, status: RightStatus, on: date, now: datetime, choice: str) -> None:
    if status not in allowed_after(planned.status):
        now_is, asked = STATUS_LABELS[RightStatus(planned.status)], STATUS_LABELS[status]
        raise Refused(f"Ce droit est « {now_is} » : il ne peut pas passer à « {asked} ».")
    in_time(on, now, "L'étape")
    follows = {"decided_on": planned.requested_on, "paid_on": planned.requested_on}.get(_DATES[status])
    if follows is not None and on < follows:
        raise InvalidInput("La décision et le versement ne peuvent pas précéder la demande.")
    if choice and choice not in set(Choice):
        raise InvalidInput("Cette raison n'existe pas : rechargez la page.")


def _check_sum(planned: PlannedRight, eur: float, *, is_sure: bool) -> None:
    """A slip of the hand would go into the summary and the figures."""
    if eur <= 0:
        raise InvalidInput("Un montant versé est au-dessus de zéro : laissez le champ vide s'il n'est pas connu.")
    most = UNLIKELY_EUR if planned.proposed_eur is None else UNLIKELY_TIMES * planned.proposed_eur + UNLIKELY_MORE
    if eur > most and not is_sure:
        raise InvalidInput(
            f"{euros(eur)} : c'est beaucoup pour ce droit. Corrigez, ou cochez « C'est bien ce montant »."
        )


@transaction.atomic
def undo_change(*, acting_user: User, now: datetime, planned: PlannedRight, version: int) -> PlannedRight:
    """Go back one step in the chain: what was said by mistake. The first step takes the right out of the plan.

    permission: casework.permissions.grant_for_plan.
    raises: PermissionDenied; Refused for what the data show, or a closed plan; Conflict.
    audit: right_change_undone; line_changed for its lines that go back.
    after: its lines go back where this step had found them.
    """
    plan, grant = locked_plan(acting_user, planned.plan, now)
    found = PlannedRight.objects.select_for_update().filter(pk=planned.pk).first()
    if found is None:
        raise Conflict(STALE)
    check_version(found.version, version)
    changes = list(found.changes.all())
    if found.is_seen:
        raise Refused("Ce versement est vu dans les données : s'il est faux, demandez la correction, page du ménage.")
    undone = changes[-1].status if changes else found.status
    if len(changes) <= 1:
        found.delete()
    else:
        changes[-1].delete()
        if undone == RightStatus.PAID:
            found.paid_eur = None
        if undone == RightStatus.REQUESTED:
            found.helped_by = None
        found.choice = "" if undone == RightStatus.DECLINED else found.choice
        found.status = changes[-2].status
        _change(found)
    if changes:
        unfollow(acting_user, now, found, changes[-1])
    written(acting_user, plan, grant, now, "right_change_undone", right=found.right, status=undone)
    return found


@transaction.atomic
def see_paid(*, now: datetime, planned: PlannedRight, month: str, partner: str, eur: float | None, on: date) -> bool:
    """Write that partners' data show a right received. Seen again, changes nothing and tells False.

    permission: none (workers); the caller reads only what a convention gives to the organisation of the plan.
    raises: nothing.
    audit: right_seen_paid.
    after: nothing.
    """
    plan = Plan.objects.select_for_update().get(pk=planned.plan_id)
    planned = PlannedRight.objects.select_for_update().get(pk=planned.pk)
    if planned.is_seen:
        return False
    if planned.status != RightStatus.PAID:
        RightChange.objects.create(planned=planned, at=now, by=None, status=RightStatus.PAID, on=on)
    planned.paid_month, planned.paid_by = month, partner
    planned.paid_eur = planned.paid_eur if eur is None else eur
    _change(planned)
    written(None, plan, None, now, "right_seen_paid", right=planned.right)
    return True


def _change(planned: PlannedRight) -> None:
    _fold(planned)
    planned.version += 1
    planned.save()


def _fold(planned: PlannedRight) -> None:
    """Status and dates of a right, from its changes: each date is that of the last passage, what follows is cleared."""
    for name in _ORDER:
        setattr(planned, name, None)
    for change in planned.changes.all():
        status = RightStatus(change.status)
        at = _ORDER.index(_DATES[status])
        setattr(planned, _ORDER[at], change.on)
        for name in _ORDER[at + 1 :]:
            setattr(planned, name, None)
        planned.status = status
