"""Writes on what is to be done: steps, templates of steps, papers, notes, referrals to another place."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from allervers.apps.accounts.models import User
from allervers.apps.casework.actions.guard import locked_plan, written
from allervers.apps.casework.domain import Doer, Level, ReferralState, Why
from allervers.apps.casework.models import Meeting, Note, PaperTick, Plan, PlanStep, Referral
from allervers.apps.casework.parcours import templates
from allervers.apps.casework.sealing import sealed
from allervers.apps.partnership.models import Organisation
from allervers.apps.partnership.queries import organisations_of
from allervers.foundation.errors import InvalidInput, Refused
from allervers.rights.catalogue import catalogue
from allervers.rights.registries import documents

LONGEST = 4_000
"""Characters of a note, at most."""
LONGEST_STEP = 300
"""Characters of a step: a line of the summary, which must stand on a page."""


@transaction.atomic
def apply_template(*, acting_user: User, now: datetime, plan: Plan, template: str) -> int:
    """Add the steps of a life event to a plan. Applied again, adds only those that are missing.

    permission: casework.permissions.grant_for_plan.
    raises: PermissionDenied; Refused when the plan is closed; InvalidInput for a template that does not exist.
    audit: template_applied (how many steps; the event is told by the plan alone).
    after: nothing. Returns the number of steps added.
    """
    plan, grant = locked_plan(acting_user, plan, now)
    found = templates().get(template)
    if found is None:
        raise InvalidInput("Ce modèle d'étapes n'existe pas : rechargez la page.")
    today, added = timezone.localdate(now), 0
    for step in found.steps:
        _, is_new = PlanStep.objects.get_or_create(
            plan=plan, template=template, step=step.id,
            defaults={
                "what": sealed(step.what), "right": step.right, "doer": step.doer,
                "is_discreet": step.is_discreet,
                "due_on": None if step.within_days is None else today + timedelta(days=step.within_days),
            },
        )  # fmt: skip
        added += is_new
    if added:
        written(acting_user, plan, grant, now, "template_applied", steps=added)
    return added


@transaction.atomic
def add_step(
    *, acting_user: User, now: datetime, plan: Plan, key: str, what: str, doer: Doer, due_on: date | None = None,
    place: Organisation | None = None, right: str = "", is_discreet: bool = False,
) -> PlanStep:  # fmt: skip
    """Write a step: what, who does it, by when. Sent again under the same key, it is kept once.

    permission: casework.permissions.grant_for_plan.
    raises: PermissionDenied; Refused when the plan is closed; InvalidInput without words, or for a place or right
        that does not exist.
    audit: step_added, the first time.
    after: nothing.
    """
    plan, grant = locked_plan(acting_user, plan, now)
    what = what.strip()
    if not 0 < len(what) <= LONGEST_STEP:
        raise InvalidInput(
            f"Dites ce qu'il y a à faire, en {LONGEST_STEP} caractères au plus : le reste va dans une note."
        )
    if right and right not in catalogue():
        raise InvalidInput("Ce droit n'existe pas : rechargez la page.")
    if place is not None and not organisations_of(acting_user).filter(pk=place.pk, is_active=True).exists():
        raise InvalidInput("Ce lieu n'est pas parmi les partenaires de votre organisme.")
    step, is_new = PlanStep.objects.get_or_create(
        plan=plan, template="", step=key[:40],
        defaults={
            "what": sealed(what), "doer": doer, "due_on": due_on, "place": place, "right": right,
            "is_discreet": is_discreet,
        },
    )  # fmt: skip
    if is_new:
        written(acting_user, plan, grant, now, "step_added", step=step.pk)
    return step


@transaction.atomic
def tick_step(*, acting_user: User, now: datetime, step: PlanStep, is_done: bool) -> bool:
    """Say that a step is done, or is not after all. Said twice, it is said once: False the second time.

    permission: casework.permissions.grant_for_plan.
    raises: PermissionDenied; Refused when the plan is closed.
    audit: step_ticked.
    after: nothing.
    """
    plan, grant = locked_plan(acting_user, step.plan, now)
    step = PlanStep.objects.select_for_update().get(pk=step.pk)
    if (step.done_at is not None) is is_done:
        return False
    step.done_at, step.done_by = (now, acting_user) if is_done else (None, None)
    step.save(update_fields=["done_at", "done_by"])
    written(acting_user, plan, grant, now, "step_ticked", step=step.pk, done=is_done)
    return True


@transaction.atomic
def remove_step(*, acting_user: User, now: datetime, step: PlanStep) -> None:
    """Take a step out of a plan: it does not fit this household.

    permission: casework.permissions.grant_for_plan.
    raises: PermissionDenied; Refused when the plan is closed, or the step is done.
    audit: step_removed.
    after: nothing.
    """
    plan, grant = locked_plan(acting_user, step.plan, now)
    if PlanStep.objects.filter(pk=step.pk).exclude(done_at=None).exists():
        raise Refused("Cette étape est faite : décochez-la d'abord.")
    if PlanStep.objects.filter(pk=step.pk).delete()[0]:
        written(acting_user, plan, grant, now, "step_removed", step=step.pk)


@transaction.atomic
def tick_paper(*, acting_user: User, now: datetime, plan: Plan, document: str, is_there: bool) -> bool:
    """Say that the person has brought a document, or not after all. Said twice, it is said once.

    permission: casework.permissions.grant_for_plan.
    raises: PermissionDenied; Refused when the plan is closed; InvalidInput for a document that does not exist.
    audit: paper_ticked.
    after: nothing. Tells whether it changed something.
    """
    plan, grant = locked_plan(acting_user, plan, now)
    if document not in documents():
        raise InvalidInput("Cette pièce n'existe pas : rechargez la page.")
    if is_there:
        _, changed = PaperTick.objects.get_or_create(
            plan=plan, document=document, defaults={"at": now, "by": acting_user}
        )
    else:
        changed = bool(PaperTick.objects.filter(plan=plan, document=document).delete()[0])
    if changed:
        written(acting_user, plan, grant, now, "paper_ticked", there=is_there)
    return changed


@transaction.atomic
def write_note(
    *, acting_user: User, now: datetime, plan: Plan, key: str, level: Level, text: str, meeting: Meeting | None = None
) -> Note:
    """Write a note for the person, the team or oneself. Sent again under the same key, it is kept once.

    permission: casework.permissions.grant_for_plan.
    raises: PermissionDenied; Refused when the plan is closed; InvalidInput without words.
    audit: note_written (its level, never its text), the first time.
    after: nothing.
    """
    plan, grant = locked_plan(acting_user, plan, now)
    text = text.strip()[:LONGEST]
    if not text:
        raise InvalidInput("La note est vide.")
    if meeting is not None and meeting.plan_id != plan.pk:
        raise InvalidInput("Ce rendez-vous n'est pas celui de ce plan.")
    note, is_new = Note.objects.get_or_create(
        plan=plan, key=key[:40],
        defaults={"level": level, "author": acting_user, "at": now, "text": sealed(text), "meeting": meeting},
    )  # fmt: skip
    if is_new:
        written(acting_user, plan, grant, now, "note_written", level=level)
    return note


@transaction.atomic
def refer(
    *, acting_user: User, now: datetime, plan: Plan, to: Organisation, why: Why, is_agreed: bool, right: str = ""
) -> tuple[Referral, bool]:
    """Send the person to a partner's place, with their agreement. The same one that still waits is given back.

    permission: casework.permissions.grant_for_plan; the place is among the partners of the organisation.
    raises: PermissionDenied; Refused without agreement, or when the plan is closed; InvalidInput for another place.
    audit: referral_made, the first time.
    after: nothing is transmitted: the summary tells the person where to go and why.
    """
    plan, grant = locked_plan(acting_user, plan, now)
    if not is_agreed:
        raise Refused("La personne doit être d'accord pour être orientée vers un autre lieu.")
    if not organisations_of(acting_user).filter(pk=to.pk, is_active=True).exists():
        raise InvalidInput("Ce lieu n'est pas parmi les partenaires de votre organisme.")
    if right and right not in catalogue():
        raise InvalidInput("Ce droit n'existe pas : rechargez la page.")
    referral, is_new = Referral.objects.get_or_create(
        plan=plan, to=to, why=why, right=right, state=ReferralState.SENT, defaults={"sent_at": now, "by": acting_user}
    )
    if is_new:
        written(acting_user, plan, grant, now, "referral_made", to=to.code)
    return referral, is_new


@transaction.atomic
def answer_referral(*, acting_user: User, now: datetime, referral: Referral, state: ReferralState) -> Referral:
    """Say what became of a referral, or that it waits again.

    permission: casework.permissions.grant_for_plan.
    raises: PermissionDenied; Refused when the plan is closed.
    audit: referral_answered.
    after: nothing.
    """
    plan, grant = locked_plan(acting_user, referral.plan, now)
    referral = Referral.objects.select_for_update().select_related("to").get(pk=referral.pk)
    if referral.state != state:
        referral.state, referral.answered_at = state, None if state == ReferralState.SENT else now
        referral.save(update_fields=["state", "answered_at"])
        written(acting_user, plan, grant, now, "referral_answered", to=referral.to.code, state=state)
    return referral
