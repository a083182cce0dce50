"""Who is counted when sign-ins fail, and pages that may be asked only so often."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

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


# --- pages that compute, asked at every moment: counted in memory, a write by request would cost more than the page ---

KEPT = 20_000
"""Clients remembered at most: the oldest are forgotten, and start again with a full allowance."""


class Rate:
    """A bucket a client: it holds a minute of requests and fills at a steady pace."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def seconds_to_wait(self, client: str, per_minute: int) -> int:
        """0 when the request may pass, and it is counted; otherwise the seconds after which the next one will."""
        with self._lock:
            now = self._clock()
            left, at = self._left.pop(client, (float(per_minute), now))
            left = min(float(per_minute), left + (now - at) * per_minute / 60)
            wait = 0 if left >= 1 else math.ceil((1 - left) * 60 / per_minute)
            self._left[client] = (left if wait else left - 1, now)
            if len(self._left) > KEPT:
                self._left.popitem(last=False)
            return wait


RATE = Rate()


def steadily(per_minute: int, name: str) -> Callable[[View], View]:
    """Open pages that compute so many times a minute for one network address, in each process. Raises TooMany beyond.

    Several people share an address (a town hall, a library): it only stops a program that asks without end.
    """

    def decorated(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            wait = RATE.seconds_to_wait(f"{name} {client_address(request)}", per_minute)
            if wait:
                raise TooMany(
                    _("Trop de pages sont demandées depuis votre réseau. Attendez %(n)s s, puis rechargez la page.")
                    % {"n": wait}
                )
            return view(request, *args, **kwargs)

        return cast(View, guarded)

    return decorated
