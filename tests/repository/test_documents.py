"""What is written beside the code stays true: decisions, changelog, README, CONTRIBUTING, dependencies, licence."""

import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from project import ROOT, project_files

DECISION = re.compile(r"(\d{4})-[a-z0-9]+(-[a-z0-9]+)*\.md")
FRAGMENT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.(added|changed|fixed|removed|security|law)\.md")
ALLERVERS = Path(sys.executable).with_name("allervers")


def pyproject():
    with (ROOT / "pyproject.toml").open("rb") as stream:
        return tomllib.load(stream)


def decisions():
    return sorted(path for path in project_files() if path.parent == Path("docs/decisions"))


def test_decisions_are_numbered_without_hole_or_twin():
    matches = [DECISION.fullmatch(path.name) for path in decisions()]
    assert all(matches), [path.name for path in decisions()]
    assert [int(match[1]) for match in matches] == list(range(1, len(matches) + 1))


@pytest.mark.parametrize("path", decisions(), ids=lambda path: path.name)
def test_decision_is_one_page_with_its_parts(path):
    text = (ROOT / path).read_text("utf-8")
    assert re.match(rf"# {path.name[:4]}\. \S", text)
    assert re.search(r"^Status: (accepted|superseded by \d{4})$", text, re.MULTILINE)
    assert re.search(r"^Date: \d{4}-\d{2}-\d{2}$", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= 80


def test_every_dependency_has_its_line_in_a_decision():
    project = pyproject()
    asked = [*project["project"]["dependencies"], *chain(*project["dependency-groups"].values())]
    asked += [line for extra in project["project"].get("optional-dependencies", {}).values() for line in extra]
    names = {re.match(r"[\w.-]+", line)[0].lower() for line in [*asked, *project["build-system"]["requires"]]}
    rows = [line for path in decisions() for line in (ROOT / path).read_text("utf-8").splitlines()]
    explained = {
        name for line in rows if line.startswith("| `") for name in re.findall(r"`([\w.-]+)`", line.split("|")[1])
    }
    assert sorted(names - explained) == []
    assert sorted(explained - names) == [], "explained, no longer a dependency: supersede the record"


def test_changelog_fragments_have_a_kind_and_a_sentence():
    fragments = [path for path in project_files() if path.parts[0] == "changelog.d" and path.name != "README.md"]
    for path in fragments:
        assert FRAGMENT.fullmatch(path.name), path
        text = (ROOT / path).read_text("utf-8").strip()
        assert text.endswith("."), path
        assert len(text.splitlines()) <= 10, path


def commands_of(name):
    """(program, subcommand or None) for each command that a document shows in code."""
    text = (ROOT / name).read_text("utf-8")
    code = re.findall(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", text, re.DOTALL)
    lines = [line.strip() for block in code for part in block for line in part.splitlines()]
    for line in lines:
        match = re.match(r"(?:\$ )?(bin/\w+|\.ci/run|(?:\.venv/bin/)?allervers)(?: ([a-z][\w-]*))?(?: |$)", line)
        if match:
            yield match[1], match[2]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_commands_of_documents_exist(name):
    shown = list(commands_of(name))
    scripts = {program for program, _ in shown if not program.endswith("allervers")}
    assert scripts, f"{name} names no command"
    assert sorted(script for script in scripts if not (ROOT / script).is_file()) == []
    subcommands = {sub for program, sub in shown if program.endswith("allervers") and sub}
    if not subcommands:
        return
    told = subprocess.run(
        [str(ALLERVERS), "--help"], capture_output=True, text=True, check=True, env={"COLUMNS": "160", "PATH": ""}
    )
    assert sorted(sub for sub in subcommands if not re.search(rf"^\W*{sub}\b", told.stdout, re.MULTILINE)) == []


def test_paths_named_by_contributing_exist():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    paths = re.findall(r"`((?:src|tests|docs|bin|bench|scripts|changelog\.d|\.ci)/[\w./-]*)`", text)
    assert paths
    assert sorted({path for path in paths if not (ROOT / path).exists()}) == []


def test_recipes_are_ten_lines_at_most():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    recipes = re.findall(r"^### (.+)\n((?:\d+\. .+\n(?: {3}.+\n)*)+)", text.replace("\n\n1. ", "\n1. "), re.MULTILINE)
    assert len(recipes) >= 4
    assert {title: steps.count("\n") for title, steps in recipes if steps.count("\n") > 10} == {}


def test_licence_is_declared_once_for_all():
    assert pyproject()["project"]["license"] == "AGPL-3.0-or-later"
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in (ROOT / "LICENSE").read_text("utf-8")[:200]
