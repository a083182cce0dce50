"""« Mes suivis », and the figures of managers."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from allervers.apps.accounts.domain import SEES_COUNTS, SEES_PERSONS
from allervers.apps.accounts.permissions import AccountRequest, for_roles
from allervers.apps.audit.actions import record
from allervers.apps.casework import figures as numbers
from allervers.apps.casework.exports import csv_figures, csv_follow_ups
from allervers.apps.casework.followups import FollowUpRow, follow_ups, plans_followed
from allervers.apps.casework.forms import FollowUpsForm
from allervers.apps.partnership.queries import scope_of

PAGE_LINES = 50


def _asked(request: AccountRequest) -> tuple[FollowUpsForm, tuple[FollowUpRow, ...]]:
    on = timezone.localdate()
    team = {"qui": "equipe"} if request.GET.get("qui") == "equipe" else {}
    everything, scope = follow_ups(request.user, on, team), scope_of(request.user, on)
    rights = scope.rights | {row.right for row in everything if row.right}
    form = FollowUpsForm(request.GET, rights, scope.communes)
    asked = form.asked()
    return form, follow_ups(request.user, on, asked) if asked != team else everything


@for_roles(*SEES_PERSONS)
def my_follow_ups(request: AccountRequest) -> HttpResponse:
    """What is awaited in the plans that the person follows, by date."""
    on = timezone.localdate()
    form, rows = _asked(request)
    context = {
        "form": form, "page": Paginator(rows, PAGE_LINES).get_page(request.GET.get("page")), "today": on,
        "scope": scope_of(request.user, on), "plans": plans_followed(request.user, on, form.asked()),
        "late": sum(row.is_late for row in rows), "saved": [],
    }  # fmt: skip
    return render(request, "casework/follow_ups.html", context)


@for_roles(*SEES_PERSONS)
def export_follow_ups(request: AccountRequest) -> HttpResponse:
    """The same as CSV; the register says who took it."""
    now = timezone.now()
    _, rows = _asked(request)
    grants = scope_of(request.user, timezone.localdate(now)).grants
    record(
        acting_user=request.user, now=now, action="plans_exported", kind="list", target="suivis", lines=len(rows),
        convention=",".join(sorted({grant.convention for grant in grants})),
    )  # fmt: skip
    return _attached(csv_follow_ups(rows), f"suivis-{now:%Y-%m-%d}.csv")


@for_roles(*SEES_COUNTS)
def figures(request: AccountRequest) -> HttpResponse:
    """Meetings, rights opened, euros gained, delays: by team and commune, of nobody."""
    now = timezone.now()
    context = {"figures": numbers.figures_of(request.user, now), "since": numbers.since_when(now)}
    return render(request, "casework/figures.html", context)


@for_roles(*SEES_COUNTS)
def export_figures(request: AccountRequest) -> HttpResponse:
    """The same as CSV."""
    now = timezone.now()
    found = numbers.figures_of(request.user, now)
    record(acting_user=request.user, now=now, action="plan_figures_exported", kind="list", target="chiffres")
    return _attached(csv_figures((found.total, *found.teams, *found.communes)), "accompagnement.csv")


def _attached(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)
