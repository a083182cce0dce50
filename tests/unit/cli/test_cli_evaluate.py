"""`allervers evaluate`: requests, destination, and a run from a folder to a folder."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from allervers.cli.evaluate import check_destination, requests_of
from allervers.cli.main import run
from allervers.engine.law import Law
from allervers.foundation.errors import InvalidInput, Refused
from allervers.population.evaluation import Request
from allervers.population.folder import write_population


def _population(folder: Path) -> Path:
    person = {
        "id": ["a", "b"],
        "famille_id": ["f", "g"],
        "famille_role": ["demandeur"] * 2,
        "foyer_fiscal_id": ["f", "g"],
        "foyer_fiscal_role": ["declarant_principal"] * 2,
        "menage_id": ["f", "g"],
        "menage_role": ["personne_de_reference"] * 2,
        "date_naissance": [date(1980, 1, 1)] * 2,
        "chomage_net@2025-11": [None, 0.0],
    }
    groups = {group: pl.DataFrame({"id": ["f", "g"]}) for group in ("famille", "foyer_fiscal", "menage")}
    write_population(folder, {"individu": pl.DataFrame(person), **groups})
    return folder


def test_destination(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, other = tmp_path / "population", tmp_path / "other"
    source.mkdir()
    other.mkdir()
    check_destination(tmp_path / "new", source, overwrite=False)
    check_destination(other, source, overwrite=False)  # empty
    (other / "precious.txt").write_text("x")
    with pytest.raises(Refused, match="--overwrite"):
        check_destination(other, source, overwrite=False)
    check_destination(other, source, overwrite=True)
    for forbidden in (source, tmp_path):
        with pytest.raises(Refused):
            check_destination(forbidden, source, overwrite=True)
    monkeypatch.chdir(other)
    with pytest.raises(Refused):
        check_destination(Path(), source, overwrite=True)
    with pytest.raises(Refused, match="fichier"):
        check_destination(other / "precious.txt", source, overwrite=True)


@pytest.mark.law
def test_requests(openfisca: Law) -> None:
    assert requests_of("rsa, ars,rsa", "2026-01", openfisca) == [Request("rsa", "2026-01"), Request("ars", "2026")]
    for outputs, period in (
        ("rsaa", "2026-01"),
        ("rsa", "2026-1"),
        ("rsa", "2026"),
        (" , ", "2026-01"),
        ("acs", "2026-01"),
    ):
        with pytest.raises(InvalidInput):
            requests_of(outputs, period, openfisca)


@pytest.mark.law
def test_from_folder_to_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    outputs = "rsa,ars,aide_logement_non_calculable,rsa_eligibilite,nationalite"
    arguments = [
        "evaluate",
        str(_population(tmp_path / "p")),
        "--outputs",
        outputs,
        "--period",
        "2026-01",
        "-o",
        str(out),
    ]
    for _ in range(2):  # a folder of ours is replaced
        monkeypatch.setattr(sys, "argv", ["allervers", *arguments])
        with pytest.raises(SystemExit) as ended:
            run()
        assert not ended.value.code
    famille = pl.read_parquet(out / "famille.parquet")
    assert famille.columns == [
        "id",
        "rsa@2026-01",
        "ars@2026",
        "aide_logement_non_calculable@2026-01",
        "rsa_eligibilite@2026-01",
    ]
    assert famille["rsa@2026-01"][0] is None
    assert famille["rsa@2026-01"][1] == pytest.approx(646.52)
    assert famille["aide_logement_non_calculable@2026-01"].to_list() == ["calculable", "calculable"]
    assert famille["rsa_eligibilite@2026-01"].dtype == pl.Boolean
    assert pl.read_parquet(out / "individu.parquet")["nationalite@2026-01"].to_list() == ["FR", "FR"]
    assert "rsa@2026-01 (famille) : 2 lignes, 1 inconnues" in capsys.readouterr().err
