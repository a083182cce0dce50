"""A part of OpenFisca-France's own test cases through the engine: bit for bit OpenFisca's values.

The whole suite is `bin/conformance --engine native` (docs/conformite.md); here one case in EVERY.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from allervers.engine.conformance.cases import cases_of
from allervers.engine.conformance.documents import yaml_files
from allervers.engine.conformance.known import read_known, with_known
from allervers.engine.conformance.running import Bench, Status, run_case

pytestmark = pytest.mark.law

ROOT = Path(__file__).resolve().parents[2]
EVERY = int(os.environ.get("ALLERVERS_LAW_CASES_EVERY", "90"))
MOST_VALUES = 60
"""Cases that expect more values than this take many seconds each: they are left to bin/conformance."""


@pytest.fixture(scope="module")
def folder() -> Path:
    """The tests of the version installed, from its source archive. Fails where it cannot be had."""
    told = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "law_tests.py")], capture_output=True, text=True, check=True
    )
    return Path(told.stdout.strip())


def test_the_engine_meets_what_the_law_expects(folder: Path) -> None:
    found = [case for path, name in yaml_files([folder]) for case in cases_of(path, name)]
    chosen = [case for case in found[::EVERY] if len(getattr(case, "output", ())) <= MOST_VALUES]
    known = read_known(ROOT / "scripts" / "law_tests_known.toml")
    bench = Bench("native", None)
    results = with_known([run_case(bench, case) for case in chosen], known)
    assert len(found) > 2_500
    assert len(chosen) > 10
    allowed = {Status.PASSED, Status.KNOWN, Status.SKIPPED, Status.LEFT}
    assert [(r.title, r.status, r.reason) for r in results if r.status not in allowed] == []
    assert sum(r.status is Status.PASSED for r in results) > 0.8 * len(chosen)
    counts = [r.counts for r in results if r.status is Status.PASSED]
    assert sum(c.identical + c.identical_alone for c in counts) == sum(c.expected for c in counts) > 0
