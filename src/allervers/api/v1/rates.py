"""How many requests a minute one token, or one address without token, may make. In the memory of each process."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from ninja.throttling import BaseThrottle

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
