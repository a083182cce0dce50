"""The grid at the counter: eight questions, under a minute, no name; launched from any other act."""

from __future__ import annotations

import secrets

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from allervers.apps.accounts.domain import SEES_PERSONS
from allervers.apps.accounts.permissions import AccountRequest, for_roles
from allervers.apps.casework.actions.counter import count_grid
from allervers.apps.casework.domain import ORIGIN_LABELS, Origin
from allervers.apps.casework.forms import OriginForm
from allervers.apps.casework.grid import OUTCOME_LABELS, grid, result_of

_LAST = "grid_key"


@for_roles(*SEES_PERSONS)
def counter(request: AccountRequest) -> HttpResponse:
    """The grid, then what it proposes. Sent again (a page reloaded), it is counted once."""
    asked = request.POST if request.method == "POST" else request.GET
    form = OriginForm(asked)
    origin = Origin(form.cleaned_data["origin"]) if form.is_valid() else Origin.COUNTER
    context = {
        "grid": grid(), "origin": origin, "origin_label": ORIGIN_LABELS[origin], "key": secrets.token_hex(16),
        "household": asked.get("menage", "")[:64],
    }  # fmt: skip
    if request.method == "POST":
        result = result_of(request.POST.dict())
        key = request.POST.get("key", "")
        if not key or request.session.get(_LAST) != key:
            count_grid(acting_user=request.user, now=timezone.now(), origin=origin, outcome=result.outcome)
            request.session[_LAST] = key
        context |= {"result": result, "outcome_label": OUTCOME_LABELS[result.outcome]}
    return render(request, "casework/counter.html", context)
