"""What a file really is, told by its first bytes: a table under another name is refused before it is read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from allervers.extracts.batches import Limits
from allervers.foundation.errors import InvalidInput, NotFound


class Container(StrEnum):
    """The ways in which a table may come."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


_SUFFIXES = {
    ".csv": Container.CSV,
    ".txt": Container.CSV,
    ".tsv": Container.CSV,
    ".xlsx": Container.XLSX,
    ".parquet": Container.PARQUET,
}
_SIGNATURES = (
    (b"PAR1", "un fichier Parquet"),
    (b"PK\x03\x04", "un classeur XLSX ou une archive ZIP"),
    (b"PK\x05\x06", "une archive ZIP vide"),
    (b"\x1f\x8b", "une archive GZIP"),
    (b"7z\xbc\xaf", "une archive 7z"),
    (b"%PDF", "un document PDF"),
    (b"\xd0\xcf\x11\xe0", "un ancien classeur XLS ou un fichier chiffré"),
    (b"SQLite format 3", "une base SQLite"),
    (b"\x7fELF", "un programme"),
    (b"MZ", "un programme"),
)
_CONTENT = {Container.XLSX: b"PK\x03\x04", Container.PARQUET: b"PAR1"}
_TEXT_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def container_of(path: Path, limits: Limits) -> Container:
    """The kind of table of a file; its name and its content must agree.

    raises: NotFound; InvalidInput for an empty file, one too big, or one that is not what its name says.
    """
    if not path.is_file():
        raise NotFound("Ce fichier n'existe pas.", file=path.name)
    size = path.stat().st_size
    if size == 0:
        raise InvalidInput("Le fichier est vide.", file=path.name)
    if size > limits.file_bytes:
        raise InvalidInput(
            f"Le fichier est trop gros : {size} octets, {limits.file_bytes} admis.", file=path.name, bytes=size
        )
    container = _SUFFIXES.get(path.suffix.lower())
    if container is None:
        raise InvalidInput("Extension inconnue : .csv, .txt, .tsv, .xlsx ou .parquet attendue.", file=path.name)
    with path.open("rb") as stream:
        start = stream.read(64)
    _check_content(container, start, path)
    return container


def _check_content(container: Container, start: bytes, path: Path) -> None:
    wanted = _CONTENT.get(container)
    if wanted is not None:
        if not start.startswith(wanted):
            raise InvalidInput(f"Le fichier porte l'extension {path.suffix} sans en avoir le contenu.", file=path.name)
        return
    for signature, name in _SIGNATURES:
        # Two letters are not enough to tell a program from a header row: a program has a null byte near its start.
        if start.startswith(signature) and (len(signature) > 2 or b"\0" in start or signature[0] < 0x20):
            raise InvalidInput(f"Ce n'est pas un fichier CSV : c'est {name}.", file=path.name)
    text = start
    for mark in _TEXT_MARKS:
        text = text.removeprefix(mark)
    text = text.replace(b"\0", b"").lstrip()
    if text.startswith(b"<"):
        raise InvalidInput("Ce n'est pas un fichier CSV : c'est un document XML ou HTML.", file=path.name)
    if text.startswith((b"{", b"[{", b"[\n")):
        raise InvalidInput("Ce n'est pas un fichier CSV : c'est un document JSON.", file=path.name)
