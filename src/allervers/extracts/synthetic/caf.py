"""The Caf's files: allocataires and their dossiers, payments, monthly resources.

The Caf knows the familles that receive something from it, or did, or claimed: most of those who claim nothing are not
in its files, as in life (non-take-up of the RSA: 18 % of housing aid holders, 57 % of the others; DREES, 2018).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl

from allervers.extracts.assembly.incomes import history, tax_years
from allervers.extracts.canonical import number
from allervers.extracts.synthetic.export import IDENTITY, Export
from allervers.extracts.synthetic.layouts import Layout
from allervers.extracts.synthetic.mess import NOT_A_CODE, NOT_A_DATE
from allervers.extracts.synthetic.truth import Truth

PARTNER = "caf-93"
CODES = {
    "rsa": "RSA", "ppa": "PPA", "aides_logement": "ALS", "af": "AF", "cf": "CF", "asf": "ASF", "paje_base": "PAJEB",
    "paje_naissance": "PAJEN", "ars": "ARS", "aah": "AAH", "ajpp": "AJPP",
}  # fmt: skip
"""Right -> code of the Caf. Housing aid is APL, ALF or ALS according to the dwelling and the children."""

FORMER_SHARE, SPOUSE_NOT_DECLARED, DEPARTED_CHILD_KEPT = 0.12, 0.025, 0.3
RENT_STALE, TAX_YEAR_MISSING, MONTHS_MISSING, NET_ALONE = 0.1, 0.05, 0.05, 0.1
LAST_YEAR_KNOWN, AJPP_SHARE = 0.97, 0.004
PHONE_GIVEN, EMAIL_GIVEN = 0.85, 0.7
"""Shares of dossiers or persons (assumptions, confidence C)."""

AJPP_MONTH_EUR = 1_320.0
"""About twenty days of presence (confidence C): the amount plays no part in what is tested."""

_ROLES = {"demandeur": "ALLOC", "conjoint": "CONJ", "enfant": "ENF"}
_SCHOOL = {"maternelle": "MAT", "primaire": "PRI", "college": "COL", "lycee": "LYC", "enseignement_superieur": "SUP"}
_KIND = {"public": "PUB", "prive_sous_contrat": "PSC", "prive_hors_contrat": "PHC"}
TENURE = {
    "locataire_hlm": "HLM", "locataire_vide": "VIDE", "locataire_meuble": "MEUBLE", "proprietaire": "PROP",
    "primo_accedant": "ACC", "loge_gratuitement": "GRATUIT", "locataire_foyer": "FOYER", "sans_domicile": "SDF",
}  # fmt: skip
_ANNUAL = {
    "salaires": ("salaire",), "chomage": ("chomage",), "pensions": ("retraite", "invalidite"),
    "independants": ("independant",), "alimentaire": ("alimentaire",),
}  # fmt: skip

ALLOCATAIRES = Layout(
    "caf_allocataires", PARTNER, "caf93_allocataires.csv", encoding="cp1252", decimal=",", dates="jj/mm/aaaa",
    upper=True,
    columns={
        "matricule": "NUMALLOC", "rang": "RGPERS", "role": "CDROLE", "nir": "NIR13CLE", "nom_naissance": "NOMNAI",
        "nom_usage": "NOMUSA", "prenoms": "PRENOM", "date_naissance": "DTNAIS", "sexe": "SEXE", "code_insee": "CINSEE",
        "situation_familiale": "SITFAM", "date_situation_familiale": "DTSITFAM", "loyer": "MTLOYER",
        "charges": "MTCHARGES", "statut_logement": "OCCLOG", "identifiant_logement": "IDLOG",
        "telephone": "TELPERS", "courriel": "ADMAIL",
    },
    codes={"role": {"ALLOC": "RDO", "CONJ": "CJT", "ENF": "EAC", "AUT": "AUT"}, "sexe": {"1": "M", "2": "F"}},
)  # fmt: skip
PAIEMENTS = Layout(
    "caf_paiements", PARTNER, "caf93_paiements.csv", encoding="cp1252", decimal=",",
    columns={"matricule": "NUMALLOC", "rang": "RGPERS", "mois": "MOISDROIT", "prestation": "CDPREST", "montant": "MT"},
)  # fmt: skip
RESSOURCES = Layout(
    "ressources_mensuelles", PARTNER, "caf93_ressources.csv", encoding="cp1252", decimal=",",
    columns={"matricule": "NUMALLOC", "rang": "RGPERS", "mois": "MOISRESS", "nature": "CDNAT", "imposable": "MTIMPO"},
)  # fmt: skip


def known_familles(truth: Truth) -> pl.DataFrame:
    """Familles with a Caf file: famille_id, matricule (7 digits), etat_dossier, pieces_manquantes, last month paid."""
    of_caf = truth.receipts.filter(pl.col("right").is_in(list(CODES)))
    paid = of_caf.filter(pl.col("received_eur") > 0, pl.col("month") < str(truth.month))
    recent = str(truth.month - 3)
    last = paid.group_by("famille_id").agg(last=pl.col("month").max())
    asked = of_caf.filter(pl.col("status") == "documents_missing", pl.col("month") >= recent)
    familles = truth.alive.select("famille_id").unique().sort("famille_id")
    asked_right = asked.group_by("famille_id").agg(asked=pl.lit(value=True).first())
    known = familles.join(last, on="famille_id", how="left").join(asked_right, on="famille_id", how="left")
    former = truth.drawn("caf_former", known["famille_id"]) < FORMER_SHARE
    known = known.filter(pl.col("last").is_not_null() | pl.col("asked").is_not_null() | former).sort("famille_id")
    numbers = truth.numbers("matricules", len(known), 1_000_000)
    state = pl.when(pl.col("asked").is_not_null()).then(pl.lit("P")).when(pl.col("last") >= recent).then(pl.lit("A"))
    return known.with_columns(
        matricule=numbers,
        etat_dossier=state.otherwise(pl.lit("R")),
        pieces_manquantes=pl.when(pl.col("asked").is_not_null()).then(pl.lit("JUSTIF")),
    ).select("famille_id", "matricule", "etat_dossier", "pieces_manquantes", "last")


def dossier_members(truth: Truth, known: pl.DataFrame) -> pl.DataFrame:
    """Persons as the Caf's dossiers list them: persons of the truth with matricule, rang and `role`.

    A few spouses are not declared; some students who left are still in the parents' dossier.
    """
    people = truth.persons.join(known, on="famille_id")
    hidden = (pl.col("famille_role") == "conjoint") & (
        truth.drawn("spouse", people["famille_id"]) < SPOUSE_NOT_DECLARED
    )
    people = people.filter(~(hidden & pl.col("vivant")))
    parents = truth.alive.filter(pl.col("foyer_fiscal_role") == "declarant_principal")
    homes = parents.select("foyer_fiscal_id", home="famille_id", parents="menage_id").join(
        known.rename({"famille_id": "home"}), on="home"
    )
    gone = truth.alive.filter(pl.col("foyer_fiscal_role") == "personne_a_charge", pl.col("famille_role") == "demandeur")
    gone = gone.join(homes, on="foyer_fiscal_id").filter(pl.col("menage_id") != pl.col("parents"))
    kept = gone.filter(truth.drawn("departed", gone["id"]) < DEPARTED_CHILD_KEPT)
    kept = kept.with_columns(famille_role=pl.lit("enfant"))
    listed = pl.concat([people, kept.select(people.columns)])
    order = pl.col("famille_role").replace_strict({"demandeur": 1, "conjoint": 2, "enfant": 3}, return_dtype=pl.Int8)
    ranked = listed.sort("matricule", order, "date_naissance", "id")
    rang = pl.int_range(1, pl.len() + 1).over("matricule")
    return ranked.with_columns(rang=rang, role=pl.col("famille_role").replace_strict(_ROLES))


def caf_exports(truth: Truth, known: pl.DataFrame, members: pl.DataFrame) -> list[Export]:
    """The three tabular files of the Caf."""
    numbers = members.select("id", person_number=number("matricule", "rang"))
    on = (truth.month).first_day + timedelta(days=4)
    bad = {"date_naissance": NOT_A_DATE, "role": NOT_A_CODE, "nom_naissance": ""}
    allocataires = replace(ALLOCATAIRES, constants={"annee_n2": truth.month.year - 2})
    return [
        Export(allocataires, _allocataires(truth, members), on, numbers, bad),
        Export(
            PAIEMENTS, _payments(truth, known, members), on, bad={"montant": "abc", "prestation": ""}, repeated=False
        ),
        Export(RESSOURCES, monthly_resources(truth, members, ("matricule", "rang")), on, bad={"nature": NOT_A_CODE}),
    ]


def _allocataires(truth: Truth, members: pl.DataFrame) -> pl.DataFrame:
    adult = pl.col("age") >= 16
    yearly = [_annual(truth, year, suffix) for year, suffix in zip(tax_years(truth.month), ("n2", "n1"), strict=True)]
    rows = members.join(yearly[0], on="id", how="left").join(yearly[1], on="id", how="left")
    amounts = {s: [f"{name}_{s}" for name in _ANNUAL] for s in ("n2", "n1")}
    for suffix, share in (("n2", 1 - TAX_YEAR_MISSING), ("n1", LAST_YEAR_KNOWN)):
        said = pl.lit(truth.drawn(suffix, rows["id"]) < share) & adult
        rows = rows.with_columns(
            pl.when(said).then(pl.col(name).fill_null(0.0)).alias(name) for name in amounts[suffix]
        )
    rows = rows.join(_quotients(rows, amounts["n2"]), on="matricule", how="left", maintain_order="left")
    stale = pl.when(pl.lit(truth.drawn("stale_rent", rows["matricule"]) < RENT_STALE)).then(0.94).otherwise(1.0)
    school = pl.col("scolarite").replace_strict(_SCHOOL, default=None)
    kind = pl.col("etablissement").replace_strict(_KIND, default=None)
    attached = pl.when(pl.col("foyer_fiscal_role") == "personne_a_charge").then(pl.lit("O")).otherwise(pl.lit("N"))
    tenure = pl.col("statut_logement").replace_strict(TENURE, default=None)
    # A famille whose adults do not hold the dwelling declares that it is hosted; flat-sharers declare their rent.
    holds = pl.col("menage_role").is_in(["personne_de_reference", "conjoint"]).any().over("matricule")
    hosted = (
        ~holds & ~pl.col("colocation").fill_null(value=False) & tenure.is_in(["HLM", "VIDE", "MEUBLE", "PROP", "ACC"])
    )
    open_file = pl.when(pl.col("etat_dossier") == "A")
    declared = (truth.month - 1).first_day.replace(day=20)
    return rows.select(
        "matricule", "rang", "role", *IDENTITY, "commune_naissance", "nationalite", "titre_sejour_depuis",
        "situation_familiale", "date_situation_familiale", "activite",
        school.alias("scolarite"),
        pl.when(school.is_not_null()).then(kind).alias("etablissement"),
        "date_deces", "grossesse_terme",
        (pl.col("taux_incapacite") * 100).round(0).cast(pl.Int32).alias("taux_incapacite"),
        *(_yes(c) for c in ("restriction_emploi", "inapte_travail", "garde_alternee")),
        pl.when((pl.col("role") == "ENF") & (pl.col("age") >= 18)).then(attached).alias("rattache_fiscalement"),
        *amounts["n2"], *amounts["n1"],
        "adresse", "code_postal", "code_insee",
        pl.when(hosted).then(pl.lit("GRATUIT")).otherwise(tenure).alias("statut_logement"),
        pl.when(~hosted).then((pl.col("loyer").cast(pl.Float64) * stale).round(2)).alias("loyer"),
        pl.when(~hosted).then(pl.col("charges").cast(pl.Float64).round(2)).alias("charges"),
        *(_yes(c) for c in ("colocation", "chambre")),
        "identifiant_logement", "suivi_social", "quotient_familial",
        open_file.then(pl.lit(declared)).alias("date_derniere_declaration"),
        open_file.then(pl.lit((truth.month + 2).first_day)).alias("date_declaration_attendue"),
        "etat_dossier", "pieces_manquantes", *truth.contacts(rows, phone=PHONE_GIVEN, email=EMAIL_GIVEN),
    )  # fmt: skip


def _yes(column: str) -> pl.Expr:
    flag = pl.col(column)
    return pl.when(flag).then(pl.lit("O")).when(flag.is_not_null()).then(pl.lit("N")).alias(column)


def _annual(truth: Truth, year: int, suffix: str) -> pl.DataFrame:
    of_year = truth.incomes.filter(pl.col("period") == str(year))
    return of_year.group_by("id").agg(
        pl.col("imposable").filter(pl.col("nature").is_in(natures)).sum().round(2).alias(f"{name}_{suffix}")
        for name, natures in _ANNUAL.items()
    )


def _quotients(rows: pl.DataFrame, amounts: list[str]) -> pl.DataFrame:
    """Quotient familial, as a Caf computes it less the benefits: a twelfth of the year's income over the parts."""
    parts = 2 + 0.5 * (pl.col("role") == "ENF").sum()
    income = pl.sum_horizontal(pl.col(name).fill_null(0.0) for name in amounts).sum() / 12
    return rows.group_by("matricule").agg(quotient_familial=(income / parts).round(0))


def _payments(truth: Truth, known: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    paid = truth.receipts.filter(
        pl.col("right").is_in(list(CODES)), pl.col("received_eur") > 0, pl.col("month") < str(truth.month)
    )
    homes = truth.alive.select("id", "statut_logement")
    families = members.filter(pl.col("role") == "ENF")["matricule"].unique()
    rangs = members.select("id", "matricule", "rang").unique(["id", "matricule"], keep="first", maintain_order=True)
    rows = (
        paid.join(known.select("famille_id", "matricule"), on="famille_id")
        .join(homes, on="id", how="left")
        .join(rangs, on=["id", "matricule"], how="left")
    )
    housing = (
        pl.when(pl.col("statut_logement").is_in(["locataire_hlm", "locataire_foyer"])).then(pl.lit("APL"))
        .when(pl.col("matricule").is_in(families.implode())).then(pl.lit("ALF")).otherwise(pl.lit("ALS"))
    )  # fmt: skip
    code = pl.when(pl.col("right") == "aides_logement").then(housing).otherwise(pl.col("right").replace_strict(CODES))
    paid_rows = rows.select(
        "matricule", pl.col("rang").fill_null(1), mois="month", prestation=code, montant=pl.col("received_eur").round(2)
    )
    return pl.concat([paid_rows, _ajpp(truth, members).select(paid_rows.columns)], how="vertical_relaxed")


def _ajpp(truth: Truth, members: pl.DataFrame) -> pl.DataFrame:
    """A few parents of a gravely ill child, paid by the day of presence: some since long, some since last month."""
    families = members.filter(pl.col("role") == "ENF", pl.col("age") < 18)["matricule"].unique().sort()
    ill = families.filter(pl.Series(truth.drawn("ajpp", families) < AJPP_SHARE))
    months = pl.Series(truth.stream("ajpp_months").integers(1, 6, len(ill)), dtype=pl.Int64)
    paid = pl.DataFrame({"matricule": ill, "months": months}).join(
        pl.DataFrame({"back": range(1, 6), "mois": [str(truth.month - k) for k in range(1, 6)]}), how="cross"
    )
    kept = paid.filter(pl.col("back") <= pl.col("months"))
    return kept.with_columns(rang=pl.lit(1), prestation=pl.lit("AJPP"), montant=pl.lit(AJPP_MONTH_EUR))


def monthly_resources(truth: Truth, people: pl.DataFrame, numbers: tuple[str, ...]) -> pl.DataFrame:
    """Monthly resources (DRM) of persons from 16 years, up to the month before: a month without any income is a zero.

    Some persons miss a few months; some incomes come as net amounts alone. people: id, age and `numbers`.
    """
    months = [str(m) for m in history(truth.month)[:-1]]
    adults = people.filter("vivant", pl.col("age") >= 15).select("id", *numbers).unique(maintain_order=True)
    grid = adults.join(pl.DataFrame({"period": months}), how="cross")
    rows = grid.join(truth.incomes, on=["id", "period"], how="left", maintain_order="left")
    nothing = pl.col("nature").is_null()
    zero = [pl.when(nothing).then(0.0).otherwise(c).alias(c) for c in ("brut", "net", "imposable")]
    rows = rows.with_columns(*zero, pl.col("nature").fill_null("salaire").str.to_uppercase())
    gap = truth.stream("gaps").integers(0, len(months), len(adults))
    lost = adults.with_columns(first=pl.Series(gap), gap=truth.drawn("missing_months", adults["id"]) < MONTHS_MISSING)
    rows = rows.join(lost.select("id", "first", "gap").unique("id"), on="id").with_columns(
        at=pl.col("period").replace_strict({m: i for i, m in enumerate(months)}, return_dtype=pl.Int64)
    )
    missing = pl.col("gap") & (pl.col("at") >= pl.col("first")) & (pl.col("at") < pl.col("first") + 3)
    net_alone = pl.Series(truth.stream("net_alone").random(len(rows)) < NET_ALONE) & pl.col("net").is_not_null()
    short = [pl.when(~net_alone).then(c).alias(c) for c in ("brut", "imposable")]
    return (
        rows.with_columns(short)
        .filter(~missing)
        .select(*numbers, mois="period", nature="nature", brut="brut", net="net", imposable="imposable")
    )
