"""Caf: what was really paid, one row per dossier, month and benefit. Documentation: docs/formats/caf_paiements.md."""

from __future__ import annotations

import polars as pl

from allervers.extracts.canonical import canonical_table, number
from allervers.extracts.formats.persons import number_column
from allervers.extracts.layout import Column, Kind, Layout, Output, Rows

BENEFITS = {
    "RSA": "rsa", "PPA": "ppa", "APL": "aides_logement", "ALF": "aides_logement", "ALS": "aides_logement",
    "AF": "af", "CF": "cf", "ASF": "asf", "PAJEB": "paje_base", "PAJEN": "paje_naissance", "ARS": "ars", "AAH": "aah",
    "AJPP": "ajpp", "CMG": "cmg", "PREPARE": "prepare", "AEEH": "aeeh", "PNOEL": "prime_noel",
}  # fmt: skip
"""Code of our layout -> id of the catalogue of rights, or another lower-case code for what is paid beside it."""

PERSONAL = ("aah",)
"""Benefits paid to a person for themselves: the row then names the person, and not the dossier alone."""

COLUMNS = (
    number_column("matricule", "Numéro d'allocataire"),
    number_column("rang", "Rang de la personne pour une prestation personnelle (AAH)", required=False),
    Column("mois", Kind.MONTH, "Mois de droit", required=True),
    Column("prestation", Kind.CODE, "Prestation", required=True, codes=BENEFITS),
    Column("montant", Kind.AMOUNT, "Montant payé pour le mois, indus déduits, euros", required=True,
           low=-20_000, high=20_000),
)  # fmt: skip


def _make(rows: Rows) -> Output:
    personal = pl.col("prestation").is_in(PERSONAL)
    frame = rows.frame.with_columns(person=pl.when(personal).then(number("matricule", "rang")))
    keys = ["matricule", "person", "prestation", "mois"]
    # APL, ALF and ALS are one right: a household that changed from one to another in a month gets one sum.
    summed = frame.group_by(keys, maintain_order=True).agg(pl.col("montant").sum().round(2))
    payments = canonical_table(
        "paiements", summed, dossier_number="matricule", person_number="person", prestation="prestation", month="mois",
        montant="montant",
    )  # fmt: skip
    return Output(pl.DataFrame(schema={"person_number": pl.String}), {"paiements": payments})


LAYOUT = Layout(
    name="caf_paiements",
    label="Caf : prestations payées",
    columns=COLUMNS,
    keys=("matricule", "rang", "mois", "prestation"),
    make=_make,
)
