"""Files and folders are written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from allervers.foundation.errors import EXIT_STATUS, AllerVersError, InvalidInput, NotFound, Refused, Unavailable
from allervers.foundation.files import folder_written_whole, sha256_of, written_whole


class Failure(Exception):
    """Stands for anything that stops a write."""


def _fail_while_writing(target: Path) -> None:
    with written_whole(target) as temporary:
        temporary.write_text("half")
        raise Failure


def _fail_while_filling(target: Path) -> None:
    with folder_written_whole(target) as temporary:
        (temporary / "two").write_text("two")
        raise Failure


def test_file_takes_its_place_only_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "new" / "file.txt"
    with written_whole(target) as temporary:
        temporary.write_text("new")
        assert not target.exists()
    assert target.read_text() == "new"


def test_failure_leaves_the_previous_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "file.txt"
    target.write_text("before")
    with pytest.raises(Failure):
        _fail_while_writing(target)
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_folder_replaces_the_previous_one_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    for name in ("one", "two"):
        with folder_written_whole(target) as temporary:
            (temporary / name).write_text(name)
    assert [path.name for path in target.iterdir()] == ["two"]
    assert list(tmp_path.iterdir()) == [target]


def test_failure_leaves_the_previous_folder(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    with folder_written_whole(target) as temporary:
        (temporary / "one").write_text("one")
    with pytest.raises(Failure):
        _fail_while_filling(target)
    assert [path.name for path in target.iterdir()] == ["one"]
    assert list(tmp_path.iterdir()) == [target]


def test_sha256(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.touch()
    assert sha256_of(path) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("kind", [InvalidInput, Refused, NotFound, Unavailable])
def test_each_error_has_its_exit_status(kind: type[AllerVersError]) -> None:
    error = kind("Message.", file="x.parquet")
    assert error.exit_status == EXIT_STATUS[error.code]
    assert error.data == {"file": "x.parquet"}


def test_statuses_are_distinct_and_the_root_has_one() -> None:
    assert len(set(EXIT_STATUS.values())) == len(EXIT_STATUS)
    assert AllerVersError("Message.").exit_status == 1
