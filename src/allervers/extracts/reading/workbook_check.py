"""An XLSX workbook looked at before it is opened: bombs, sheets without end, formulas, hidden entities.

Every entry is unpacked once, in blocks, so that sizes that lie in the directory of the archive are found out.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lxml import etree

from allervers.extracts.batches import Limits
from allervers.foundation.errors import InvalidInput

_BLOCK = 1 << 20
_OVERLAP = 400
_SMALL_ENTRY = 1 << 20
_MAX_ENTRIES = 2_000
_CELL = re.compile(rb'<(?:\w+:)?(?:c|row)\b[^>]{0,200}?\br="([A-Z]{0,3})(\d{1,7})"')
_FORMULA = re.compile(rb'<(?:\w+:)?c\b[^>]{0,200}?\br="([A-Z]{1,3}\d{1,7})"[^>]{0,200}>\s*<(?:\w+:)?f[\s>/]')
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """`width`, `height`: columns and rows up to the last cell; `formula`: address of the first one, None without."""

    width: int
    height: int
    formula: str | None


def check_workbook(path: Path, limits: Limits) -> dict[str, SheetFacts]:
    """Facts about each sheet, by its name. Raises InvalidInput for a workbook that is unsafe or unreadable to open."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_directory(archive, limits)
            facts = {entry.filename: _checked_entry(archive, entry) for entry in archive.infolist()}
            sheets = _sheets(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, KeyError) as error:
        raise InvalidInput("Le classeur est abîmé, incomplet ou protégé.", file=path.name) from error
    except etree.XMLSyntaxError as error:
        raise InvalidInput("Le sommaire du classeur est illisible.", file=path.name) from error
    found = {name: facts[entry] for name, entry in sheets.items() if entry in facts}
    for name, sheet in found.items():
        if sheet.width * sheet.height > limits.workbook_cells:
            raise InvalidInput(
                f"La feuille « {name} » s'étend sur {sheet.height} lignes et {sheet.width} colonnes : "
                "enregistrez-la en CSV, ou supprimez les cellules perdues loin du tableau.",
                sheet=name,
            )
    return found


def _check_directory(archive: zipfile.ZipFile, limits: Limits) -> None:
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise InvalidInput("Cette archive n'est pas un classeur XLSX.")
    if len(entries) > _MAX_ENTRIES or len(names) != len(entries):
        raise InvalidInput("Le classeur a un sommaire anormal.", entries=len(entries))
    total = sum(entry.file_size for entry in entries)
    if total > limits.workbook_bytes:
        raise InvalidInput(f"Le classeur est trop gros une fois décompressé : {total} octets.", bytes=total)
    for entry in entries:
        if entry.file_size > max(_SMALL_ENTRY, limits.workbook_ratio * entry.compress_size):
            raise InvalidInput("Le classeur est compressé de façon anormale : il est refusé.", bytes=entry.file_size)


def _checked_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> SheetFacts:
    with archive.open(entry) as stream:
        if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
            return _sheet_facts(stream)
        previous = b""
        while block := stream.read(_BLOCK):
            _refuse_doctype(previous + block)
            previous = block[-16:]
    return SheetFacts(0, 0, None)


def _sheet_facts(stream: IO[bytes]) -> SheetFacts:
    width = height = 0
    formula = None
    previous = b""
    while block := stream.read(_BLOCK):
        text = previous + block
        _refuse_doctype(text)
        cells = set(_CELL.findall(text))
        height = max([height, *(int(row) for _, row in cells)])
        width = max([width, *(_column_number(letters) for letters in {letters for letters, _ in cells})])
        if formula is None and (match := _FORMULA.search(text)):
            formula = match[1].decode("ascii")
        previous = text[-_OVERLAP:]
    return SheetFacts(width, height, formula)


def _refuse_doctype(text: bytes) -> None:
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise InvalidInput("Le classeur contient des définitions XML (DOCTYPE) : il est refusé.")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name -> its entry in the archive."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    relations = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), parser)
    targets = {one.get("Id"): str(one.get("Target")) for one in relations}
    workbook = etree.fromstring(archive.read("xl/workbook.xml"), parser)
    found = {}
    for sheet in workbook.iter(f"{_MAIN}sheet"):
        target = targets.get(sheet.get(_RELATION), "")
        entry = target.removeprefix("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        found[str(sheet.get("name"))] = entry
    return found
