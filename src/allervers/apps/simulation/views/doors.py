"""What stands before a page: the state that the browser holds, and the law, or a page that says to wait for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control

from allervers.apps.accounts.throttling import steadily
from allervers.apps.simulation import browser, queries
from allervers.apps.simulation.domain import State
from allervers.foundation.periods import Month
from allervers.rights.interview.conversation import conversation
from allervers.rights.interview.live_law import LiveLaw
from allervers.rights.interview.wording import PageAsked

P = ParamSpec("P")
RETRY_SECONDS = 5
often = steadily(600, "simulator")
"""For pages that compute: ten answers a second, a hundred people behind one address."""


def month_now() -> Month:
    """The month that the simulation is about: the current one, in Paris."""
    return Month.of(timezone.localdate())


def state_now(request: HttpRequest) -> State | None:
    """The state of the browser, read in the current month."""
    state = browser.state_of(request)
    return state.as_of(month_now()) if state is not None else None


def private(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """A page about a person: no browser, no relay keeps it."""

    @wraps(view)
    def answer(request: HttpRequest, *args: P.args, **named: P.kwargs) -> HttpResponse:
        response = view(request, *args, **named)
        patch_cache_control(response, private=True, no_store=True)
        return response

    return answer


def with_state(view: Callable[Concatenate[HttpRequest, State, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the state to a page; without one, back to the start."""

    @private
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        state = state_now(request)
        if state is None:
            return redirect("simulation")
        return view(request, state, *args, **named)

    return answer


def with_law(view: Callable[Concatenate[HttpRequest, State, LiveLaw, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the state and the law to a page that computes; while the law loads, a page that says so (503)."""

    @often
    @wraps(view)
    def answer(request: HttpRequest, state: State, *args: Any, **named: Any) -> HttpResponse:
        live = queries.live_law(state.answers.month)
        if live is None:
            return waiting(request)
        return view(request, state, live, *args, **named)

    return with_state(answer)


def waiting(request: HttpRequest) -> HttpResponse:
    """The law is loading: come back in a few seconds."""
    context = {"seconds": RETRY_SECONDS, "again": request.get_full_path()}
    response = render(request, "simulation/waiting.html", context, status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def worked_out(live: LiveLaw, state: State) -> State:
    """The state with its next step."""
    if state.step is not None:
        return state
    with conversation(live, state.answers) as known:
        return State(state.answers, state.theme, known.step(state.theme))


def to_step(state: State) -> HttpResponse:
    """To the page of the next step, or to the results when nothing is left to ask."""
    page: PageAsked | None = state.step.page if state.step is not None else None
    response = redirect("simulation-question", *page) if page is not None else redirect("simulation-results")
    return browser.keep(response, state)
