"""What someone may ask to keep: a file to take along, a code to come back; and forgetting, at once."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allervers.apps.accounts.throttling import at_most
from allervers.apps.catalogue.queries import Entry, matches, ways
from allervers.apps.simulation import browser
from allervers.apps.simulation.actions import delete_simulation, keep_simulation, resume_simulation
from allervers.apps.simulation.domain import State
from allervers.apps.simulation.views.doors import month_now, private, state_now, with_state
from allervers.foundation.errors import AllerVersError
from allervers.rights import registries
from allervers.rights.calls import calls_for
from allervers.rights.interview.portable import MOST_BYTES, as_text, from_text
from allervers.rights.search import words_of

MOST_FOUND = 8
MOST_LIKELY = 3
"""Rights, of those found, whose life events are told."""


@with_state
@require_safe
def keep(request: HttpRequest, state: State) -> HttpResponse:
    """What can be kept, and how."""
    return render(request, "simulation/keep.html", {"step": state.step, "code": ""})


@at_most("20/h", "simulation-code")
@with_state
@require_POST
def make_code(request: HttpRequest, state: State) -> HttpResponse:
    """Keep the simulation under a new code, shown on this page and nowhere else."""
    code = keep_simulation(now=timezone.now(), text=as_text(state.answers))
    return render(request, "simulation/keep.html", {"step": state.step, "code": code, "is_once": True})


@with_state
@require_safe
def file(request: HttpRequest, state: State) -> HttpResponse:
    """The answers as a file, to open again here."""
    del request
    response = HttpResponse(as_text(state.answers), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="ma-simulation.json"'
    return response


@private
@require_safe
def resume(request: HttpRequest) -> HttpResponse:
    """Come back with a code or a file."""
    return render(request, "simulation/resume.html", {})


@at_most("20/h", "simulation-resume")
@private
@require_POST
def resume_code(request: HttpRequest) -> HttpResponse:
    """Open, or delete, what a code names."""
    code = request.POST.get("code", "")[:60]
    try:
        if "delete" in request.POST:
            delete_simulation(now=timezone.now(), code=code)
            return _resumed(request, done=_("Cette simulation est effacée."))
        answers = from_text(resume_simulation(now=timezone.now(), code=code)).as_of(month_now())
    except AllerVersError as error:
        return _resumed(request, error=_(error.message))
    return browser.keep(redirect("simulation-answers"), State(answers))


def _resumed(request: HttpRequest, *, done: str = "", error: str = "") -> HttpResponse:
    """The page to come back with a code or a file; `back_to`: where a link to change the language leads from it."""
    context = {"done": done, "error": error, "back_to": reverse("simulation-resume")}
    return render(request, "simulation/resume.html", context, status=400 if error else 200)


@at_most("60/h", "simulation-file")
@private
@require_POST
def resume_file(request: HttpRequest) -> HttpResponse:
    """Open a file that was taken along: whatever it holds, it is checked before anything is made of it."""
    sent = request.FILES.get("file")
    try:
        content = sent.read(MOST_BYTES + 1) if sent is not None else b""
        answers = from_text(content).as_of(month_now())
        return browser.keep(redirect("simulation-answers"), State(answers))
    except AllerVersError as error:
        return _resumed(request, error=_(error.message))


@private
@require_http_methods(["GET", "HEAD", "POST"])
def forget(request: HttpRequest) -> HttpResponse:
    """Ask first, then forget everything that the browser holds."""
    if request.method != "POST":
        state = state_now(request)
        context = {"step": state.step} if state is not None else None
        return redirect("simulation") if context is None else render(request, "simulation/forget.html", context)
    return browser.forget(redirect("simulation-forgotten"))


@private
@require_safe
def forgotten(request: HttpRequest) -> HttpResponse:
    """Everything was erased."""
    return render(request, "simulation/forgotten.html", {})


@private
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """First answers to ordinary words: life events and rights of the catalogue, or nothing, said, and who to see."""
    words = "".join(letter for letter in request.GET.get("q", "")[:200] if letter.isprintable()).strip()
    language = get_language() or settings.LANGUAGE_CODE
    found = matches(words, language)[:MOST_FOUND]
    context = {
        "words": words,
        "found": found,
        "events": _events(words, language, found[:MOST_LIKELY]),
        "calls": calls_for(words, language),
        "help": registries.institutions()["ccas"],
    }
    return render(request, "simulation/search.html", context)


def _events(words: str, language: str, found: Sequence[Entry]) -> list[registries.LifeEvent]:
    """Life events of the likeliest rights whose label, or everyday words, share a telling word with what was asked."""
    said = set(words_of(words, language=language))
    named = {name for entry in found for name in entry.facts.life_events}
    events = (way.event for way in ways("evenement").values() if way.event is not None and way.event.id in named)
    return [
        event for event in events if said & set(words_of(" ".join((_(event.label), *event.spoken)), language=language))
    ][:MOST_FOUND]
