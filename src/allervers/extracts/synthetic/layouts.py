"""How each partner writes its files: names, codes, separators, dates, encodings, with the mapping that undoes it.

Partners share no convention, as in life. The content they write is made elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from allervers.extracts.mapping import DATE_FORMATS
from allervers.foundation.files import written_whole

BLOCK = 1 << 22


@dataclass(frozen=True, slots=True)
class Layout:
    """A partner's way of writing one format. The kind of file is that of `file`'s suffix: csv, xlsx or parquet.

    columns: our name -> theirs. codes: column -> our code -> theirs. constants: our column -> value of all the file.
    encoding, dates: names of mapping.ENCODINGS and mapping.DATE_FORMATS.
    """

    format: str
    partner: str
    file: str
    columns: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    separator: str = ";"
    encoding: str = "utf-8"
    decimal: str = "."
    dates: str = "aaaa-mm-jj"
    constants: Mapping[str, str | int] = field(default_factory=dict)
    upper: bool = False
    sheet: str | None = None
    convention: str = "CONV-93-DEMO"

    @property
    def kind(self) -> str:
        """csv, xlsx or parquet."""
        return self.file.rsplit(".", 1)[1]

    def as_text(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows as this partner writes them, all text, our column names. Null becomes empty."""
        columns = [c for c in frame.columns if c not in self.constants]
        return frame.select(self._text(frame, c).fill_null("").alias(c) for c in columns)

    def _text(self, frame: pl.DataFrame, column: str) -> pl.Expr:
        value, dtype = pl.col(column), frame.schema[column]
        if dtype == pl.Date:
            return value.dt.strftime(DATE_FORMATS[self.dates])
        if dtype.is_float():
            text = value.round(2).cast(pl.String)
            return text.str.replace(".", self.decimal, literal=True) if self.decimal != "." else text
        text = value.cast(pl.String)
        if column in self.codes:
            return text.replace(dict(self.codes[column]))
        return text.str.to_uppercase() if self.upper and column in ("nom_naissance", "nom_usage", "prenoms") else text

    def write(self, text: pl.DataFrame, folder: Path) -> Path:
        """Write rows given by `as_text` in `folder`, under this partner's column names. returns: the file."""
        path = folder / self.file
        named = text.with_columns(pl.col(pl.String).replace("", None)).rename(
            {ours: theirs for ours, theirs in self.columns.items() if ours in text.columns}
        )
        with written_whole(path) as temporary:
            if self.kind == "parquet":
                named.write_parquet(temporary)
            elif self.kind == "xlsx":
                _write_xlsx(named, temporary, self.sheet or "Feuil1")
            else:
                named.write_csv(temporary, separator=self.separator, line_terminator="\r\n")
                _recode(temporary, self.encoding)
        return path

    def write_mapping(self, folder: Path, columns: list[str]) -> Path:
        """Write the mapping file that a reader needs. `columns`: our names, in the file."""
        path = folder / f"{self.file.rsplit('.', 1)[0]}.toml"
        lines = [
            "# Correspondance d'un export synthétique avec le format documenté.",
            f"format = {_toml(self.format)}",
            f"partenaire = {_toml(self.partner)}",
            f"dates = {_toml(self.dates)}",
            f"decimale = {_toml(self.decimal)}",
        ]
        if self.kind == "csv":
            lines += [f"separateur = {_toml(self.separator)}", f"encodage = {_toml(self.encoding)}"]
        if self.sheet:
            lines.append(f"feuille = {_toml(self.sheet)}")
        renamed = {ours: theirs for ours, theirs in self.columns.items() if ours in columns}
        lines += ["", "[colonnes]", *(f"{ours} = {_toml(theirs)}" for ours, theirs in renamed.items())]
        if self.constants:
            lines += ["", "[constantes]", *(f"{name} = {_toml(value)}" for name, value in self.constants.items())]
        for column, codes in self.codes.items():
            lines += ["", f"[codes.{column}]", *(f"{_toml(theirs)} = {_toml(ours)}" for ours, theirs in codes.items())]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path


def _toml(value: str | int) -> str:
    """A basic string of TOML is written as a string of JSON; a number as itself."""
    return json.dumps(value, ensure_ascii=False)


def _recode(path: Path, encoding: str) -> None:
    """Rewrite a UTF-8 file in another encoding, by blocks. What it cannot write becomes `?`, as in many exports."""
    if encoding == "utf-8":
        return
    other = path.with_name(f"{path.name}.{encoding}")
    with (
        path.open(encoding="utf-8", newline="") as source,
        other.open("w", encoding=encoding, errors="replace", newline="") as target,
    ):
        while block := source.read(BLOCK):
            target.write(block)
    other.replace(path)


def _write_xlsx(frame: pl.DataFrame, path: Path, sheet: str) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "constant_memory": True})
    page = book.add_worksheet(sheet)
    page.write_row(0, 0, frame.columns)
    for number, row in enumerate(frame.iter_rows(), start=1):
        page.write_row(number, 0, row)
    book.close()
