"""`questions`, `bounds`, `what-if`, `necessary` as typed: what they print, what they refuse."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from allervers.cli.main import run

pytestmark = pytest.mark.law

MONTHS = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)] + ["2026-01"]
RIGHTS = ("--rights", "rsa,ppa", "--period", "2026-01")


def _situation(wage: float | None) -> dict[str, Any]:
    return {
        "individus": {
            "ana": {"date_naissance": {"ETERNITY": "1988-05-05"}, "salaire_de_base": dict.fromkeys(MONTHS, wage)},
            "leo": {"date_naissance": {"ETERNITY": "2019-02-01"}, "salaire_de_base": dict.fromkeys(MONTHS, 0.0)},
        },
        "familles": {"f": {"parents": ["ana"], "enfants": ["leo"]}},
        "foyers_fiscaux": {"ff": {"declarants": ["ana"], "personnes_a_charge": ["leo"]}},
        "menages": {
            "m": {
                "personne_de_reference": ["ana"],
                "enfants": ["leo"],
                "statut_occupation_logement": dict.fromkeys(MONTHS, "locataire_vide"),
                "loyer": dict.fromkeys(MONTHS, 500.0),
            }
        },
    }


@pytest.fixture
def known(tmp_path: Path) -> str:
    path = tmp_path / "known.json"
    path.write_text(json.dumps(_situation(1_000.0)))
    return str(path)


@pytest.fixture
def unknown(tmp_path: Path) -> str:
    path = tmp_path / "unknown.json"
    path.write_text(json.dumps(_situation(None)))
    return str(path)


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["allervers", *arguments])
    with pytest.raises(SystemExit) as ended:
        run()
    return int(ended.value.code or 0)


def test_questions_ask_what_can_change_a_right(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], unknown: str, known: str
) -> None:
    assert _run(monkeypatch, "questions", unknown, *RIGHTS, "--json") == 0
    (first, *_rest) = json.loads(capsys.readouterr().out)
    assert first["variable"] == "salaire_de_base"
    assert _run(monkeypatch, "questions", known, *RIGHTS) == 0
    assert "Aucune question" in capsys.readouterr().out


def test_bounds_say_possible_then_certain(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], unknown: str, known: str
) -> None:
    assert _run(monkeypatch, "bounds", unknown, *RIGHTS) == 0
    assert "possible, de 0" in capsys.readouterr().out
    assert _run(monkeypatch, "bounds", known, *RIGHTS) == 0
    assert " : possible" not in capsys.readouterr().out


def test_what_if_follows_rights_and_disposable_income(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, known: str
) -> None:
    out = tmp_path / "curves.csv"
    vary = ("--input", "salaire_de_base", "--person", "ana", "--from", "0", "--to", "2500", "--steps", "11")
    assert _run(monkeypatch, "what-if", known, *vary, *RIGHTS, "-o", str(out)) == 0
    assert "Revenu disponible du ménage (2025)" in capsys.readouterr().out
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["salaire_de_base"]) for row in rows] == [250.0 * step for step in range(11)]
    rsa = [float(row["rsa@2026-01 f"]) for row in rows]
    assert rsa[0] > 0
    assert rsa == sorted(rsa, reverse=True)
    assert rsa[-1] == 0
    income = [float(row["revenu_disponible@2025 m"]) for row in rows]
    # A year of 2,500 euros a month, taxes and allowances counted, leaves more than a year without wage.
    assert income[-1] > income[0] > 0


def test_what_if_refuses_the_unknown_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    situation = _situation(1_000.0)
    del situation["individus"]["leo"]["salaire_de_base"]
    path = tmp_path / "partial.json"
    path.write_text(json.dumps(situation))
    vary = ("what-if", str(path), "--input", "salaire_de_base", "--from", "0", "--to", "2000", "--no-disposable-income")
    assert _run(monkeypatch, *vary, *RIGHTS) == 3
    assert "--default-unknown" in capsys.readouterr().err
    assert _run(monkeypatch, *vary, *RIGHTS, "--default-unknown") == 0
    said = capsys.readouterr()
    assert "Supposé par défaut : salaire_de_base" in said.err
    assert "s'arrête" in said.out


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("--input", "salaire_de_base", "--births", "1"),
        ("--input", "salaire_de_base", "--from", "5", "--to", "5"),
        ("--births", "1", "-o", "curves.xlsx"),
    ],
)
def test_what_if_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, known: str, wrong: tuple[str, ...]) -> None:
    assert _run(monkeypatch, "what-if", known, *wrong, *RIGHTS) == 3


def test_births_raise_the_rights(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], known: str
) -> None:
    assert _run(monkeypatch, "what-if", known, "--births", "2", "--person", "ana", *RIGHTS) == 0
    said = capsys.readouterr().out
    (line,) = [line for line in said.splitlines() if "activité" in line]
    amounts = [float(part.split(" : ")[1].replace("\u202f", "").replace(" ", "").replace(",", "."))
               for part in line.split("naissances ")[1].split(", ") if " : " in part]  # fmt: skip
    assert len(amounts) == 3
    assert amounts == sorted(amounts)
    assert amounts[2] > amounts[0] > 0


def test_necessary_names_the_columns(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(monkeypatch, "necessary", *RIGHTS) == 0
    assert "salaire" in capsys.readouterr().out


def test_a_child_is_supposed_without_wage_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    situation = _situation(900.0)
    situation["individus"]["leo"]["salaire_de_base"] = dict.fromkeys(MONTHS)
    path = tmp_path / "child.json"
    path.write_text(json.dumps(situation))
    assert _run(monkeypatch, "bounds", str(path), *RIGHTS) == 0
    said = capsys.readouterr().out
    assert "avant 14 ans" in said
    assert " : possible" not in said
    assert _run(monkeypatch, "bounds", str(path), *RIGHTS, "--between", "salaire_de_base=0:2000") == 0
    said = capsys.readouterr().out
    assert "avant 14 ans" not in said
    assert "salaire_de_base de 0 à 2 000 par mois" in said


def test_a_range_of_no_variable_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], unknown: str
) -> None:
    assert _run(monkeypatch, "bounds", unknown, *RIGHTS, "--between", "loyeur=0:9") == 3
    assert "loyer" in capsys.readouterr().err


def test_a_curve_without_turn_of_a_right_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], known: str
) -> None:
    vary = ("--input", "salaire_de_base", "--person", "ana", "--from", "4000", "--to", "4500", "--steps", "5")
    assert _run(monkeypatch, "what-if", known, *vary, *RIGHTS) == 0
    assert "Aucun droit ne commence" in capsys.readouterr().out
