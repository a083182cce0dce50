"""Pages of the application."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.permissions import for_roles


@for_roles(Role.DATA_PROTECTION_OFFICER)
def audit(request: HttpRequest) -> HttpResponse:
    """Page."""
    return render(request, "problem.html", {"title": "audit", "message": "", "status": 200})


@for_roles(Role.DATA_PROTECTION_OFFICER)
def requests(request: HttpRequest) -> HttpResponse:
    """Page."""
    return render(request, "problem.html", {"title": "requests", "message": "", "status": 200})
