"""Deposited files on disk: written whole, readable by their owner alone, refused when they are not what they say."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from allervers.extracts.batches import Limits
from allervers.extracts.formats import format_named
from allervers.extracts.reading.container import container_of
from allervers.foundation.errors import InvalidInput

_SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", ".parquet", ".xml", ".json")
_STARTS = {"xml": b"<", "json": b"{"}
REJECTS = ".rejets.csv"


@dataclass(frozen=True, slots=True)
class Written:
    """A file that has been written. `name`: in the folder of deposits."""

    name: str
    sha256: str
    bytes: int


def deposits_folder() -> Path:
    """Where deposited files wait for their import."""
    folder: Path = settings.ALLERVERS.data / "deposits"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def path_of(name: str) -> Path:
    """Path of a deposited file."""
    return deposits_folder() / name


def rejects_path(number: int) -> Path:
    """Path of the list of what was wrong in a deposited file."""
    return deposits_folder() / f"{number}{REJECTS}"


def limits() -> Limits:
    """Bounds of a deposited file: those of every import, and the size that the operator allows."""
    return Limits(file_bytes=settings.ALLERVERS.upload_megabytes << 20)


@contextmanager
def written(chunks: Iterable[bytes], given_name: str) -> Iterator[Written]:
    """Write a file under a name of ours; removed when the block fails. Raises InvalidInput when it is too big."""
    suffix = Path(given_name).suffix.lower()
    if suffix not in _SUFFIXES:
        raise InvalidInput(f"Extension inconnue : {', '.join(_SUFFIXES)} attendue.")
    name = secrets.token_hex(16) + suffix
    path, digest, size = path_of(name), hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream:
            for chunk in chunks:
                size += len(chunk)
                if size > limits().file_bytes:
                    raise InvalidInput(f"Le fichier dépasse {settings.ALLERVERS.upload_megabytes} Mo.")
                digest.update(chunk)
                stream.write(chunk)
            stream.flush()
            os.fsync(stream.fileno())
        yield Written(name, digest.hexdigest(), size)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def check_content(path: Path, format_name: str) -> None:
    """Refuse a file that is not of the nature of its format, by its first bytes. Raises InvalidInput."""
    kind = format_named(format_name).kind
    if kind == "tabular":
        container_of(path, limits())
        return
    if path.suffix != f".{kind}":
        raise InvalidInput(f"Ce format arrive en fichier .{kind}.")
    with path.open("rb") as stream:
        if not stream.read(256).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_STARTS[kind]):
            raise InvalidInput("Le contenu du fichier n'est pas celui du format annoncé.")


def rows_expected(path: Path) -> int:
    """Number of rows to read, for the progress bar; 0 when it cannot be told without reading everything."""
    if path.suffix not in {".csv", ".txt", ".tsv"}:
        return 0
    count = 0
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            count += block.count(b"\n")
    return max(1, count - 1)


def shown_name(given: str) -> str:
    """The name of the partner's file as it is shown: its last part, without control characters, 120 at most."""
    last = re.split(r"[\\/]", given)[-1]
    return "".join(character for character in last if character.isprintable())[-120:]


def destroy(name: str) -> None:
    """Destroy a deposited file."""
    if name:
        path_of(Path(name).name).unlink(missing_ok=True)


def destroy_strays(known: set[str], before: datetime) -> int:
    """Destroy the files that no deposit names, older than an instant: left by a cut. Returns how many."""
    gone = 0
    for folder in (deposits_folder(), Path(settings.FILE_UPLOAD_TEMP_DIR)):
        for path in folder.iterdir():
            if path.is_file() and path.name not in known and path.stat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)
                gone += 1
    return gone
