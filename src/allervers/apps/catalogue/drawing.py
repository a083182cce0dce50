"""Rights and their links as an SVG drawing: boxes in columns, arrows from left to right. Geometry only, no markup."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from allervers.rights.catalogue import catalogue, right
from allervers.rights.graph import Edge, edges, needed_for, opened_by
from allervers.rights.sheets import sheets

BOX_WIDTH, BOX_HEIGHT, GAP, ROW, MARGIN = 186, 62, 54, 76, 6
LINE, LETTERS, MOST_LINES = 16, 25, 3
LANE, LANE_ROW = "→", 0.3


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


def lasting(links: Iterable[Edge], asked: str | None = None) -> tuple[Edge, ...]:
    """Links between rights that still exist: an ended one leads nowhere, save on its own page (`asked`)."""
    return tuple(
        link
        for link in links
        if all(name == asked or sheets()[name].force != "ended" for name in (link.source, link.target))
    )


@cache
def picture_around(identifier: str) -> Picture | None:
    """What leads to a right and what it opens, one step each way; None when it is linked with nothing.

    The page tells the same links in words beside the drawing, and what it cannot be held with.
    """
    before, after = lasting(needed_for(identifier), identifier), lasting(opened_by(identifier), identifier)
    if not before and not after:
        return None
    first = 1 if before else 0
    columns = {edge.source: 0 for edge in before} | {edge.target: first + 1 for edge in after} | {identifier: first}
    return _picture(columns, (*before, *after), identifier)


@cache
def picture_of_all() -> Picture:
    """Every right that is linked with another, each group under the one before."""
    links = [edge for edge in lasting(edges()) if edge.kind != "excludes"]
    return _picture(_columns_of(links), links, None)


@cache
def unlinked() -> tuple[str, ...]:
    """Rights that still exist and neither need nor open another."""
    linked = {name for edge in lasting(edges()) if edge.kind != "excludes" for name in (edge.source, edge.target)}
    return tuple(name for name in catalogue() if name not in linked and sheets()[name].force != "ended")


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
    lanes = _lanes(columns, links)
    places: dict[str, tuple[int, float]] = {}
    top = 0.0
    for group in _groups(columns, links):
        inside = {name: columns[name] for name in group}
        inside |= {lane: column for lane, (source, column) in lanes.items() if source in inside}
        rows = _rows(inside, _steps(links, columns, lanes))
        places |= {name: (inside[name], top + row) for name, row in rows.items()}
        top += max(row + _tall(name) for name, row in rows.items())
    spots = {
        name: (MARGIN + column * (BOX_WIDTH + GAP), round(MARGIN + row * ROW)) for name, (column, row) in places.items()
    }
    arrows = tuple(Arrow(_path([spots[one] for one in _course(e, columns, lanes)]), e.kind) for e in links)
    boxes = {name: spot for name, spot in spots.items() if name not in lanes}
    width = max(x for x, _ in boxes.values()) + BOX_WIDTH + MARGIN + (30 if _has_back(boxes, links) else 0)
    height = max(y for _, y in boxes.values()) + BOX_HEIGHT + MARGIN
    kinds = tuple(dict.fromkeys(e.kind for e in links))
    drawn = tuple(Box(name, x, y, _lines(name, y), name == asked) for name, (x, y) in boxes.items())
    return Picture(width, height, drawn, arrows, kinds)


def _lanes(columns: Mapping[str, int], links: Iterable[Edge]) -> dict[str, tuple[str, int]]:
    """Free ways between the boxes for links that pass over a column: one a right and a column, shared by its links."""
    return {
        f"{link.source}{LANE}{column}": (link.source, column)
        for link in links
        for column in range(columns[link.source] + 1, columns[link.target])
    }


def _course(link: Edge, columns: Mapping[str, int], lanes: Mapping[str, tuple[str, int]]) -> list[str]:
    """The boxes and lanes that a link goes through."""
    between = [f"{link.source}{LANE}{c}" for c in range(columns[link.source] + 1, columns[link.target])]
    return [link.source, *(lane for lane in between if lane in lanes), link.target]


def _steps(
    links: Iterable[Edge], columns: Mapping[str, int], lanes: Mapping[str, tuple[str, int]]
) -> list[tuple[str, str]]:
    """Every link cut at its lanes."""
    return [step for link in links for step in pairwise(_course(link, columns, lanes))]


def _tall(name: str) -> float:
    return LANE_ROW if LANE in name else 1.0


def _rows(columns: Mapping[str, int], steps: Collection[tuple[str, str]]) -> dict[str, float]:
    """The row of each right and lane: near those it is linked with, each column centred."""
    by_column: dict[int, list[str]] = {}
    for name, column in columns.items():
        by_column.setdefault(column, []).append(name)
    near: dict[str, list[str]] = {name: [] for name in columns}
    for source, target in steps:
        if source in near:
            near[source].append(target)
            near[target].append(source)
    tallest = max(sum(_tall(name) for name in names) for names in by_column.values())
    rows: dict[str, float] = {}
    order = sorted(by_column)
    for sweep in (order, order[::-1], order, order[::-1], order):
        for column in sweep:
            middles = {name: _middle([rows[one] for one in near[name] if one in rows]) for name in by_column[column]}
            row = (tallest - sum(_tall(name) for name in by_column[column])) / 2
            for name in sorted(by_column[column], key=lambda name: (middles[name], name)):
                rows[name] = row
                row += _tall(name)
    return rows


def _middle(rows: Collection[float]) -> float:
    return sum(rows) / len(rows) if rows else 0.0


def _has_back(boxes: Mapping[str, tuple[int, int]], links: Collection[Edge]) -> bool:
    return any(boxes[e.target][0] <= boxes[e.source][0] for e in links)


def _path(spots: Sequence[tuple[int, int]]) -> str:
    """A curve from the right side of a box to the left side of another, through lanes; by the right to go back."""
    (x, y), last = _right_side(spots[0]), spots[-1]
    to_y = last[1] + BOX_HEIGHT // 2
    if last[0] <= spots[0][0]:
        to_x = last[0] + BOX_WIDTH + 5
        far = max(x, to_x) + 34
        return f"M{x} {y}C{far} {y} {far} {to_y} {to_x} {to_y}"
    path = f"M{x} {y}"
    for lane_x, lane_y in spots[1:-1]:
        middle = lane_y + round(LANE_ROW * ROW / 2)
        path += _curve(x, y, lane_x, middle) + f"H{lane_x + BOX_WIDTH}"
        x, y = lane_x + BOX_WIDTH, middle
    return path + _curve(x, y, last[0] - 5, to_y)


def _right_side(spot: tuple[int, int]) -> tuple[int, int]:
    return spot[0] + BOX_WIDTH, spot[1] + BOX_HEIGHT // 2


def _curve(x: int, y: int, to_x: int, to_y: int) -> str:
    bend = round((to_x - x) * 0.6)
    return f"C{x + bend} {y} {to_x - bend} {to_y} {to_x} {to_y}"


def _lines(name: str, y: int) -> tuple[tuple[int, str], ...]:
    lines = textwrap.wrap(right(name).label, LETTERS, max_lines=MOST_LINES, placeholder="…")
    first = y + BOX_HEIGHT // 2 - LINE * (len(lines) - 1) // 2 + 5
    return tuple((first + rank * LINE, line) for rank, line in enumerate(lines))
