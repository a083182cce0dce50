"""Who houses or domiciles people: CCAS (domiciliation), landlords (rents and arrears), communes (unfit dwellings)."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from allervers.extracts.canonical import number
from allervers.extracts.synthetic.export import IDENTITY, Export
from allervers.extracts.synthetic.layouts import Layout
from allervers.extracts.synthetic.mess import NOT_A_DATE
from allervers.extracts.synthetic.truth import Truth

CCAS_FILES = 4
CERTIFIED, IN_ARREARS, IN_ARREARS_PRIVATE, UNFIT = 0.45, 0.055, 0.03, 0.006
PRIVATE_REPORTED = 0.15
"""Shares of tenants (assumptions, confidence C). Private landlords report through one agency, for some tenants."""

_CCAS_COLUMNS = (
    {"organisme": "CCAS", "numero": "N° élection", "nom_naissance": "Nom", "prenoms": "Prénom", "date_fin": "Fin"},
    {"organisme": "organisme", "numero": "num_domicilie", "date_debut": "date_election", "date_fin": "date_expiration"},
    {
        "organisme": "Structure",
        "numero": "Réf.",
        "date_naissance": "Date de naissance",
        "dernier_contact": "Dernier passage",
    },
    {"numero": "ID", "nom_naissance": "NOM DE NAISSANCE", "prenoms": "PRENOMS", "dernier_contact": "DERNIER CONTACT"},
)
_LANDLORDS = (
    Layout(
        "bailleurs", "bailleur-habitat-nord", "habitat_nord_locataires.csv", encoding="iso-8859-1", decimal=",",
        dates="jj/mm/aaaa", upper=True,
        columns={"numero_bail": "BAIL", "nature": "TYPE", "loyer": "LOYER HC", "charges": "PROVISION CHARGES"},
        codes={"nature": {"ATTESTATION": "QUITTANCE", "IMPAYE": "PRECONTENTIEUX"}},
    ),
    Layout(
        "bailleurs", "bailleur-logis-est", "logis_est.csv", encoding="iso-8859-1", decimal=",", dates="jj-mm-aaaa",
        columns={"bailleur": "societe", "numero_bail": "contrat", "date_naissance": "ne_le", "dette": "solde_debiteur"},
    ),
    Layout("bailleurs", "bailleur-agence-privee", "agence_privee.parquet", dates="aaaa-mm-jj"),
)  # fmt: skip
_COMMUNES = Layout("bailleurs", "communes-hygiene", "services_hygiene.csv", dates="jj/mm/aaaa", decimal=",")


def ccas_exports(truth: Truth) -> list[Export]:
    """Domiciliation registers of the communes that domicile most people, as workbooks."""
    on = truth.month.first_day + timedelta(days=11)
    # Those who came later in the month are not in the register of that day.
    domiciled = truth.alive.filter(pl.col("domicilie") == "O", pl.col("domiciliation_debut") <= on)
    most = domiciled.group_by("code_insee").len().sort(["len", "code_insee"], descending=[True, False])
    exports = []
    for rank, code in enumerate(most["code_insee"].head(CCAS_FILES)):
        people = domiciled.filter(pl.col("code_insee") == code)
        rng = truth.stream(f"ccas_{code}")
        days = pl.Series((rng.gamma(1.2, 30, len(people))).astype(int).clip(0, 200), dtype=pl.Int64)
        rows = people.with_columns(
            organisme=pl.lit(f"CCAS {code}"),
            numero=truth.numbers(f"elections_{code}", len(people), 10_000),
            dernier_contact=pl.lit(on) - pl.duration(days=pl.lit(days)),
        )
        dates = ("jj/mm/aaaa", "aaaa-mm-jj")[rank % 2]
        layout = Layout(
            "domiciliation", f"ccas-{code}", f"ccas_{code}_domiciliation.xlsx", columns=_CCAS_COLUMNS[rank],
            dates=dates, sheet="Domiciliations",
        )  # fmt: skip
        frame = rows.select(
            "organisme", "numero", *IDENTITY, "code_insee", pl.col("domiciliation_debut").alias("date_debut"),
            pl.col("domiciliation_fin").alias("date_fin"), "dernier_contact",
        )  # fmt: skip
        exports.append(
            Export(
                layout,
                frame,
                on,
                rows.select("id", person_number=number("organisme", "numero")),
                {"date_fin": NOT_A_DATE},
            )
        )
    return exports


def landlord_exports(truth: Truth) -> list[Export]:
    """Two social landlords and a letting agency: rent certificates and arrears; communes: unfit dwellings."""
    tenants = truth.alive.filter(pl.col("menage_role") == "personne_de_reference", pl.col("loyer") > 0)
    social = tenants.filter(pl.col("statut_logement") == "locataire_hlm")
    first = truth.drawn("landlord", social["menage_id"]) < 0.55
    private = tenants.filter(pl.col("statut_logement").is_in(["locataire_vide", "locataire_meuble"]))
    reported = private.filter(truth.drawn("agency", private["menage_id"]) < PRIVATE_REPORTED)
    unfit = private.filter(truth.drawn("unfit", private["menage_id"]) < UNFIT)
    groups = ((social.filter(first), IN_ARREARS), (social.filter(~first), IN_ARREARS), (reported, IN_ARREARS_PRIVATE))
    exports = [_leases(truth, layout, *group) for layout, group in zip(_LANDLORDS, groups, strict=True)]
    return [*exports, _unfit(truth, unfit)]


def _leases(truth: Truth, layout: Layout, tenants: pl.DataFrame, arrears: float) -> Export:
    rng = truth.stream(layout.partner)
    n = len(tenants)
    draw, owed = pl.Series(rng.random(n)), pl.Series(rng.gamma(2.0, 1.6, n) + 0.8)
    months = pl.Series(rng.integers(2, 10, n), dtype=pl.Int64)
    late = draw < arrears
    listed = late | (draw < arrears + CERTIFIED)
    since = pl.lit(truth.month.first_day).dt.offset_by(pl.format("-{}mo", months))
    rows = tenants.with_columns(
        bailleur=pl.lit(layout.partner),
        numero_bail=truth.numbers(f"leases_{layout.partner}", n, 1_000_000),
        nature=pl.when(late).then(pl.lit("IMPAYE")).otherwise(pl.lit("ATTESTATION")),
        loyer=pl.col("loyer").cast(pl.Float64).round(2),
        charges=pl.col("charges").cast(pl.Float64).round(2),
        dette=pl.when(late).then((pl.col("loyer") * owed).cast(pl.Float64).round(2)),
        date_premier_impaye=pl.when(late).then(since),
        plan_apurement=pl.when(late).then(
            pl.when(pl.Series(rng.random(n)) < 0.3).then(pl.lit("O")).otherwise(pl.lit("N"))
        ),
    ).filter(listed)
    return _of_tenants(truth, layout, rows)


def _unfit(truth: Truth, tenants: pl.DataFrame) -> Export:
    rows = tenants.with_columns(
        bailleur=pl.lit(_COMMUNES.partner),
        numero_bail=truth.numbers(f"leases_{_COMMUNES.partner}", len(tenants), 1_000_000),
        nature=pl.lit("INDECENCE"),
        loyer=pl.lit(None, pl.Float64),
        charges=pl.lit(None, pl.Float64),
        dette=pl.lit(None, pl.Float64),
        date_premier_impaye=pl.lit(None, pl.Date),
        plan_apurement=pl.lit(None, pl.String),
    )
    return _of_tenants(truth, _COMMUNES, rows)


def _of_tenants(truth: Truth, layout: Layout, rows: pl.DataFrame) -> Export:
    frame = rows.select(
        "bailleur", "numero_bail", "nature", "nom_naissance", "nom_usage", "prenoms", "date_naissance", "code_insee",
        "identifiant_logement", "loyer", "charges", "dette", "date_premier_impaye", "plan_apurement",
    )  # fmt: skip
    on = truth.month.first_day + timedelta(days=12)
    rows = rows.with_columns(tenant=pl.lit("1"))  # the only tenant that these landlords name
    return Export(
        layout,
        frame,
        on,
        rows.select("id", person_number=number("bailleur", "numero_bail", "tenant")),
        {"nature": "", "code_insee": ""},
    )
