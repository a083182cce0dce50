"""What the pages of the catalogue read: nothing of the database, only the rights, which are read once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz, process

from allervers.apps.catalogue.domain import Given, cost_of_delay, initial, read_answers, sort_key
from allervers.apps.catalogue.drawing import Picture, lasting, picture_around, picture_of_all, unlinked
from allervers.rights import registries
from allervers.rights.catalogue import Right, catalogue, right
from allervers.rights.documents import DocumentList, documents_for, situations_of
from allervers.rights.facts import OnLoss, Sheet
from allervers.rights.graph import Edge, Fall, edges, falls_with, needed_for, opened_by
from allervers.rights.local_aids import LocalTable, Outcome, local_tables, outcome
from allervers.rights.registries import FRENCH, Heading, Institution, LifeEvent, Situation
from allervers.rights.search import Match, search
from allervers.rights.sheets import sheet, sheets

ENOUGH = 62
"""How alike an unknown name and a right must be to be suggested, out of 100."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A right in a list."""

    right: Right
    facts: Sheet
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to browse: a theme, a public, a life event or an institution, with its rights."""

    kind: str
    id: str
    label: str
    rights: tuple[str, ...]
    event: LifeEvent | None = None
    institution: Institution | None = None


@dataclass(frozen=True, slots=True)
class LocalAid:
    """The questions of a local aid, what was answered, and what follows."""

    table: LocalTable
    given: Given
    outcome: Outcome | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetPage:
    """Everything that the page of a right shows."""

    right: Right
    facts: Sheet
    themes: tuple[Heading, ...]
    publics: tuple[Heading, ...]
    life_events: tuple[LifeEvent, ...]
    decides: tuple[Institution, ...]
    pays: tuple[Institution, ...]
    delay: str | None
    picture: Picture | None
    needs: tuple[Edge, ...]
    opens: tuple[Edge, ...]
    falls: Mapping[OnLoss, tuple[Fall, ...]]
    situations: tuple[Situation, ...]
    chosen: tuple[str, ...]
    documents: DocumentList
    local_aid: LocalAid | None

    @property
    def is_existence_doubtful(self) -> bool:
        """Whether the right is held to exist, without a sure source."""
        return "force" in self.facts.confidence and self.facts.confidence["force"].to_confirm


def sheet_page(identifier: str, in_situations: Iterable[str] = (), typed: Mapping[str, str] | None = None) -> SheetPage:
    """The page of a right for ticked situations and answers; unknown ones are left aside. Raises NotFound."""
    found, facts = right(identifier), sheet(identifier)
    offered = situations_of(identifier)
    asked = set(in_situations)
    chosen = tuple(name for name in offered if name in asked)
    institutions = registries.institutions()
    return SheetPage(
        right=found,
        facts=facts,
        themes=tuple(registries.themes()[name] for name in facts.themes),
        publics=tuple(registries.publics()[name] for name in facts.publics),
        life_events=tuple(registries.life_events()[name] for name in facts.life_events),
        decides=tuple(institutions[name] for name in facts.decides),
        pays=tuple(institutions[name] for name in facts.pays),
        delay=None if facts.force == "ended" else cost_of_delay(found),
        picture=picture_around(identifier),
        needs=lasting(needed_for(identifier), identifier),
        opens=lasting(opened_by(identifier), identifier),
        falls=_falls(identifier),
        situations=tuple(registries.situations()[name] for name in offered),
        chosen=chosen,
        documents=documents_for(identifier, chosen),
        local_aid=_local_aid(identifier, typed or {}),
    )


def entries(identifiers: Iterable[str]) -> list[Entry]:
    """Rights as a list shows them, in alphabetical order."""
    found = [Entry(catalogue()[name], sheets()[name]) for name in identifiers]
    return sorted(found, key=lambda entry: sort_key(entry.right.label))


def matches(asked: str, language: str = FRENCH) -> list[Entry]:
    """Rights that fit ordinary words, best first, each with the reason; nothing when nothing fits."""
    found: tuple[Match, ...] = search(asked, limit=15, language=language) if asked else ()
    return [Entry(catalogue()[match.right], sheets()[match.right], match.reason) for match in found]


def nearest(name: str) -> list[Entry]:
    """Rights whose id or label is like an unknown name, nearest first; at most five."""
    asked = name.replace("_", " ").replace("-", " ").replace("/", " ").lower()[:100]
    known = {identifier: f"{identifier.replace('_', ' ')}" for identifier in catalogue()}
    alike = [key for _, _, key in process.extract(asked, known, scorer=fuzz.ratio, score_cutoff=ENOUGH, limit=3)]
    found = dict.fromkeys([*alike, *(match.right for match in search(asked, limit=5))])
    return [Entry(catalogue()[key], sheets()[key]) for key in found][:5]


@cache
def by_letter() -> Mapping[str, tuple[Entry, ...]]:
    """Every right under the initial of its label."""
    letters: dict[str, list[Entry]] = {}
    for entry in entries(catalogue()):
        letters.setdefault(initial(entry.right.label), []).append(entry)
    return {letter: tuple(found) for letter, found in sorted(letters.items())}


@cache
def ways(kind: str) -> Mapping[str, Way]:
    """Themes, publics, life events or institutions that have rights, by id, with these rights."""
    named: Mapping[str, tuple[Callable[[], Mapping[str, object]], Callable[[Sheet], tuple[str, ...]]]] = {
        "theme": (registries.themes, lambda facts: facts.themes),
        "public": (registries.publics, lambda facts: facts.publics),
        "evenement": (registries.life_events, lambda facts: facts.life_events),
        "institution": (registries.institutions, lambda facts: (*facts.decides, *facts.pays)),
    }
    registry, of = named[kind]
    found = {}
    for identifier, entry in registry().items():
        rights = tuple(
            name
            for name, facts in sheets().items()
            if identifier in of(facts) and (facts.force != "ended" or kind == "institution")
        )
        if rights:
            found[identifier] = Way(
                kind,
                identifier,
                getattr(entry, "label", identifier),
                rights,
                entry if isinstance(entry, LifeEvent) else None,
                entry if isinstance(entry, Institution) else None,
            )
    return found


def whole_graph() -> tuple[Picture, Mapping[str, tuple[Edge, ...]], tuple[Entry, ...], Mapping[str, int]]:
    """The drawing of all, links by right, rights without link, and how many others each right can bring down."""
    return _whole_graph()


@cache
def _whole_graph() -> tuple[Picture, Mapping[str, tuple[Edge, ...]], tuple[Entry, ...], Mapping[str, int]]:
    links: dict[str, list[Edge]] = {}
    for edge in lasting(edges()):
        links.setdefault(edge.source, []).append(edge)
    ordered = sorted(links, key=lambda name: sort_key(catalogue()[name].label))
    falls = {name: len(_falls(name).get("falls", ())) for name in catalogue()}
    return (
        picture_of_all(),
        {name: tuple(links[name]) for name in ordered},
        tuple(entries(unlinked())),
        {name: count for name, count in falls.items() if count},
    )


def warm() -> None:
    """Read the rights and make every index before the first request."""
    matches("rsa")
    by_letter()
    whole_graph()
    for kind in ("theme", "public", "evenement", "institution"):
        ways(kind)
    for identifier in catalogue():
        sheet_page(identifier)


@cache
def _falls(identifier: str) -> Mapping[OnLoss, tuple[Fall, ...]]:
    found: dict[OnLoss, list[Fall]] = {}
    for fall in falls_with(identifier):
        if sheet(fall.right).force == "ended":
            continue
        found.setdefault(fall.effect, []).append(fall)
    return {effect: tuple(falls) for effect, falls in found.items()}


def _local_aid(identifier: str, typed: Mapping[str, str]) -> LocalAid | None:
    table = local_tables().get(identifier)
    if table is None or sheet(identifier).force == "ended":
        return None
    given = read_answers(table, typed)
    said = outcome(identifier, given.answers) if given.is_any else None
    missing = tuple(table.questions[name].ask for name in said.missing) if said else ()
    return LocalAid(table, given, said, missing)
