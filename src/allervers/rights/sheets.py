"""The sheets of the catalogue, read when asked: `sheet` for one right, `sheets` for all, checked together."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from allervers.foundation.errors import NotFound
from allervers.rights import registries
from allervers.rights.catalogue import catalogue, right, sheet_text
from allervers.rights.facts import Sheet
from allervers.rights.sheet_reading import read_sheet, refuse_circles


@cache
def sheet(identifier: str) -> Sheet:
    """The sheet of a right. Raises NotFound for an unknown right, InvalidInput for a wrong file."""
    return read_sheet(right(identifier).id, sheet_text(identifier), set(catalogue()))


@cache
def sheets() -> Mapping[str, Sheet]:
    """Every sheet, by right. Raises InvalidInput for a wrong file, or when rights wait for each other in a circle."""
    found = {identifier: sheet(identifier) for identifier in catalogue()}
    refuse_circles(found, catalogue())
    return found


def rights_with(
    *, life_event: str | None = None, theme: str | None = None, public: str | None = None
) -> tuple[str, ...]:
    """Rights of a life event, of a theme and for a public (all that are given), ended ones left out.

    Raises NotFound for a name that is in no list.
    """
    asked = (
        ("Événement de vie inconnu", life_event, registries.life_events),
        ("Thème inconnu", theme, registries.themes),
        ("Public inconnu", public, registries.publics),
    )
    for problem, name, known in asked:
        if name is not None and name not in known():
            raise NotFound(f"{problem} : « {name} ». Connus : {', '.join(known())}.")
    return tuple(
        identifier
        for identifier, facts in sheets().items()
        if facts.force != "ended"
        and (life_event is None or life_event in facts.life_events)
        and (theme is None or theme in facts.themes)
        and (public is None or public in facts.publics)
    )
