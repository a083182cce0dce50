"""Pages of the application."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.permissions import for_roles


@for_roles(Role.PLATFORM_ADMIN)
def organisations(request: HttpRequest) -> HttpResponse:
    """Page."""
    return render(request, "problem.html", {"title": "organisations", "message": "", "status": 200})


@for_roles(Role.ORGANISATION_ADMIN)
def teams(request: HttpRequest) -> HttpResponse:
    """Page."""
    return render(request, "problem.html", {"title": "teams", "message": "", "status": 200})


@for_roles()
def conventions(request: HttpRequest) -> HttpResponse:
    """Page."""
    return render(request, "problem.html", {"title": "conventions", "message": "", "status": 200})


@for_roles(Role.ORGANISATION_ADMIN, Role.DATA_PROTECTION_OFFICER)
def access_matrix(request: HttpRequest) -> HttpResponse:
    """Page."""
    return render(request, "problem.html", {"title": "access_matrix", "message": "", "status": 200})
