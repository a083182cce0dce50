"""Simplify polygons that share borders: each border is simplified once, between junctions, and stays shared.

Pure functions on rings of (longitude, latitude) in degrees, WGS 84; a ring repeats its first point at its end.
"""

from __future__ import annotations

import math
import struct
from itertools import pairwise

Point = tuple[float, float]
Ring = list[Point]
Polygon = list[Ring]

METRES_PER_DEGREE = 111_320.0
"""Length of a degree of latitude, and of longitude at the equator."""

_MULTIPOLYGON = 6


def read_multipolygon(wkb: bytes) -> list[Polygon]:
    """Polygons of a little-endian WKB MultiPolygon; raises ValueError for anything else."""
    order, kind, count = struct.unpack_from("<BII", wkb)
    if (order, kind) != (1, _MULTIPOLYGON):
        raise ValueError(f"WKB of byte order {order} and type {kind}, expected a little-endian MultiPolygon")
    position, polygons = 9, []
    for _ in range(count):
        _, _, rings = struct.unpack_from("<BII", wkb, position)
        position += 9
        polygon = []
        for _ in range(rings):
            (points,) = struct.unpack_from("<I", wkb, position)
            values = struct.unpack_from(f"<{2 * points}d", wkb, position + 4)
            position += 4 + 16 * points
            polygon.append(list(zip(values[::2], values[1::2], strict=True)))
        polygons.append(polygon)
    if position != len(wkb):
        raise ValueError(f"WKB of {len(wkb)} bytes, {position} read")
    return polygons


def cleaned(ring: Ring, decimals: int) -> Ring:
    """The ring rounded, without repeated points nor spikes (out and back over one segment), closed; [] when flat."""
    points: Ring = []
    for longitude, latitude in ring[:-1]:
        point = (round(longitude, decimals), round(latitude, decimals))
        if points and point == points[-1]:
            continue
        points.append(point)
        while len(points) > 2 and points[-1] == points[-3]:
            del points[-2:]
    while len(points) > 1 and points[0] == points[-1]:
        points.pop()
    while len(points) > 2 and points[1] == points[-1]:
        points = points[1:-1]
    return [*points, points[0]] if len(points) > 2 else []


def signed_area(ring: Ring) -> float:
    """Area of a ring in square degrees: positive when it turns anticlockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def contains(ring: Ring, point: Point) -> bool:
    """Whether a point lies inside a ring (ray to the east)."""
    inside = False
    for (ax, ay), (bx, by) in pairwise(ring):
        if (ay > point[1]) != (by > point[1]) and point[0] < ax + (point[1] - ay) * (bx - ax) / (by - ay):
            inside = not inside
    return inside


def merged(polygons: list[Polygon]) -> list[Polygon]:
    """Union of polygons that touch by whole segments and do not overlap: the segments that two of them share vanish."""
    edges: dict[Point, list[Point]] = {}
    for polygon in polygons:
        for rank, ring in enumerate(polygon):
            turned = ring if (signed_area(ring) > 0) == (rank == 0) else ring[::-1]
            for start, end in pairwise(turned):
                if start in edges.get(end, []):
                    edges[end].remove(start)
                else:
                    edges.setdefault(start, []).append(end)
    rings: list[Ring] = []
    for first in sorted(edges):
        while edges[first]:
            ring = [first, edges[first].pop()]
            while ring[-1] != first:
                ring.append(edges[ring[-1]].pop())
            rings.append(ring)
    outers: list[Polygon] = [[ring] for ring in rings if signed_area(ring) > 0]
    for hole in (ring for ring in rings if signed_area(ring) <= 0):
        next(outer for outer in outers if contains(outer[0], hole[0])).append(hole)
    return outers


def junctions(rings: list[Ring]) -> set[Point]:
    """Points where borders meet: those with other than two neighbours over all the rings."""
    neighbours: dict[Point, set[Point]] = {}
    for ring in rings:
        for first, second in pairwise(ring):
            neighbours.setdefault(first, set()).add(second)
            neighbours.setdefault(second, set()).add(first)
    return {point for point, around in neighbours.items() if len(around) != 2}


def distance_m(point: Point, start: Point, end: Point) -> float:
    """Distance in metres from a point to a segment, on the plane that touches the Earth at the point."""
    width = METRES_PER_DEGREE * math.cos(math.radians(point[1]))
    ax, ay = (start[0] - point[0]) * width, (start[1] - point[1]) * METRES_PER_DEGREE
    bx, by = (end[0] - point[0]) * width, (end[1] - point[1]) * METRES_PER_DEGREE
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    along = 0.0 if length == 0 else max(0.0, min(1.0, -(ax * dx + ay * dy) / length))
    return math.hypot(ax + along * dx, ay + along * dy)


def simplified_line(line: Ring, tolerance_m: float) -> Ring:
    """Douglas-Peucker: the ends stay, and no point dropped lies further than the tolerance from what stays."""
    if len(line) < 3:
        return line
    far, index = max((distance_m(line[i], line[0], line[-1]), -i) for i in range(1, len(line) - 1))
    if far <= tolerance_m:
        return [line[0], line[-1]]
    return simplified_line(line[: 1 - index], tolerance_m)[:-1] + simplified_line(line[-index:], tolerance_m)


def simplified_ring(ring: Ring, fixed: set[Point], tolerance_m: float) -> Ring:
    """A ring simplified between its junctions; without two of them it is cut at its lowest and its furthest point."""
    points = ring[:-1]
    cuts = {index for index, point in enumerate(points) if point in fixed}
    if len(cuts) < 2:
        anchor = points[min(cuts)] if cuts else min(points)
        furthest = max(points, key=lambda point: (distance_m(anchor, point, point), point))
        cuts |= {points.index(anchor), points.index(furthest)}
    order = sorted(cuts)
    turned = points[order[0] :] + points[: order[0]] + [points[order[0]]]
    marks = [cut - order[0] for cut in order] + [len(points)]
    result: Ring = [turned[0]]
    for start, end in pairwise(marks):
        arc = turned[start : end + 1]
        # Both sides of a border must drop the same points: the arc is always walked in the same direction.
        forward = arc <= arc[::-1]
        line = simplified_line(arc if forward else arc[::-1], tolerance_m)
        result += (line if forward else line[::-1])[1:]
    return result


def cleaned_polygons(polygons: list[Polygon], decimals: int) -> list[Polygon]:
    """The polygons with their rings cleaned; a flat ring goes, and a polygon with its outer ring."""
    rings = [[cleaned(ring, decimals) for ring in polygon] for polygon in polygons]
    return [[ring for ring in polygon if ring] for polygon in rings if polygon[0]]


def simplified(shapes: dict[str, list[Polygon]], tolerance_m: float) -> dict[str, list[Polygon]]:
    """The same cleaned shapes with fewer points: shared borders stay shared; a ring never vanishes."""
    fixed = junctions([ring for polygons in shapes.values() for polygon in polygons for ring in polygon])

    def reduced(ring: Ring) -> Ring:
        result = simplified_ring(ring, fixed, tolerance_m)
        return result if len(result) > 3 else ring

    return {key: [[reduced(ring) for ring in polygon] for polygon in polygons] for key, polygons in shapes.items()}


def area_km2(polygons: list[Polygon]) -> float:
    """Area on a plane scaled at the mean latitude of each polygon: good to a few thousandths at this size."""
    total = 0.0
    for polygon in polygons:
        latitude = sum(point[1] for point in polygon[0]) / len(polygon[0])
        scale = METRES_PER_DEGREE**2 * math.cos(math.radians(latitude)) / 1e6
        areas = [abs(signed_area(ring)) for ring in polygon]
        total += scale * (areas[0] - sum(areas[1:]))
    return total
