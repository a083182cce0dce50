"""The arrows of .importlinter hold, and a package that is not in the picture fails."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from project import ROOT, parsed, python_files

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")
NETWORK_MODULES = ("urllib.request", "http.client", "http.server", "socket", "socketserver", "smtplib", "ftplib")


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"}
    command = [str(LINT_IMPORTS), "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def copy_of_project(tmp_path):
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def test_arrows_hold_in_a_copy(copy_of_project):
    result = lint_imports(copy_of_project)
    assert result.returncode == 0, result.stdout


def test_stray_package_fails(copy_of_project):
    (copy_of_project / "src/allervers/helpers").mkdir()
    (copy_of_project / "src/allervers/helpers/__init__.py").write_text('"""A drawer."""\n')
    result = lint_imports(copy_of_project)
    assert result.returncode != 0
    assert "helpers" in result.stdout


@pytest.mark.parametrize(
    ("module", "line", "named"),
    [
        ("foundation/periods.py", "import allervers.population", "allervers.foundation.periods"),
        ("rights/catalogue.py", "import allervers.extracts", "allervers.rights.catalogue"),
        ("detection/statuses.py", "import openfisca_core.periods", "allervers.detection.statuses"),
        ("extracts/records.py", "import httpx", "allervers.extracts.records"),
    ],
)
def test_wrong_arrow_fails(copy_of_project, module, line, named):
    with (copy_of_project / "src/allervers" / module).open("a") as code:
        code.write(f"\n{line}\n")
    result = lint_imports(copy_of_project)
    assert result.returncode != 0
    assert named in result.stdout


def test_no_network_module_of_python_below_the_applications():
    found = []
    for path in python_files("src"):
        # They serve: applications.
        if any(part in str(path) for part in ("/api/", "/apps/", "/web/", "cli/web.py")):
            continue
        for node in ast.walk(parsed(path)):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            found += [f"{path}:{node.lineno} {name}" for name in names if name in NETWORK_MODULES]
    assert found == []
