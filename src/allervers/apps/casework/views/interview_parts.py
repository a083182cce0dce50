"""What goes with an interview: answers confirmed, corrections sent, notes, reasons, questions kept ahead, its end."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allervers.apps.accounts.permissions import AccountRequest
from allervers.apps.casework import live as rights
from allervers.apps.casework.actions import interviews, steps
from allervers.apps.casework.actions.meetings import Saved
from allervers.apps.casework.domain import CHOICE_LABELS, Level, Wish
from allervers.apps.casework.forms import NoteForm
from allervers.apps.casework.interview import Interview
from allervers.apps.casework.models import Meeting
from allervers.apps.casework.views.interview import (
    check_turn,
    is_kept_already,
    is_part,
    keep,
    kept,
    own_meeting,
    to_interview,
    waiting,
    with_interview,
)
from allervers.apps.findings.received import Received, received_rights
from allervers.apps.simulation import cards, composition
from allervers.apps.simulation import queries as law
from allervers.foundation.errors import InvalidInput, NotFound
from allervers.foundation.money import euros
from allervers.rights.interview.conversation import conversation
from allervers.rights.interview.results import Result

MOST_AHEAD = 30
MORE = 1.1
"""What is due is worth declaring when it is so many times what is paid."""


@require_POST
@with_interview
def confirm(request: AccountRequest, meeting: Meeting, found: Interview) -> HttpResponse:
    """What partners gave is right, the person says."""
    now = timezone.now()
    check_turn(request, meeting, found)
    ticked = [name for name in request.POST.getlist("name") if name in found.to_confirm()]
    saved = Saved(meeting.version, is_new=False)
    if ticked and not is_kept_already(request, meeting):
        found = found.answered(rights.whole(found), ticked, found.theme)
        saved = keep(request, meeting, found, now)
    live = law.live_law(rights.whole(found).month) if is_part(request) else None
    if live is None:
        return to_interview(meeting, "a-confirmer")
    return kept(request, meeting, rights.lived(live, found), saved, now)


@require_POST
@with_interview
def other_family(request: AccountRequest, meeting: Meeting, found: Interview) -> HttpResponse:
    """Another family of the household answers: its rights are looked for, what the first one said is kept."""
    number = request.POST.get("number", "")
    if not is_kept_already(request, meeting):
        turn = int(number) if number.isdigit() and len(number) == 1 else -1
        moved = found.seen_by(composition.seen_by(rights.whole(found), turn), turn)
        keep(request, meeting, moved, timezone.now())
    return to_interview(meeting, "question")


@require_POST
@own_meeting
def correct(request: AccountRequest, meeting: Meeting) -> HttpResponse:
    """Ask a partner to correct a datum that the person says otherwise."""
    now = timezone.now()
    group, _, partner = request.POST.get("datum", "").partition("@")
    interviews.send_correction(
        acting_user=request.user, now=now, meeting=meeting, group=group, partner=partner,
        interview=interviews.interview_of(request.user, meeting, now),
    )  # fmt: skip
    messages.success(request, "La demande de correction est enregistrée pour le partenaire qui a transmis la donnée.")
    return to_interview(meeting, "differences")


@require_POST
@own_meeting
def write_note(request: AccountRequest, meeting: Meeting) -> HttpResponse:
    """A note on the meeting, for one of three circles of readers."""
    form = NoteForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("La note est vide, ou trop longue.")
    given = form.cleaned_data
    steps.write_note(
        acting_user=request.user, now=timezone.now(), plan=meeting.plan, key=given["key"], level=Level(given["level"]),
        text=given["text"], meeting=meeting,
    )  # fmt: skip
    messages.success(request, "La note est enregistrée.")
    return to_interview(meeting, "notes")


@require_safe
@with_interview
def why(request: AccountRequest, meeting: Meeting, found: Interview, right: str) -> HttpResponse:
    """Why a right is open or not, in words for the agent."""
    answers = rights.whole(found)
    live = law.live_law(answers.month)
    if live is None:
        return waiting(request, meeting)
    known = {one.id: one for one in live.rights.values()}.get(right)
    if known is None:
        raise NotFound("Ce droit n'est pas calculé par le simulateur.")
    with conversation(live, answers) as talk:
        card = cards.card_of(talk, known, spoken=False)
    template = "casework/parts/why.html" if is_part(request) else "casework/why.html"
    return render(request, template, {"card": card, "meeting": meeting, "plan": meeting.plan})


@require_safe
@with_interview
def ahead(request: AccountRequest, meeting: Meeting, found: Interview) -> HttpResponse:
    """Every question that may still be of use, for the page to go on while the network is cut."""
    answers = rights.whole(found)
    live = law.live_law(answers.month)
    if live is None:
        return HttpResponse("", status=503)
    lived = rights.lived(live, found, with_ahead=True)
    pages = [
        {"page": rights.shown_question(found, asked, rows), "rows": rows,
         "action": reverse("interview-question", args=[meeting.pk, asked.page, asked.row])}
        for asked, rows in lived.ahead[:MOST_AHEAD] if asked != lived.step.page
    ]  # fmt: skip
    hidden = {"version": meeting.version, "draft": "x", "sequence": 1}
    context = {"pages": pages, "hidden": hidden, "is_part": True, "turn": composition.turn_of(answers)}
    return render(request, "casework/parts/ahead.html", context)


@require_http_methods(["GET", "POST"])
@with_interview
def finish(request: AccountRequest, meeting: Meeting, found: Interview) -> HttpResponse:
    """The results, the rights that the person wishes, then the plan."""
    now = timezone.now()
    answers = rights.whole(found)
    live = law.live_law(answers.month)
    if live is None:
        return waiting(request, meeting)
    lived = rights.lived(live, found)
    told = rights.of_families(live, found, meeting.household)
    received = received_rights(request.user, meeting.household, timezone.localdate(now))
    if request.method == "POST":
        wishes = [_wish(request, one) for one in told if not _is_paid(one, received)]
        declared = [(one.right, _to_declare(one, received)) for one in told if f"declare-{one.name}" in request.POST]
        made = interviews.finish_interview(
            acting_user=request.user,
            now=now,
            meeting=meeting,
            wishes=wishes,
            to_declare=[one for one in declared if one[1]],
        )
        messages.success(
            request, f"Le rendez-vous est tenu et clos. Souhaits notés : {made}.{_followed(request, meeting)}"
        )
        return redirect("plan", meeting.plan_id)
    planned = {(one.right, one.unit): one.status for one in meeting.plan.rights.all()}
    context = {
        "meeting": meeting, "plan": meeting.plan, "found": lived.summary, "step": lived.step,
        "rows": [
            (one, _status(one, planned), received.get(one.right), _is_paid(one, received), _to_declare(one, received))
            for one in told
        ],
        "families": law.other_families(answers), "who": law.whose(answers),
        "choices": CHOICE_LABELS, "to_confirm": rights.data_to_confirm(found, rights.organisations()),
        "unsaid": rights.unsaid(answers, law.told(answers)), "doubts": law.doubts_told(answers),
    }  # fmt: skip
    return render(request, "casework/interview_end.html", context)


def _wish(request: AccountRequest, one: rights.Held) -> Wish:
    return Wish(
        one.right, request.POST.get(f"wish-{one.name}", ""), one.unit, one.whose,
        request.POST.get(f"choice-{one.name}", ""), _euros(one.short.result),
    )  # fmt: skip


def _is_paid(one: rights.Held, received: Mapping[str, Received]) -> bool:
    """Whether partners say that it is paid to who it is for; among several, only the files tell to whom."""
    paid = received.get(one.right)
    return paid is not None and (not one.whose or one.unit in paid.units)


def _to_declare(one: rights.Held, received: Mapping[str, Received]) -> str:
    """The step to add where what is paid is well under what the answers give: something is to be declared."""
    paid, due = received.get(one.right), _euros(one.short.result)
    if not _is_paid(one, received) or paid is None or paid.eur is None or due is None or due < MORE * paid.eur:
        return ""
    # What is paid is the partner's to tell, and stays on the page: a step is read by who may not see sums.
    return f"Vérifier ce qui a changé, et le déclarer : {euros(due)} d'après les réponses, plus que ce qui est versé"


def _followed(request: AccountRequest, meeting: Meeting) -> str:
    agent = meeting.plan.agent
    if agent is not None and agent.pk == request.user.pk:
        return ""
    who = f"suivi par {agent.full_name}" if agent is not None else "suivi par l'équipe"
    return f" Ce plan est {who} : pour l'avoir dans vos suivis, choisissez « Suivre ce plan »."


def _status(one: rights.Held, planned: Mapping[tuple[str, str], str]) -> str:
    """Where the right stands in the plan; "" when it is not there for who it is for."""
    held = {unit: status for (right, unit), status in planned.items() if right == one.right}
    if one.unit in held or one.whose:
        return held.get(one.unit, "")
    return next(iter(held.values())) if len(held) == 1 else ""


def _euros(result: Result) -> float | None:
    """Euros of a right, by its period; None when it is not settled, or has no amount."""
    is_due = result.verdict != "no" and result.is_settled and result.has_amount
    return result.low if is_due else None
