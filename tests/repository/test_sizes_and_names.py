"""A file that outgrows 400 lines becomes a folder; a function stays under 50; no drawer for what has no name."""

import ast
import re

import pytest
from project import ROOT, parsed, project_files, python_files

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
CODE = ("src", "tests", "bench", "scripts")
NO_DRAWER = re.compile(r"_?(utils?|helpers?|common|misc|managers?|services?|tools|stuff|various|divers)s?")


@pytest.mark.parametrize("path", python_files(*CODE), ids=str)
def test_file_is_short(path):
    lines = (ROOT / path).read_text("utf-8").count("\n")
    assert lines <= MAX_FILE_LINES, f"{path}: {lines} lines; make it a folder of the same name"


@pytest.mark.parametrize("path", python_files(*CODE), ids=str)
def test_functions_are_short(path):
    functions = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = {f"{path}:{f.lineno} {f.name}": f.end_lineno - f.lineno + 1 for f in functions}
    assert {name: length for name, length in lengths.items() if length > MAX_FUNCTION_LINES} == {}


def test_no_file_or_folder_is_a_drawer():
    names = {part.split(".")[0] for path in project_files() for part in path.parts if path.parts[0] in CODE}
    assert sorted(name for name in names if NO_DRAWER.fullmatch(name.lower())) == []


def test_no_two_test_files_have_one_name():
    # The folders of tests are no packages: of two files with one name, pytest collects only the first.
    names = [path.name for path in python_files("tests") if path.name.startswith("test_")]
    assert sorted({name for name in names if names.count(name) > 1}) == []
