"""XLSX sheets as rows of text, written as the mapping says: the same checks then serve every kind of table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from allervers.extracts.batches import Limits
from allervers.extracts.mapping import PartnerMapping
from allervers.extracts.nearest import hint
from allervers.extracts.reading.raw import RawBatch, RawTable, raw_frame
from allervers.extracts.reading.workbook_check import SheetFacts, check_workbook
from allervers.foundation.errors import InvalidInput


def open_xlsx(path: Path, mapping: PartnerMapping, limits: Limits) -> RawTable:
    """Open a sheet of a workbook: the one that the mapping names, or the only one.

    raises: InvalidInput for an unsafe workbook, an unknown sheet, several sheets without a choice, merged cells in the
    table, or formulas (their value is whatever the last program that opened the file left there).
    """
    facts = check_workbook(path, limits)
    name = _chosen_sheet(facts, mapping)
    if facts[name].formula is not None:
        raise InvalidInput(
            f"La feuille « {name} » contient des formules (la première en {facts[name].formula}) : collez les "
            "valeurs à leur place.",
            sheet=name,
            cell=facts[name].formula,
        )
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            sheet = workbook.get_sheet_by_name(name)
    except CalamineError as error:
        raise InvalidInput("Le classeur ne peut pas être lu.", file=path.name) from error
    _refuse_merged(sheet, mapping)
    header = _header(sheet, mapping)

    def batches(places: Sequence[int], size: int) -> Iterator[RawBatch]:
        lines: list[int] = []
        kept: list[list[str]] = []
        for line, row in _rows(sheet):
            if line > mapping.ligne_entete and any(value != "" for value in row):
                lines.append(line)
                kept.append([cell_text(value, mapping) for value in row])
            if len(kept) >= size:
                yield RawBatch(raw_frame(places, lines, kept))
                lines, kept = [], []
        if kept:
            yield RawBatch(raw_frame(places, lines, kept))

    return RawTable(header, batches)


def cell_text(value: Any, mapping: PartnerMapping) -> str:
    """A cell as its text would be in the partner's CSV: dates in the first of its ways, its decimal mark, O or N."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "O" if value else "N"
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 1e15
        return str(int(value)) if whole else repr(value).replace(".", mapping.decimale)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _chosen_sheet(facts: dict[str, SheetFacts], mapping: PartnerMapping) -> str:
    if mapping.feuille is not None:
        if mapping.feuille not in facts:
            raise InvalidInput(
                f"Le classeur n'a pas de feuille « {mapping.feuille} ».{hint(mapping.feuille, facts)}",
                sheet=mapping.feuille,
            )
        return mapping.feuille
    filled = [name for name, fact in facts.items() if fact.height > 0]
    if len(filled) > 1:
        raise InvalidInput(
            f"Le classeur a {len(filled)} feuilles : nommez la bonne (feuille = ...) dans la correspondance.",
            sheets=len(filled),
        )
    if not filled:
        raise InvalidInput("Le classeur est vide.")
    return filled[0]


def _refuse_merged(sheet: CalamineSheet, mapping: PartnerMapping) -> None:
    for _, (last_row, _) in sheet.merged_cell_ranges or []:
        if last_row + 1 >= mapping.ligne_entete:
            raise InvalidInput(
                f"La feuille a des cellules fusionnées jusqu'à la ligne {last_row + 1} : défusionnez-les, chaque ligne "
                "doit porter ses valeurs.",
                line=last_row + 1,
            )


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[Any]]]:
    """Rows with their line in the sheet, from 1. Leading empty rows are given too."""
    yield from enumerate(sheet.iter_rows(), start=1)


def _header(sheet: CalamineSheet, mapping: PartnerMapping) -> tuple[str, ...]:
    for line, row in _rows(sheet):
        if line == mapping.ligne_entete:
            header = [cell_text(value, mapping).strip() for value in row]
            while header and not header[-1]:
                header.pop()
            return tuple(header)
    raise InvalidInput("La feuille n'a pas de ligne d'en-tête.", line=mapping.ligne_entete)
