"""Page of the state of the installation, for its operator: numbers and dates, never data of a person."""

from __future__ import annotations

import platform
import shutil
from importlib.metadata import version
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.permissions import AccountRequest, for_roles
from allervers.apps.audit.queries import verify_chain
from allervers.apps.findings.models import Publication
from allervers.apps.findings.permissions import open_publication
from allervers.apps.jobs.models import Job
from allervers.apps.jobs.queries import last_done, queue_state
from allervers.apps.jobs.registry import Running, task
from allervers.foundation.errors import AllerVersError
from allervers.web.checks import problems

AUDIT_TASK = "audit_check"
FEW_BYTES = 5 << 30
"""Free space under which the operator is warned."""


@task(AUDIT_TASK, "Vérification de la chaîne du registre", due=lambda on: {"on": on.isoformat()})
def audit_check(running: Running) -> dict[str, Any]:
    """Verify the whole chain of the register, every day."""
    running.progress(0, 1, "Vérification")
    found = verify_chain()
    if found.broken_at is not None:
        raise AllerVersError(f"Le registre a été modifié : la chaîne se rompt à l'entrée {found.broken_at}.")
    return {"entries": found.entries, "digest": found.digest, "sentences": [f"{found.entries} entrées intactes."]}


@require_safe
@for_roles(Role.PLATFORM_ADMIN)
def health_page(request: AccountRequest) -> HttpResponse:
    """Database, workers, queue, disk, versions, last publication, last verification of the register."""
    now = timezone.now()
    disk = shutil.disk_usage(settings.ALLERVERS.data)
    publication, ended = open_publication(timezone.localdate(now))
    broken = Job.objects.filter(task=AUDIT_TASK).exclude(ended_at=None).order_by("-ended_at").first()
    context: dict[str, Any] = {
        "database": {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(connection.vendor, connection.vendor),
        "database_version": _database_version(),
        "queue": queue_state(now),
        "free": disk.free,
        "disk_share": round(100 * disk.used / disk.total),
        "is_disk_low": disk.free < FEW_BYTES,
        "publication": publication,
        "publications": Publication.objects.count(),
        "ended": sorted(ended),
        "verified": last_done(AUDIT_TASK),
        "is_chain_broken": broken is not None and broken.state == "failed",
        "audit_message": broken.message if broken else "",
        "retention": last_done("retention"),
        "problems": problems(deploy=False),
        "versions": {
            "AllerVers": version("allervers"), "Django": django.__version__, "Python": platform.python_version(),
            "OpenFisca-France": version("openfisca-france"),
        },
    }  # fmt: skip
    return render(request, "health.html", context)


def _database_version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version" if connection.vendor == "postgresql" else "SELECT sqlite_version()")
        row = cursor.fetchone()
    return str(row[0]) if row else ""
