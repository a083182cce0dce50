"""Benefits served by a département, a pension fund, a school authority, with their end. Documentation:
docs/formats/prestations_servies.md.
"""

from __future__ import annotations

import polars as pl

from allervers.extracts.canonical import canonical_table
from allervers.extracts.formats.persons import COMMUNE, MOTIVE_SHAPE, dates_in_order, identity, number_column
from allervers.extracts.layout import Column, Kind, Layout, Output, Rows, Span
from allervers.foundation.periods import Month

BENEFITS = {
    name.upper(): name
    for name in (
        "amethyste", "ash", "apa", "pch", "adaje", "aspa", "asi", "cheque_energie", "bourse_college", "bourse_lycee",
        "bourse_crous",
    )
}  # fmt: skip
STATES = {"ACC": "accorde", "ATT": "en_attente", "PIE": "pieces_manquantes", "REF": "refuse", "SUS": "suspendu",
          "FIN": "fini"}  # fmt: skip
NOT_MONTHLY = ("amethyste", "cheque_energie", "bourse_college", "bourse_lycee", "bourse_crous")
"""Paid once a year or by term: their amount says nothing of what was paid in the month of the extract."""

COLUMNS = (
    number_column("numero", "Numéro de la personne chez le partenaire"),
    *identity(),
    COMMUNE,
    Column("prestation", Kind.CODE, "Prestation", required=True, codes=BENEFITS),
    Column("etat", Kind.CODE, "État : accordée, en attente, pièces manquantes, refusée, suspendue, finie",
           required=True, codes=STATES),
    Column("date_debut", Kind.DATE, "Début du droit", span=Span.ANY),
    Column("date_fin", Kind.DATE, "Fin du droit", span=Span.ANY),
    Column("montant", Kind.AMOUNT,
           "Montant, euros : par mois ; par an pour le chèque énergie, Améthyste et les bourses", high=50_000),
    Column("motif", Kind.TEXT, "Code du motif de refus, de suspension ou de fin", longest=20, shape=MOTIVE_SHAPE),
)  # fmt: skip


def _make(rows: Rows) -> Output:
    frame, month = rows.frame, Month.of(rows.reading.reference_on)
    started = (pl.col("date_debut") <= month.last_day).fill_null(value=True)
    not_ended = (pl.col("date_fin") >= month.first_day).fill_null(value=True)
    paid = frame.filter(
        pl.col("etat") == "accorde", pl.col("montant").is_not_null(), ~pl.col("prestation").is_in(NOT_MONTHLY),
        started, not_ended,
    )  # fmt: skip
    tables = {
        # The same person has a row per benefit: one row of `personnes` is enough.
        "personnes": canonical_table(
            "personnes", frame.unique("numero", keep="first", maintain_order=True), person_number="numero",
            date_naissance="date_naissance",
        ),
        "droits": canonical_table(
            "droits", frame, person_number="numero", prestation="prestation", etat="etat", motif="motif",
            debut_on="date_debut", fin_on="date_fin", montant="montant",
        ),
        "paiements": canonical_table(
            "paiements", paid, person_number="numero", prestation="prestation", month=pl.lit(str(month)),
            montant="montant",
        ),
    }  # fmt: skip
    return Output(rows.persons(frame, "numero"), tables)


LAYOUT = Layout(
    name="prestations_servies",
    label="Prestations servies et leurs échéances (Département, caisses de retraite, ASP, rectorat)",
    columns=COLUMNS,
    keys=("numero", "prestation", "date_debut"),
    make=_make,
    rules=(dates_in_order("date_debut", "date_fin"),),
)
