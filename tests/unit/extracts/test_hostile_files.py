"""Hostile files: each gets its clear error, none corrupts, nothing is half-written, no value is shown."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from partner_files import ROWS, contents, csv_text, do_import, many, with_values

from allervers.extracts.batches import Limits
from allervers.extracts.mapping import mapping_of
from allervers.extracts.store import Store
from allervers.foundation.errors import AllerVersError, InvalidInput, NotFound, Refused

PAYMENTS = csv_text(many("caf_paiements"))
PEOPLE = csv_text(many("caf_allocataires"))

WHOLE_FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "est vide"),
    "header alone": (PAYMENTS.splitlines()[0].encode(), "aucune ligne"),
    "blank lines": (b"\n\n\n", "en-tête"),
    "cut in a row": (PAYMENTS.encode()[:-20], "est coupé"),
    "cut in quotes": (PAYMENTS.encode() + b'0012345;1;2026-10;"RS', "coupé au milieu"),
    "unclosed quote": (PAYMENTS.replace(";RSA;", ';"RSA;', 1).encode() + PAYMENTS.encode() * 3, "guillemet"),
    "latin-1 told to be UTF-8": (PEOPLE.encode("latin-1"), "n'est pas en utf-8"),
    "UTF-16": (PAYMENTS.encode("utf-16"), "UTF-16"),
    "comma for semicolon": (PAYMENTS.replace(";", ",").encode(), "virgule"),
    "tab for semicolon": (PAYMENTS.replace(";", "\t").encode(), "tabulation"),
    "header twice": (PAYMENTS.replace("rang", "Matricule", 1).encode(), "même nom"),
    "header with a hole": (PAYMENTS.replace("rang", "", 1).encode(), "n'a pas de nom"),
    "no header": ("\n".join(PAYMENTS.splitlines()[1:]).encode(), "obligatoires absentes"),
    "near name": (PAYMENTS.replace("montant", "montants", 1).encode(), "« montants » pour montant"),
    "XML": (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "XML"),
    "JSON": (b'{"a": 1}', "JSON"),
    "zip": (b"PK\x03\x04" + b"\0" * 60, "ZIP"),
    "parquet": (b"PAR1" + b"\0" * 60, "Parquet"),
    "PDF": (b"%PDF-1.7\n", "PDF"),
    "program": (b"MZ\x90\0\x03\0", "programme"),
    "endless line": (PAYMENTS.encode() + b"9" * (1 << 21), "plus de"),
    "huge cell": (PAYMENTS.encode() + b'"' + (b"9" * 1000 + b"\n") * 40, "guillemet|coupé"),
}


def _write(tmp_path: Path, content: bytes, name: str = "livraison.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def _refused(store: Store, path: Path, message: str, format_name: str = "caf_paiements", **changes: Any) -> None:
    with pytest.raises(AllerVersError, match=message) as caught:
        do_import(store, path, format_name, **changes)
    assert "MARTIN" not in caught.value.message
    assert contents(store.folder) == set()
    assert store.vault.persons == {}  # type: ignore[attr-defined]
    assert not store.register.rows(status="done")


@pytest.mark.parametrize("case", WHOLE_FILES)
def test_whole_file_is_refused(case: str, tmp_path: Path, store: Store) -> None:
    content, message = WHOLE_FILES[case]
    name = "caf_allocataires" if content[:40] == PEOPLE.encode("latin-1")[:40] else "caf_paiements"
    _refused(store, _write(tmp_path, content), message, name)


def test_absent_file_and_unknown_extension(tmp_path: Path, store: Store) -> None:
    with pytest.raises(NotFound):
        do_import(store, tmp_path / "rien.csv", "caf_paiements")
    _refused(store, _write(tmp_path, PAYMENTS.encode(), "livraison.xls"), "Extension")


def test_file_over_the_size_limit_is_not_read(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "geant.csv"
    with path.open("wb") as stream:
        stream.truncate(2 << 30)  # sparse: two GiB of null bytes, no space taken
    _refused(store, path, "trop gros", limits=Limits(file_bytes=1 << 30))


def test_null_bytes_without_end_stop_at_the_first_line(tmp_path: Path, store: Store) -> None:
    path = _write(tmp_path, PAYMENTS.encode())
    with path.open("r+b") as stream:
        stream.truncate(64 << 20)
    _refused(store, path, "plus de")


def test_mapping_announces_latin_1_for_an_utf_8_file(tmp_path: Path, store: Store) -> None:
    mapping = mapping_of({"encodage": "latin-1"})
    _refused(store, _write(tmp_path, PEOPLE.encode()), "est en UTF-8", "caf_allocataires", mapping=mapping)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_other_encodings_are_read_when_announced(encoding: str, tmp_path: Path, store: Store) -> None:
    mapping = mapping_of({"encodage": encoding})
    do_import(store, _write(tmp_path, PEOPLE.encode(encoding)), "caf_allocataires", mapping=mapping)
    assert store.vault.persons["p:partenaire-93:9000000/1"]["prenoms"] == "Zoé Anne"  # type: ignore[attr-defined]


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path, store: Store) -> None:
    content = PAYMENTS.replace("\n", "\r\n").encode("utf-8-sig")
    assert do_import(store, _write(tmp_path, content), "caf_paiements").kept == 40


def test_rejected_rows_have_line_column_and_reason_without_value(tmp_path: Path, store: Store) -> None:
    rows = many("caf_paiements", 100)
    rows[10]["montant"] = "SECRET"
    rows[20]["mois"] = "2026-13"
    rows[30]["prestation"] = "TOTO"
    lines = csv_text(rows).splitlines()
    lines.insert(3, '"000;1";1;"2026-\n10";RSA')  # one row on two lines, a cell short
    report = do_import(store, _write(tmp_path, "\n".join(lines).encode()), "caf_paiements")
    rejects = pl.read_csv(store.import_folder(report.import_id or "") / "rejets.csv")
    assert rejects.select("ligne", "colonne", "motif").rows() == [
        (4, "", "nombre_de_cellules"),
        (14, "montant", "montant_illisible"),
        (24, "mois", "mois_illisible"),
        (34, "prestation", "code_inconnu"),
    ]
    assert "SECRET" not in rejects.write_csv() + str(report)


CELLS: dict[str, tuple[str, str, str]] = {
    "formula =": ("nom_naissance", "=1+1", "formule"),
    "formula +": ("nom_naissance", "+33612", "formule"),
    "formula -": ("prenoms", "-2+3", "formule"),
    "formula @": ("adresse", "@SUM(A1)", "formule"),
    "formula after a space": ("adresse", " =cmd|'/c calc'!A1", "formule"),
    "formula tab": ("nom_usage", "\t=1", "formule"),
    "formula for an amount": ("loyer", "=1", "formule"),
    "null byte": ("nom_usage", "DU\0RAND", "caractere_interdit"),
    "control character": ("prenoms", "Zo\x1bé", "caractere_interdit"),
    "very long cell": ("adresse", "9" * 5_000, "cellule_trop_longue"),
    "infinite amount": ("loyer", "inf", "montant_illisible"),
    "not a number": ("loyer", "NaN", "montant_illisible"),
    "exponent": ("loyer", "1e9", "montant_illisible"),
    "decimal comma not announced": ("loyer", "412,10", "montant_illisible"),
    "amount out of bounds": ("loyer", "99999", "montant_hors_bornes"),
    "future birth": ("date_naissance", "2030-01-01", "date_hors_bornes"),
    "very old birth": ("date_naissance", "1889-12-31", "date_hors_bornes"),
    "day that is not": ("date_naissance", "1990-02-30", "date_illisible"),
    "American date": ("date_naissance", "02/30/1990", "date_illisible"),
    "short commune": ("code_insee", "9306", "commune_invalide"),
    "unknown code": ("role", "CHEF", "code_inconnu"),
    "missing name": ("nom_naissance", "", "obligatoire"),
    "shifted column": ("matricule", "MARTIN Zoé", "texte_invalide"),
}


@pytest.mark.parametrize("case", CELLS)
def test_wrong_cell_rejects_its_row_alone(case: str, tmp_path: Path, store: Store) -> None:
    column, value, reason = CELLS[case]
    rows = many("caf_allocataires")
    rows[5] |= {column: value}
    report = do_import(store, _write(tmp_path, csv_text(rows).encode()), "caf_allocataires")
    assert (report.kept, report.rejected, report.reasons) == (39, 1, {reason: 1})
    assert [(one.line, one.column) for one in report.problems] == [(7, column)]


NIRS = {
    "255081416802538": {},
    "2 55 08 14 168 025 38": {},
    "253072A07300443": {},
    "253072B07300470": {},
    "253072C07300443": {"nir_invalide": 1},
    "2550814A6802538": {"nir_invalide": 1},
    "255081416802539": {"nir_cle_fausse": 1},
    "2550814168025": {"nir_sans_cle": 1},
    "25508141680": {"nir_invalide": 1},
}


@pytest.mark.parametrize("nir", NIRS)
def test_wrong_nir_never_loses_the_person(nir: str, tmp_path: Path, store: Store) -> None:
    path = _write(tmp_path, csv_text([with_values("caf_allocataires", nir=nir)]).encode())
    report = do_import(store, path, "caf_allocataires")
    assert (report.kept, report.warnings) == (1, NIRS[nir])
    kept = store.vault.persons["p:partenaire-93:0012345/1"]["nir"]  # type: ignore[attr-defined]
    assert (kept is None) == bool(NIRS[nir])


def test_births_of_1_january_are_kept_and_counted(tmp_path: Path, store: Store) -> None:
    rows = many("caf_allocataires", 4)
    rows[0]["date_naissance"], rows[1]["date_naissance"] = "1980-01-01", "1980-00-00"
    report = do_import(store, _write(tmp_path, csv_text(rows).encode()), "caf_allocataires")
    assert report.warnings == {"naissance_1er_janvier": 2, "naissance_incomplete": 1}


@pytest.mark.parametrize("digest", ["a" * 32, "b" * 40, "c" * 64, "D" * 128])
def test_plain_hashes_in_the_nir_column_refuse_the_file(digest: str, tmp_path: Path, store: Store) -> None:
    path = _write(tmp_path, csv_text([with_values("caf_allocataires", nir=digest)]).encode())
    _refused(store, path, "empreintes", "caf_allocataires")


def test_repeated_keys_are_told_across_batches(tmp_path: Path, store: Store) -> None:
    rows = [*many("caf_paiements", 60), many("caf_paiements")[0]]
    path = _write(tmp_path, csv_text(rows).encode())
    report = do_import(store, path, "caf_paiements", limits=Limits(batch_rows=10))
    assert (report.kept, report.reasons) == (60, {"doublon": 1})
    assert report.problems[0].line == 62


def test_stops_above_the_share_of_errors(tmp_path: Path, store: Store) -> None:
    rows = many("caf_paiements", 100)
    for row in rows[:6]:
        row["montant"] = "x"
    path = _write(tmp_path, csv_text(rows).encode())
    _refused(store, path, r"6 lignes refusées sur 100 .* montant_illisible 6.*ligne 2, montant")
    assert [row.status for row in store.register.rows()] == ["failed"]
    assert do_import(store, path, "caf_paiements", max_error_share=0.06).rejected == 6


def _workbook(path: Path, fill: Callable[[Any, Any], None]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Export")
        for line, row in enumerate([list(ROWS["caf_paiements"]), *(list(r.values()) for r in many("caf_paiements"))]):
            sheet.write_row(line, 0, row)
        fill(book, sheet)
    return path


WORKBOOKS: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "merged cells": (lambda b, s: s.merge_range(3, 0, 4, 0, "x"), "fusionnées"),
    "formula": (lambda b, s: s.write_formula(5, 4, "=1+1"), "formules .la première en E6"),
    "several sheets": (lambda b, s: b.add_worksheet("Autre").write(0, 0, "x"), "2 feuilles"),
    "a cell at the end of the sheet": (lambda b, s: s.write(1_048_575, 16_383, "x"), "s'étend sur"),
}


@pytest.mark.parametrize("case", WORKBOOKS)
def test_hostile_workbook_is_refused(case: str, tmp_path: Path, store: Store) -> None:
    fill, message = WORKBOOKS[case]
    _refused(store, _workbook(tmp_path / "classeur.xlsx", fill), message)


def test_right_workbook_and_its_chosen_sheet(tmp_path: Path, store: Store) -> None:
    path = _workbook(tmp_path / "classeur.xlsx", lambda b, s: b.add_worksheet("Notes").write(0, 0, "x"))
    _refused(store, path, "« Exports ».*« Export »", mapping=mapping_of({"feuille": "Exports"}))
    assert do_import(store, path, "caf_paiements", mapping=mapping_of({"feuille": "Export"})).kept == 40


def _repacked(source: Path, target: Path, change: Callable[[str, bytes], bytes]) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return target


def test_zip_bomb_is_refused_before_it_is_opened(tmp_path: Path, store: Store) -> None:
    right = _workbook(tmp_path / "bon.xlsx", lambda b, s: None)
    sheet = "xl/worksheets/sheet1.xml"
    bomb = _repacked(right, tmp_path / "bombe.xlsx", lambda n, c: c + b" " * (64 << 20) if n == sheet else c)
    _refused(store, bomb, "compressé de façon anormale")
    _refused(store, bomb, "trop gros", limits=Limits(workbook_bytes=1 << 20))


def test_lying_zip_directory_is_found_out(tmp_path: Path, store: Store) -> None:
    right = _workbook(tmp_path / "bon.xlsx", lambda b, s: None)
    content = bytearray(right.read_bytes())
    with zipfile.ZipFile(right) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lying = content.replace(size.to_bytes(4, "little"), (64).to_bytes(4, "little"))
    _refused(store, _write(tmp_path, bytes(lying), "menteur.xlsx"), "abîmé")


def test_entities_in_a_workbook_are_refused(tmp_path: Path, store: Store) -> None:
    right = _workbook(tmp_path / "bon.xlsx", lambda b, s: None)
    doctype = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    bad = _repacked(right, tmp_path / "x.xlsx", lambda n, c: c.replace(b"?>", b"?>" + doctype, 1))
    _refused(store, bad, "DOCTYPE")


def test_cut_or_false_workbook(tmp_path: Path, store: Store) -> None:
    right = _workbook(tmp_path / "bon.xlsx", lambda b, s: None).read_bytes()
    _refused(store, _write(tmp_path, right[: len(right) // 2], "coupe.xlsx"), "abîmé")
    _refused(store, _write(tmp_path, PAYMENTS.encode(), "faux.xlsx"), "sans en avoir le contenu")
    with zipfile.ZipFile(tmp_path / "archive.xlsx", "w") as archive:
        archive.writestr("a.txt", "a")
    _refused(store, tmp_path / "archive.xlsx", "n'est pas un classeur")


def test_parquet_right_cut_and_nested(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "livraison.parquet"
    frame = pl.DataFrame(many("caf_paiements")).with_columns(pl.col("montant").cast(pl.Float64))
    frame.write_parquet(path)
    _refused(store, _write(tmp_path, path.read_bytes()[:-30], "coupe.parquet"), "abîmé")
    frame.with_columns(montant=pl.concat_list("montant")).write_parquet(tmp_path / "liste.parquet")
    _refused(store, tmp_path / "liste.parquet", "ni texte")
    _refused(store, path, "décompressé", limits=Limits(row_group_bytes=10))
    assert do_import(store, path, "caf_paiements").kept == 40


def test_plain_hash_form_in_a_mapping_is_refused() -> None:
    for form in ("sha256", "SHA-1", "md5", "sha-512"):
        with pytest.raises(Refused, match="énumération"):
            mapping_of({"nir": form})
    with pytest.raises(InvalidInput, match="« separateur »"):
        mapping_of({"separater": ";"})
