"""Cells of a column, from text to typed values: whole columns at once, and a reason for each cell that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from allervers.extracts.batches import Reading
from allervers.extracts.layout import Column, Kind, Span
from allervers.extracts.mapping import DATE_FORMATS, MONTH_FORMATS, PartnerMapping
from allervers.foundation.periods import Month

OLDEST_BIRTH_ON = date(1890, 1, 1)
FARTHEST_ON = date(2999, 12, 31)
FIRST_MONTH = "2000-01"
_EXPECTED_DAYS = 310
_EXCEL_EPOCH = date(1899, 12, 30)
_EXCEL_LAST = 2_958_465

_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_FORMULA = r"^[\t\r]|^\s*[=+\-@]"
_SIGNED_FORMULA = r"^[\t\r]|^\s*[=@]"
_NIR_MARKS = r"[\s.\-\x{00a0}\x{202f}]"
_NIR_SHAPE = r"^[1-478][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{6}(?:[0-9]{2})?$"
_PHONE_MARKS = r"[\s./\-]|\(0\)"
_PHONE = r"^(?:\+33|0033|0)([1-79][0-9]{8})$"
_EMAIL = r"^[a-z0-9_%+-]+(?:\.[a-z0-9_%+-]+)*@(?:[a-z0-9-]+\.)+[a-z]{2,}$"
_COMMUNE = r"^(?:[0-9]{5}|2[AB][0-9]{3})$"

MESSAGES = {
    "obligatoire": "valeur obligatoire absente",
    "caractere_interdit": "caractère de contrôle ou octet nul",
    "formule": "la cellule commence comme une formule de tableur",
    "cellule_trop_longue": "texte trop long",
    "texte_invalide": "écriture inattendue",
    "code_inconnu": "code inconnu",
    "date_illisible": "date illisible",
    "date_hors_bornes": "date hors des bornes admises",
    "mois_illisible": "mois illisible",
    "mois_hors_bornes": "mois hors des bornes admises",
    "montant_illisible": "montant illisible",
    "montant_hors_bornes": "montant hors des bornes admises",
    "commune_invalide": "code Insee de commune attendu (5 caractères)",
    "code_postal_invalide": "code postal attendu (5 chiffres) : laissé de côté",
    "telephone_invalide": "numéro de téléphone français attendu (10 chiffres, ou +33) : laissé de côté",
    "courriel_invalide": "adresse de courriel attendue : laissée de côté",
    "annee_invalide": "année attendue (4 chiffres)",
    "nir_invalide": "NIR mal formé : la personne est gardée sans lui",
    "nir_cle_fausse": "clé du NIR fausse : la personne est gardée sans lui",
    "nir_sans_cle": "NIR sans clé, que la correspondance n'admet pas : la personne est gardée sans lui",
}
"""Reason of a wrong cell -> what is said of it. Never the value."""


class _Cell(NamedTuple):
    column: Column
    text: pl.Expr
    mapping: PartnerMapping
    reading: Reading


@dataclass(frozen=True, slots=True)
class Cells:
    """Expressions over a frame whose column `name` is text as delivered. `faults`: reason -> true where it is wrong.

    `value` is null where the cell is empty or wrong. `notes`: counted, not wrong.
    """

    value: pl.Expr
    faults: dict[str, pl.Expr]
    notes: dict[str, pl.Expr]

    def reason(self) -> pl.Expr:
        """The first reason that holds, null when the cell is right."""
        chain = pl.lit(None, pl.String)
        for reason, wrong in reversed(self.faults.items()):
            chain = pl.when(wrong).then(pl.lit(reason)).otherwise(chain)
        return chain


def clean_text(column: Column, mapping: PartnerMapping) -> pl.Expr:
    """A cell without needless spaces, empty as null, with the partner's codes turned into ours and its zeros back."""
    text = pl.col(column.name).str.replace_all(r"[\s\x{00a0}\x{202f}]+", " ").str.strip_chars()
    text = pl.when(text != "").then(text)
    if column.name in mapping.completer:
        padded = text.str.zfill(mapping.completer[column.name])
        text = pl.when(text.str.contains(r"^[0-9]+$")).then(padded).otherwise(text)
    if column.name in mapping.codes:
        text = text.replace({theirs: ours or None for theirs, ours in mapping.codes[column.name].items()})
    return text


def cells_of(column: Column, mapping: PartnerMapping, reading: Reading) -> Cells:
    """Expressions that read a column. They expect, beside the column as delivered, its clean text as `~name`."""
    text = pl.col(f"~{column.name}")
    raw = pl.col(column.name)
    formula = _SIGNED_FORMULA if column.kind in (Kind.AMOUNT, Kind.PHONE) else _FORMULA
    faults = {
        "caractere_interdit": raw.str.contains(_CONTROL),
        "formule": raw.str.contains(formula),
        "cellule_trop_longue": raw.str.len_chars() > column.longest,
    }
    parsed = _PARSERS[column.kind](_Cell(column, text, mapping, reading))
    if column.required:
        faults = {"obligatoire": text.is_null()} | faults
    return Cells(parsed.value, faults | parsed.faults, parsed.notes)


def _text(cell: _Cell) -> Cells:
    faults = {"texte_invalide": ~cell.text.str.contains(f"^(?:{cell.column.shape})$")} if cell.column.shape else {}
    return Cells(cell.text, faults, {})


def _code(cell: _Cell) -> Cells:
    value = cell.text.str.to_uppercase().replace_strict(dict(cell.column.codes), default=None, return_dtype=pl.String)
    return Cells(value, {"code_inconnu": cell.text.is_not_null() & value.is_null()}, {})


def _flag(cell: _Cell) -> Cells:
    value = cell.text.str.to_uppercase().replace_strict({"O": True, "N": False}, default=None, return_dtype=pl.Boolean)
    return Cells(value, {"code_inconnu": cell.text.is_not_null() & value.is_null()}, {})


def _amount(cell: _Cell) -> Cells:
    text = cell.text
    for mark in cell.mapping.milliers:
        # Every kind of space has already been brought to a plain one.
        text = text.str.replace_all(" " if mark.isspace() else mark, "", literal=True)
    number = text.str.replace(cell.mapping.decimale, ".", literal=True) if cell.mapping.decimale != "." else text
    is_number = number.str.contains(r"^[+-]?[0-9]{1,15}(?:\.[0-9]{1,20})?$")
    if cell.mapping.decimale != ".":
        is_number &= ~text.str.contains(".", literal=True)
    value = pl.when(is_number).then(number).cast(pl.Float64, strict=False)
    within = value.is_between(cell.column.low, cell.column.high)
    return Cells(value, {"montant_illisible": ~is_number, "montant_hors_bornes": ~within}, {})


def _date(cell: _Cell) -> Cells:
    text = cell.text
    is_birth = cell.column.span in (Span.BIRTH, Span.EXPECTED_BIRTH)
    notes: dict[str, pl.Expr] = {}
    if is_birth:
        # A day or a month that nobody knows is written 00; offices then count the person as born on the 1st.
        partial = text.str.contains(r"^00[/.-]|[/.-]00[/.-]|^[0-9]{4}-[0-9]{2}-00$")
        text = pl.when(partial).then(text.str.replace_all(r"\b00\b", "01")).otherwise(text)
        notes["naissance_incomplete"] = partial
    value = pl.coalesce(_day(text, way) for way in dict.fromkeys(("aaaa-mm-jj", *cell.mapping.dates)))
    low = OLDEST_BIRTH_ON
    past = max(cell.reading.reference_on, cell.reading.today)
    ahead = past + timedelta(days=_EXPECTED_DAYS)
    high = {Span.ANY: FARTHEST_ON, Span.EXPECTED_BIRTH: ahead, Span.TERM: ahead}.get(cell.column.span, past)
    if is_birth:
        notes["naissance_1er_janvier"] = (value.dt.month() == 1) & (value.dt.day() == 1)
    faults = {
        "date_illisible": text.is_not_null() & value.is_null(),
        "date_hors_bornes": ~value.is_between(pl.lit(low), pl.lit(high)),
    }
    return Cells(value, faults, notes)


def _day(text: pl.Expr, way: str) -> pl.Expr:
    if way != "excel":
        # Lengths are checked: a lenient reader takes `1/2/80` for a day of the year 80.
        pattern = DATE_FORMATS[way]
        sized = pl.when(text.str.len_bytes() == len(way)).then(text)
        if "%H" in pattern:
            return sized.str.to_datetime(pattern, strict=False, time_unit="us").dt.date()
        return sized.str.to_date(pattern, strict=False)
    days = pl.when(text.str.contains(r"^[0-9]{1,7}$")).then(text).cast(pl.Int64, strict=False)
    days = pl.when(days.is_between(1, _EXCEL_LAST)).then(days)
    return pl.lit(_EXCEL_EPOCH) + pl.duration(days=days)


def _month(cell: _Cell) -> Cells:
    ways = []
    for way in dict.fromkeys(("aaaa-mm", *cell.mapping.mois)):
        found = cell.text.str.extract_groups(MONTH_FORMATS[way])
        ways.append(found.struct.field("y") + "-" + found.struct.field("m"))
    value = pl.coalesce(ways)
    last = str(Month.of(max(cell.reading.reference_on, cell.reading.today)) + 1)
    right = value.str.contains(r"-(?:0[1-9]|1[0-2])$")
    faults = {
        "mois_illisible": cell.text.is_not_null() & ~right.fill_null(value=False),
        "mois_hors_bornes": ~value.is_between(pl.lit(FIRST_MONTH), pl.lit(last)),
    }
    return Cells(value, faults, {})


def _commune(cell: _Cell) -> Cells:
    value = cell.text.str.to_uppercase()
    return Cells(value, {"commune_invalide": ~value.str.contains(_COMMUNE)}, {})


def _postcode(cell: _Cell) -> Cells:
    right = cell.text.str.contains(r"^[0-9]{5}$")
    return Cells(pl.when(right).then(cell.text), {"code_postal_invalide": ~right}, {})


def _phone(cell: _Cell) -> Cells:
    """A number of the French plan, in E.164. Numbers in 08 belong to services, not to persons (Arcep, plan de 2018)."""
    value = cell.text.str.replace_all(_PHONE_MARKS, "").str.extract(_PHONE)
    return Cells("+33" + value, {"telephone_invalide": cell.text.is_not_null() & value.is_null()}, {})


def _email(cell: _Cell) -> Cells:
    value = cell.text.str.to_lowercase()
    right = value.str.contains(_EMAIL)
    return Cells(pl.when(right).then(value), {"courriel_invalide": ~right}, {})


def _year(cell: _Cell) -> Cells:
    value = pl.when(cell.text.str.contains(r"^[0-9]{4}$")).then(cell.text).cast(pl.Int32, strict=False)
    right = value.is_between(cell.reading.reference_on.year - 5, cell.reading.reference_on.year)
    return Cells(value, {"annee_invalide": cell.text.is_not_null() & ~right.fill_null(value=False)}, {})


def _nir(cell: _Cell) -> Cells:
    """13 or 15 characters, as 13; with its key verified. Source: see identity.nir, which checks one number alike."""
    if cell.mapping.nir != "clair":
        digest = cell.text.str.to_lowercase()
        right = digest.str.contains(r"^[0-9a-f]{64}$")
        return Cells(pl.when(right).then(digest), {"nir_invalide": ~right}, {})
    compact = cell.text.str.replace_all(_NIR_MARKS, "").str.to_uppercase()
    shaped = compact.str.contains(_NIR_SHAPE)
    number = pl.when(shaped).then(compact.str.slice(0, 13))
    digits = number.str.replace(r"^(.{5})2A", "${1}19").str.replace(r"^(.{5})2B", "${1}18").cast(pl.Int64, strict=False)
    key = compact.str.slice(13, 2).cast(pl.Int64, strict=False)
    has_key = compact.str.len_bytes() == 15
    faults = {"nir_invalide": ~shaped, "nir_cle_fausse": shaped & has_key & (97 - digits % 97 != key)}
    if not cell.mapping.nir_sans_cle:
        faults["nir_sans_cle"] = shaped & ~has_key
    wrong = pl.any_horizontal(faults.values())
    return Cells(pl.when(~wrong).then(number), faults, {})


_PARSERS: dict[Kind, Callable[[_Cell], Cells]] = {
    Kind.TEXT: _text,
    Kind.NIR: _nir,
    Kind.DATE: _date,
    Kind.MONTH: _month,
    Kind.AMOUNT: _amount,
    Kind.CODE: _code,
    Kind.FLAG: _flag,
    Kind.COMMUNE: _commune,
    Kind.POSTCODE: _postcode,
    Kind.PHONE: _phone,
    Kind.EMAIL: _email,
    Kind.YEAR: _year,
}
