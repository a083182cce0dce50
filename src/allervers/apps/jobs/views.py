"""Pages of jobs: the list, one job, and the two things that can be asked of it."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.permissions import AccountRequest, for_roles
from allervers.apps.jobs import actions, queries
from allervers.apps.jobs.domain import LABELS

PAGE_LINES = 30


@require_safe
@for_roles(Role.ORGANISATION_ADMIN, Role.PLATFORM_ADMIN)
def jobs(request: AccountRequest) -> HttpResponse:
    """The jobs that the person may see, those under way told live."""
    state = request.GET.get("etat", "")
    page = Paginator(queries.jobs_of(request.user, state), PAGE_LINES).get_page(request.GET.get("page"))
    running = any(not job.is_over for job in page)
    context = {"page": page, "state": state, "states": LABELS.items(), "is_running": running}
    return render(request, _whole_or_part(request, "list"), context)


@require_safe
@for_roles(Role.ORGANISATION_ADMIN, Role.PLATFORM_ADMIN)
def job(request: AccountRequest, number: int) -> HttpResponse:
    """One job: where it stands, what it made, what can be asked of it."""
    found = queries.job_of(request.user, number)
    return render(request, _whole_or_part(request, "job"), {"job": found, "is_running": not found.is_over})


def _whole_or_part(request: AccountRequest, name: str) -> str:
    """The page, or the part of it that its script asks for again."""
    return f"jobs/parts/{name}.html" if request.headers.get("X-Part") else f"jobs/{name}.html"


@require_POST
@for_roles(Role.ORGANISATION_ADMIN, Role.PLATFORM_ADMIN)
def cancel(request: AccountRequest, number: int) -> HttpResponse:
    """Ask that a job stop."""
    found = queries.job_of(request.user, number)
    actions.cancel_job(acting_user=request.user, now=timezone.now(), job=found)
    messages.success(request, _("L'arrêt est demandé : rien de ce travail ne sera gardé."))
    return redirect("job", number=number)


@require_POST
@for_roles(Role.ORGANISATION_ADMIN, Role.PLATFORM_ADMIN)
def retry(request: AccountRequest, number: int) -> HttpResponse:
    """Put a job back in the queue."""
    found = queries.job_of(request.user, number)
    actions.retry_job(acting_user=request.user, now=timezone.now(), job=found)
    messages.success(request, _("Le travail est remis dans la file."))
    return redirect("job", number=number)
