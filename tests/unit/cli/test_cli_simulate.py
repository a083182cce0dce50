"""`allervers simulate`: what is no situation is refused in the form of OpenFisca's web API, before the law loads."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from allervers.cli.main import run
from allervers.cli.simulate import _warn_of_ages, read_situation
from allervers.engine.situation import SituationError

SITUATION = {
    "individus": {"a": {"date_naissance": {"ETERNITY": "1980-01-01"}, "age": {"2026-01": None}}},
    "familles": {"f": {"parents": ["a"], "rsa": {"2026-01": None}, "ars": {"2026": None}}},
}


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["allervers", *arguments])
    with pytest.raises(SystemExit) as ended:
        run()
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "vide"),
        (b"  \n", "vide"),
        (b"{", "ligne 1"),
        ('{"é": 1}'.encode("latin-1"), "UTF-8"),
        (b"[]", "must be of type 'Object'"),
        (b'"text"', "must be of type 'Object'"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": 1e999}', "trop grand"),
        (b"[" * 100_000, "niveaux"),
    ],
)
def test_what_is_no_situation(content: bytes, said: str) -> None:
    with pytest.raises(SituationError) as refused:
        read_situation(content)
    assert said in refused.value.report["error"]


def test_byte_order_mark_is_read() -> None:
    assert read_situation(b"\xef\xbb\xbf{}") == {}


def test_refusal_is_json_on_stdout_with_exit_status_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(b"[]")
    assert _run(monkeypatch, "simulate", str(path)) == 3
    assert json.loads(capsys.readouterr().out) == {"error": "Invalid type: must be of type 'Object'."}


def test_missing_file(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(monkeypatch, "simulate", "nowhere.json") == 5
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "Erreur : Le fichier « nowhere.json » n'existe pas.\n"


def test_defect_of_ours_shows_no_value_without_debug(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(file: str) -> bytes:
        raise RuntimeError("SECRETVALUE93")

    monkeypatch.setattr("allervers.cli.simulate._bytes_of", broken)
    assert _run(monkeypatch, "simulate", "x.json") == 70
    captured = capsys.readouterr()
    assert "RuntimeError" in captured.err
    assert "SECRETVALUE93" not in captured.out + captured.err


@pytest.mark.law
def test_filled_as_calculate_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "s.json", tmp_path / "out.json"
    path.write_text(json.dumps(SITUATION), "utf-8")
    assert _run(monkeypatch, "simulate", str(path), "-o", str(out)) == 0
    filled = json.loads(out.read_text("utf-8"))
    assert filled["individus"]["a"]["age"] == {"2026-01": 46}
    assert filled["familles"]["f"] == {"parents": ["a"], "rsa": {"2026-01": 646.52}, "ars": {"2026": 0.0}}
    wrong = {"individus": {"a": {"salaire": {"2026-01": None}}}}
    path.write_text(json.dumps(wrong), "utf-8")
    assert _run(monkeypatch, "simulate", str(path), "--law", "corrected") == 3
    assert "salaire" in json.loads(capsys.readouterr().out)["individus"]["a"]


def test_persons_without_date_of_birth_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    born = {"date_naissance": {"ETERNITY": "1980-01-01"}}
    _warn_of_ages({"individus": {"a": born, "b": {"age": {"2026-01": 30}}}})
    assert capsys.readouterr().err == ""
    _warn_of_ages({"individus": {"a": born, "b": {}, "c": {"date_naissance": {"ETERNITY": None}}}})
    assert "(b, c)" in capsys.readouterr().err
    _warn_of_ages({"individus": [1]})
    _warn_of_ages({})
