"""Pages of the whole: the front door of each role, the theme, health, and the pages of errors."""

from __future__ import annotations

import sys

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from allervers.api.problems import UNAVAILABLE
from allervers.apps.accounts.domain import Role
from allervers.web.middleware import page_of

_FAILED = "Une erreur est survenue de notre côté. Elle est consignée ; réessayez dans un moment."

_FRONT: dict[str, str] = {
    Role.AGENT: "findings",
    Role.TEAM_MANAGER: "findings",
    Role.ORGANISATION_ADMIN: "accounts",
    Role.ANALYST: "volumes",
    Role.DATA_PROTECTION_OFFICER: "audit",
    Role.PLATFORM_ADMIN: "organisations",
}


def home(request: HttpRequest) -> HttpResponse:
    """The page where someone starts: their role's, or the public one."""
    if request.user.is_authenticated:
        return redirect(_FRONT[request.user.role])
    return render(request, "home.html", {"demo": settings.ALLERVERS.demo})


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember the theme in a cookie, and go back where the person was."""
    wanted, back = request.POST.get("theme", ""), request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    answer = redirect(back)
    if wanted in {"light", "dark"}:
        answer.set_cookie("theme", wanted, max_age=365 * 86400, samesite="Lax", secure=settings.CSRF_COOKIE_SECURE)
    else:
        answer.delete_cookie("theme")
    return answer


def health(request: HttpRequest) -> HttpResponse:
    """For the supervisor of the machine: 200 when the database answers, 503 otherwise. Says nothing else."""
    del request
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "unavailable"}, status=503)
    return JsonResponse({"status": "ok"})


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Page 404."""
    del exception
    return page_of(request, 404, "Cette page n'existe pas, ou n'est pas ouverte à votre compte.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Page 403."""
    return page_of(request, 403, str(exception or "") or "Votre compte n'ouvre pas cette page.")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Page 400."""
    del exception
    return page_of(request, 400, "La demande n'a pas pu être comprise.")


def failed(request: HttpRequest) -> HttpResponse:
    """Page 500, or 503 when the database or the disk failed: written without them, so without the menu of the role."""
    del request
    is_away = isinstance(sys.exception(), OperationalError | OSError)
    message = UNAVAILABLE if is_away else _FAILED
    page = render_to_string("failed.html", {"message": message})
    return HttpResponse(page, status=503 if is_away else 500)
