"""What each request checks of its account: still open, and a second factor where persons' data can be seen."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from allervers.apps.accounts.queries import has_second_factor

_ALWAYS_OPEN = ("/static/", "/compte/", "/oidc/", "/langue/")


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
            exempt = request.path.startswith(_ALWAYS_OPEN) or settings.ALLERVERS.demo
            # ProConnect has its own second factor where the provider asks it.
            if not exempt and not request.session.get("proconnect") and not has_second_factor(user):
                return redirect(reverse("mfa_activate_totp"))
        return self.get_response(request)
