"""What each request checks of its account: still open, and a second factor, for every role."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve

from allervers.apps.accounts.queries import has_second_factor

_BEFORE_SECOND_FACTOR = frozenset(
    {
        "account_logout", "account_login", "account_reauthenticate", "mfa_index", "mfa_activate_totp",
        "mfa_view_recovery_codes", "mfa_reauthenticate", "set-theme", "health", "accessibility", "privacy",
    }
)  # fmt: skip
"""Pages open to an account that has no second factor yet: those that set one up, and those that show nothing."""


class CurrentAccountMiddleware:
    """Signs out an account that was closed; sends to the second factor who has none yet."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or redirect."""
        user = request.user
        if user.is_authenticated:
            if not user.is_active:
                logout(request)
                return redirect("account_login")
            # `proconnect`: the provider asked for a second factor of its own.
            exempt = settings.ALLERVERS.demo or request.session.get("proconnect") or _is_open(request.path)
            if not exempt and not has_second_factor(user):
                return redirect("mfa_activate_totp")
        return self.get_response(request)


def _is_open(path: str) -> bool:
    if path.startswith(f"/{settings.STATIC_URL.lstrip('/')}"):
        return True
    try:
        return resolve(path).view_name in _BEFORE_SECOND_FACTOR
    except Resolver404:
        return True
