"""The grid at the counter: eight questions, under a minute, no name; launched from any other act."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from allervers.apps.accounts.domain import SEES_PERSONS
from allervers.apps.accounts.permissions import AccountRequest, for_roles
from allervers.apps.casework.actions.counter import count_grid
from allervers.apps.casework.actions.meetings import start_meeting_at_counter
from allervers.apps.casework.domain import ORIGIN_LABELS, Origin
from allervers.apps.casework.forms import CounterForm, OriginForm
from allervers.apps.casework.grid import COUNTED, OUTCOME_LABELS, grid, result_of
from allervers.apps.casework.permissions import communes_at_counter
from allervers.apps.partnership.labels import commune_label, in_order
from allervers.foundation.errors import InvalidInput

_LAST = "grid_key"


@for_roles(*SEES_PERSONS)
def counter(request: AccountRequest) -> HttpResponse:
    """The grid, then what it proposes. Sent again (a page reloaded), it is counted once."""
    asked = request.POST if request.method == "POST" else request.GET
    form = OriginForm(asked)
    origin = Origin(form.cleaned_data["origin"]) if form.is_valid() else Origin.COUNTER
    context = {
        "grid": grid(), "origin": origin, "origin_label": ORIGIN_LABELS[origin], "key": secrets.token_hex(16),
        "household": asked.get("menage", "")[:64], "communes": _communes(request),
    }  # fmt: skip
    if request.method == "POST":
        result = result_of(request.POST.dict())
        key = request.POST.get("key", "")
        if result.outcome in COUNTED and (not key or request.session.get(_LAST) != key):
            count_grid(acting_user=request.user, now=timezone.now(), origin=origin, outcome=result.outcome)
            request.session[_LAST] = key
        context |= {"result": result, "outcome_label": OUTCOME_LABELS[result.outcome]}
    return render(request, "casework/counter.html", context)


@require_POST
@for_roles(*SEES_PERSONS)
def start_meeting(request: AccountRequest) -> HttpResponse:
    """Begin a rendez-vous des droits with somebody who came and whom no list shows."""
    form = CounterForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Choisissez la commune où vit la personne.")
    told = form.cleaned_data
    meeting, is_new = start_meeting_at_counter(
        acting_user=request.user, now=timezone.now(), key=told["key"], commune=told["commune"],
        origin=Origin(told["origin"]),
    )  # fmt: skip
    if is_new:
        messages.success(request, "Rendez-vous commencé. Décrivez le foyer avec la personne.")
    return redirect("interview", meeting.pk)


def _communes(request: AccountRequest) -> list[tuple[str, str]]:
    found = communes_at_counter(request.user, timezone.localdate())
    return sorted(((code, commune_label(code)) for code in found), key=lambda one: in_order(one[1]))
