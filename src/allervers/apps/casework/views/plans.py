"""The page of a plan, its buttons, and the summary that the person signs."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from allervers.apps.accounts.domain import SEES_PERSONS
from allervers.apps.accounts.models import User
from allervers.apps.accounts.permissions import AccountRequest, for_roles
from allervers.apps.audit.actions import record
from allervers.apps.casework import queries
from allervers.apps.casework.actions import meetings, plans, rights, steps
from allervers.apps.casework.domain import (
    CHOICE_LABELS,
    DOER_LABELS,
    LEVEL_LABELS,
    ORIGIN_LABELS,
    REFERRAL_LABELS,
    WHY_LABELS,
    Doer,
    Level,
    Origin,
    ReferralState,
    RightStatus,
    Why,
)  # fmt: skip
from allervers.apps.casework.forms import (
    NoteForm,
    OriginForm,
    ReferralForm,
    ReferralStateForm,
    RightForm,
    SituationsForm,
    StepForm,
    VersionForm,
)  # fmt: skip
from allervers.apps.casework.models import Plan
from allervers.apps.printing.pdf import downloaded
from allervers.foundation.errors import HTTP_STATUS, Conflict, InvalidInput, Refused

_INCOMPLETE = "La demande est incomplète : recommencez."


def _plan(request: AccountRequest, plan: int) -> Plan:
    return queries.plan_of(request.user, plan, timezone.localdate())


def _back(plan: Plan, part: str = "") -> HttpResponse:
    answer = redirect("plan", plan.pk)
    if part:
        answer["Location"] += f"#{part}"
    return answer


def _checked(form: Any) -> dict[str, Any]:
    if not form.is_valid():
        told = [f"{form[name].label} : {' '.join(form.errors[name])}" for name in form.errors if form[name].label]
        raise InvalidInput(" ".join(told) or _INCOMPLETE)
    values: dict[str, Any] = form.cleaned_data
    return values


_PLAN_OF: Mapping[str, Callable[[User, int, date], Plan]] = {
    "plan": queries.plan_of,
    "planned": lambda user, number, on: queries.right_of(user, number, on).plan,
    "step": lambda user, number, on: queries.step_of(user, number, on).plan,
    "referral": lambda user, number, on: queries.referral_of(user, number, on).plan,
}
"""How the plan is found that a form of its page names, by what the address holds."""


def _on_the_page(gesture: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A problem of a form is told on the page of the plan, as it now stands, with what was typed."""

    @wraps(gesture)
    def answered(request: AccountRequest, **held: int) -> HttpResponse:
        try:
            return gesture(request, **held)
        except (InvalidInput, Refused, Conflict) as error:
            [(kind, number)] = held.items()
            plan = _PLAN_OF[kind](request.user, number, timezone.localdate())
            typed = {gesture.__name__: request.POST.dict(), "planned": held.get("planned")}
            return _shown(request, plan, status=HTTP_STATUS[error.code], problem=error.message, typed=typed)

    return answered


@for_roles(*SEES_PERSONS)
def plan(request: AccountRequest, plan: int) -> HttpResponse:
    """A plan: rights, steps, papers, places, notes."""
    return _shown(request, _plan(request, plan))


def _shown(request: AccountRequest, plan: Plan, status: int = 200, **more: Any) -> HttpResponse:
    now = timezone.now()
    page = queries.plan_page(request.user, plan, now)
    record(
        acting_user=request.user, now=now, action="plan_viewed", kind="household", target=page.plan.household,
        purpose=page.grant.purpose, convention=page.grant.convention, plan=page.plan.pk,
    )  # fmt: skip
    context = {
        "page": page, "plan": page.plan, "choices": CHOICE_LABELS, "doers": DOER_LABELS, "levels": LEVEL_LABELS,
        "whys": WHY_LABELS, "referral_states": REFERRAL_LABELS, "key": secrets.token_hex(16),
        "today": timezone.localdate(now), "is_closed": page.plan.closed_at is not None,
        "has_own_meeting": any(m.agent_id == request.user.pk and m.closed_at is None for m in page.meetings),
    }  # fmt: skip
    return render(request, "casework/plan.html", context | more, status=status)


@for_roles(*SEES_PERSONS)
def summary(request: AccountRequest, plan: int) -> HttpResponse:
    """The summary that the person takes home, to print and sign."""
    return _summary(request, plan)


@for_roles(*SEES_PERSONS)
def summary_pdf(request: AccountRequest, plan: int) -> HttpResponse:
    """The same page as a PDF, written in the register as the page is."""
    return downloaded(_summary(request, plan), "plan.pdf")


def _summary(request: AccountRequest, plan: int) -> HttpResponse:
    now = timezone.now()
    rank = request.GET.get("famille", "")
    found = queries.summary_of(request.user, _plan(request, plan), now, rank)
    grant = found.page.grant
    record(
        acting_user=request.user, now=now, action="plan_summary_made", kind="household",
        target=found.page.plan.household, purpose=grant.purpose, convention=grant.convention, plan=found.page.plan.pk,
    )  # fmt: skip
    context = {"summary": found, "page": found.page, "plan": found.page.plan, "today": timezone.localdate(now),
               "rank": rank if found.whose else ""}  # fmt: skip
    return render(request, "casework/summary.html", context)


@require_POST
@for_roles(*SEES_PERSONS)
def open_plan(request: AccountRequest, household: str) -> HttpResponse:
    """Open the plan of a household, or go to the one that is open."""
    made, _ = plans.open_plan(acting_user=request.user, now=timezone.now(), household=household)
    return _back(made)


@require_POST
@for_roles(*SEES_PERSONS)
def start_meeting(request: AccountRequest, household: str) -> HttpResponse:
    """Begin a rendez-vous des droits with a household."""
    form = OriginForm(request.POST)
    origin = Origin(form.cleaned_data["origin"]) if form.is_valid() else Origin.OTHER
    meeting, is_new = meetings.start_meeting(
        acting_user=request.user, now=timezone.now(), household=household, origin=origin,
        line=request.POST.get("line", ""),
    )  # fmt: skip
    if is_new:
        messages.success(request, f"Rendez-vous commencé (origine : {ORIGIN_LABELS[origin].lower()}).")
    return redirect("interview", meeting.pk)


@require_POST
@for_roles(*SEES_PERSONS)
def hold_meeting(request: AccountRequest, meeting: int) -> HttpResponse:
    """Say that a meeting was held, and is over."""
    now = timezone.now()
    found = queries.meeting_of(request.user, meeting, timezone.localdate(now))
    meetings.hold_meeting(acting_user=request.user, now=now, meeting=found, closes=True)
    messages.success(request, "Le rendez-vous est tenu. Vous pouvez remettre le résumé à la personne.")
    return _back(found.plan, "rendez-vous")


@require_POST
@for_roles(*SEES_PERSONS)
@_on_the_page
def change_plan(request: AccountRequest, plan: int) -> HttpResponse:
    """Take a plan, give it back, close it, open it again."""
    given: dict[str, Any] = {
        "acting_user": request.user, "now": timezone.now(), "plan": _plan(request, plan),
        "version": _checked(VersionForm(request.POST))["version"],
    }  # fmt: skip
    what = request.POST.get("what", "")
    if what == "close":
        plans.close_plan(**given, even_unfinished=request.POST.get("even_unfinished") == "on")
    elif what == "reopen":
        plans.reopen_plan(**given)
    elif what in {"take", "give_back"}:
        plans.take_plan(**given, gives_back=what == "give_back")
    else:
        raise InvalidInput(_INCOMPLETE)
    messages.success(request, "C'est enregistré.")
    return _back(given["plan"])


@require_POST
@for_roles(*SEES_PERSONS)
@_on_the_page
def add_rights(request: AccountRequest, plan: int) -> HttpResponse:
    """Propose rights: those ticked, in one go."""
    found = _plan(request, plan)
    made = rights.add_rights(
        acting_user=request.user, now=timezone.now(), plan=found,
        rights=[right for right in request.POST.getlist("right") if right],
        linked_from=request.POST.get("linked_from", "")[:64],
    )  # fmt: skip
    told = ngettext("%(n)d droit proposé.", "%(n)d droits proposés.", len(made))
    messages.success(request, told % {"n": len(made)})
    return _back(found, "droits")


@require_POST
@for_roles(*SEES_PERSONS)
@_on_the_page
def change_right(request: AccountRequest, planned: int) -> HttpResponse:
    """Move a right along the chain, or go back one step."""
    now = timezone.now()
    found = queries.right_of(request.user, planned, timezone.localdate(now))
    if request.POST.get("status") == "undo":
        version = _checked(VersionForm(request.POST))["version"]
        rights.undo_change(acting_user=request.user, now=now, planned=found, version=version)
        messages.success(request, "La dernière étape est annulée.")
        return _back(found.plan, "droits")
    given = _checked(RightForm(request.POST))
    rights.change_right(
        acting_user=request.user, now=now, planned=found, status=RightStatus(given["status"]),
        version=given["version"], on=given["on"], eur=given["euros"], choice=given["choice"],
        is_sure=given["is_sure"],
    )  # fmt: skip
    messages.success(request, "C'est enregistré.")
    return _back(found.plan, f"droit-{found.pk}")


@require_POST
@for_roles(*SEES_PERSONS)
@_on_the_page
def tell_situations(request: AccountRequest, plan: int) -> HttpResponse:
    """Say which situations hold, and by when the papers are to be brought."""
    found, given = _plan(request, plan), _checked(SituationsForm(request.POST))
    plans.tell_situations(
        acting_user=request.user, now=timezone.now(), plan=found, version=given["version"],
        told=request.POST.getlist("situation"), papers_due_on=given["papers_due_on"],
    )  # fmt: skip
    messages.success(request, "Les pièces sont à jour.")
    return _back(found, "pieces")


@require_POST
@for_roles(*SEES_PERSONS)
@_on_the_page
def tick_paper(request: AccountRequest, plan: int) -> HttpResponse:
    """Tick a document, or untick it."""
    found = _plan(request, plan)
    steps.tick_paper(
        acting_user=request.user, now=timezone.now(), plan=found, document=request.POST.get("document", ""),
        is_there=request.POST.get("there") == "1",
    )  # fmt: skip
    return _back(found, "pieces")


@require_POST
@for_roles(*SEES_PERSONS)
@_on_the_page
def add_step(request: AccountRequest, plan: int) -> HttpResponse:
    """Write a step, or apply the template of a life event."""
    found, now = _plan(request, plan), timezone.now()
    template = request.POST.get("template", "")
    if template:
        added = steps.apply_template(acting_user=request.user, now=now, plan=found, template=template)
        told = ngettext("%(n)d étape ajoutée.", "%(n)d étapes ajoutées.", added)
        messages.success(request, told % {"n": added})
        return _back(found, "etapes")
    given = _checked(StepForm(request.POST))
    steps.add_step(
        acting_user=request.user, now=now, plan=found, key=given["key"], what=given["what"],
        doer=Doer(given["doer"]), due_on=given["due_on"], place=given["place"],
        right=given["right"], is_discreet=given["is_discreet"],
    )  # fmt: skip
    messages.success(request, "L'étape est ajoutée.")
    return _back(found, "etapes")


@require_POST
@for_roles(*SEES_PERSONS)
@_on_the_page
def change_step(request: AccountRequest, step: int) -> HttpResponse:
    """Tick a step, untick it, take it out."""
    now = timezone.now()
    found = queries.step_of(request.user, step, timezone.localdate(now))
    if request.POST.get("what") == "remove":
        steps.remove_step(acting_user=request.user, now=now, step=found)
    else:
        steps.tick_step(acting_user=request.user, now=now, step=found, is_done=request.POST.get("done") == "1")
    return _back(found.plan, "etapes")


@require_POST
@for_roles(*SEES_PERSONS)
@_on_the_page
def write_note(request: AccountRequest, plan: int) -> HttpResponse:
    """Write a note."""
    found, given = _plan(request, plan), _checked(NoteForm(request.POST))
    steps.write_note(
        acting_user=request.user, now=timezone.now(), plan=found, key=given["key"], level=Level(given["level"]),
        text=given["text"],
    )  # fmt: skip
    messages.success(request, "La note est enregistrée.")
    return _back(found, "notes")


@require_POST
@for_roles(*SEES_PERSONS)
@_on_the_page
def refer(request: AccountRequest, plan: int) -> HttpResponse:
    """Send the person to a partner's place."""
    found, given = _plan(request, plan), _checked(ReferralForm(request.POST))
    steps.refer(
        acting_user=request.user, now=timezone.now(), plan=found, to=given["to"], why=Why(given["why"]),
        is_agreed=given["is_agreed"], right=given["right"],
    )  # fmt: skip
    messages.success(request, "L'orientation est notée : elle paraît dans le résumé. Rien n'est transmis d'ici.")
    return _back(found, "lieux")


@require_POST
@for_roles(*SEES_PERSONS)
@_on_the_page
def answer_referral(request: AccountRequest, referral: int) -> HttpResponse:
    """Say what became of a referral."""
    now = timezone.now()
    found = queries.referral_of(request.user, referral, timezone.localdate(now))
    state = ReferralState(_checked(ReferralStateForm(request.POST))["state"])
    steps.answer_referral(acting_user=request.user, now=now, referral=found, state=state)
    return _back(found.plan, "lieux")
