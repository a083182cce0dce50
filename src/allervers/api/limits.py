"""How much one request may ask: what a hostile or mistaken client cannot exceed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a request, and of the time it may take."""

    body_bytes: int = 4 * 1024 * 1024
    depth: int = 32
    """Levels of nesting of the JSON of a situation, which needs six."""
    expansion: int = 100_000
    """Persons of a situation, once its axes are expanded."""
    header_seconds: int = 30
    """To receive the head of a request; also how long an idle connection is kept."""
    body_seconds: float = 30.0
    """To receive the whole body."""
    answer_seconds: float = 120.0
    """To compute. Zero: no limit."""
    stop_seconds: int = 30
    """For the requests in progress, once the server is told to stop."""
