"""Numbers to call first: what is said before any right, when ordinary words tell that somebody is in danger."""

from __future__ import annotations

from functools import cache

from allervers.rights.registries import Call, calls
from allervers.rights.search import words_of


def calls_for(asked: str) -> tuple[Call, ...]:
    """The numbers that a question calls for, in the order of their file. Empty when it tells of no danger."""
    said = words_of(asked[:400], within_expression=True).keys()
    return tuple(call for call in calls().values() if any(needed <= said for needed in _expressions(call.id)))


@cache
def _expressions(identifier: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(words_of(one, within_expression=True)) for one in calls()[identifier].spoken)
