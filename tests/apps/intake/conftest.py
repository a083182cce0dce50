"""A partner's installation: its folder and store, and the browser of its administrator."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from allervers.apps.jobs import registry

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def place(tmp_path, settings, in_november, monkeypatch):
    """A folder of its own for each test; jobs of the calendar only where asked."""
    configuration = settings.ALLERVERS.model_copy(update={"data": tmp_path, "store": tmp_path / "store"})
    settings.ALLERVERS = configuration
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "incoming")
    (tmp_path / "incoming").mkdir(mode=0o700)
    monkeypatch.setattr(registry, "_TASKS", dict(registry._TASKS))
    return tmp_path


@pytest.fixture
def caf(world, signed_in):
    """The browser of the administrator of the organisation that gives."""
    return signed_in(world.admin_of_caf)
