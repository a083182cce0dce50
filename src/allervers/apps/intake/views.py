"""Pages of intake: deposits and imports of an organisation, detection for the platform."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.permissions import AccountRequest, for_roles
from allervers.apps.audit.actions import record
from allervers.apps.findings.models import Publication
from allervers.apps.intake import actions, files, queries
from allervers.apps.intake.forms import DepositForm, DetectionForm
from allervers.apps.jobs.queries import jobs_of
from allervers.apps.partnership.queries import giving_parties
from allervers.foundation.errors import InvalidInput, Refused
from allervers.foundation.periods import Month

PAGE_LINES = 30


@require_safe
@for_roles(Role.ORGANISATION_ADMIN)
def imports(request: AccountRequest) -> HttpResponse:
    """What the organisation has sent: files under way, imports in force and until when they are kept."""
    today = timezone.localdate()
    page = Paginator(queries.deposits_of(request.user), PAGE_LINES).get_page(request.GET.get("page"))
    is_running = any(not deposit.is_over for deposit in page)
    context: dict[str, Any] = {"page": page, "is_running": is_running}
    if request.headers.get("X-Part"):
        return render(request, "intake/parts/deposits.html", context)
    context |= {
        "received": queries.received(request.user, today),
        "may_deposit": giving_parties(request.user, today).exists(),
    }
    return render(request, "intake/imports.html", context)


@for_roles(Role.ORGANISATION_ADMIN)
def deposit_new(request: AccountRequest) -> HttpResponse:
    """Deposit a file under a convention in force."""
    today, megabytes = timezone.localdate(), settings.ALLERVERS.upload_megabytes
    parties = list(giving_parties(request.user, today))
    form = DepositForm(request.POST or None, request.FILES or None, parties, megabytes)
    if request.method == "POST" and not parties:
        raise Refused("Pas de convention, pas d'import : aucune convention en vigueur n'autorise votre organisme.")
    if request.method == "POST" and form.is_valid():
        reference, format_name = form.exchange_chosen()
        uploaded, mapping = form.cleaned_data["file"], form.cleaned_data["mapping"]
        try:
            deposit = actions.deposit_file(
                acting_user=request.user, now=timezone.now(), today=today, reference=reference,
                format_name=format_name, reference_on=form.cleaned_data["reference_on"], file_name=uploaded.name,
                chunks=uploaded.chunks(),
                mapping=mapping.read(actions.MAX_MAPPING_BYTES + 1) if mapping else b"",
            )  # fmt: skip
        except (InvalidInput, Refused) as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Le fichier est déposé. Il sera détruit dès qu'il sera importé."))
            return redirect("deposit", number=deposit.pk)
    return render(request, "intake/deposit_new.html", {"form": form, "parties": parties})


@require_safe
@for_roles(Role.ORGANISATION_ADMIN)
def deposit(request: AccountRequest, number: int) -> HttpResponse:
    """One deposit: where it stands, what was kept and what was not, and why."""
    found = queries.deposit_of(request.user, number)
    context = {"deposit": found, "job": found.job, "is_running": not found.is_over}
    part = bool(request.headers.get("X-Part"))
    return render(request, "intake/parts/deposit.html" if part else "intake/deposit.html", context)


@require_safe
@for_roles(Role.ORGANISATION_ADMIN)
def deposit_rejects(request: AccountRequest, number: int) -> HttpResponseBase:
    """What was wrong in a file: line, column, reason; values masked. The register says who took it."""
    found = queries.deposit_of(request.user, number)
    path = files.rejects_path(found.pk)
    if not path.is_file():
        raise Http404
    record(
        acting_user=request.user, now=timezone.now(), action="rejects_exported", kind="deposit", target=str(found.pk)
    )
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=f"rejets-{found.pk}.csv")
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@for_roles(Role.ORGANISATION_ADMIN)
def import_destroy(request: AccountRequest, import_id: str) -> HttpResponse:
    """Ask that an import be destroyed."""
    found = queries.received_by_id(request.user, import_id, timezone.localdate())
    if request.POST.get("sure") != "1":
        raise InvalidInput("Cochez la case : une destruction ne se défait pas.")
    actions.ask_destruction(acting_user=request.user, now=timezone.now(), row=found.row)
    messages.success(request, _("La destruction est demandée. Les prochaines listes seront faites sans ces données."))
    return redirect("imports")


@require_safe
@for_roles(Role.PLATFORM_ADMIN)
def detections(request: AccountRequest) -> HttpResponse:
    """The lists in force, the imports that the next ones will use or leave aside, and the runs."""
    today = timezone.localdate()
    received = queries.received(request.user, today)
    context = {
        "form": DetectionForm(None, today),
        "publication": Publication.objects.filter(is_current=True).first(),
        "received": received,
        "usable": sum(1 for one in received if one.is_usable),
        "jobs": jobs_of(request.user).filter(task="detection")[:10],
        "day": settings.ALLERVERS.detection_day,
    }
    return render(request, "intake/detections.html", context)


@require_POST
@for_roles(Role.PLATFORM_ADMIN)
def detection_ask(request: AccountRequest) -> HttpResponse:
    """Ask for the lists of a month."""
    today = timezone.localdate()
    form = DetectionForm(request.POST, today)
    if not form.is_valid():
        raise InvalidInput("Choisissez un des mois proposés.")
    month = Month.parse(form.cleaned_data["month"])
    job = actions.ask_detection(acting_user=request.user, now=timezone.now(), today=today, month=month)
    messages.success(request, _("La détection est demandée : les listes en vigueur restent ouvertes jusqu'à sa fin."))
    return redirect("job", number=job.pk)
