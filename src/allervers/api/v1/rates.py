"""How many requests a minute one token, or one address without token, may make. In the memory of each process."""

from __future__ import annotations

import threading

from django.conf import settings
from django.http import HttpRequest
from ninja.throttling import BaseThrottle

from allervers.apps.accounts.throttling import RATE


def address_of(request: HttpRequest) -> str:
    """The address of a client; behind our own reverse proxy, the one that it saw."""
    if settings.ALLERVERS.trust_proxy:
        seen = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if seen:
            return seen[:64]
    return str(request.META.get("REMOTE_ADDR", ""))


class Throttle(BaseThrottle):
    """The same allowance for each token and for each address without token."""

    def __init__(self) -> None:
        self._state = threading.local()

    def allow_request(self, request: HttpRequest) -> bool:
        """True when the request may pass."""
        token = getattr(request, "auth", None)
        client = f"token {token.pk}" if token is not None else f"address {address_of(request)}"
        wait = RATE.seconds_to_wait(client, settings.ALLERVERS.api_per_minute)
        self._state.wait = wait
        return wait == 0

    def wait(self) -> float:
        """Seconds after which the next request of the client that was just refused will pass."""
        return float(self._state.wait)
