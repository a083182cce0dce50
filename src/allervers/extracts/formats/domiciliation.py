"""Domiciliation by a CCAS or an approved body: elections of domicile. Documentation: docs/formats/domiciliation.md."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from allervers.extracts.canonical import canonical_table, first_by, number
from allervers.extracts.formats.persons import COMMUNE, dates_in_order, identity, number_column
from allervers.extracts.layout import Column, Kind, Layout, Output, Rows, Span

COLUMNS = (
    number_column("organisme", "Organisme domiciliataire"),
    number_column("numero", "Numéro de la personne chez l'organisme"),
    *identity(),
    replace(COMMUNE, label="Code Insee de la commune de domiciliation", required=True),
    Column("date_debut", Kind.DATE, "Début de l'élection de domicile", required=True),
    Column("date_fin", Kind.DATE, "Fin de l'élection de domicile", required=True, span=Span.ANY),
    Column("dernier_contact", Kind.DATE, "Dernier contact, présence ou autre (CASF D. 264-3)"),
)


def _make(rows: Rows) -> Output:
    frame = rows.frame.with_columns(person=number("organisme", "numero"))
    latest = first_by(frame.sort("date_fin", descending=True, maintain_order=True), "person")
    ended = pl.col("date_fin") < rows.reading.reference_on
    seen = latest.filter(pl.col("dernier_contact").is_not_null())
    tables = {
        # A dossier of one person carries the commune: the person has no other dwelling that we know of.
        "personnes": canonical_table(
            "personnes", latest, person_number="person", dossier_number="person", role=pl.lit("demandeur"),
            date_naissance="date_naissance",
        ),
        "dossiers": canonical_table(
            "dossiers", latest, dossier_number="person", code_insee="code_insee",
            statut_logement=pl.lit("sans_domicile"),
        ),
        "droits": canonical_table(
            "droits", frame, person_number="person", dossier_number="person", prestation=pl.lit("domiciliation"),
            etat=pl.when(ended).then(pl.lit("fini")).otherwise(pl.lit("accorde")), debut_on="date_debut",
            fin_on="date_fin",
        ),
        "signaux": canonical_table(
            "signaux", seen, person_number="person", dossier_number="person", signal=pl.lit("sans_contact"),
            since_on="dernier_contact",
        ),
    }  # fmt: skip
    return Output(rows.persons(latest, "person"), tables)


LAYOUT = Layout(
    name="domiciliation",
    label="Domiciliation : élections de domicile",
    columns=COLUMNS,
    keys=("organisme", "numero", "date_debut"),
    make=_make,
    rules=(dates_in_order("date_debut", "date_fin"),),
)
