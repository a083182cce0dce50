"""Numbers to call first: what is said before any right, when ordinary words tell that somebody is in danger."""

from __future__ import annotations

from functools import cache

from allervers.rights.registries import FRENCH, Call, calls, danger_words
from allervers.rights.search import words_of


def calls_for(asked: str, language: str = FRENCH) -> tuple[Call, ...]:
    """The numbers that a question calls for, in the order of their file. Empty when it tells of no danger.

    `language`: of the page that asks; what tells of danger in French always counts.
    """
    kinds = dict.fromkeys((FRENCH, language))
    said = {one: words_of(asked[:400], within_expression=True, language=one).keys() for one in kinds}
    return tuple(
        call for call in calls().values()
        if any(needed <= said[one] for one in kinds for needed in _expressions(call.id, one))
    )  # fmt: skip


@cache
def _expressions(identifier: str, language: str) -> tuple[frozenset[str], ...]:
    spoken = calls()[identifier].spoken if language == FRENCH else danger_words(language).get(identifier, ())
    return tuple(frozenset(words_of(one, within_expression=True, language=language)) for one in spoken)
