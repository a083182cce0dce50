"""How rights hold together: what is needed first, what a right opens, what falls with it. Edges to draw, and words."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from allervers.foundation.errors import InvalidInput
from allervers.rights.catalogue import catalogue, right
from allervers.rights.facts import LinkKind, OnLoss, Requirement
from allervers.rights.registries import situations
from allervers.rights.sheets import sheet, sheets

EdgeKind = Literal["prerequisite", "excludes"] | LinkKind
EVERYONE = "tous"
STRENGTH: tuple[EdgeKind, ...] = ("prerequisite", "automatic", "tacit", "simplified", "opens", "follows")
SAID: dict[EdgeKind, str] = {
    "prerequisite": "est nécessaire pour",
    "automatic": "ouvre sans demande",
    "tacit": "ouvre sauf refus",
    "simplified": "rend plus simple",
    "opens": "permet de demander",
    "follows": "peut être suivi de",
    "excludes": "ne se cumule pas avec",
}
SAID_OF_LOSS: dict[OnLoss, str] = {
    "falls": "tombe aussi",
    "kept_to_term": "est gardé jusqu'à son terme",
    "to_check": "est à vérifier",
}


@dataclass(frozen=True, slots=True)
class Edge:
    """A link from a right to another. `when`: the situation in which it holds. An exclusion has no direction."""

    source: str
    target: str
    kind: EdgeKind
    when: str = EVERYONE
    on_loss: OnLoss = "to_check"
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Fall:
    """What becomes of a right when another is lost, through which rights, and in which situations."""

    right: str
    label: str
    effect: OnLoss
    through: tuple[str, ...]
    when: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A right placed for a drawing: column 0 is the right asked, before it what it needs, after it what it opens."""

    id: str
    label: str
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """Nodes with their places and the edges between them: all that a page needs to draw."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


@cache
def edges() -> tuple[Edge, ...]:
    """Every link of the catalogue: one between two rights in one direction, the strongest, plus the exclusions."""
    kept: dict[tuple[str, str], Edge] = {}
    excluded: dict[tuple[str, str], Edge] = {}
    for edge in _told():
        key = (edge.source, edge.target)
        if edge.kind == "excludes":
            pair = (min(key), max(key))
            excluded.setdefault(pair, replace(edge, source=pair[0], target=pair[1]))
        else:
            kept[key] = _stronger(kept[key], edge) if key in kept else edge
    found = [*kept.values(), *excluded.values()]
    return tuple(sorted(found, key=lambda e: (e.source, e.target, e.kind)))


def opened_by(identifier: str) -> tuple[Edge, ...]:
    """Links from a right to what it opens."""
    right(identifier)
    return tuple(e for e in edges() if e.source == identifier and e.kind != "excludes")


def needed_for(identifier: str) -> tuple[Edge, ...]:
    """Links to a right from what opens it or is needed for it."""
    right(identifier)
    return tuple(e for e in edges() if e.target == identifier and e.kind != "excludes")


def first_steps(
    identifier: str, *, in_situations: Iterable[str] = (), held: Collection[str] = ()
) -> tuple[Requirement, ...]:
    """What is to open before a right, in order, less what is already held. One of `any_of` is enough at each step."""
    asked = _asked(in_situations)
    found: list[Requirement] = []
    for requirement in sheet(identifier).requires:
        if requirement.when in asked and not set(requirement.any_of) & set(held):
            if len(requirement.any_of) == 1:
                found += first_steps(requirement.any_of[0], in_situations=asked, held=held)
            found.append(requirement)
    return tuple(dict.fromkeys(found))


def falls_with(
    identifier: str, *, in_situations: Iterable[str] | None = None, held: Collection[str] | None = None
) -> tuple[Fall, ...]:
    """What becomes of the other rights if this one is lost: what falls, what lasts to its term, what is to check.

    None as situations: every situation, each told; None as held: every right.
    """
    asked = None if in_situations is None else _asked(in_situations)
    start = Fall(identifier, right(identifier).label, "falls", (), ())
    fallen = _follow([start], ("falls",), "falls", asked, {identifier})
    seen = {fall.right for fall in fallen}
    lost = [start, *fallen]
    kept = [f for f in _one_step(lost, ("kept_to_term",), "kept_to_term", asked) if f.right not in seen | {identifier}]
    seen |= {fall.right for fall in kept} | {identifier}
    doubtful = _follow(lost, ("falls", "kept_to_term", "to_check"), "to_check", asked, seen)
    found = {fall.right: fall for fall in (*fallen, *kept, *doubtful)}
    return tuple(fall for fall in found.values() if held is None or fall.right in held)


def _follow(
    lost: Iterable[Fall],
    losses: tuple[OnLoss, ...],
    effect: OnLoss,
    asked: Collection[str] | None,
    seen: Collection[str],
) -> list[Fall]:
    """Everything reached from lost rights, through others, by links of these losses, nearest first."""
    found: dict[str, Fall] = {}
    layer = list(lost)
    while layer:
        following = []
        for fall in _one_step(layer, losses, effect, asked):
            if fall.right not in found and fall.right not in seen:
                found[fall.right] = fall
                following.append(fall)
        layer = following
    return list(found.values())


def _one_step(
    lost: Iterable[Fall], losses: tuple[OnLoss, ...], effect: OnLoss, asked: Collection[str] | None
) -> list[Fall]:
    found = []
    for fall in lost:
        for edge in opened_by(fall.right):
            if edge.kind != "follows" and edge.on_loss in losses and (asked is None or edge.when in asked):
                when = fall.when if edge.when == EVERYONE else tuple(dict.fromkeys((*fall.when, edge.when)))
                label = right(edge.target).label
                found.append(Fall(edge.target, label, effect, (*fall.through, fall.right), when))
    return found


def drawing_of(identifier: str) -> Drawing:
    """The rights around one, in columns, with the links between them (exclusions too)."""
    columns = {identifier: 0}
    for side, step in (("source", -1), ("target", 1)):
        layer = [identifier]
        while layer:
            following = []
            for current in layer:
                for edge in needed_for(current) if side == "source" else opened_by(current):
                    other = edge.source if side == "source" else edge.target
                    if other not in columns:
                        columns[other] = columns[current] + step
                        following.append(other)
            layer = following
    beside = {e.target if e.source == identifier else e.source for e in _exclusions(identifier)}
    for other in sorted(beside):
        columns.setdefault(other, 0)
    rows: dict[int, int] = {}
    nodes = []
    for name, column in sorted(columns.items(), key=lambda item: (item[1], item[0] != identifier, item[0])):
        nodes.append(Node(name, right(name).label, column, rows.get(column, 0)))
        rows[column] = rows.get(column, 0) + 1
    inside = tuple(e for e in edges() if e.source in columns and e.target in columns)
    return Drawing(tuple(nodes), inside)


def told(identifier: str) -> tuple[str, ...]:
    """The links of a right in French, one sentence a link: the drawing for who does not see it."""
    sentences = []
    for edge in (*needed_for(identifier), *opened_by(identifier), *_exclusions(identifier)):
        words = f"« {right(edge.source).label} » {SAID[edge.kind]} « {right(edge.target).label} »"
        case = "" if edge.when == EVERYONE else f" (situation : {situations()[edge.when].label.lower()})"
        sentences.append(words + case + (f" : {edge.text}." if edge.text else "."))
    for fall in falls_with(identifier):
        case = ", ".join(situations()[name].label.lower() for name in fall.when)
        sentences.append(
            f"Si « {right(identifier).label} » s'arrête, « {fall.label} » {SAID_OF_LOSS[fall.effect]}"
            + (f" (situation : {case})." if case else ".")
        )
    return tuple(dict.fromkeys(sentences))


def _told() -> Iterable[Edge]:
    for name, facts in sheets().items():
        head = catalogue()[name]
        for requirement in facts.requires:
            alone = len(requirement.any_of) == 1
            for other in requirement.any_of:
                kind: EdgeKind = "prerequisite" if alone else "opens"
                yield Edge(other, name, kind, requirement.when, requirement.on_loss, requirement.text)
        for opening in facts.opens:
            yield Edge(name, opening.right, opening.how, opening.when, opening.on_loss, opening.text)
        yield from (Edge(other, name, "prerequisite") for other in head.prerequisites)
        yield from (Edge(other, name, "automatic") for other in head.automatic_from)
        yield from (Edge(name, other, "opens") for other in head.unlocks)
        yield from (Edge(name, other, "excludes") for other in head.excluded_by)
        for beside in facts.incompatible:
            if beside.right is not None:
                yield Edge(name, beside.right, "excludes", text=beside.text)


def _stronger(one: Edge, other: Edge) -> Edge:
    """The stronger of two links between the same rights, with what the other says of a loss and in words."""
    first, second = sorted((one, other), key=lambda edge: STRENGTH.index(edge.kind))
    loss = first.on_loss if first.on_loss != "to_check" else second.on_loss
    return replace(first, on_loss=loss, text=first.text or second.text)


def _exclusions(identifier: str) -> tuple[Edge, ...]:
    return tuple(e for e in edges() if e.kind == "excludes" and identifier in (e.source, e.target))


def _asked(in_situations: Iterable[str]) -> set[str]:
    asked = {EVERYONE, *in_situations}
    unknown = sorted(asked - set(situations()))
    if unknown:
        raise InvalidInput(f"Situation inconnue : « {unknown[0]} ». Situations connues : {', '.join(situations())}.")
    return asked
