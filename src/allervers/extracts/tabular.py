"""Tabular formats: a CSV, XLSX or Parquet file, a mapping and a layout of ours into batches of canonical rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from allervers.extracts.batches import Limits, ParsedBatch, Reading, problems_frame
from allervers.extracts.checking import RowChecker
from allervers.extracts.layout import Layout
from allervers.extracts.mapping import PartnerMapping, check_mapping
from allervers.extracts.nearest import hint, nearest, plain_name
from allervers.extracts.reading.container import Container, container_of
from allervers.extracts.reading.csv_rows import open_csv
from allervers.extracts.reading.parquet_rows import open_parquet
from allervers.extracts.reading.raw import LINE, RawTable
from allervers.extracts.reading.xlsx_rows import open_xlsx
from allervers.foundation.errors import InvalidInput

_OPENERS: Mapping[Container, Callable[[Path, PartnerMapping, Limits], RawTable]] = {
    Container.CSV: open_csv,
    Container.XLSX: open_xlsx,
    Container.PARQUET: open_parquet,
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of a layout are. `places`: name -> place in the header; `ignored`: the rest of the header."""

    places: Mapping[str, int]
    constants: Mapping[str, str]
    ignored: tuple[str, ...]


def read_table(layout: Layout, path: Path, mapping: PartnerMapping, reading: Reading) -> Iterator[ParsedBatch]:
    """Read a table in bounded memory. What was given must be dropped if the iteration raises.

    raises: NotFound, InvalidInput (file, header or mapping), Refused (plain hashes of NIR).
    """
    check_mapping(mapping, layout)
    table = _OPENERS[container_of(path, reading.limits)](path, mapping, reading.limits)
    columns = find_columns(table.header, mapping, layout)
    places = sorted(set(columns.places.values()))
    size = max(1_000, min(reading.limits.batch_rows, reading.limits.batch_cells // max(1, len(places))))
    size = min(size, reading.limits.batch_rows)
    delivered = frozenset(columns.places) | frozenset(columns.constants)
    checker = RowChecker(layout, mapping, reading, delivered)
    for raw in table.batches(places, size):
        named = raw.frame.select(
            LINE,
            *(pl.col(str(place)).alias(name) for name, place in columns.places.items()),
            *(pl.lit(value).alias(name) for name, value in columns.constants.items()),
        )
        checked = checker.check(named)
        output = layout.make(checked.rows)
        yield ParsedBatch(
            output.persons,
            output.tables,
            pl.concat([problems_frame(raw.problems), checked.problems]),
            read=named.height + len(raw.problems),
            rejected=checked.rejected + len(raw.problems),
            warnings=checked.warnings,
            ignored=columns.ignored,
        )


def find_columns(header: Sequence[str], mapping: PartnerMapping, layout: Layout) -> Columns:
    """Find the columns of a layout in a header, by the partner's names, else ours (case and accents aside).

    Order is free. raises: InvalidInput for a repeated or empty name, or a column that is named or needed and absent.
    """
    places = _places_by_name(header)
    renamed = {plain_name(theirs) for theirs in mapping.colonnes.values()}
    found: dict[str, int] = {}
    for name in layout.names:
        theirs = mapping.colonnes.get(name)
        if theirs is not None:
            if plain_name(theirs) not in places:
                raise InvalidInput(
                    f"La colonne « {theirs} » ({name}) n'est pas dans le fichier.{hint(theirs, header)}", column=name
                )
            found[name] = places[plain_name(theirs)]
        elif name in places and name not in renamed and name not in mapping.constantes:
            found[name] = places[name]
    _check_complete(header, layout, {*found, *mapping.constantes})
    used = set(found.values())
    ignored = tuple(cell for place, cell in enumerate(header) if place not in used)
    return Columns(found, dict(mapping.constantes), ignored)


def _places_by_name(header: Sequence[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, cell in enumerate(header):
        name = plain_name(cell)
        if not name:
            raise InvalidInput(f"En-tête : la colonne {place + 1} n'a pas de nom.", place=place + 1)
        if name in places:
            raise InvalidInput(
                f"En-tête : les colonnes {places[name] + 1} et {place + 1} portent le même nom.", place=place + 1
            )
        places[name] = place
    if not places:
        raise InvalidInput("La ligne d'en-tête est vide.")
    return places


def _check_complete(header: Sequence[str], layout: Layout, delivered: set[str]) -> None:
    missing = [column.name for column in layout.columns if column.required and column.name not in delivered]
    if missing:
        # A header far from the layout may be a row of data: only names that look like ours are repeated.
        near = [f"« {found} » pour {name}" for name in missing if (found := nearest(name, header))]
        hints = f" Dans le fichier, peut-être : {', '.join(near)}." if near else ""
        raise InvalidInput(
            f"Colonnes obligatoires absentes : {', '.join(missing)}.{hints} Vérifiez la ligne d'en-tête et la "
            "correspondance.",
            columns=missing,
        )
    for name, because in layout.needs.items():
        given = [one for one in because if one in delivered]
        if given and name not in delivered:
            raise InvalidInput(
                f"La colonne {name} est nécessaire à {given[0]} : donnez-la, ou fixez-la dans [constantes].",
                column=name,
            )
