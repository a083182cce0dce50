"""Cpam: insured people, complementary cover, médecin traitant. Documentation: docs/formats/cpam_assures.md."""

from __future__ import annotations

import polars as pl

from allervers.extracts.canonical import canonical_table, first_by
from allervers.extracts.formats.caf_allocataires import ACTIVITIES, NATIONALITIES, SITUATIONS
from allervers.extracts.formats.persons import ADDRESS, CONTACT, dates_in_order, identity, number_column, reach
from allervers.extracts.layout import Column, Kind, Layout, Output, Rows, Span

ROLES = {"OD": "demandeur", "CJ": "conjoint", "AD": "enfant"}
COVERS = {"CSSG": "css_sans_participation", "CSSP": "css_avec_participation", "PRIV": "complementaire_privee",
          "AUC": "sans_complementaire"}  # fmt: skip
"""CSS without or with contribution: a right. Private cover or none: a signal, since it is knowledge too."""

MEDECIN_TRAITANT_AGE = 16
"""Everyone of that age and more names a médecin traitant (CSS L. 162-5-3)."""

COLUMNS = (
    number_column("numero_assure", "Numéro de la personne à la Cpam"),
    number_column("numero_foyer", "Numéro du foyer ; vide si la Cpam ne dit pas avec qui la personne vit",
                  required=False),
    Column("qualite", Kind.CODE, "Qualité : ouvrant droit, conjoint, ayant droit", codes=ROLES),
    *identity(),
    Column("situation_familiale", Kind.CODE, "Situation familiale", codes=SITUATIONS),
    Column("nationalite", Kind.CODE, "Groupe de nationalité : française, Union européenne, autre", codes=NATIONALITIES),
    Column("activite", Kind.CODE, "Activité principale", codes=ACTIVITIES),
    *ADDRESS,
    Column("medecin_traitant", Kind.FLAG, "Médecin traitant déclaré"),
    Column("complementaire", Kind.CODE, "Complémentaire : CSS gratuite, CSS payante, privée, aucune", codes=COVERS),
    Column("date_debut_css", Kind.DATE, "Début de la complémentaire santé solidaire", span=Span.ANY),
    Column("date_fin_css", Kind.DATE, "Fin de la complémentaire santé solidaire", span=Span.ANY),
    *CONTACT,
)  # fmt: skip


def _make(rows: Rows) -> Output:
    frame, on = rows.frame, rows.reading.reference_on
    covered = frame.filter(pl.col("complementaire").str.starts_with("css_"))
    ended = (pl.col("date_fin_css") < on).fill_null(value=False)
    dossiers = first_by(frame, "numero_foyer", best_first=[pl.col("qualite") != "demandeur"])
    tables = {
        "personnes": canonical_table(
            "personnes", frame, person_number="numero_assure", dossier_number="numero_foyer", role="qualite",
            date_naissance="date_naissance", nationalite="nationalite", situation_familiale="situation_familiale",
            activite="activite", **reach(rows),
        ),
        "dossiers": canonical_table("dossiers", dossiers, dossier_number="numero_foyer", code_insee="code_insee"),
        "droits": canonical_table(
            "droits", covered, person_number="numero_assure", dossier_number="numero_foyer",
            prestation="complementaire", etat=pl.when(ended).then(pl.lit("fini")).otherwise(pl.lit("accorde")),
            debut_on="date_debut_css", fin_on="date_fin_css",
        ),
        "signaux": pl.concat([_no_doctor(rows), _other_cover(rows)]),
    }  # fmt: skip
    return Output(rows.persons(frame, "numero_assure"), tables)


def _no_doctor(rows: Rows) -> pl.DataFrame:
    turns = pl.col("date_naissance").dt.offset_by(f"{MEDECIN_TRAITANT_AGE}y")
    without = rows.frame.filter(~pl.col("medecin_traitant") & (turns <= rows.reading.reference_on))
    return canonical_table(
        "signaux", without, person_number="numero_assure", dossier_number="numero_foyer",
        signal=pl.lit("sans_medecin_traitant"),
    )  # fmt: skip


def _other_cover(rows: Rows) -> pl.DataFrame:
    other = rows.frame.filter(~pl.col("complementaire").str.starts_with("css_"))
    return canonical_table(
        "signaux", other, person_number="numero_assure", dossier_number="numero_foyer", signal="complementaire"
    )


LAYOUT = Layout(
    name="cpam_assures",
    label="Cpam : assurés, complémentaire et médecin traitant",
    columns=COLUMNS,
    keys=("numero_assure",),
    make=_make,
    rules=(dates_in_order("date_debut_css", "date_fin_css"),),
)
