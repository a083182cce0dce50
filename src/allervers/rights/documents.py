"""Supporting documents for a right in a situation: what to bring, and what who decides already holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from allervers.foundation.errors import InvalidInput
from allervers.rights.registries import Document, Institution, documents, institutions, situations
from allervers.rights.sheets import sheet

EVERYONE = "tous"


@dataclass(frozen=True, slots=True)
class NeededDocument:
    """A document, the situations for which it is needed, and who holds what it proves."""

    document: Document
    because: tuple[str, ...]
    held_by: tuple[Institution, ...] = ()
    """In `already_held`: deciders of the right that hold it. In `to_bring`: other administrations that do."""


@dataclass(frozen=True, slots=True)
class DocumentList:
    """What to bring, and what is not asked because who decides already holds it (CRPA L. 114-8)."""

    to_bring: tuple[NeededDocument, ...]
    already_held: tuple[NeededDocument, ...]
    is_sourced: bool
    """False: no source lists documents for this right, or the list is to confirm. Even sourced, the notice of the
    form prevails: our lists give a line a situation."""


def documents_for(right: str, in_situations: Iterable[str] = ()) -> DocumentList:
    """Documents for a right in these situations (`tous` is always among them).

    Raises NotFound for an unknown right, InvalidInput for an unknown situation.
    """
    asked = _asked(in_situations)
    facts = sheet(right)
    because: dict[str, list[str]] = {}
    for situation, names in facts.documents.items():
        if situation in asked:
            for name in names:
                because.setdefault(name, []).append(situation)
    to_bring: list[NeededDocument] = []
    held: list[NeededDocument] = []
    for name, reasons in because.items():
        document = documents()[name]
        deciders = tuple(institutions()[i] for i in document.held_by if i in facts.decides)
        others = tuple(institutions()[i] for i in document.held_by if i not in facts.decides)
        (held if deciders else to_bring).append(NeededDocument(document, tuple(reasons), deciders or others))
    sure = bool(facts.documents) and not facts.confidence_of("documents").to_confirm
    return DocumentList(tuple(to_bring), tuple(held), sure)


def situations_of(right: str) -> tuple[str, ...]:
    """Situations that change the documents of a right: what to ask before giving the list."""
    return tuple(name for name in sheet(right).documents if name != EVERYONE)


def _asked(in_situations: Iterable[str]) -> set[str]:
    asked = {EVERYONE, *in_situations}
    unknown = sorted(asked - set(situations()))
    if unknown:
        known = ", ".join(situations())
        raise InvalidInput(f"Situation inconnue : « {unknown[0]} ». Situations connues : {known}.")
    return asked
