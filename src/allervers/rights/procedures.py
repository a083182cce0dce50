"""The register of procedures: each way to ask for each right, with its level of dematerialisation (1 to 5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from allervers.rights.catalogue import catalogue
from allervers.rights.facts import ChannelKind
from allervers.rights.sheets import sheets

LEVELS: Mapping[int, str] = {
    1: "Information en ligne ; la demande se fait sur place ou avec un professionnel",
    2: "Formulaire à télécharger, à déposer ou à envoyer",
    3: "Formulaire rempli en ligne, puis envoyé ou signé",
    4: "Demande faite en ligne",
    5: "Demande en ligne et suivi dans un compte",
}


@dataclass(frozen=True, slots=True)
class Procedure:
    """One way to ask for a right."""

    right: str
    label: str
    institutions: tuple[str, ...]
    kind: ChannelKind
    level: int
    at: str | None
    form: str | None


def procedures(
    *,
    level: int | None = None,
    at_least: int | None = None,
    at_most: int | None = None,
    kind: ChannelKind | None = None,
) -> tuple[Procedure, ...]:
    """Ways to ask, of that level, between these levels, of that kind; by level, then label."""
    found = [
        Procedure(name, catalogue()[name].label, facts.decides, way.kind, way.level, way.at, way.form)
        for name, facts in sheets().items()
        for way in facts.channels
        if facts.force != "ended"
        and level in (None, way.level)
        and (at_least is None or way.level >= at_least)
        and (at_most is None or way.level <= at_most)
        and kind in (None, way.kind)
    ]
    return tuple(sorted(found, key=lambda p: (p.level, p.label, p.kind)))


def rights_by_level() -> Mapping[int, tuple[str, ...]]:
    """Rights by the highest level among their ways to ask; 0: nothing to ask. Ended rights are left out."""
    levels: dict[int, list[str]] = {level: [] for level in (0, *LEVELS)}
    for name, facts in sheets().items():
        if facts.force != "ended":
            levels[facts.level].append(name)
    return {level: tuple(names) for level, names in levels.items()}


def count_by_level() -> Mapping[int, int]:
    """How many ways to ask there are at each level."""
    counted = Counter(way.level for way in procedures())
    return {level: counted[level] for level in LEVELS}
