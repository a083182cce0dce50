"""Landlords: rent certificates, arrears, indecent dwellings. Documentation: docs/formats/bailleurs.md."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from allervers.extracts.canonical import canonical_table, first_by, number
from allervers.extracts.formats.persons import COMMUNE, identity, number_column
from allervers.extracts.layout import Column, Kind, Layout, Output, RowRule, Rows

SIGNALS = {"ATTESTATION": "attestation_loyer", "IMPAYE": "impaye_loyer", "INDECENCE": "logement_indecent"}

COLUMNS = (
    number_column("bailleur", "Bailleur"),
    number_column("numero_bail", "Numéro du bail"),
    number_column("rang", "Rang du locataire quand le bail en a plusieurs (1 par défaut)", required=False),
    Column("nature", Kind.CODE, "Ce que dit la ligne", required=True, codes=SIGNALS),
    *identity(birth_required=False),
    replace(COMMUNE, required=True),
    Column("identifiant_logement", Kind.TEXT, "Identifiant du logement, le même pour deux baux sous un toit"),
    Column("loyer", Kind.AMOUNT, "Loyer hors charges, euros par mois", high=20_000),
    Column("charges", Kind.AMOUNT, "Charges locatives, euros par mois", high=10_000),
    Column("dette", Kind.AMOUNT, "Dette de loyer et de charges, euros", high=500_000),
    Column("date_premier_impaye", Kind.DATE, "Premier mois impayé"),
    Column("plan_apurement", Kind.FLAG, "Plan d'apurement en cours"),
)


def _make(rows: Rows) -> Output:
    frame = rows.frame.with_columns(
        pl.col("rang").fill_null("1"), lease=number("bailleur", "numero_bail")
    ).with_columns(person=number("lease", "rang"))
    first_tenant = [pl.col("rang") != "1"]
    certified_first = [pl.col("nature") != "attestation_loyer", *first_tenant]
    dossiers = first_by(frame, "lease", best_first=certified_first)
    tenants = first_by(frame, "person")
    told = frame.sort(*first_tenant, maintain_order=True).unique(["lease", "nature"], keep="first", maintain_order=True)
    tables = {
        "personnes": canonical_table(
            "personnes", tenants, person_number="person", dossier_number="lease", date_naissance="date_naissance"
        ),
        "dossiers": canonical_table(
            "dossiers", dossiers, dossier_number="lease", code_insee="code_insee",
            identifiant_logement="identifiant_logement", loyer="loyer", charges="charges",
        ),
        "signaux": _signals(told),
    }  # fmt: skip
    return Output(rows.persons(tenants, "person"), tables)


def _signals(told: pl.DataFrame) -> pl.DataFrame:
    """One signal per lease and nature, though each tenant has a row. The amount of arrears is the debt."""
    arrears, certificate = pl.col("nature") == "impaye_loyer", pl.col("nature") == "attestation_loyer"
    plan = pl.col("plan_apurement").replace_strict({True: "plan_apurement", False: "sans_plan"}, return_dtype=pl.String)
    return canonical_table(
        "signaux", told, person_number="person", dossier_number="lease", signal="nature",
        since_on=pl.when(arrears).then("date_premier_impaye"),
        montant=pl.when(arrears).then("dette").when(certificate).then("loyer"),
        detail=pl.when(arrears).then(plan),
    )  # fmt: skip


LAYOUT = Layout(
    name="bailleurs",
    label="Bailleurs : attestations de loyer, impayés, indécence",
    columns=COLUMNS,
    keys=("bailleur", "numero_bail", "rang", "nature"),
    make=_make,
    rules=(
        RowRule(
            "dette_absente", "dette", "un impayé sans le montant de la dette",
            lambda _: (pl.col("nature") == "impaye_loyer") & pl.col("dette").is_null(),
        ),
        RowRule(
            "loyer_absent", "loyer", "une attestation sans le montant du loyer",
            lambda _: (pl.col("nature") == "attestation_loyer") & pl.col("loyer").is_null(),
        ),
    ),
)  # fmt: skip
