"""Monthly incomes (DRM): one row per person, month, nature and payer. Documentation:
docs/formats/ressources_mensuelles.md.
"""

from __future__ import annotations

import polars as pl

from allervers.extracts.canonical import canonical_table, number
from allervers.extracts.formats.persons import number_column
from allervers.extracts.layout import Column, Kind, Layout, Output, RowRule, Rows
from allervers.population.inputs import INCOMES

NATURES = {income.nature.upper(): income.nature for income in INCOMES}
_FORMS = ("brut", "net", "imposable")

COLUMNS = (
    number_column("matricule", "Numéro d'allocataire, avec le rang ; à défaut, donnez le NIR", required=False),
    number_column("rang", "Rang de la personne dans le dossier", required=False),
    Column("nir", Kind.NIR, "NIR, 15 caractères (13 et la clé)", lenient=True, longest=200),
    Column("mois", Kind.MONTH, "Mois de versement", required=True),
    Column("nature", Kind.CODE, "Nature du revenu", required=True, codes=NATURES),
    *(Column(form, Kind.AMOUNT, f"Montant {form}, euros", low=-50_000, high=1e6) for form in _FORMS),
)


def _make(rows: Rows) -> Output:
    # A number of dossier has a `/`: a NIR can never be taken for one.
    named = pl.coalesce(number("matricule", "rang"), pl.lit("nir:") + pl.col("nir"))
    frame = rows.frame.with_columns(person=named)
    incomes = canonical_table(
        "ressources", frame, person_number="person", period="mois", nature="nature", brut="brut", net="net",
        imposable="imposable",
    )  # fmt: skip
    # A number given without a NIR tells nothing new of the person: what the vault knows is left as it is.
    by_nir = frame.filter(pl.col("nir").is_not_null())
    return Output(rows.persons(by_nir, "person"), {"ressources": incomes})


LAYOUT = Layout(
    name="ressources_mensuelles",
    label="Ressources mensuelles des personnes",
    columns=COLUMNS,
    # Two employers in a month are two rows; the same amounts twice are one row sent twice.
    keys=("matricule", "rang", "nir", "mois", "nature", *_FORMS),
    make=_make,
    rules=(
        RowRule(
            "identifiant_absent", "matricule", "ni matricule et rang, ni NIR lisible",
            lambda _: (pl.col("matricule").is_null() | pl.col("rang").is_null()) & pl.col("nir").is_null(),
        ),
        RowRule(
            "montant_absent", "net", "aucun des trois montants",
            lambda _: pl.all_horizontal(pl.col(form).is_null() for form in _FORMS),
        ),
    ),
)  # fmt: skip
