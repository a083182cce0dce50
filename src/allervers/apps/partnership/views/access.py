"""Page « qui voit quoi et pourquoi », and its file."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.permissions import AccountRequest, for_roles
from allervers.apps.audit.actions import record
from allervers.apps.partnership import queries
from allervers.apps.partnership.access import access_csv, access_rows
from allervers.apps.partnership.forms import AccessFilterForm

PAGE_PEOPLE = 25
_WATCHERS = (Role.ORGANISATION_ADMIN, Role.DATA_PROTECTION_OFFICER)


@require_safe
@for_roles(*_WATCHERS)
def access_matrix(request: AccountRequest) -> HttpResponse:
    """Who of the organisation sees what, until when, and why not."""
    form = _form(request)
    rows = access_rows(request.user, timezone.localdate(), form.asked())
    seeing = sum(1 for row in rows if row.opened)
    page = Paginator(rows, PAGE_PEOPLE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "seeing": seeing, "today": timezone.localdate()}
    return render(request, "partnership/access.html", context)


@require_safe
@for_roles(*_WATCHERS)
def access_file(request: AccountRequest) -> HttpResponse:
    """The same as a file; the register says who took it."""
    now, today = timezone.now(), timezone.localdate()
    rows = access_rows(request.user, today, _form(request).asked())
    record(
        acting_user=request.user, now=now, action="access_exported", kind="organisation",
        target=request.user.organisation_code, people=len(rows),
    )  # fmt: skip
    named = {"Content-Disposition": f'attachment; filename="qui-voit-quoi-{today}.csv"', "Cache-Control": "no-store"}
    return HttpResponse(access_csv(rows), content_type="text/csv; charset=utf-8", headers=named)


def _form(request: AccountRequest) -> AccessFilterForm:
    references = queries.conventions_of(request.user).values_list("reference", flat=True)
    return AccessFilterForm(request.GET, sorted(references))
