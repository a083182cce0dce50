"""Pages of the data protection officer: the register, the readings of a household, the requests of persons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.exports import csv_rows
from allervers.apps.accounts.models import User
from allervers.apps.accounts.permissions import AccountRequest, for_roles
from allervers.apps.accounts.throttling import at_most
from allervers.apps.audit.actions import record
from allervers.apps.findings.actions import answer_correction
from allervers.apps.findings.permissions import can_answer
from allervers.apps.oversight import queries
from allervers.apps.oversight.forms import RegisterForm

PAGE_ENTRIES = 50
MAX_SHOWN = 10_000
_PART = re.compile("[0-9a-f]{1,31}")
"""The beginning of an identifier of a household, that lists show."""
MAX_EXPORT = 200_000
_BATCH = 2_000


@never_cache
@for_roles(Role.DATA_PROTECTION_OFFICER)
def audit(request: AccountRequest) -> HttpResponse:
    """The register: who did or saw what."""
    form = RegisterForm(request.GET)
    # Counting a register of years at each page would cost more than the page: its newest entries, then dates.
    found = queries.register(request.user, form.filters())[:MAX_SHOWN]
    page = Paginator(found, PAGE_ENTRIES).get_page(request.GET.get("page"))
    context = {
        "form": form, "page": page, "rows": queries.rows(request.user, page.object_list),
        "is_cut": page.paginator.count >= MAX_SHOWN,
    }  # fmt: skip
    return render(request, "oversight/register.html", context)


@at_most("10/m", "register-export")
@for_roles(Role.DATA_PROTECTION_OFFICER)
def export(request: AccountRequest) -> HttpResponseBase:
    """The entries asked for, in a file; the register says who took it."""
    now = timezone.now()
    filters = RegisterForm(request.GET).filters()
    last = queries.register(request.user, filters).values_list("number", flat=True).first() or 0
    record(
        acting_user=request.user, now=now, action="register_exported", kind="register", target="csv",
        entries=queries.register(request.user, filters).count(),
    )  # fmt: skip
    headings = (
        "Numéro",
        "Instant (UTC)",
        "Compte",
        "Organisme",
        "Action",
        "Objet",
        "Identifiant",
        "Finalité",
        "Convention",
    )
    named = {"Content-Disposition": f'attachment; filename="registre-{now:%Y-%m-%d}.csv"', "Cache-Control": "no-store"}
    lines = _lines(request.user, filters, last)
    return StreamingHttpResponse(csv_rows(headings, lines), content_type="text/csv; charset=utf-8", headers=named)


def _lines(user: User, filters: queries.Filters, last: int) -> Iterator[tuple[Any, ...]]:
    # By number and not by offset: entries that arrive meanwhile change nothing of it.
    after, left = last + 1, MAX_EXPORT
    while left > 0:
        batch = list(queries.register(user, filters).filter(number__lt=after)[: min(_BATCH, left)])
        if not batch:
            return
        for row in queries.rows(user, batch):
            yield (
                row.number, f"{row.at:%Y-%m-%dT%H:%M:%SZ}", row.actor, row.organisation, row.action, row.kind,
                row.target, row.purpose, row.convention,
            )  # fmt: skip
        after, left = batch[-1].number, left - len(batch)


@never_cache
@for_roles(Role.DATA_PROTECTION_OFFICER)
def readers(request: AccountRequest) -> HttpResponse:
    """A sheet for the person: who consulted this household, and why. To print and hand over."""
    household = request.GET.get("menage", "").strip()[:64]
    found = queries.readings(request.user, household)
    now = timezone.now()
    if found:
        record(acting_user=request.user, now=now, action="readers_listed", kind="household", target=household)
    # Part of an identifier finds nothing, which must not be read as « nobody looked ».
    is_cut = bool(_PART.fullmatch(household)) and not found
    context = {"household": household, "rows": found, "made_at": now, "is_cut": is_cut}
    return render(request, "oversight/readers.html", context)


@never_cache
@for_roles(Role.DATA_PROTECTION_OFFICER)
def correction(request: AccountRequest, request_id: int) -> HttpResponse:
    """A request that the organisation must answer: the datum, and the persons as the organisation itself knows them."""
    now = timezone.now()
    asked = queries.correction_to_answer(request.user, request_id)
    record(
        acting_user=request.user, now=now, action="correction_opened", kind="household", target=asked.household,
        purpose="rectification",
    )  # fmt: skip
    context = {
        "asked": asked, "category": queries.category_label(asked.category),
        "persons": queries.persons_of(request.user, asked, now),
    }  # fmt: skip
    return render(request, "oversight/correction.html", context)


@require_POST
@for_roles(Role.DATA_PROTECTION_OFFICER)
def answer(request: AccountRequest, request_id: int) -> HttpResponse:
    """Say that the datum was corrected, or is kept."""
    asked = queries.correction_to_answer(request.user, request_id)
    told = request.POST.get("answer", "")
    if told not in {"corrected", "kept"}:
        messages.error(request, "Dites si la donnée est corrigée ou maintenue.")
        return redirect("correction", request_id=request_id)
    answer_correction(acting_user=request.user, now=timezone.now(), request=asked, is_corrected=told == "corrected")
    messages.success(request, "La réponse est enregistrée : l'organisme qui a posé la question la voit.")
    return redirect("requests")


@never_cache
@for_roles(Role.DATA_PROTECTION_OFFICER)
def requests(request: AccountRequest) -> HttpResponse:
    """Oppositions and requests of correction, with their state."""
    what = "oppositions" if request.GET.get("quoi") == "oppositions" else "corrections"
    state = request.GET.get("etat", "")
    state = state if state in {"attente", "fait"} else ""
    found: Any = queries.oppositions if what == "oppositions" else queries.corrections
    page = Paginator(found(request.user, state), PAGE_ENTRIES).get_page(request.GET.get("page"))
    counts = {
        "corrections": queries.corrections(request.user, "attente").count(),
        "oppositions": queries.oppositions(request.user, "attente").count(),
    }
    context = {"what": what, "state": state, "page": page, "counts": counts}
    if what == "corrections":
        context["rows"] = [(one, queries.category_label(one.category), can_answer(request.user, one)) for one in page]
    return render(request, "oversight/requests.html", context)
