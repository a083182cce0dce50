"""From the door to the last question: who lives together, one page after the other, the list of what was said."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allervers.apps.simulation import browser, composition, forms, queries
from allervers.apps.simulation.domain import State
from allervers.apps.simulation.questions_shown import Filling, question_page
from allervers.apps.simulation.views.doors import (
    month_now,
    often,
    private,
    state_now,
    to_step,
    waiting,
    with_law,
    with_state,
    worked_out,
)
from allervers.foundation.errors import InvalidInput
from allervers.rights.interview.answers import Answers
from allervers.rights.interview.conversation import conversation
from allervers.rights.interview.live_law import LiveLaw
from allervers.rights.interview.wording import PageAsked


@private
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """The door: what it does, what it keeps, a search in one's own words. The law begins to load."""
    queries.live_law(month_now())
    return render(request, "simulation/start.html", {"state": state_now(request)})


@often
@private
@require_http_methods(["GET", "POST"])
def household(request: HttpRequest) -> HttpResponse:
    """Who lives together, and where."""
    month = month_now()
    state = state_now(request)
    towns = queries.towns(month)
    if request.method != "POST":
        queries.live_law(month)
        context = {"form": composition.described(_before(state)), "towns": towns, "turn": _turn(state)}
        return render(request, "simulation/household.html", context)
    if state is not None:
        _check_turn(request, state)
    form = composition.typed(request.POST)
    if "add" not in request.POST:
        composition.read(form, month, tuple(town.code for town in towns), _persons(state))
        if form.household is not None:
            answers = composition.answers_with(form, form.household, _before(state), month)
            return browser.keep(redirect("simulation-next"), State(answers))
    context = {"form": form, "towns": towns, "turn": _turn(state)}
    return render(request, "simulation/household.html", context, status=200)


def _turn(state: State | None) -> str:
    return composition.turn_of(state.answers) if state is not None else ""


def _check_turn(request: HttpRequest, state: State) -> None:
    """Another tab may have changed whose turn it is: the page says the same words of another family.

    Raises InvalidInput, in French as the pages of refusals are.
    """
    first = state.answers.household.family(0)[0].id
    if request.method == "POST" and request.POST.get("family", first) != first:
        raise InvalidInput(
            "Cette page était celle d'une autre famille du logement : rien n'a été changé. "
            f"Vous répondez maintenant pour : {queries.who_is_in(state.answers, 0)}."
        )


def _persons(state: State | None) -> frozenset[str]:
    return frozenset(p.id for p in state.answers.household.persons) if state is not None else frozenset()


def _before(state: State | None) -> Answers | None:
    return state.answers if state is not None else None


@often
@with_state
@require_POST
def other_family(request: HttpRequest, state: State) -> HttpResponse:
    """The rights of another family of the same household: what only it can say is asked."""
    number = request.POST.get("number", "")
    answers = composition.seen_by(state.answers, int(number) if number.isdigit() and len(number) == 1 else -1)
    return browser.keep(redirect("simulation-next"), State(answers))


@with_law
@require_safe
def following(request: HttpRequest, state: State, live: LiveLaw) -> HttpResponse:
    """To what is to be asked now."""
    del request
    return to_step(worked_out(live, state))


@often
@with_state
@require_http_methods(["GET", "POST"])
def question(request: HttpRequest, state: State, page: str, row: str) -> HttpResponse:
    """One question, its reasons, « je ne sais pas »; the answer is checked, then the next one is asked."""
    asked = queries.page_asked(state.answers, page, row)
    _check_turn(request, state)
    by_month = request.GET.get("mois") == "1" or request.POST.get("by_month") == "1"
    live = queries.live_law(state.answers.month)
    if live is None:
        return waiting(request) if request.method != "POST" else _answered_without_law(request, state, asked, by_month)
    rows = _rows(state, live, asked, request)
    if request.method == "POST":
        reading = forms.read_page(asked, rows, request.POST, state.answers, by_month=by_month)
        if not reading.errors:
            return to_step(worked_out(live, state.with_answers(reading.answers, asked.theme)))
        typed = {name: value for name, value in request.POST.items() if isinstance(value, str)}
        return _question(request, state, live, asked, rows, by_month, reading.errors, typed)
    return _question(request, state, live, asked, rows, by_month, {}, {})


def _answered_without_law(request: HttpRequest, state: State, asked: PageAsked, by_month: bool) -> HttpResponse:
    """The law went (another month, another process): the answer is kept, the rest waits."""
    rows = request.POST.getlist("rows")[:20] if asked.row == "tous" else [asked.row]
    known = {p.id for p in state.answers.household.persons}
    rows = [row for row in rows if asked.row != "tous" or row in known]
    reading = forms.read_page(asked, rows, request.POST, state.answers, by_month=by_month)
    if reading.errors:
        return waiting(request)
    return browser.keep(redirect("simulation-next"), state.with_answers(reading.answers, asked.theme))


def _rows(state: State, live: LiveLaw, asked: PageAsked, request: HttpRequest) -> list[str]:
    """The persons of a page for everybody: those shown in the form that comes back, else those concerned now."""
    if asked.row != "tous":
        return [asked.row]
    sent = request.POST.getlist("rows")
    known = [p.id for p in state.answers.household.persons]
    if sent:
        return [row for row in known if row in sent]
    if state.step is not None and state.step.page == asked and set(state.step.rows) <= set(known):
        return list(state.step.rows)
    with conversation(live, state.answers) as found:
        return found.rows_of(asked) or known


def _question(
    request: HttpRequest, state: State, live: LiveLaw, asked: PageAsked, rows: list[str], by_month: bool,
    errors: dict[str, str], typed: dict[str, str],
) -> HttpResponse:  # fmt: skip
    state = worked_out(live, state)
    page = question_page(asked, rows, Filling(state.answers, by_month, errors, typed))
    reasons = state.step.reasons if state.step is not None and state.step.page == asked else live.readers_of(asked)
    context = {
        "page": page, "rows": rows, "errors": errors, "step": state.step, "reasons": queries.labels_of(reasons),
        "answered": len(state.answers.given), "who": queries.whose(state.answers),
        "turn": _turn(state),
    }  # fmt: skip
    return browser.keep(render(request, "simulation/question.html", context), state)


@with_state
@require_safe
def answers(request: HttpRequest, state: State) -> HttpResponse:
    """Everything that was said, each with its address to change it."""
    context = {"themes": queries.told(state.answers), "persons": state.answers.household.persons, "step": state.step,
               "who": queries.whose(state.answers)}  # fmt: skip
    return render(request, "simulation/answers.html", context)
