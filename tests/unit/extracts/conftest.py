"""A store in a folder of its own, closed after the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from partner_files import a_store

from allervers.extracts.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    folder = tmp_path / "depot"
    folder.mkdir()
    opened = a_store(folder)
    yield opened
    opened.register.close()
