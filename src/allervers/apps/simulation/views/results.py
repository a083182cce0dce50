"""The results at any time: rights and their cards, what if, pages to print, in large print, easy to read, as a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from allervers.apps.accounts.throttling import steadily
from allervers.apps.printing.pdf import downloaded
from allervers.apps.simulation import browser, cards, queries
from allervers.apps.simulation.curve import drawn
from allervers.apps.simulation.domain import State, read_amount
from allervers.apps.simulation.views.doors import with_law, worked_out
from allervers.foundation.errors import InvalidInput, NotFound
from allervers.rights import registries
from allervers.rights.catalogue import catalogue
from allervers.rights.interview.answers import DWELLING
from allervers.rights.interview.conversation import conversation
from allervers.rights.interview.live_law import LiveLaw
from allervers.rights.interview.results import Total, results_of
from allervers.rights.interview.what_if import Change, compared, wage_curve, with_child, with_rent
from allervers.rights.interview.wording import subjects

HELP = "ccas"
"""Who helps with every request."""


@with_law
@require_safe
def results(request: HttpRequest, state: State, live: LiveLaw) -> HttpResponse:
    """Yes, to check, no; the total by month; what is left to ask."""
    with conversation(live, state.answers) as known:
        if state.step is None:
            state = State(state.answers, state.theme, known.step(state.theme))
        found = cards.summary_of(known)
    context = {
        "found": found, "step": state.step, "help": registries.institutions()[HELP],
        "families": queries.other_families(state.answers), "doubts": queries.doubts_told(state.answers),
        "who": queries.whose(state.answers), "is_homeless": queries.is_homeless(state.answers),
    }  # fmt: skip
    return browser.keep(render(request, "simulation/results.html", context), state)


@with_law
@require_safe
def right(request: HttpRequest, state: State, live: LiveLaw, right_id: str) -> HttpResponse:
    """The card of a right."""
    found = {one.id: one for one in live.rights.values()}.get(right_id)
    if found is None:
        raise NotFound("Ce droit n'est pas calculé par le simulateur.")
    with conversation(live, state.answers) as known:
        card = cards.card_of(known, found)
    context = {
        "card": card, "step": state.step, "help": registries.institutions()[HELP], "who": queries.whose(state.answers),
    }  # fmt: skip
    return render(request, "simulation/right.html", context)


@with_law
@require_safe
def report(request: HttpRequest, state: State, live: LiveLaw) -> HttpResponse:
    """Everything on one page: to print, in large print (`gros`), or easy to read (`facile`)."""
    return _report(request, state, live)


@steadily(120, "simulator-pdf")
@with_law
@require_safe
def report_pdf(request: HttpRequest, state: State, live: LiveLaw) -> HttpResponse:
    """The same page as a PDF, in the same forms; easy to read is in large print."""
    is_large = "1" in (request.GET.get("gros"), request.GET.get("facile"))
    return downloaded(_report(request, state, live), "mon-bilan.pdf", is_large=is_large)


def _report(request: HttpRequest, state: State, live: LiveLaw) -> HttpResponse:
    template = "simulation/easy.html" if request.GET.get("facile") == "1" else "simulation/report.html"
    context = report_of(state, live) | {"is_large": request.GET.get("gros") == "1", "step": state.step}
    return render(request, template, context)


def report_of(state: State, live: LiveLaw) -> dict[str, Any]:
    """What a report holds: the summary, the cards of what is open or to check, what was said."""
    with conversation(live, state.answers) as known:
        found = results_of(known)
        kept = dict.fromkeys(one.right.id for one in found if one.verdict != "no")
        summary = cards.summary(found, known)
        made = [cards.card(known, catalogue()[name], found, explained=False) for name in kept]
    return {
        "found": summary,
        "cards": made,
        "themes": queries.told(state.answers, family_alone=True),
        "persons": state.answers.household.family(0),
        "who": queries.whose(state.answers),
        "is_homeless": queries.is_homeless(state.answers),
        "doubts": queries.doubts_told(state.answers),
        "help": registries.institutions()[HELP],
        "today": timezone.localdate(),
    }


@steadily(120, "simulator-what-if")
@with_law
@require_safe
def what_if(request: HttpRequest, state: State, live: LiveLaw) -> HttpResponse:
    """I work more, a child comes, I move: what changes, as a curve with its table, or right by right."""
    state = worked_out(live, state)
    asked = request.GET.get("si", "travail")
    adults = [p for p in state.answers.household.family(0) if p.role != "child"]
    context: dict[str, Any] = {"asked": asked, "step": state.step, "adults": adults, "towns": queries.towns(live.month)}
    if asked == "enfant":
        context["changes"] = _shown(compared(live, state.answers, with_child(state.answers, _("Nouvel enfant"))))
    elif asked == "logement":
        context |= _moved(request, state, live)
    else:
        person = request.GET.get("qui", adults[0].id)
        who = person if person in [p.id for p in adults] else adults[0].id
        with conversation(live, state.answers) as known:
            curve = drawn(wage_curve(known, who))
        context |= {"asked": "travail", "who": who, "drawn": curve}
    return render(request, "simulation/what_if.html", context)


def _moved(request: HttpRequest, state: State, live: LiveLaw) -> dict[str, Any]:
    typed = {name: request.GET.get(name, "").strip()[:20] for name in ("loyer", "commune", "logement")}
    context: dict[str, Any] = {"typed": typed, "lodgings": subjects()["occupation"].choices}
    if not any(typed.values()):
        return context
    rent = read_amount(typed["loyer"]) if typed["loyer"] else None
    known = {town.code for town in queries.towns(live.month)}
    if (typed["loyer"] and rent is None) or (typed["commune"] and typed["commune"] not in known):
        return context | {"error": _("Écrivez un loyer en euros, et choisissez une commune de la liste.")}
    try:
        after = with_rent(state.answers, rent, typed["commune"], typed["logement"])
    except InvalidInput as error:
        return context | {"error": _(error.message)}
    return context | {
        "changes": _shown(compared(live, state.answers, after)),
        "is_rent_known": after.value("loyer", DWELLING) is not None,
    }


def _shown(changes: list[Change]) -> list[dict[str, str]]:
    return [
        {
            "label": one.label,
            "before": _told(one.before, one.period),
            "after": _told(one.after, one.period),
        }
        for one in changes
    ]


def _told(total: Total, period: str) -> str:
    if period == "none":
        return _said(total.low, total.high)
    return _("à vérifier") if total.high is None and total.low < 0.005 else cards.shown_total(total)


def _said(low: float, high: float | None) -> str:
    if low > 0:
        return _("oui")
    return _("non") if high is not None and high <= 0 else _("à vérifier")
