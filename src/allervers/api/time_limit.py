"""A bound on the time of a computation, by an alarm of the system: in the main thread of a process only."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TooLong(BaseException):
    """The computation exceeded its time. No Exception: what computes must not take it for an error of its own."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TooLong in what runs here after so many seconds; zero: no limit."""
    if not seconds:
        yield
        return

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
