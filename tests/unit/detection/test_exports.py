"""Files that people open: no cell runs as a formula, null stays empty, headings in French."""

import csv
import io
import zipfile
from datetime import date
from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from allervers.detection import workbook
from allervers.detection.exports import FORMULA_STARTS, safe_cell, write_json, write_table

HOSTILE = ["=1+1", "+33", "-2", "@SUM(A1)", "\t=1", "\r=1", "sûr", None]


@pytest.fixture
def table() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "right": HOSTILE,
            "amount_eur": [1.5, None, 0.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            "questions": [["=a", "b"], [], None, ["c"], [], [], [], []],
            "contact_allowed": [True, False, None, True, True, True, True, True],
            "deadline_on": [date(2026, 11, 30)] * 8,
        }
    )


def test_csv_has_no_formula_and_opens_in_a_french_spreadsheet(table, tmp_path):
    write_table(table, tmp_path, "liste")
    text = (tmp_path / "liste.csv").read_text("utf-8")
    assert text.startswith("\ufeffDroit;Montant (€);Questions à poser;Contact permis;Échéance")
    cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=";") for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    assert "1,5" in cells
    assert ";non;" in text


def test_xlsx_has_no_formula_and_leaves_unknown_empty(table, tmp_path):
    write_table(table, tmp_path, "liste")
    rows = CalamineWorkbook.from_path(str(tmp_path / "liste.xlsx")).get_sheet_by_index(0).to_python()
    assert rows[0][:2] == ["Droit", "Montant (€)"]
    assert rows[1][0] == "'=1+1"
    assert rows[2][1] == ""
    assert rows[3][1] == 0


def test_empty_table_still_has_its_headings(table, tmp_path):
    write_table(table.clear(), tmp_path, "liste")
    rows = CalamineWorkbook.from_path(str(tmp_path / "liste.xlsx")).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "Droit"


def test_xlsx_keeps_every_value_in_its_place(tmp_path):
    texts = [" a & <b> ", "_x0041_", "un\x07deux", None, "é\n€"]
    days = [date(1900, 3, 1), None, date(2026, 11, 30), None, None]
    amounts = [0.1, -1e21, float("inf"), None, 3.0]
    many = {f"c{number}": [number, None, 0, -1, None] for number in range(30)}
    write_table(pl.DataFrame({"t": texts, "on": days, "x": amounts, **many}), tmp_path, "liste")
    with zipfile.ZipFile(tmp_path / "liste.xlsx") as file:
        sheet = ElementTree.fromstring(file.read("xl/worksheets/sheet1.xml"))
    assert sheet.find("{*}dimension").get("ref") == "A1:AG6"
    rows = CalamineWorkbook.from_path(str(tmp_path / "liste.xlsx")).get_sheet_by_index(0).to_python()[1:]
    assert [row[0] for row in rows] == [" a & <b> ", "_x0041_", "un\ufffddeux", "", "é\n€"]
    assert [row[1] for row in rows] == [date(1900, 3, 1), "", date(2026, 11, 30), "", ""]
    assert [row[2] for row in rows] == [0.1, -1e21, "", "", 3.0]
    assert [row[-1] for row in rows] == [29, "", 0, -1, ""]


@given(st.text())
def test_safe_cell_never_starts_a_formula(text):
    assert not safe_cell(text).startswith(FORMULA_STARTS)


def test_json_refuses_what_is_not_finite_and_writes_nothing(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json({"x": float("nan")}, tmp_path / "resume.json")
    assert list(tmp_path.iterdir()) == []


def test_a_long_list_says_what_its_workbook_leaves_out(table, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MAX_SHEET_ROWS", 2)
    long = pl.concat([table] * 3)
    write_table(long, tmp_path, "liste")
    rows = CalamineWorkbook.from_path(str(tmp_path / "liste.xlsx")).get_sheet_by_index(0).to_python()
    assert len(rows) == 4
    assert rows[-1][0] == f"… et {long.height - 2} autres lignes : elles sont toutes dans liste.csv et liste.parquet."
    assert pl.read_csv(tmp_path / "liste.csv", separator=";").height == long.height
    assert pl.read_parquet(tmp_path / "liste.parquet").height == long.height
