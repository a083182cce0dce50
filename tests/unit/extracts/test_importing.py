"""The import as a whole: register, idempotence, correction, dry run, cuts, conventions, opposition."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from partner_files import NOW, ROWS, a_store, contents, csv_text, do_import, many

from allervers.extracts import importing
from allervers.extracts.batches import Limits
from allervers.extracts.formats import FORMATS
from allervers.extracts.mapping import mapping_of
from allervers.extracts.register import Register
from allervers.extracts.store import Store, opened_store
from allervers.foundation.errors import InvalidInput, Refused, Unavailable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "paiements.csv"
    file.write_text(csv_text(many("caf_paiements")), encoding="utf-8")
    return file


def test_register_keeps_what_the_law_asks(path: Path, store: Store) -> None:
    report = do_import(store, path, "caf_paiements")
    row = store.register.row(report.import_id or "")
    assert (row.purpose, row.convention, row.status) == ("information", "CONV-2026-01", "done")
    assert (row.rows_read, row.rows_kept, row.rows_rejected) == (40, 40, 0)
    assert (row.reference_on, row.retention_on, row.imported_at) == (date(2026, 11, 5), date(2027, 11, 5), NOW)
    assert (row.bytes, row.sha256) == (path.stat().st_size, report.sha256)
    assert store.register.expired(date(2027, 11, 4)) == []
    assert store.register.expired(date(2027, 11, 5)) == [row]


def test_same_file_again_changes_nothing(path: Path, store: Store) -> None:
    first = do_import(store, path, "caf_paiements")
    before = contents(store.folder)
    again = do_import(store, path, "caf_paiements")
    assert (again.status, again.import_id, again.kept) == ("already_imported", first.import_id, 40)
    assert contents(store.folder) == before
    assert len(store.register.rows()) == 1


def test_corrected_file_supersedes_and_so_do_other_parameters(path: Path, store: Store) -> None:
    first = do_import(store, path, "caf_paiements")
    path.write_text(csv_text(many("caf_paiements", 30)), encoding="utf-8")
    second = do_import(store, path, "caf_paiements")
    assert second.superseded == first.import_id
    third = do_import(store, path, "caf_paiements", mapping=mapping_of({"milliers": " "}))
    statuses = [(row.status, row.superseded_by) for row in store.register.rows()]
    assert statuses == [("superseded", second.import_id), ("superseded", third.import_id), ("done", None)]
    assert store.tables()["paiements"]["import_id"].unique().to_list() == [third.import_id]
    assert all(name.startswith(str(third.import_id)) for name in contents(store.folder))


def test_other_date_or_partner_stands_beside(path: Path, store: Store) -> None:
    do_import(store, path, "caf_paiements")
    do_import(store, path, "caf_paiements", reference_on=date(2026, 10, 5))
    do_import(store, path, "caf_paiements", partner="caf-75")
    assert [row.status for row in store.register.rows()] == ["done"] * 3
    assert store.tables()["paiements"].height == 120


def test_dry_run_checks_everything_and_keeps_nothing(path: Path, store: Store) -> None:
    report = do_import(store, path, "caf_paiements", dry_run=True)
    assert (report.status, report.import_id, report.kept) == ("dry_run", None, 40)
    assert contents(store.folder) == set()
    assert store.register.rows() == []
    assert store.vault.persons == {}  # type: ignore[attr-defined]


def test_cut_before_the_register_is_cleared_at_next_start(
    path: Path, tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCut(BaseException):
        pass

    def cut(*_: Any, **__: Any) -> None:
        raise PowerCut

    monkeypatch.setattr(Register, "complete", cut)
    with pytest.raises(PowerCut):
        do_import(store, path, "caf_paiements")
    assert contents(store.folder)
    assert store.tables() == {}
    monkeypatch.undo()
    (store.folder / "imports" / ".caf_paiements.reste").mkdir()
    report = do_import(store, path, "caf_paiements", reference_on=date(2026, 10, 5))
    assert [row.status for row in store.register.rows()] == ["failed", "done"]
    assert all(name.startswith(str(report.import_id)) for name in contents(store.folder))


def test_failure_in_the_middle_leaves_the_former_import(
    path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = do_import(store, path, "caf_paiements")
    before = contents(store.folder)
    path.write_text(csv_text(many("caf_paiements", 30)), encoding="utf-8")

    def fail(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(importing.CanonicalFiles, "settle", fail)
    with pytest.raises(OSError, match="disk full"):
        do_import(store, path, "caf_paiements")
    assert contents(store.folder) == before
    assert store.register.current("caf_paiements", "partenaire-93", date(2026, 11, 5)).import_id == first.import_id  # type: ignore[union-attr]


def test_two_imports_at_once_are_refused(path: Path, store: Store) -> None:
    with store.alone(), pytest.raises(Unavailable):
        do_import(store, path, "caf_paiements")


REFUSED: tuple[tuple[dict[str, Any], type[Exception], str], ...] = (
    ({"convention": " "}, Refused, "convention"),
    ({"purpose": "controle"}, Refused, "fraude"),
    ({"partner": "Caf de Seine"}, InvalidInput, "partenaire"),
    ({"retention_on": date(2027, 11, 6)}, Refused, "12 mois"),
    ({"retention_on": date(2026, 11, 5)}, InvalidInput, "précède"),
    ({"reference_on": date(2026, 12, 1)}, InvalidInput, "à venir"),
    ({"reference_on": date(2025, 11, 20)}, Refused, "conservation"),
    ({"max_error_share": 1.0}, InvalidInput, "part d'erreurs"),
    ({"now": NOW.replace(tzinfo=None)}, InvalidInput, "fuseau"),
    ({"mapping": mapping_of({"partenaire": "autre"})}, InvalidInput, "autre partenaire"),
)


@pytest.mark.parametrize(("changes", "error", "message"), REFUSED)
def test_request_that_cannot_be_admitted(
    changes: dict[str, Any], error: type[Exception], message: str, path: Path, store: Store
) -> None:
    with pytest.raises(error, match=message):
        do_import(store, path, "caf_paiements", **changes)
    assert store.register.rows() == []


def test_shorter_retention_is_kept(path: Path, store: Store) -> None:
    assert do_import(store, path, "caf_paiements", retention_on=date(2027, 1, 1)).retention_on == date(2027, 1, 1)


def test_person_who_objects_has_no_row(tmp_path: Path, store: Store) -> None:
    file = tmp_path / "a.csv"
    file.write_text(csv_text(many("caf_allocataires", 3)), encoding="utf-8")
    store.vault.objecting.add("p:partenaire-93:9000001/1")  # type: ignore[attr-defined]
    report = do_import(store, file, "caf_allocataires")
    assert (report.kept, report.opposed) == (3, 1)
    tables = store.tables()
    for name in ("personnes", "ressources"):
        assert "p:partenaire-93:9000001/1" not in tables[name]["source_key"].to_list()


def test_dossier_split_between_batches_has_one_row(tmp_path: Path, store: Store) -> None:
    rows = [ROWS["caf_allocataires"] | {"rang": str(rank), "loyer": "" if rank < 3 else "500"} for rank in range(1, 5)]
    file = tmp_path / "a.csv"
    file.write_text(csv_text(rows), encoding="utf-8")
    report = do_import(store, file, "caf_allocataires", limits=Limits(batch_rows=1))
    assert store.tables()["dossiers"]["loyer"].to_list() == [500.0]
    assert (report.tables["dossiers"], report.tables["personnes"]) == (1, 4)


def test_with_the_real_vault(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(csv_text(many("caf_allocataires", 3)), encoding="utf-8")
    with opened_store(tmp_path / "store") as store:
        rehearsal = do_import(store, file, "caf_allocataires", dry_run=True)
        report = do_import(store, file, "caf_allocataires")
        assert rehearsal.tables == report.tables
        people = store.tables()["personnes"]
        assert people["source_key"].str.len_chars().to_list() == [32, 32, 32]
        assert do_import(store, file, "caf_allocataires").status == "already_imported"
    stored = b"".join(one.read_bytes() for one in (tmp_path / "store").rglob("*") if one.is_file())
    for value in (b"MARTIN", b"Lilas", b"2550814168025", b"0012345"):
        assert value not in stored


def test_national_formats_have_no_mapping_and_check_their_content(tmp_path: Path) -> None:
    file = tmp_path / "flux.xml"
    file.write_text("matricule;rang\n", encoding="utf-8")
    folder = tmp_path / "store"
    folder.mkdir()
    store = a_store(folder)
    for name in (name for name, one in FORMATS.items() if one.kind != "tabular"):
        with pytest.raises(InvalidInput, match="n'est pas celui du format"):
            do_import(store, file, name)
        with pytest.raises(InvalidInput, match="national"):
            do_import(store, file, name, mapping=mapping_of({"decimale": ","}))
    store.register.close()
