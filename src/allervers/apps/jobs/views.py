"""Pages of the application."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.permissions import for_roles


@for_roles(Role.ORGANISATION_ADMIN, Role.PLATFORM_ADMIN)
def jobs(request: HttpRequest) -> HttpResponse:
    """Page."""
    return render(request, "problem.html", {"title": "jobs", "message": "", "status": 200})


@for_roles(Role.PLATFORM_ADMIN)
def health_page(request: HttpRequest) -> HttpResponse:
    """Page."""
    return render(request, "problem.html", {"title": "health_page", "message": "", "status": 200})
