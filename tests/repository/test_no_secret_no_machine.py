"""No path of a machine, no secret, no copied shared file and nothing large in what the project holds."""

import re

from project import ROOT, project_files, text_files

MAX_FILE_BYTES = 2_000_000
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|tmp|root|home/\w+|Users/\w+)/(?!\.\.\.)[\w.-]+")
KEYS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bglpat-[\w-]{20}")
PASSWORDS = re.compile(r"\b(?:password|passwd|secret|api_key|token)\s*=\s*['\"][^'\"\s]{12,}['\"]", re.IGNORECASE)


def found(pattern):
    return [
        f"{path}:{number} {match[0]}"
        for path, text in text_files()
        if path.name not in {"uv.lock", "LICENSE"}
        for number, line in enumerate(text.splitlines(), 1)
        for match in pattern.finditer(line)
    ]


def test_no_path_of_a_machine():
    assert found(MACHINE_PATHS) == []


def test_no_secret():
    assert found(KEYS) == []
    # Tests mark invented values to look for them in messages and logs: those are no secret.
    assert [hit for hit in found(PASSWORDS) if not hit.startswith("tests/")] == []


def test_nothing_large():
    assert [str(path) for path in project_files() if (ROOT / path).stat().st_size > MAX_FILE_BYTES] == []


def test_no_link_leaves_the_project():
    links = [path for path in project_files() if (ROOT / path).is_symlink()]
    assert [str(path) for path in links if not (ROOT / path).resolve().is_relative_to(ROOT)] == []


def test_no_folder_of_an_installation():
    # Keys, database and received files of whoever ran the application here.
    assert [str(path) for path in project_files() if path.parts[0] == "donnees" or "keys" in path.parts[:-1]] == []
