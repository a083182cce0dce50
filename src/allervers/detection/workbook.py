"""A table as a workbook. xlsxwriter makes the file and its headings; rows, column by column, are made by polars."""

from __future__ import annotations

import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import polars as pl
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

MAX_SHEET_ROWS = 20_000
"""Rows of a workbook: those of the top of the list; the CSV and Parquet files beside it have them all."""

_SHEET = "xl/worksheets/sheet1.xml"
_FIRST_DAY = date(1899, 12, 30)
"""Day zero of a workbook."""
_MAX_TEXT = 32_767
"""Characters that a cell holds."""


def write_sheet(frame: pl.DataFrame, path: Path, name: str) -> None:
    """Write a table as a workbook of one sheet, its first MAX_SHEET_ROWS rows; a last row says how many are left out.

    Null and what is not finite are empty cells; a text is never a formula nor a link.
    """
    part = frame.head(MAX_SHEET_ROWS)
    empty = BytesIO()
    day_style = _write_empty(frame, empty, name)
    with zipfile.ZipFile(empty) as made, zipfile.ZipFile(path, "w") as whole:
        for item in made.infolist():
            content = made.read(item)
            whole.writestr(item, _filled(content, part, day_style) if item.filename == _SHEET else content)


def left_out(rows: int, name: str) -> str:
    """What a workbook that stops before the end of its list says in its last row."""
    return f"… et {rows} autres lignes : elles sont toutes dans {name}.csv et {name}.parquet."


def _write_empty(frame: pl.DataFrame, file: BytesIO, name: str) -> int:
    """The workbook without its rows. Returns the number of the style of days."""
    rows = min(frame.height, MAX_SHEET_ROWS)
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet(name[:31])
        sheet.freeze_panes(1, 0)
        for index, (heading, kind) in enumerate(frame.schema.items()):
            sheet.set_column(index, index, max(12, min(40, len(heading) + 2)), day if kind == pl.Date else None)
            sheet.write_string(0, index, heading, bold)
        sheet.autofilter(0, 0, max(1, rows), max(0, frame.width - 1))
        if rows < frame.height:
            sheet.write_string(rows + 1, 0, left_out(frame.height - rows, name), bold)
        return int(day._get_xf_index())


def _filled(sheet: bytes, part: pl.DataFrame, day_style: int) -> bytes:
    """The XML of the sheet with the rows after the headings."""
    head, end, rest = sheet.decode().partition("</row>")
    before, _, after = head.partition('<dimension ref="')
    corner = f"{xl_col_to_name(max(0, part.width - 1))}{part.height + 1}"
    head = f'{before}<dimension ref="A1:{corner}{after[after.index(chr(34)) :]}' if part.height else head
    return f"{head}{end}{''.join(_rows(part, day_style))}{rest}".encode()


def _rows(part: pl.DataFrame, day_style: int) -> pl.Series:
    number = pl.int_range(2, pl.len() + 2).cast(pl.String)
    cells = [_cell(xl_col_to_name(i), column, number, day_style) for i, column in enumerate(part.iter_columns())]
    row = pl.concat_str(pl.lit('<row r="'), number, pl.lit('">'), *cells, pl.lit("</row>"))
    return part.select(row.alias("row")).to_series()


def _cell(letters: str, values: pl.Series, number: pl.Expr, day_style: int) -> pl.Expr:
    """The XML of a column's cells, empty where there is no value."""
    column, kind = pl.col(values.name), values.dtype
    if kind == pl.String:
        opening, text, closing = '" t="inlineStr"><is><t xml:space="preserve">', _escaped(column), "</t></is></c>"
    elif kind == pl.Date:
        days = (column - pl.lit(_FIRST_DAY)).dt.total_days()
        opening, text, closing = f'" s="{day_style}"><v>', days.cast(pl.String), "</v></c>"
    else:
        finite = pl.when(column.is_finite()).then(column) if kind.is_float() else column
        opening, text, closing = '"><v>', finite.cast(pl.String), "</v></c>"
    # A null part makes the whole null.
    return pl.concat_str(pl.lit(f'<c r="{letters}'), number, pl.lit(opening), text, pl.lit(closing)).fill_null("")


def _escaped(text: pl.Expr) -> pl.Expr:
    return (
        text.str.head(_MAX_TEXT)
        .str.replace_all("&", "&amp;", literal=True)
        .str.replace_all("<", "&lt;", literal=True)
        .str.replace_all(">", "&gt;", literal=True)
        .str.replace_all(r"_(x[0-9A-Fa-f]{4}_)", "_x005F_${1}")
        .str.replace_all(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]", "\ufffd")
    )
