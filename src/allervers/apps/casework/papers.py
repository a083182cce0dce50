"""What to bring for the rights of a plan: the documents of the catalogue, less what who decides already holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from allervers.rights.catalogue import catalogue
from allervers.rights.documents import documents_for, situations_of
from allervers.rights.registries import Document, Situation, situations


@dataclass(frozen=True, slots=True)
class Paper:
    """A document to bring, the rights that it serves, and whether it is there."""

    document: Document
    rights: tuple[str, ...]
    is_there: bool


@dataclass(frozen=True, slots=True)
class Papers:
    """Papers of a plan. `held`: what is not asked, since an administration holds it (CRPA L. 114-8)."""

    to_bring: tuple[Paper, ...]
    held: tuple[Paper, ...]
    unsourced: tuple[str, ...]
    """Rights whose list of documents no sure source gives."""

    @property
    def missing(self) -> tuple[Paper, ...]:
        """Those that are not there yet."""
        return tuple(paper for paper in self.to_bring if not paper.is_there)


def papers_for(rights: Iterable[str], in_situations: Iterable[str], there: Collection[str]) -> Papers:
    """Papers for several rights in these situations, each once; the most useful first."""
    told = set(in_situations)
    to_bring: dict[str, tuple[Document, list[str]]] = {}
    held: dict[str, tuple[Document, list[str]]] = {}
    unsourced = []
    for right in dict.fromkeys(rights):
        if right not in catalogue():
            continue
        found = documents_for(right, told & set(situations_of(right)))
        if not found.is_sourced:
            unsourced.append(right)
        for group, kept in ((found.to_bring, to_bring), (found.already_held, held)):
            for needed in group:
                kept.setdefault(needed.document.id, (needed.document, []))[1].append(right)
    return Papers(_listed(to_bring, there), _listed({k: v for k, v in held.items() if k not in to_bring}, there),
                  tuple(unsourced))  # fmt: skip


def _listed(found: dict[str, tuple[Document, list[str]]], there: Collection[str]) -> tuple[Paper, ...]:
    papers = [Paper(document, tuple(rights), document.id in there) for document, rights in found.values()]
    return tuple(sorted(papers, key=lambda paper: (-len(paper.rights), paper.document.label)))


def situations_to_ask(rights: Iterable[str]) -> tuple[Situation, ...]:
    """Situations that change the papers of these rights, in the order of the register."""
    asked = {name for right in rights if right in catalogue() for name in situations_of(right)}
    return tuple(situation for name, situation in situations().items() if name in asked)
