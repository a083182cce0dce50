"""Every module says what it holds; nothing is left to do later; a silenced tool gives its reason."""

import ast
import re
import tomllib

import pytest
from project import ROOT, parsed, python_files

MAX_HEAD_LINES = 8
LEFT_FOR_LATER = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "HA" + "CK"]) + r")\b")


@pytest.mark.parametrize("path", python_files("src", "bench", "scripts", "tests"), ids=str)
def test_module_head_is_short(path):
    head = ast.get_docstring(parsed(path))
    assert head, f"{path}: say in one to three lines what is here"
    assert len(head.splitlines()) <= MAX_HEAD_LINES, path


@pytest.mark.parametrize("path", python_files("src", "bench", "scripts", "tests"), ids=str)
def test_nothing_left_for_later(path):
    lines = (ROOT / path).read_text("utf-8").splitlines()
    assert [f"{path}:{n} {line.strip()}" for n, line in enumerate(lines, 1) if LEFT_FOR_LATER.search(line)] == []


def test_public_docstrings_are_asked_by_ruff_and_never_silenced():
    with (ROOT / "pyproject.toml").open("rb") as stream:
        lint = tomllib.load(stream)["tool"]["ruff"]["lint"]
    assert "D1" in lint["select"]
    assert {rule for rule in lint["ignore"] if rule.startswith("D")} <= {"D105", "D107"}
    for path in python_files("src"):
        assert not re.search(r"noqa:[^\n]*\bD1", (ROOT / path).read_text("utf-8")), path


def test_a_silenced_tool_names_the_rule():
    bare = re.compile(r"#\s*(noqa(?!:)|type:\s*ignore(?!\[))")
    found = [
        str(path) for path in python_files("src", "bench", "scripts") if bare.search((ROOT / path).read_text("utf-8"))
    ]
    assert found == []


def test_no_message_writes_a_plural_between_brackets():
    both = re.compile(r"[a-zé]\((s|es|x)\)(?!\w)")
    said = {
        f"{path}: {found.value}"
        for path in python_files("src")
        for found in ast.walk(parsed(path))
        if isinstance(found, ast.Constant) and isinstance(found.value, str) and both.search(found.value)
    }
    pages = {str(path) for path in (ROOT / "src").rglob("*.html") if both.search(path.read_text("utf-8"))}
    # A column of a partner's file bears it.
    assert {one for one in said if "Prénom(s)" not in one} | pages == set()
