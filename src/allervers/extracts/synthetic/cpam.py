"""The Cpam's files: every insured person, and the monthly resources of some of those who have no Caf file."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from allervers.extracts.synthetic.caf import monthly_resources
from allervers.extracts.synthetic.export import IDENTITY, Export
from allervers.extracts.synthetic.layouts import Layout
from allervers.extracts.synthetic.mess import NOT_A_DATE
from allervers.extracts.synthetic.truth import Truth

PARTNER = "cpam-93"
NOT_INSURED, FOYER_KNOWN, FOYER_KNOWN_OF_CAF, RESOURCES_KNOWN, PRIVATE_COVER = 0.015, 0.7, 0.5, 0.8, 0.8
PHONE_GIVEN, EMAIL_GIVEN = 0.6, 0.45
"""Shares of persons or familles (assumptions, confidence C)."""

ASSURES = Layout(
    "cpam_assures", PARTNER, "cpam93_assures.csv", separator="|", dates="aaaammjj", upper=True,
    columns={
        "numero_assure": "ID_ASSURE", "numero_foyer": "ID_FOYER", "qualite": "QUAL_BENEF", "nir": "NIR",
        "nom_naissance": "NOM_PATRO", "nom_usage": "NOM_MARITAL", "prenoms": "PRENOMS", "date_naissance": "DAT_NAIS",
        "medecin_traitant": "TOP_MT", "complementaire": "CPL",
        "telephone": "TEL", "courriel": "MEL",
    },
    codes={"medecin_traitant": {"O": "1", "N": "0"}, "complementaire": {"CSSG": "C2SG", "CSSP": "C2SP"}},
)  # fmt: skip
RESSOURCES = Layout(
    "ressources_mensuelles", PARTNER, "cpam93_ressources.csv", separator="|",
    columns={"nir": "NIR", "mois": "MOIS", "nature": "NATURE", "brut": "MNT_BRUT", "net": "MNT_NET"},
)  # fmt: skip


def cpam_exports(truth: Truth, in_caf: pl.Series) -> list[Export]:
    """The two files of the Cpam. `in_caf`: ids of the persons in a Caf file."""
    insured = truth.alive.filter(truth.drawn("not_insured", truth.alive["id"]) >= NOT_INSURED)
    insured = _covered(truth, _numbered(truth, insured, in_caf))
    on = truth.month.first_day + timedelta(days=7)
    numbers = insured.select("id", person_number="numero_assure")
    assures = Export(
        ASSURES, _assures(truth, insured), on, numbers, {"date_naissance": NOT_A_DATE, "nom_naissance": ""}
    )
    unknown = insured.filter(~pl.col("id").is_in(in_caf.implode()), pl.col("complementaire") == "AUC")
    unknown = unknown.filter(pl.col("nir").is_not_null(), truth.drawn("drm", unknown["famille_id"]) < RESOURCES_KNOWN)
    resources = monthly_resources(truth, unknown, ("nir",))
    by_nir = unknown.select("id", person_number=pl.format("nir:{}", "nir"))
    return [assures, Export(RESSOURCES, resources, on, by_nir)]


def _numbered(truth: Truth, insured: pl.DataFrame, in_caf: pl.Series) -> pl.DataFrame:
    numbers = truth.numbers("assures", len(insured), 10_000_000)
    in_file = pl.col("id").is_in(in_caf.implode())
    rows = insured.with_columns(numero_assure=numbers, in_file=in_file)
    known = pl.when(pl.col("in_file").any().over("famille_id")).then(FOYER_KNOWN_OF_CAF).otherwise(FOYER_KNOWN)
    said = pl.lit(truth.drawn("foyer", rows["famille_id"])) < known
    foyer = pl.format("F{}", pl.col("numero_assure").first().over("famille_id"))
    return rows.with_columns(numero_foyer=pl.when(said).then(foyer)).drop("in_file")


def _covered(truth: Truth, insured: pl.DataFrame) -> pl.DataFrame:
    """Complementary cover: the CSS of those who receive it with its year of validity, else private or none."""
    rights = {"css_sans_participation": "CSSG", "css_avec_participation": "CSSP"}
    paid = truth.paid(*rights).select("famille_id", css=pl.col("right").replace_strict(rights))
    css = paid.sort("famille_id", "css").unique("famille_id", keep="first", maintain_order=True)
    rows = insured.join(css, on="famille_id", how="left", maintain_order="left")
    back = (pl.lit(truth.drawn("css_since", rows["famille_id"])) * 12).cast(pl.Int32)
    start = pl.lit(truth.month.first_day).dt.offset_by(pl.format("-{}mo", back))
    entitled = truth.receipts.filter(pl.col("right").is_in(list(rights)), pl.col("month") == str(truth.month - 1))
    share = pl.when(pl.col("famille_id").is_in(entitled["famille_id"].unique().implode())).then(0.25)
    private = pl.lit(truth.drawn("private", rows["famille_id"])) < share.otherwise(PRIVATE_COVER)
    return rows.with_columns(
        complementaire=pl.coalesce("css", pl.when(private).then(pl.lit("PRIV")).otherwise(pl.lit("AUC"))),
        date_debut_css=pl.when(pl.col("css").is_not_null()).then(start),
    ).with_columns(date_fin_css=pl.col("date_debut_css").dt.offset_by("12mo").dt.offset_by("-1d"))


def _assures(truth: Truth, insured: pl.DataFrame) -> pl.DataFrame:
    adult = pl.col("age") >= 16
    own = pl.when(pl.col("famille_role") == "conjoint").then(pl.lit("CJ")).otherwise(pl.lit("OD"))
    return insured.select(
        "numero_assure", "numero_foyer",
        pl.when((pl.col("famille_role") == "enfant") & ~adult).then(pl.lit("AD")).otherwise(own).alias("qualite"),
        *IDENTITY, "situation_familiale", "nationalite", "activite", "adresse", "code_postal", "code_insee",
        "medecin_traitant", "complementaire", "date_debut_css", "date_fin_css",
        *truth.contacts(insured, phone=PHONE_GIVEN, email=EMAIL_GIVEN),
    )  # fmt: skip
