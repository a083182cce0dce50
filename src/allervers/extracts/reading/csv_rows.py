"""CSV, block by block in bounded memory. Lines are those of the file: a quoted cell may hold several."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import polars as pl

from allervers.extracts.batches import Limits
from allervers.extracts.mapping import PartnerMapping
from allervers.extracts.reading.csv_plain import plain_rows
from allervers.extracts.reading.raw import LINE, RawBatch, RawTable, raw_frame
from allervers.extracts.rows import RowProblem
from allervers.foundation.errors import InvalidInput

_SNIFFED_BYTES = 1 << 16
_BLOCK_CHARS = 1 << 20
_OTHER_SEPARATORS = {";": "point-virgule", ",": "virgule", "\t": "tabulation", "|": "barre verticale"}


@dataclass(slots=True)
class _Lines:
    """Lines of a text, none longer than the limit; counts those of the row being read. See `next_block`."""

    stream: TextIO
    limits: Limits
    number: int = 0
    row_from: int = 0
    ends_with_newline: bool = True
    block: TextIO = field(default_factory=io.StringIO)
    left: int = 0

    def next_block(self) -> str:
        """The next lines of the text, whole unless too long; empty at its end. Lines are read from there on."""
        text = self.stream.read(_BLOCK_CHARS)
        text += self.stream.readline(self.limits.line_chars) if text else ""
        self.block, self.left = io.StringIO(text, newline=""), len(text)
        return text

    def skip(self, lines: int) -> None:
        """Count the lines of the block, that were read otherwise."""
        self.number += lines
        self.block, self.left = io.StringIO(), 0

    def __iter__(self) -> Iterator[str]:
        longest, several = self.limits.line_chars, self.limits.lines_in_a_row
        while line := self.block.readline(longest) or self.stream.readline(longest):
            self.number += 1
            self.left -= len(line)
            self.ends_with_newline = line[-1] in "\r\n"
            if len(line) == longest and not self.ends_with_newline:
                raise InvalidInput(f"Ligne {self.number} : plus de {longest} caractères.", line=self.number)
            if self.number - self.row_from > several:
                raise InvalidInput(
                    f"Ligne {self.row_from + 1} : un guillemet ouvert n'est pas refermé.", line=self.row_from + 1
                )
            yield line


def open_csv(path: Path, mapping: PartnerMapping, limits: Limits) -> RawTable:
    """Open a CSV file and read its header.

    raises: InvalidInput for a wrong encoding, an unreadable header, and while reading for a cut file, an endless line
    or an unclosed quote. A row of another length, or with misplaced quotes, is a problem of that row.
    """
    _check_encoding(path, mapping)

    def batches(places: Sequence[int], size: int) -> Iterator[RawBatch]:
        with _lines(path, mapping, limits) as lines:
            width = len(_header(_read(lines, mapping.separateur), mapping))
            yield from _resized(_pieces(lines, mapping.separateur, width, places), size)

    with _lines(path, mapping, limits) as lines:
        return RawTable(_header(_read(lines, mapping.separateur), mapping), batches)


_Row = tuple[int, list[str] | None, bool]
"""First line of a row, its cells (None: misplaced quotes), and whether the file ends inside its last line."""


@contextmanager
def _lines(path: Path, mapping: PartnerMapping, limits: Limits) -> Iterator[_Lines]:
    try:
        with path.open(encoding=mapping.encoding, newline="") as stream:
            yield _Lines(stream, limits)
    except UnicodeError:
        line = _first_wrong_line(path, mapping.encoding)
        raise InvalidInput(
            f"Ligne {line} : le fichier n'est pas en {mapping.encodage}. S'il vient d'un tableur sous Windows, "
            'indiquez encodage = "cp1252" dans la correspondance.',
            line=line,
        ) from None


def _read(lines: _Lines, separator: str) -> Iterator[_Row]:
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        first = lines.row_from = lines.number
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                message = f"Ligne {first + 1} : le fichier est coupé au milieu d'une cellule entre guillemets."
                raise InvalidInput(message, line=first + 1) from None
            if "field larger" in str(error):
                message = f"Ligne {first + 1} : cellule démesurée, ou guillemet ouvert qui n'est pas refermé."
                raise InvalidInput(message, line=first + 1) from None
            yield first + 1, None, False
        else:
            if any(row):
                yield first + 1, row, not lines.ends_with_newline


def _header(rows: Iterator[_Row], mapping: PartnerMapping) -> tuple[str, ...]:
    for line, row, _ in rows:
        if line < mapping.ligne_entete:
            continue
        if row is None:
            raise InvalidInput(f"Ligne {line} : l'en-tête a des guillemets mal placés.", line=line)
        header = [cell.strip() for cell in row]
        while header and not header[-1]:
            header.pop()
        _check_separator(header, mapping.separateur)
        return tuple(header)
    raise InvalidInput("Le fichier n'a pas de ligne d'en-tête.", line=mapping.ligne_entete)


def _check_separator(header: list[str], separator: str) -> None:
    if len(header) > 1:
        return
    alone = header[0] if header else ""
    for other, name in _OTHER_SEPARATORS.items():
        if other != separator and alone.count(other) >= 2:
            raise InvalidInput(
                f"Le séparateur attendu est {_OTHER_SEPARATORS[separator]}, le fichier semble séparé par {name} : "
                "indiquez separateur dans la correspondance.",
                expected=separator,
                found=other,
            )


def _pieces(lines: _Lines, separator: str, width: int, places: Sequence[int]) -> Iterator[RawBatch]:
    """The rows after the header, block by block: all at once where quotes do not matter, else one by one."""
    while text := lines.next_block():
        longest = lines.limits.line_chars
        plain = plain_rows(text, separator, width, places, after=lines.number, longest=longest)
        if plain is None:
            yield _read_one_by_one(lines, separator, width, places)
            continue
        lines.skip(plain.lines)
        is_cut = not text.endswith("\n")
        yield RawBatch(
            plain.frame,
            [_shapeless(line, row, width, is_cut and line == lines.number) for line, row in plain.others],
        )


def _read_one_by_one(lines: _Lines, separator: str, width: int, places: Sequence[int]) -> RawBatch:
    """The rows that start in the block."""
    numbers: list[int] = []
    kept: list[list[str]] = []
    problems: list[RowProblem] = []
    for line, row, is_cut in _read(lines, separator):
        if row is not None and (len(row) == width or (len(row) > width and not any(row[width:]))):
            numbers.append(line)
            kept.append(row)
        else:
            problems.append(_shapeless(line, row, width, is_cut))
        if lines.left <= 0:
            break
    return RawBatch(raw_frame(places, numbers, kept), problems)


def _resized(pieces: Iterator[RawBatch], size: int) -> Iterator[RawBatch]:
    """The same rows and problems, `size` at a time."""
    held = None
    for piece in pieces:
        held = piece if held is None else RawBatch(pl.concat([held.frame, piece.frame]), held.problems + piece.problems)
        while held.frame.height + len(held.problems) >= size:
            full, held = _cut(held, size)
            yield full
    if held is not None and (held.frame.height or held.problems):
        yield held


def _cut(batch: RawBatch, size: int) -> tuple[RawBatch, RawBatch]:
    """The first rows and problems of a batch, `size` together, and the others."""
    if not batch.problems:
        return RawBatch(batch.frame.head(size)), RawBatch(batch.frame.slice(size))
    lines = sorted([*batch.frame[LINE], *(problem.line for problem in batch.problems)])
    last, is_first = lines[size - 1], pl.col(LINE) <= lines[size - 1]
    return (
        RawBatch(batch.frame.filter(is_first), [problem for problem in batch.problems if problem.line <= last]),
        RawBatch(batch.frame.filter(~is_first), [problem for problem in batch.problems if problem.line > last]),
    )


def _shapeless(line: int, row: list[str] | None, width: int, is_cut: bool) -> RowProblem:
    if row is None:
        return RowProblem(line, "", "guillemets", "Guillemets mal placés : la ligne ne peut pas être découpée.")
    if is_cut and len(row) < width:
        raise InvalidInput(f"Le fichier est coupé : la ligne {line}, la dernière, est incomplète.", line=line)
    return RowProblem(line, "", "nombre_de_cellules", f"{len(row)} cellules au lieu de {width}.")


def _check_encoding(path: Path, mapping: PartnerMapping) -> None:
    """Refuse what is plainly in another encoding than the one announced, and would be read as nonsense."""
    with path.open("rb") as stream:
        start = stream.read(_SNIFFED_BYTES)
    is_utf16 = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    if is_utf16 != (mapping.encoding == "utf-16"):
        found = "en UTF-16" if is_utf16 else "sans la marque d'un fichier UTF-16"
        raise InvalidInput(f"Le fichier est {found}, la correspondance dit {mapping.encodage}.")
    if mapping.encoding.startswith("utf") or start.isascii():
        return
    whole = start[: start.rfind(b"\n") + 1] or start
    try:
        whole.decode("utf-8")
    except UnicodeDecodeError:
        return
    raise InvalidInput(f"Le fichier est en UTF-8, la correspondance dit {mapping.encodage}.")


def _first_wrong_line(path: Path, encoding: str) -> int:
    """First line that cannot be decoded. Only called for a file that cannot be read: it is read again."""
    if encoding == "utf-16":
        return 1
    number = 0
    with path.open("rb") as stream:
        while line := stream.readline(_SNIFFED_BYTES):
            number += line.endswith(b"\n")
            try:
                line.decode(encoding)
            except UnicodeDecodeError as error:
                if error.end < len(line) or line.endswith(b"\n"):
                    return number + (not line.endswith(b"\n"))
    return number + 1
