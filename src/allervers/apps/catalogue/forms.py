"""What a reader may type or tick in a page, read with tolerance: what is odd is left aside, and said if it matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import get_args

from django.http import QueryDict

from allervers.apps.catalogue.domain import read_day
from allervers.rights import registries
from allervers.rights.facts import ChannelKind
from allervers.rights.procedures import LEVELS

PREFIX = "q-"
"""Before the name of a question of a local aid, so that it meets no other field."""

EARLIEST = date(1950, 1, 1)


@dataclass(frozen=True, slots=True)
class ChangesAsked:
    """Since when, until when, and for which theme changes are asked. `is_wrong`: a date could not be read."""

    since: date
    until: date | None
    theme: str
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class ProceduresAsked:
    """The level and the kind of the procedures asked; None: all."""

    level: int | None
    kind: ChannelKind | None
    institution: str


def words_asked(query: QueryDict) -> str:
    """The words of a search, without what no keyboard types."""
    return "".join(letter for letter in query.get("q", "")[:200] if letter.isprintable()).strip()


def situations_ticked(query: QueryDict) -> list[str]:
    """The situations ticked, as they come."""
    return query.getlist("situation")[:60]


def answers_typed(query: QueryDict) -> Mapping[str, str]:
    """The answers to the questions of a local aid, by question."""
    return {name.removeprefix(PREFIX): query.get(name, "") for name in query if name.startswith(PREFIX)}


def changes_asked(query: QueryDict, today: date) -> ChangesAsked:
    """What changes are asked; without a date, those of one year."""
    default = date(today.year - 1, today.month, min(today.day, 28))
    typed_since, typed_until = query.get("depuis", "").strip(), query.get("jusqu_a", "").strip()
    since, until = read_day(typed_since), read_day(typed_until)
    wrong = bool(typed_since and since is None) or bool(typed_until and until is None)
    theme = query.get("theme", "")
    return ChangesAsked(
        since=max(since, EARLIEST) if since else default,
        until=until,
        theme=theme if theme in registries.themes() else "",
        is_wrong=wrong,
    )


def procedures_asked(query: QueryDict) -> ProceduresAsked:
    """Which procedures are asked; what is not a level or a kind asks for all."""
    level = query.get("niveau", "")
    kinds: tuple[ChannelKind, ...] = get_args(ChannelKind)
    by = query.get("institution", "")
    return ProceduresAsked(
        level=next((number for number in LEVELS if str(number) == level), None),
        kind=next((kind for kind in kinds if kind == query.get("voie", "")), None),
        institution=by if by in registries.institutions() else "",
    )
