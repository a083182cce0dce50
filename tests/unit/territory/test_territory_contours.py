"""Contours: complete, closed, of the right area, for each geography."""

from collections import Counter
from itertools import pairwise

import polygons
import pytest

from allervers.foundation.errors import NotFound
from allervers.territory.communes import communes, vintages
from allervers.territory.contours import contour, contours
from allervers.territory.tables import departements

SQUARES = {
    "west": [[[(0.0, 0.0), (0.0, 0.02), (0.01, 0.02), (0.0101, 0.01), (0.01, 0.0), (0.0, 0.0)]]],
    "east": [[[(0.01, 0.0), (0.0101, 0.01), (0.01, 0.02), (0.02, 0.02), (0.02, 0.0), (0.01, 0.0)]]],
}


def borders(shapes):
    return Counter(
        frozenset(map(tuple, segment))
        for shape in shapes
        for polygon in shape
        for ring in polygon
        for segment in pairwise(ring)
    )


@pytest.mark.parametrize("departement", departements())
def test_every_vintage_has_the_contours_of_its_communes(departement):
    for vintage in vintages(departement):
        features = contours(departement, vintage)["features"]
        named = [(feature["properties"]["code"], feature["properties"]["nom"]) for feature in features]
        assert named == [(commune.code, commune.nom) for commune in communes(departement, vintage)]


@pytest.mark.parametrize("departement", departements())
def test_rings_are_closed_and_borders_stay_shared(departement):
    shapes = [
        feature["geometry"]["coordinates"] for feature in contours(departement, vintages(departement)[-1])["features"]
    ]
    assert all(ring[0] == ring[-1] and len(ring) > 3 for shape in shapes for polygon in shape for ring in polygon)
    counted = borders(shapes)
    assert set(counted.values()) == {1, 2}
    outside = Counter(point for segment, count in counted.items() if count == 1 for point in segment)
    assert all(degree % 2 == 0 for degree in outside.values())


def test_a_merger_leaves_no_hole_in_the_map():
    area = {
        vintage: sum(polygons.area_km2(f["geometry"]["coordinates"]) for f in contours("93", vintage)["features"])
        for vintage in (2024, 2025)
    }
    assert area[2024] == pytest.approx(236.2, rel=0.01)
    assert area[2025] == pytest.approx(area[2024], rel=1e-4)
    parts = [polygons.area_km2(contour(code, 2024)["geometry"]["coordinates"]) for code in ("93059", "93066")]
    merged = contour("93066", 2025)["geometry"]["coordinates"]
    assert len(merged) == 1
    assert polygons.area_km2(merged) == pytest.approx(sum(parts), rel=0.01)


def test_a_collection_is_fresh_at_each_call():
    contours("93", 2025)["features"].clear()
    assert contours("93", 2025)["features"]


def test_an_absorbed_commune_has_no_contour():
    with pytest.raises(NotFound):
        contour("93059", 2025)


def test_a_shared_border_is_simplified_once_for_both_sides():
    reduced = polygons.simplified(SQUARES, 60)
    assert frozenset({(0.01, 0.0), (0.01, 0.02)}) in borders(reduced.values())
    assert borders(polygons.simplified(SQUARES, 1).values()) == borders(SQUARES.values())


def test_union_drops_the_shared_border_and_keeps_holes():
    (union,) = polygons.merged(SQUARES["west"] + SQUARES["east"])
    assert len(union) == 1
    assert polygons.signed_area(union[0]) == pytest.approx(0.0004)
    hole = [(0.002, 0.002), (0.004, 0.002), (0.004, 0.004), (0.002, 0.002)]
    (holed,) = polygons.merged([[*SQUARES["west"][0], hole], *SQUARES["east"]])
    assert [len(ring) > 3 for ring in holed] == [True, True]


def test_cleaning_removes_repeats_spikes_and_flat_rings():
    ring = [(0.0, 0.0), (0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)]
    assert polygons.cleaned(ring, 5) == [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)]
    assert polygons.cleaned([(0.0, 0.0), (1.0, 0.0), (0.0, 0.0)], 5) == []


def test_wkb_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="expected a little-endian MultiPolygon"):
        polygons.read_multipolygon(bytes.fromhex("010100000000000000"))
