"""The map of communes as SVG drawn by the server: it prints, reads aloud through its table, and needs no script."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings

from allervers.foundation.periods import Month
from allervers.territory.communes import vintage_in_force
from allervers.territory.contours import contours

WIDTH = 640
CLASSES = 5


@dataclass(frozen=True, slots=True)
class Area:
    """A commune on the map: its path, its class (None: not shown, or not in the reach), the text of its title."""

    code: str
    path: str
    rank: int | None
    title: str


@dataclass(frozen=True, slots=True)
class Map:
    """The whole drawing. `limits`: lower and upper bound of each class."""

    width: int
    height: int
    areas: tuple[Area, ...]
    limits: tuple[tuple[int, int], ...]


@cache
def _paths(departement: str) -> tuple[int, tuple[tuple[str, str, str], ...]]:
    """Height of the drawing, and (code, name, path) of each commune."""
    features = contours(departement, vintage_in_force(departement, Month(2026, 1)))["features"]
    points = [point for feature in features for ring in _rings(feature["geometry"]) for point in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    shrink = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / ((east - west) * shrink)

    def path(geometry: dict[str, Any]) -> str:
        parts = []
        for ring in _rings(geometry):
            pairs = (f"{(x - west) * shrink * scale:.1f},{(north - y) * scale:.1f}" for x, y in ring)
            parts.append("M" + "L".join(pairs) + "Z")
        return "".join(parts)

    drawn = tuple((f["properties"]["code"], f["properties"]["nom"], path(f["geometry"])) for f in features)
    return math.ceil((north - south) * scale), drawn


def _rings(geometry: dict[str, Any]) -> Iterator[list[tuple[float, float]]]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for polygon in polygons:
        yield from polygon


def commune_map(counts: Mapping[str, int | None]) -> Map:
    """The communes coloured by count, in at most five classes of about as many communes each.

    counts: by INSEE code; None is hidden by secrecy; a commune that is not there is outside the reach.
    """
    height, drawn = _paths(settings.ALLERVERS.departement)
    limits = classes([count for count in counts.values() if count is not None])

    def area(code: str, name: str, path: str) -> Area:
        count = counts.get(code)
        if count is not None:
            rank = next(i for i, (low, high) in enumerate(limits) if low <= count <= high)
            return Area(code, path, rank, f"{name} : {count}")
        return Area(
            code, path, None, f"{name} : {'secret statistique' if code in counts else 'hors de votre territoire'}"
        )

    return Map(WIDTH, height, tuple(area(*one) for one in drawn), limits)


def classes(counts: list[int]) -> tuple[tuple[int, int], ...]:
    """Bounds of at most five classes, each with about as many values, none empty."""
    values = sorted(counts)
    if not values:
        return ()
    starts = sorted({values[len(values) * rank // CLASSES] for rank in range(CLASSES)})
    # The upper bound of a class is a value that some commune has.
    ends = [max(value for value in values if value < start) for start in starts[1:]] + [values[-1]]
    return tuple(zip(starts, ends, strict=True))
