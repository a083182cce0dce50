"""Pages of the lists: one read or one action a request."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from allervers.apps.accounts.domain import SEES_COUNTS, SEES_PERSONS, Role
from allervers.apps.accounts.permissions import AccountRequest, for_roles
from allervers.apps.audit.actions import record
from allervers.apps.findings import actions, queries
from allervers.apps.findings import volumes as figures
from allervers.apps.findings.domain import REASON_LABELS, Progress
from allervers.apps.findings.exports import csv_lines, csv_of_volumes, csv_to_complete, workbook
from allervers.apps.findings.forms import (
    AssignForm,
    CorrectionForm,
    FilterForm,
    OppositionForm,
    ProgressForm,
    UnsettledForm,
)
from allervers.apps.findings.maps import commune_map
from allervers.apps.findings.permissions import grants_for_household, why_no_list
from allervers.apps.findings.queries import Lists
from allervers.apps.findings.unsettled import Asked, Unsettled
from allervers.apps.partnership.models import Organisation, Team
from allervers.apps.people.actions import record_opposition
from allervers.foundation.errors import InvalidInput

PAGE_LINES = 50


@for_roles(*SEES_PERSONS)
def findings(request: AccountRequest) -> HttpResponse:
    """The lists to act on."""
    return _list(request, "findings/list.html")


@for_roles(*SEES_PERSONS)
def my_work(request: AccountRequest) -> HttpResponse:
    """The lines that the person has taken, or was given."""
    return _list(request, "findings/my_work.html", suivi="moi")


def _list(request: AccountRequest, template: str, **fixed: str) -> HttpResponse:
    today = timezone.localdate()
    asked = request.GET.copy()
    asked.update(fixed)
    lists = Lists(request.user, today, queries.Filters())
    form = FilterForm(asked, lists.scope)
    lists = Lists(request.user, today, form.filters())
    page = _page(request, lists.counts["lines"], lists.lines())
    publication, ended = lists.publication
    teams = _managed(request) if request.user.role == Role.TEAM_MANAGER else []
    context: dict[str, Any] = {
        "form": form, "page": page, "scope": lists.scope, "publication": publication, "ended": sorted(ended),
        "counts": lists.counts if page.paginator.count else None, "sort": lists.filters.sort, "teams": teams,
        "saved": queries.saved_filters(request.user), "today": today,
    }  # fmt: skip
    return render(request, template, context)


@for_roles(*SEES_PERSONS)
def to_complete(request: AccountRequest) -> HttpResponse:
    """Households of which a right is unknown, and the questions that would settle it."""
    form, found = _to_complete(request)
    page = _page(request, len(found), found)
    publication, ended = found.publication
    context = {
        "form": form, "page": page, "scope": found.scope, "publication": publication, "ended": sorted(ended),
        "sort": found.asked.sort,
    }  # fmt: skip
    return render(request, "findings/to_complete.html", context)


def _to_complete(request: AccountRequest) -> tuple[UnsettledForm, Unsettled]:
    today = timezone.localdate()
    scope = Unsettled(request.user, today, Asked()).scope
    form = UnsettledForm(request.GET, scope)
    return form, Unsettled(request.user, today, form.asked())


@for_roles(*SEES_PERSONS)
def export_to_complete(request: AccountRequest) -> HttpResponseBase:
    """The households asked for, as CSV; the register says who took it."""
    now = timezone.now()
    _, found = _to_complete(request)
    _must_see_lists(found)
    record(
        acting_user=request.user, now=now, action="list_exported", kind="list", target="a-completer", lines=len(found),
        convention=",".join(sorted({grant.convention for grant in found.scope.grants})),
    )  # fmt: skip
    named = _attached(f"a-completer-{now:%Y-%m-%d}.csv")
    return StreamingHttpResponse(csv_to_complete(found), content_type="text/csv; charset=utf-8", headers=named)


@for_roles(*SEES_PERSONS)
def export(request: AccountRequest, form: str) -> HttpResponseBase:
    """The lines asked for, in a file; the register says who took it, under which filters."""
    if form not in {"csv", "xlsx"}:
        raise Http404
    now = timezone.now()
    lists = Lists(request.user, timezone.localdate(now), queries.Filters())
    _must_see_lists(lists)
    filters = FilterForm(request.GET, lists.scope)
    lists = Lists(request.user, timezone.localdate(now), filters.filters())
    lines = lists.lines()
    record(
        acting_user=request.user, now=now, action="list_exported", kind="list", target=form, lines=lines.count(),
        convention=",".join(sorted({grant.convention for grant in lists.scope.grants})),
    )  # fmt: skip
    named = _attached(f"liste-{now:%Y-%m-%d}.{form}")
    if form == "xlsx":
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return HttpResponse(workbook(lines), content_type=kind, headers=named)
    return StreamingHttpResponse(csv_lines(lines), content_type="text/csv; charset=utf-8", headers=named)


def _must_see_lists(lists: Lists | Unsettled) -> None:
    """A file without a line would not say why it is empty. Raises PermissionDenied, with the reason."""
    why = why_no_list(lists.publication, lists.scope)
    if why:
        raise PermissionDenied(why)


def _page(request: AccountRequest, count: int, rows: Any) -> Page[Any]:
    """The page asked for of a list already counted: it is not counted twice, and only its rows are read."""
    page: Page[Any] = Paginator(range(count), PAGE_LINES).get_page(request.GET.get("page"))
    page.object_list = rows[max(0, page.start_index() - 1) : page.end_index()]
    return page


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}


def _managed(request: AccountRequest) -> list[Team]:
    return list(Team.objects.filter(members=request.user).prefetch_related("members"))


@for_roles(*SEES_PERSONS)
def household(request: AccountRequest, household: str) -> HttpResponse:
    """A household: who, which rights are received and missing and why, what happened, where the data come from."""
    now = timezone.now()
    page = queries.household_page(request.user, household, now)
    grant = page.grants[0]
    record(
        acting_user=request.user, now=now, action="household_viewed", kind="household", target=household,
        purpose=grant.purpose, convention=grant.convention,
    )  # fmt: skip
    context = {
        "page": page, "file": page.file, "reasons": REASON_LABELS, "line_kept": request.GET.get("ligne", ""),
        "reason_kept": request.GET.get("raison", ""),
    }  # fmt: skip
    return render(request, "findings/household.html", context)


@require_POST
@for_roles(*SEES_PERSONS)
def change(request: AccountRequest, line: int) -> HttpResponse:
    """Take a line in charge, give it back, settle it, set it aside."""
    now = timezone.now()
    finding = queries.line_of_page(request.user, line, timezone.localdate(now))
    form = ProgressForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("La demande est incomplète : revenez à la page du foyer et recommencez.")
    actions.change_progress(
        acting_user=request.user, now=now, finding=finding, progress=Progress(form.cleaned_data["progress"]),
        version=form.cleaned_data["version"], reason=form.cleaned_data["reason"],
    )  # fmt: skip
    messages.success(request, "C'est enregistré.")
    back, reason = reverse("household", args=[finding.household]), form.cleaned_data["reason"]
    if not reason or form.cleaned_data["progress"] == Progress.NOT_RELEVANT:
        return redirect(f"{back}#ligne-{finding.pk}")
    messages.info(request, "La raison choisie reste affichée : elle ne compte qu'avec « Sans objet ».")
    return redirect(f"{back}?ligne={finding.pk}&raison={reason}#ligne-{finding.pk}")


@require_POST
@for_roles(*SEES_PERSONS)
def ask_correction(request: AccountRequest, line: int) -> HttpResponse:
    """Say that a datum is wrong: its partner is asked to correct it."""
    now = timezone.now()
    finding = queries.line_of_page(request.user, line, timezone.localdate(now))
    form = CorrectionForm(request.POST, queries.correctable(request.user, finding, timezone.localdate(now)))
    if not form.is_valid():
        messages.error(request, "Choisissez la donnée à corriger.")
        return redirect("household", household=finding.household)
    group, _, partner = form.cleaned_data["datum"].partition("@")
    actions.ask_correction(
        acting_user=request.user, now=now, finding=finding, partner=Organisation.objects.get(code=partner),
        category=group, version=form.cleaned_data["version"],
    )  # fmt: skip
    messages.success(request, "La demande de correction est enregistrée pour le partenaire qui a transmis la donnée.")
    return redirect("household", household=finding.household)


@for_roles(*SEES_PERSONS)
def oppose(request: AccountRequest, household: str) -> HttpResponse:
    """Record that persons of the household oppose: asked once more before it is done."""
    now = timezone.now()
    grants = grants_for_household(request.user, household, timezone.localdate(now))
    persons = queries.persons_of(request.user, household, now)
    if request.method != "POST":
        return render(request, "findings/oppose.html", {"household": household, "persons": persons})
    form = OppositionForm(request.POST, [person.id for person in persons])
    if not form.is_valid():
        context = {"household": household, "persons": persons, "errors": True}
        return render(request, "findings/oppose.html", context, status=400)
    record_opposition(
        acting_user=request.user, now=now, household=household, persons=tuple(form.cleaned_data["persons"]),
        grants=grants,
    )  # fmt: skip
    messages.success(request, "L'opposition est enregistrée : le foyer ne paraît plus dans aucune liste.")
    return redirect("findings")


@require_POST
@for_roles(Role.TEAM_MANAGER)
def assign(request: AccountRequest) -> HttpResponse:
    """Give the ticked lines to a team or to an agent."""
    now = timezone.now()
    asked = request.POST.get("back", "")
    back = redirect(asked if asked.startswith("/listes/") else "/listes/")
    ticked = [int(value) for value in request.POST.getlist("lines") if value.isdecimal() and len(value) < 16]
    teams = _managed(request)
    form = AssignForm(request.POST, teams, ticked)
    if not ticked:
        messages.error(request, "Cochez d'abord au moins une ligne.")
        return back
    if not form.is_valid():
        messages.error(request, "Choisissez à qui confier ces lignes.")
        return back
    team_id, _, agent_id = form.cleaned_data["to"].partition(":")
    team = next(team for team in teams if team.pk == int(team_id))
    agent = next((member for member in team.members.all() if str(member.pk) == agent_id), None)
    lines = [queries.line_of_page(request.user, line, timezone.localdate(now)) for line in ticked]
    given = actions.assign(acting_user=request.user, now=now, findings=lines, team=team, agent=agent)
    told = ngettext("%(n)d ligne confiée.", "%(n)d lignes confiées.", given)
    messages.success(request, told % {"n": given})
    return back


@for_roles(Role.TEAM_MANAGER)
def workload(request: AccountRequest) -> HttpResponse:
    """The load of each agent of the teams that the person manages."""
    return render(request, "findings/workload.html", {"agents": queries.workload(request.user)})


@for_roles(*SEES_COUNTS)
def volumes(request: AccountRequest) -> HttpResponse:
    """Volumes by right and commune, ages, delays, and how good each rule proves."""
    reach = figures.reach_of(request.user, timezone.localdate())
    rights = figures.by_right(reach)
    right = _right_asked(request, rights)
    communes = figures.by_commune(reach, right)
    context = {
        "reach": reach, "rights": rights, "right": right, "communes": communes,
        "map": commune_map({row.key: row.not_taken_up for row in communes}), "ages": figures.ages(reach),
        "delays": figures.delays(reach), "precision": figures.measured_precision(reach),
    }  # fmt: skip
    return render(request, "findings/volumes.html", context)


def _right_asked(request: AccountRequest, rights: list[figures.Row]) -> str:
    asked = request.GET.get("droit", "")
    known = [row.key for row in rights]
    return next((right for right in (asked, "rsa", *known) if right in known), "rsa")


@for_roles(*SEES_COUNTS)
def export_volumes(request: AccountRequest) -> HttpResponse:
    """The table by commune, as CSV: the same numbers as the page, hidden ones empty."""
    now = timezone.now()
    reach = figures.reach_of(request.user, timezone.localdate())
    if reach.refusal:
        raise PermissionDenied(reach.refusal)
    right = _right_asked(request, figures.by_right(reach))
    rows = figures.by_commune(reach, right)
    record(acting_user=request.user, now=now, action="volumes_exported", kind="right", target=right)
    return HttpResponse(
        csv_of_volumes(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="volumes-{right}.csv"'},
    )


@require_POST
@for_roles(*SEES_PERSONS)
def save_filter(request: AccountRequest) -> HttpResponse:
    """Keep the search of the page under a name."""
    query = request.POST.get("query", "")
    actions.save_filter(acting_user=request.user, now=timezone.now(), name=request.POST.get("name", ""), query=query)
    messages.success(request, "Filtre enregistré.")
    return redirect(f"/listes/?{query.lstrip('?')}")
