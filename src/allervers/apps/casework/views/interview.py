"""The rendez-vous des droits: who lives there, one question after the other with the rights live beside, what is kept.

A page works by itself; with the script, a part of it comes back (header X-Part), and answers wait for the network.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from allervers.apps.accounts.domain import SEES_PERSONS
from allervers.apps.accounts.permissions import AccountRequest, for_roles
from allervers.apps.accounts.reading_once import reads_once
from allervers.apps.audit.actions import record
from allervers.apps.casework import live as rights
from allervers.apps.casework import queries
from allervers.apps.casework.actions import interviews
from allervers.apps.casework.actions.meetings import Saved
from allervers.apps.casework.domain import AT_COUNTER, LEVEL_LABELS
from allervers.apps.casework.forms import PageForm
from allervers.apps.casework.interview import Interview
from allervers.apps.casework.models import Meeting
from allervers.apps.casework.permissions import CLOSED, grant_for_plan
from allervers.apps.simulation import composition, forms
from allervers.apps.simulation import queries as law
from allervers.foundation.errors import InvalidInput
from allervers.foundation.periods import Month
from allervers.rights.interview.live_law import LiveLaw
from allervers.rights.interview.wording import EVERYBODY, PageAsked

RETRY_SECONDS = 5
MeetingView = Callable[..., HttpResponse]


def own_meeting(view: MeetingView) -> MeetingView:
    """Give the meeting to its agent alone, while the plan is open to them; no browser keeps the page."""

    @never_cache
    @for_roles(*SEES_PERSONS)
    @wraps(view)
    def answer(request: AccountRequest, meeting: int, **named: Any) -> HttpResponse:
        with reads_once():
            found = queries.meeting_of(request.user, meeting, timezone.localdate())
            if found.agent_id != request.user.pk:
                raise PermissionDenied(CLOSED)
            if found.closed_at is not None:
                return redirect("plan", found.plan_id)
            return view(request, found, **named)

    return answer


def with_interview(view: MeetingView) -> MeetingView:
    """Give the interview too, once the household is confirmed: until then, to the page that confirms it."""

    @own_meeting
    @wraps(view)
    def answer(request: AccountRequest, meeting: Meeting, **named: Any) -> HttpResponse:
        found = interviews.interview_of(request.user, meeting, timezone.now())
        if found.answers is None:
            return redirect("interview-household", meeting.pk)
        return view(request, meeting, found, **named)

    return answer


def is_part(request: AccountRequest) -> bool:
    """Whether the script asks for a part of the page."""
    return request.headers.get("X-Part") == "1"


def page_sent(request: AccountRequest) -> dict[str, Any]:
    """Version, draft and sequence of the page that writes. Raises InvalidInput."""
    form = PageForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("La demande est incomplète : rechargez la page de l'entretien.")
    return dict(form.cleaned_data)


def keep(request: AccountRequest, meeting: Meeting, interview: Interview, now: datetime) -> Saved:
    """Keep the interview."""
    return interviews.keep_interview(
        acting_user=request.user, now=now, meeting=meeting, interview=interview, page=page_sent(request)
    )


def is_kept_already(request: AccountRequest, meeting: Meeting) -> bool:
    """What a page sends again after a cut: it was kept, and must not be answered twice."""
    page = page_sent(request)
    return bool(page["draft"] == meeting.draft and page["sequence"] <= meeting.sequence)


def to_interview(meeting: Meeting, part: str = "") -> HttpResponse:
    """To the page of the interview."""
    answer = redirect("interview", meeting.pk)
    answer["Location"] += f"#{part}" if part else ""
    return answer


@require_safe
@own_meeting
def interview(request: AccountRequest, meeting: Meeting) -> HttpResponse:
    """The question to ask, the rights beside, what is to be confirmed, the differences, the notes."""
    now = timezone.now()
    meeting = interviews.prepare_interview(acting_user=request.user, now=now, meeting=meeting)
    _viewed(request, meeting, now)
    found = interviews.interview_of(request.user, meeting, now)
    if found.answers is None:
        return redirect("interview-household", meeting.pk)
    live = law.live_law(found.answers.month)
    if live is None:
        return waiting(request, meeting)
    return shown(request, meeting, rights.lived(live, found), Saved(meeting.version, is_new=False), now)


def _viewed(request: AccountRequest, meeting: Meeting, now: datetime) -> None:
    grant = grant_for_plan(request.user, meeting.plan, timezone.localdate(now))
    record(
        acting_user=request.user, now=now, action="meeting_viewed", kind="household", target=meeting.household,
        purpose="" if grant is None else grant.purpose, convention="" if grant is None else grant.convention,
        plan=meeting.plan_id, meeting=meeting.pk,
    )  # fmt: skip


def waiting(request: AccountRequest, meeting: Meeting) -> HttpResponse:
    """The law is loading: what was answered is kept, come back in a few seconds."""
    again = reverse("interview", args=[meeting.pk])
    answer = render(request, "casework/waiting.html", {"again": again, "seconds": RETRY_SECONDS}, status=503)
    answer["Retry-After"] = str(RETRY_SECONDS)
    return answer


def shown(
    request: AccountRequest, meeting: Meeting, found: rights.Live, saved: Saved, now: datetime,
    asked: PageAsked | None = None, **question: Any,
) -> HttpResponse:  # fmt: skip
    """The page, or its part: the question asked for, else the one of the step."""
    is_step = asked is None or asked == found.step.page
    asked = asked or found.step.page
    answers, names = rights.whole(found.interview), rights.organisations()
    told = law.told(answers)
    context: dict[str, Any] = {
        "meeting": meeting, "plan": meeting.plan, "live": found, "found": found.summary, "step": found.step,
        "saved_at": timezone.localtime(now) if saved.is_new else None, "is_part": True, "key": secrets.token_hex(16),
        "to_confirm": rights.data_to_confirm(found.interview, names),
        "unsaid": rights.unsaid(answers, told), "told": told, "family": law.who_is_in(answers, 0),
        "families": law.other_families(answers), "doubts": law.doubts_told(answers),
        "levels": LEVEL_LABELS, "base": reverse("interview", args=[meeting.pk]),
        "hidden": {"version": saved.version, "draft": secrets.token_hex(12), "sequence": 1},
        "persons": answers.household.persons, "errors": question.get("errors"),
        "notes": queries.notes_of(request.user, meeting), "is_alone": is_part(request),
        "differences": rights.differences(found.interview, names, interviews.corrections_asked(meeting)),
    }  # fmt: skip
    context["turn"] = composition.turn_of(answers)
    context["line"] = interviews.line_to_correct(request.user, meeting, now) if context["differences"] else None
    if asked is not None:
        rows = question.pop("rows", None) or found.step.rows
        address = reverse("interview-question", args=[meeting.pk, asked.page, asked.row])
        context |= {
            "page": rights.shown_question(found.interview, asked, rows, **question), "rows": rows, "action": address,
            "by_month_at": address, "reasons": law.labels_of(found.step.reasons) if is_step else (),
            "sources": rights.sources_of(found.interview, names, rights.names_of(asked, rows)),
        }  # fmt: skip
    answer = render(request, f"casework/{'parts/talk' if is_part(request) else 'interview'}.html", context)
    answer["X-Version"] = str(saved.version)
    return answer


@require_http_methods(["GET", "POST"])
@own_meeting
def household(request: AccountRequest, meeting: Meeting) -> HttpResponse:
    """Who lives there: what partners give, to confirm or to change with the person."""
    now = timezone.now()
    month = Month.of(timezone.localdate(now))
    meeting = interviews.prepare_interview(acting_user=request.user, now=now, meeting=meeting)
    found = interviews.interview_of(request.user, meeting, now)
    before = found.answers or (found.given.answers if found.given is not None else None)
    law.live_law(month)
    unsure = found.given.unsure if found.given is not None and found.answers is None else frozenset()
    form = composition.described(before, unsure)
    form.town = form.town or meeting.plan.commune
    if request.method == "POST":
        form = composition.typed(request.POST)
        if "add" not in request.POST:
            taken = frozenset(p.id for p in before.household.persons) if before is not None else frozenset[str]()
            composition.read(form, month, tuple(town.code for town in law.towns(month)), taken)
        if form.household is not None:
            begun = found.begun(composition.answers_with(form, form.household, before, month))
            keep(request, meeting, begun, now)
            return to_interview(meeting)
    context = {
        "form": form, "towns": law.towns(month), "meeting": meeting, "plan": meeting.plan, "given": found.given,
        "action": reverse("interview-household", args=[meeting.pk]), "names": rights.organisations(),
        "hidden": {"version": meeting.version, "draft": secrets.token_hex(12), "sequence": 1},
        "source": found.provided.get("composition"), "is_walk_in": meeting.household.startswith(AT_COUNTER),
    }  # fmt: skip
    return render(request, "casework/interview_household.html", context)


@require_http_methods(["GET", "POST"])
@with_interview
def question(request: AccountRequest, meeting: Meeting, found: Interview, page: str, row: str) -> HttpResponse:
    """One question: read, answered, kept; then the next one."""
    now = timezone.now()
    asked = law.page_asked(rights.whole(found), page, row)
    if request.method == "POST":
        check_turn(request, meeting, found)
    live = law.live_law(rights.whole(found).month)
    by_month = request.GET.get("mois") == "1" or request.POST.get("by_month") == "1"
    if live is None and request.method == "POST":
        return _answered_without_law(request, meeting, found, asked, by_month=by_month, now=now)
    if live is None:
        return waiting(request, meeting)
    rows = rights.rows_of(live, found, asked, request.POST.getlist("rows")[:20])
    if request.method == "POST":
        return _answered(request, meeting, found, live, asked, rows, by_month=by_month, now=now)
    lived = rights.lived(live, found)
    return shown(
        request, meeting, lived, Saved(meeting.version, is_new=False), now, asked, rows=rows, by_month=by_month
    )


def check_turn(request: AccountRequest, meeting: Meeting, found: Interview) -> None:
    """An answer of a page where another family answered is not this one's. Raises InvalidInput."""
    turn = composition.turn_of(rights.whole(found))
    if turn and request.POST.get("family", turn) != turn and not is_kept_already(request, meeting):
        raise InvalidInput(
            "Cette réponse était pour une autre famille du logement : rien n'a été changé. Passez à cette famille, "
            "puis réessayez."
        )


def _answered(
    request: AccountRequest, meeting: Meeting, found: Interview, live: LiveLaw, asked: PageAsked, rows: list[str], *,
    by_month: bool, now: datetime,
) -> HttpResponse:  # fmt: skip
    if is_kept_already(request, meeting):
        return kept(request, meeting, rights.lived(live, found), Saved(meeting.version, is_new=True), now)
    reading = forms.read_page(asked, rows, request.POST, rights.whole(found), by_month=by_month)
    if reading.errors:
        typed = {name: value for name, value in request.POST.items() if isinstance(value, str)}
        saved = Saved(meeting.version, is_new=False)
        return shown(
            request, meeting, rights.lived(live, found), saved, now, asked, rows=rows, by_month=by_month,
            errors=reading.errors, typed=typed,
        )  # fmt: skip
    said = found.answered(reading.answers, rights.names_of(asked, rows), asked.theme)
    lived = rights.lived(live, said, is_answer=True)
    return kept(request, meeting, lived, keep(request, meeting, lived.interview, now), now)


def _answered_without_law(
    request: AccountRequest, meeting: Meeting, found: Interview, asked: PageAsked, *, by_month: bool, now: datetime
) -> HttpResponse:
    """The law is loading again: the answer is kept, the rights wait."""
    known = {person.id for person in rights.whole(found).household.persons}
    rows = [row for row in request.POST.getlist("rows")[:20] if row in known] if asked.row == EVERYBODY else [asked.row]
    reading = forms.read_page(asked, rows, request.POST, rights.whole(found), by_month=by_month)
    if not reading.errors and not is_kept_already(request, meeting):
        said = found.answered(reading.answers, rights.names_of(asked, rows), asked.theme)
        keep(request, meeting, said, now)
    return waiting(request, meeting)


def kept(request: AccountRequest, meeting: Meeting, found: rights.Live, saved: Saved, now: datetime) -> HttpResponse:
    """What follows a saving: the part of the page, or the page again."""
    return shown(request, meeting, found, saved, now) if is_part(request) else to_interview(meeting, "question")
