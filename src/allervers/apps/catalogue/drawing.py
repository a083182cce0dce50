"""Rights and their links as an SVG drawing: boxes in columns, arrows from left to right. Geometry only, no markup."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from allervers.rights.catalogue import catalogue, right
from allervers.rights.graph import Edge, edges, needed_for, opened_by

BOX_WIDTH, BOX_HEIGHT, GAP, ROW, MARGIN = 186, 62, 54, 76, 6
LINE, LETTERS, MOST_LINES = 16, 25, 3


@dataclass(frozen=True, slots=True)
class Box:
    """A right drawn: its corner, and its label cut into lines with their places."""

    right: str
    x: int
    y: int
    lines: tuple[tuple[int, str], ...]
    is_asked: bool

    @property
    def middle(self) -> int:
        """Where its lines are centred."""
        return self.x + BOX_WIDTH // 2


@dataclass(frozen=True, slots=True)
class Arrow:
    """A link drawn: its path and its kind."""

    path: str
    kind: str


@dataclass(frozen=True, slots=True)
class Picture:
    """All that the template of a drawing needs."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    kinds: tuple[str, ...]


@cache
def picture_around(identifier: str) -> Picture | None:
    """What leads to a right and what it opens, one step each way; None when it is linked with nothing.

    The page tells the same links in words beside the drawing, and what it cannot be held with.
    """
    before, after = needed_for(identifier), opened_by(identifier)
    if not before and not after:
        return None
    first = 1 if before else 0
    columns = {edge.source: 0 for edge in before} | {edge.target: first + 1 for edge in after} | {identifier: first}
    return _picture(columns, (*before, *after), identifier)


@cache
def picture_of_all() -> Picture:
    """Every right that is linked with another, each group under the one before."""
    links = [edge for edge in edges() if edge.kind != "excludes"]
    return _picture(_columns_of(links), links, None)


@cache
def unlinked() -> tuple[str, ...]:
    """Rights that neither need nor open another."""
    linked = {name for edge in edges() if edge.kind != "excludes" for name in (edge.source, edge.target)}
    return tuple(name for name in catalogue() if name not in linked)


def _columns_of(links: Iterable[Edge]) -> dict[str, int]:
    """Each right one column after the last of those that lead to it; a link back does not count."""
    before: dict[str, set[str]] = {}
    for link in links:
        before.setdefault(link.target, set()).add(link.source)
        before.setdefault(link.source, set())
    columns: dict[str, int] = {}

    def column(name: str, above: frozenset[str]) -> int:
        if name not in columns:
            sources = [source for source in sorted(before[name]) if source not in above]
            columns[name] = max((1 + column(source, above | {name}) for source in sources), default=0)
        return columns[name]

    for name in sorted(before):
        column(name, frozenset())
    return columns


def _groups(columns: Mapping[str, int], links: Collection[Edge]) -> list[list[str]]:
    """Rights that hold together through links, the largest group first."""
    near: dict[str, set[str]] = {name: set() for name in columns}
    for link in links:
        near[link.source].add(link.target)
        near[link.target].add(link.source)
    left, groups = set(columns), []
    while left:
        group, waiting = set(), [min(left)]
        while waiting:
            name = waiting.pop()
            if name not in group:
                group.add(name)
                waiting += sorted(near[name] - group)
        left -= group
        groups.append(sorted(group))
    return sorted(groups, key=lambda group: (-len(group), group[0]))


def _picture(columns: Mapping[str, int], links: Collection[Edge], asked: str | None) -> Picture:
    places: dict[str, tuple[int, float]] = {}
    top = 0.0
    for group in _groups(columns, links):
        rows = _rows({name: columns[name] for name in group}, links)
        places |= {name: (columns[name], top + row) for name, row in rows.items()}
        top += max(rows.values()) + 1
    boxes = {
        name: (MARGIN + column * (BOX_WIDTH + GAP), round(MARGIN + row * ROW)) for name, (column, row) in places.items()
    }
    arrows = tuple(Arrow(_path(boxes[e.source], boxes[e.target]), e.kind) for e in links)
    width = max(x for x, _ in boxes.values()) + BOX_WIDTH + MARGIN + (30 if _has_back(boxes, links) else 0)
    height = max(y for _, y in boxes.values()) + BOX_HEIGHT + MARGIN
    kinds = tuple(dict.fromkeys(e.kind for e in links))
    drawn = tuple(Box(name, x, y, _lines(name, y), name == asked) for name, (x, y) in boxes.items())
    return Picture(width, height, drawn, arrows, kinds)


def _rows(columns: Mapping[str, int], links: Collection[Edge]) -> dict[str, float]:
    """The row of each right: near those it is linked with, each column centred."""
    by_column: dict[int, list[str]] = {}
    for name, column in columns.items():
        by_column.setdefault(column, []).append(name)
    tallest = max(len(names) for names in by_column.values())
    rows: dict[str, float] = {}
    order = sorted(by_column)
    for sweep in (order, order[::-1], order):
        for column in sweep:
            names = sorted(by_column[column], key=lambda name: (_middle(name, rows, links), right(name).label))
            start = (tallest - len(names)) / 2
            rows |= {name: start + rank for rank, name in enumerate(names)}
    return rows


def _middle(name: str, rows: Mapping[str, float], links: Collection[Edge]) -> float:
    linked = [rows[e.source] for e in links if e.target == name and e.source in rows]
    linked += [rows[e.target] for e in links if e.source == name and e.target in rows]
    return sum(linked) / len(linked) if linked else 0.0


def _has_back(boxes: Mapping[str, tuple[int, int]], links: Collection[Edge]) -> bool:
    return any(boxes[e.target][0] <= boxes[e.source][0] for e in links)


def _path(source: tuple[int, int], target: tuple[int, int]) -> str:
    """A curve from the right side of a box to the left side of another, or round by the right when it goes back."""
    x, y = source[0] + BOX_WIDTH, source[1] + BOX_HEIGHT // 2
    to_y = target[1] + BOX_HEIGHT // 2
    if target[0] > source[0]:
        to_x = target[0] - 5
        bend = min(GAP, (to_x - x)) * 0.6
        return f"M{x} {y}C{x + bend:.0f} {y} {to_x - bend:.0f} {to_y} {to_x} {to_y}"
    to_x = target[0] + BOX_WIDTH + 5
    far = max(x, to_x) + 34
    return f"M{x} {y}C{far} {y} {far} {to_y} {to_x} {to_y}"


def _lines(name: str, y: int) -> tuple[tuple[int, str], ...]:
    lines = textwrap.wrap(right(name).label, LETTERS, max_lines=MOST_LINES, placeholder="…")
    first = y + BOX_HEIGHT // 2 - LINE * (len(lines) - 1) // 2 + 5
    return tuple((first + rank * LINE, line) for rank, line in enumerate(lines))
