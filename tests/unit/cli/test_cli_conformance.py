"""`allervers conformance`: exit statuses, the last line, the report; what is wrong is told before the law loads."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from allervers.cli.conformance import shard_of
from allervers.cli.main import run
from allervers.foundation.errors import InvalidInput

GOOD = """
- name: majorité
  period: 2026-01
  input:
    individus: {a: {date_naissance: 1990-01-01}, b: {date_naissance: '2020-06-01'}}
    famille: {parents: [a], enfants: [b]}
  output: {age: [36, 5], individus: {b: {age: {2026-01: 10 / 2}}}, famille: {nb_parents: 1}}
- {name: texte, period: 2026-01, input: {statut_marital: marie}, output: {statut_marital: marie}}
"""
WRONG = """
- name: faux
  period: 2026-01
  absolute_error_margin: 0.5
  input: {date_naissance: '1990-01-01'}
  output: {age: 37}
"""


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["allervers", "conformance", *arguments])
    try:
        run()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ((), 3, "bin/conformance"),
        (("absent.yaml",), 5, "absent.yaml"),
        (("--variables", "x"), 3, "--variables"),
        (("--against", "x.json", "y"), 3, "--against"),
        (("--variables", "--against", "absent.json"), 5, "absent.json"),
        (("--shard", "3/2", "x"), 3, "--shard"),
    ],
)
def test_wrong_requests_are_told_in_french(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    status: int,
    said: str,
) -> None:
    assert _run(monkeypatch, *arguments) == status
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""


def test_no_case_at_all_is_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f.yaml").write_text("# nothing\n")
    assert _run(monkeypatch, str(tmp_path)) == 3


def test_engine_that_is_none_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "f.yaml").write_text(GOOD)
    assert _run(monkeypatch, str(tmp_path), "--engine", "excel") == 3
    assert "excel" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "part"), [("1/1", (1, 1)), ("2/3", (2, 3))])
def test_shards(text: str, part: tuple[int, int]) -> None:
    assert shard_of(text) == part


@pytest.mark.parametrize("text", ["", "0/2", "3/2", "1", "1/0", "-1/2", "1/2/3", "١/٢", "99999/99999"])
def test_wrong_shards(text: str) -> None:
    with pytest.raises(InvalidInput, match="--shard"):
        shard_of(text)


@pytest.mark.law
def test_cases_that_hold_and_cases_that_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    assert _run(monkeypatch, str(tmp_path)) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 passed, 0 failed"
    (tmp_path / "b.yml").write_text(WRONG)
    (tmp_path / "c.yml").write_text("- {period: 2026, input: {agge: 1}, output: {age: 1}}\n- {output: {}}\n")
    (tmp_path / "d.yml").write_text("- {period: 2026-01, extensions: [x], input: {}, output: {age: 1}}\n")
    report = tmp_path / "report.json"
    assert _run(monkeypatch, str(tmp_path), "--report", str(report)) == 1
    told = capsys.readouterr().out
    assert told.splitlines()[-1] == "2 passed, 3 failed"
    assert "attendu 37, trouvé 36" in told
    found = json.loads(report.read_text("utf-8"))
    assert found["cases"]["openfisca_failed"] == 1
    assert found["cases"]["unreadable"] == 2
    assert found["cases"]["skipped"] == 1
    assert {one["case"] for one in found["not_passed"]} == {
        "b.yml no 1 « faux »",
        "c.yml no 1",
        "c.yml no 2",
        "d.yml no 1",
    }
    assert _run(monkeypatch, str(tmp_path), "--limit", "2") == 0
    assert _run(monkeypatch, str(tmp_path), "--shard", "1/3") == 0
    assert _run(monkeypatch, str(tmp_path), "--limit", "2", "--strict") == 0
    assert _run(monkeypatch, str(tmp_path / "d.yml"), "--strict") == 1
    assert _run(monkeypatch, str(tmp_path / "d.yml")) == 0
