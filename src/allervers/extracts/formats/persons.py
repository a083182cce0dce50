"""Columns that several layouts share: who a person is, where they live."""

from __future__ import annotations

import polars as pl

from allervers.extracts.batches import Reading
from allervers.extracts.layout import Column, Kind, RowRule, Rows, Span
from allervers.extracts.records import CHANNELS

NUMBER_SHAPE = r"[0-9A-Za-z][0-9A-Za-z ._/-]{0,39}"
"""A partner's number: letters, digits and a few marks. Anything else is likely a shifted column."""

MOTIVE_SHAPE = r"[0-9A-Za-z_.-]{1,20}"
"""A code of the partner that is kept as it is. Free text may speak of the person: it is refused."""

SEXES = {"1": "1", "2": "2", "M": "1", "H": "1", "F": "2"}


def identity(*, birth: Span = Span.BIRTH, birth_required: bool = True) -> tuple[Column, ...]:
    """NIR, names, birth and sex. They go to the identity vault; the date of birth is also kept for analysis."""
    return (
        Column("nir", Kind.NIR, "NIR, 15 caractères (13 et la clé)", lenient=True, longest=200),
        Column("nom_naissance", Kind.TEXT, "Nom de naissance", required=True, longest=100),
        Column("nom_usage", Kind.TEXT, "Nom d'usage", longest=100),
        Column("prenoms", Kind.TEXT, "Prénoms, séparés par des espaces", required=True, longest=150),
        Column("date_naissance", Kind.DATE, "Date de naissance", required=birth_required, span=birth),
        Column("sexe", Kind.CODE, "Sexe : 1 homme, 2 femme", codes=SEXES),
    )


def number_column(name: str, label: str, *, required: bool = True) -> Column:
    """A number by which the partner names a person, a dossier or a body."""
    return Column(name, Kind.TEXT, label, required=required, longest=40, shape=NUMBER_SHAPE)


COMMUNE = Column("code_insee", Kind.COMMUNE, "Code Insee de la commune de résidence")

ADDRESS = (
    Column("adresse", Kind.TEXT, "Numéro et voie", longest=300),
    Column("code_postal", Kind.POSTCODE, "Code postal", lenient=True),
    COMMUNE,
)

CONTACT = (
    Column("telephone", Kind.PHONE, "Téléphone de la personne, portable de préférence", lenient=True, longest=30),
    Column("courriel", Kind.EMAIL, "Adresse de courriel de la personne", lenient=True, longest=254),
)


def reach(rows: Rows) -> dict[str, pl.Expr]:
    """Columns `reach_...` of `personnes`: unknown where the file does not deliver what a channel takes."""
    mobile = pl.col("telephone").str.contains(r"^\+33[67]")
    known = {channel: pl.col(column).is_not_null() for channel, column in CHANNELS.items()}
    known["sms"] = mobile.fill_null(value=False)
    return {f"reach_{c}": known[c] if CHANNELS[c] in rows.delivered else pl.lit(None, pl.Boolean) for c in CHANNELS}


def dates_in_order(first: str, last: str) -> RowRule:
    """The end of a right cannot come before its start."""

    def broken(_: Reading) -> pl.Expr:
        return pl.col(last) < pl.col(first)

    return RowRule("dates_incoherentes", last, f"{last} avant {first}", broken)
