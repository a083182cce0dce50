"""Pages of the application."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.permissions import for_roles


@for_roles()
def account(request: HttpRequest) -> HttpResponse:
    """Page."""
    return render(request, "problem.html", {"title": "account", "message": "", "status": 200})


@for_roles(Role.ORGANISATION_ADMIN, Role.PLATFORM_ADMIN)
def accounts(request: HttpRequest) -> HttpResponse:
    """Page."""
    return render(request, "problem.html", {"title": "accounts", "message": "", "status": 200})
