"""The closed lists that the sheets refer to: institutions, documents, situations, life events, themes, publics.

One TOML file a list under `registries/`; the key of a table is the identifier. Nothing else may be named by a sheet.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from allervers.foundation.errors import InvalidInput

FRENCH = "fr"


@dataclass(frozen=True, slots=True)
class Institution:
    """Who decides, pays or receives a request."""

    id: str
    label: str
    what: str
    url: str | None = None
    phone: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A supporting document, and the institutions that hold what it proves: they may not ask for it (CRPA L. 114-8)."""

    id: str
    label: str
    held_by: tuple[str, ...] = ()
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """A situation that changes which documents or which steps are needed. `tous` is everyone."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """Something that happens in a life and that rights follow from. `clock`: the delay to show, when there is one."""

    id: str
    label: str
    clock: str | None = None
    silent: bool = False
    """True: no automatic message about it (dignity)."""
    spoken: tuple[str, ...] = ()
    """Everyday words for it, beside its label."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A theme or a public: a way to browse the catalogue."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class SpokenWords:
    """Ordinary words for rights, most likely first: « loyer » means the housing aids."""

    spoken: tuple[str, ...]
    rights: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A number to call before anything else, and the ordinary words that call for it."""

    id: str
    number: str
    label: str
    what: str
    spoken: tuple[str, ...]


Entry = TypeVar("Entry", Institution, Document, Situation, LifeEvent, Heading, Call)


@cache
def institutions() -> Mapping[str, Institution]:
    """Institutions by id."""
    return _registry("institutions", Institution)


@cache
def documents() -> Mapping[str, Document]:
    """Supporting documents by id. Raises InvalidInput when a holder is not a known institution."""
    found = _registry("documents", Document)
    for document in found.values():
        for holder in document.held_by:
            if holder not in institutions():
                raise InvalidInput(f"documents.toml : « {document.id} » : institution inconnue « {holder} ».")
    return found


@cache
def situations() -> Mapping[str, Situation]:
    """Situations by id."""
    return _registry("situations", Situation)


@cache
def life_events() -> Mapping[str, LifeEvent]:
    """Life events by id."""
    return _registry("life_events", LifeEvent)


@cache
def calls() -> Mapping[str, Call]:
    """Numbers to call in danger, by id."""
    return _registry("calls", Call)


@cache
def themes() -> Mapping[str, Heading]:
    """Themes by id."""
    return _registry("themes", Heading)


@cache
def publics() -> Mapping[str, Heading]:
    """Publics by id."""
    return _registry("publics", Heading)


@cache
def spoken_words(language: str = FRENCH) -> tuple[SpokenWords, ...]:
    """The ordinary words for rights, in the order of their file; in another language, none when it has no file."""
    entries = _words(language).get("words", ())
    return tuple(SpokenWords(tuple(entry["spoken"]), tuple(entry["rights"])) for entry in entries)


@cache
def empty_words(language: str = FRENCH) -> tuple[frozenset[str], frozenset[str]]:
    """Words that say nothing at all, and words that say nothing alone (« aide », « sans »)."""
    data = _words(language)
    return frozenset(data.get("grammar", "").split()), frozenset(data.get("common", "").split())


@cache
def elsewhere() -> frozenset[str]:
    """Words of everyday life that no right is about: never taken for a slip of one that is."""
    return frozenset(_words(FRENCH)["elsewhere"].split())


@cache
def danger_words(language: str) -> Mapping[str, tuple[str, ...]]:
    """The ordinary words of another language that call for a number: id of the call -> words."""
    return {name: tuple(spoken) for name, spoken in _words(language).get("calls", {}).items()}


@cache
def _words(language: str) -> Mapping[str, Any]:
    name = "words" if language == FRENCH else f"words_{language}"
    source = files("allervers.rights") / "registries" / f"{name}.toml"
    return tomllib.loads(source.read_text("utf-8")) if source.is_file() else {}


def read_registry(name: str, text: str, kind: type[Entry]) -> Mapping[str, Entry]:
    """The entries of a list. Raises InvalidInput, naming the file, for a key that is unknown or missing."""
    known = {f.name for f in fields(kind)} - {"id"}
    found = {}
    for identifier, data in tomllib.loads(text).items():
        unknown = sorted(set(data) - known)
        if unknown:
            raise InvalidInput(f"{name}.toml : « {identifier} » : clé inconnue « {unknown[0]} ».", file=name)
        plain: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in data.items()}
        try:
            found[identifier] = kind(id=identifier, **plain)
        except TypeError as error:
            raise InvalidInput(f"{name}.toml : « {identifier} » est incomplet ({error}).", file=name) from error
    return found


def _registry(name: str, kind: type[Entry]) -> Mapping[str, Entry]:
    return read_registry(name, _text(name), kind)


def _text(name: str) -> str:
    return (files("allervers.rights") / "registries" / f"{name}.toml").read_text("utf-8")
