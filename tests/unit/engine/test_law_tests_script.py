"""scripts/law_tests.py: the suite of the pinned version, verified, unpacked without trust. No network here."""

from __future__ import annotations

import hashlib
import io
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "scripts"))

import law_tests  # noqa: E402

NAME = "openfisca_france-1.2.3.tar.gz"
ADDRESS = f"https://registry.example/packages/{NAME}"


def _archive(**files: str) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("of-1/tests/link.yaml")
        link.type, link.linkname = tarfile.SYMTYPE, "../../../secret.yaml"
        archive.addfile(link)
    return content.getvalue()


GOOD = _archive(
    **{"of-1/tests/a/b.yaml": "[]", "of-1/tests/c.yml": "[]", "of-1/tests/t.py": "x", "of-1/pkg/d.yaml": "x"}
)


def test_the_lock_pins_the_version_that_is_installed() -> None:
    version, address, digest = law_tests.pinned(ROOT / "uv.lock")
    law_tests.check_installed(version)
    assert address.endswith(f"{version}.tar.gz")
    assert len(digest) == 64
    with pytest.raises(SystemExit, match="relancez bin/conformance"):
        law_tests.check_installed("0.0.1")


def test_a_lock_without_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text('[[package]]\nname = "openfisca-france"\nversion = "1"\n')
    with pytest.raises(SystemExit, match=r"uv\.lock"):
        law_tests.pinned(tmp_path / "uv.lock")


def test_only_what_has_the_right_checksum_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    received = [b"other", GOOD]
    monkeypatch.setattr(law_tests, "_received", lambda address, problems: iter(received))
    digest = hashlib.sha256(GOOD).hexdigest()
    path = law_tests.archive(ADDRESS, digest, tmp_path)
    assert path.read_bytes() == GOOD
    received[:] = []
    assert law_tests.archive(ADDRESS, digest, tmp_path) == path, "the second time, nothing is received"
    path.write_bytes(b"spoilt")
    received[:] = [b"other"]
    with pytest.raises(SystemExit, match="somme de contrôle"):
        law_tests.archive(ADDRESS, digest, tmp_path)


def test_only_regular_yaml_files_of_tests_are_unpacked(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(GOOD)
    folder = law_tests.unpacked(tmp_path / NAME, "d" * 64)
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) == [
        "a/b.yaml",
        "c.yml",
    ]
    (tmp_path / NAME).unlink()
    assert law_tests.unpacked(tmp_path / NAME, "d" * 64) == folder, "unpacked once"


@pytest.mark.parametrize("files", [{"of-1/tests/../../x.yaml": "x"}, {}, {"of-1/tests/big.yaml": "x" * 2_000_001}])
def test_an_unexpected_archive_leaves_nothing(tmp_path: Path, files: dict[str, str]) -> None:
    folder = tmp_path / "inside" / "cache"
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(_archive(**files))
    with pytest.raises(SystemExit):
        law_tests.unpacked(folder / NAME, "d" * 64)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [NAME]
    assert [path.name for path in folder.iterdir()] == [NAME]


def test_the_configured_index_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    page = f'<a href="../../files/{NAME}#sha256=00">x</a><a href="other-1.tar.gz">y</a>'.encode()
    monkeypatch.setattr(law_tests, "_content", lambda address: page)
    index = "https://mirror.example/root/simple/"
    assert law_tests._address_in(index, NAME) == f"https://mirror.example/root/files/{NAME}"
    with pytest.raises(ValueError, match="absent"):
        law_tests._address_in(index, "absent-1.tar.gz")


def test_nothing_but_https_is_opened() -> None:
    for address in ("http://mirror.example/x", "file:///etc/hostname", "ftp://mirror.example/x"):
        with pytest.raises(ValueError, match="https"):
            law_tests._content(address)


def test_cache_is_where_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ALLERVERS_CACHE", str(tmp_path))
    assert law_tests.cache_folder() == tmp_path / "law-tests"
    monkeypatch.delenv("ALLERVERS_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert law_tests.cache_folder() == tmp_path / "allervers" / "law-tests"
