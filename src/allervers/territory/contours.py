"""Simplified contours of the communes as GeoJSON (WGS 84, longitude then latitude). For maps, not for measuring."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from allervers.foundation.errors import NotFound, Unavailable
from allervers.territory.communes import communes, departement_of
from allervers.territory.tables import folder_of

_FILE = re.compile(r"contours_(\d{4})\.geojson")


@cache
def _text(departement: str, vintage: int) -> str:
    """The file whose first vintage is the last one not after `vintage`: a new file exists only where communes moved."""
    communes(departement, vintage)
    starts = {
        int(match[1]): path
        for path in folder_of(departement).iterdir()
        if (match := _FILE.fullmatch(path.name)) and int(match[1]) <= vintage
    }
    if not starts:
        raise Unavailable(
            f"Pas de contours de communes pour le département {departement} au millésime {vintage}.",
            departement=departement,
            vintage=vintage,
        )
    return starts[max(starts)].read_text(encoding="utf-8")


def contours(departement: str, vintage: int) -> dict[str, Any]:
    """FeatureCollection of a département's communes; each feature has `code` and `nom`. A fresh dict at each call.

    raises: NotFound (département or vintage unknown), Unavailable (no contours in its data).
    """
    collection: dict[str, Any] = json.loads(_text(departement, vintage))
    return collection


def contour(code: str, vintage: int) -> dict[str, Any]:
    """Feature of one commune; raises NotFound when the collection does not hold it."""
    feature: dict[str, Any]
    for feature in contours(departement_of(code), vintage)["features"]:
        if feature["properties"]["code"] == code:
            return feature
    raise NotFound(f"Pas de contour pour la commune {code!r} au millésime {vintage}.", code=code, vintage=vintage)
