"""Reads that decide of access, made once within a page that changes none of what they read."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")
_KEPT: ContextVar[dict[Hashable, Any] | None] = ContextVar("reads_kept", default=None)


@contextmanager
def reads_once() -> Iterator[None]:
    """Within it, `once` keeps what it reads. For pages that write nothing of accounts, teams, conventions nor lists."""
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


def once(key: Hashable, read: Callable[[], T]) -> T:
    """What `read` gives, read again at each call unless `reads_once` holds."""
    kept = _KEPT.get()
    if kept is None:
        return read()
    if key not in kept:
        kept[key] = read()
    found: T = kept[key]
    return found
