"""Fetches the front-end files that the web application serves, from the npm registry, and checks their sums.

Run by hand when a version changes (`.venv/bin/python scripts/vendor_static.py`); what it writes is committed, so that
nothing is fetched at installation. `--tests FOLDER` fetches what tests alone need (the accessibility checker).
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import io
import sys
import tarfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

REGISTRY = "https://registry.npmjs.org"
SOURCE_MAPS = (b"//# sourceMappingURL", b"/*# sourceMappingURL")
STATIC = Path(__file__).resolve().parents[1] / "src" / "allervers" / "web" / "static" / "vendor"


@dataclass(frozen=True)
class Package:
    """An npm tarball: its sum as the registry publishes it (SRI), and the files that we keep (from -> to)."""

    name: str
    version: str
    integrity: str
    files: dict[str, str]


SERVED = (
    Package(
        "bootstrap", "5.3.9",
        "sha512-20cU0rcfw8WdxtVbmfU+xT2EjvVTw9Ror/h1Qvd7DXCujRg8OO9mdBCsmTHdJFf3BuadmBNJtgIuUXsBqSkk/w==",
        {"dist/css/bootstrap.min.css": "bootstrap.min.css", "LICENSE": "bootstrap.LICENSE"},
    ),
    Package(
        "leaflet", "1.9.4",
        "sha512-nxS1ynzJOmOlHp+iL3FyWqK89GtNL8U8rvlMOsQdTTssxZwCXh8N2NB3GDQOL+YR3XnWyZAxwQixURb+FA74PA==",
        {"dist/leaflet.js": "leaflet.js", "dist/leaflet.css": "leaflet.css", "LICENSE": "leaflet.LICENSE"},
    ),
    # Letters of the PDF documents, not of the pages.
    Package(
        "dejavu-fonts-ttf", "2.37.3",
        "sha512-f1hd7jJbeQa1VWcw+K2KrTXS50zTMaHpVC4XIKJpNcDeYR5ajMtj/iLlQDYNvLOKamUB3ARVVCf79lNwNVztSQ==",
        {"ttf/DejaVuSans.ttf": "DejaVuSans.ttf", "ttf/DejaVuSans-Bold.ttf": "DejaVuSans-Bold.ttf",
         "LICENSE": "DejaVuSans.LICENSE"},
    ),
)  # fmt: skip
FOR_TESTS = (
    Package(
        "axe-core", "4.14.1",
        "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
        {"axe.min.js": "axe.min.js"},
    ),
)  # fmt: skip


def fetched(package: Package) -> bytes:
    """The tarball. Raises SystemExit when its sum is not the one written here."""
    address = f"{REGISTRY}/{package.name}/-/{package.name}-{package.version}.tgz"
    with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 (https, written above)
        content: bytes = answer.read()
    found = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    if found != package.integrity:
        sys.exit(f"Somme inattendue pour {package.name} {package.version} : {found}")
    return content


def unpack(package: Package, folder: Path) -> None:
    """Write the files that we keep; source maps are not served, so their mention goes."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(fetched(package)), mode="r:gz") as archive:
        for source, target in package.files.items():
            member = archive.extractfile(f"package/{source}")
            assert member is not None, source
            content = member.read()
            if Path(target).suffix in (".css", ".js"):
                lines = content.splitlines(keepends=True)
                content = b"".join(line for line in lines if not line.startswith(SOURCE_MAPS))
            (folder / target).write_bytes(content)
            if Path(target).suffix in (".css", ".js"):
                compress(folder / target)


def compress(file: Path) -> None:
    """Write the compressed form beside a file: it is what browsers are given, an eighth of the style sheet's weight."""
    file.with_name(file.name + ".gz").write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))


def main() -> None:
    """Fetch everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", type=Path, help="dossier où mettre ce que les tests seuls demandent")
    asked = parser.parse_args()
    packages, folder = (FOR_TESTS, asked.tests) if asked.tests else (SERVED, STATIC)
    for package in packages:
        unpack(package, folder)


if __name__ == "__main__":
    main()
