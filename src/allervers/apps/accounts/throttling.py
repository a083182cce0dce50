"""Who is counted when sign-ins fail, and pages that may be asked only so often."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

from allervers.foundation.errors import AllerVersError

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class TooMany(AllerVersError):
    """The same address asks the same page too often."""

    code = "too_many_requests"


def typed_account(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """A keyed hash of the address typed to sign in: failures are counted under it, and nothing keeps what was typed."""
    given = credentials or {}
    typed = given.get("email") or given.get("login") or request.POST.get("login") or ""
    return salted_hmac("allervers.accounts.throttling", str(typed).strip().lower()).hexdigest()


def client_address(request: HttpRequest) -> str:
    """Network address of who asks, behind our own proxy when there is one; empty when the server does not tell."""
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return ""


def at_most(rate: str, name: str) -> Callable[[View], View]:
    """Open a page so often for one network address: `20/m` is twenty times a minute. Raises TooMany beyond."""

    def decorated(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            allowed = ratelimit.consume(
                request, app="allervers", action=name, config={name: f"{rate}/ip"}, limit_get=True
            )
            if allowed is None:
                raise TooMany("Vous avez demandé cette page trop souvent. Attendez une minute, puis réessayez.")
            return view(request, *args, **kwargs)

        return cast(View, guarded)

    return decorated
