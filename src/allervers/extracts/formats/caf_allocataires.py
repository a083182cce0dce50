"""Caf: allocataires, one row per person of a dossier. Documentation: docs/formats/caf_allocataires.md."""

from __future__ import annotations

import polars as pl

from allervers.extracts.batches import Reading
from allervers.extracts.canonical import canonical_table, first_by, number
from allervers.extracts.formats.persons import ADDRESS, CONTACT, MOTIVE_SHAPE, identity, number_column, reach
from allervers.extracts.layout import Column, Kind, Layout, Output, RowRule, Rows, Span

INCOME_COLUMNS = {
    "salaires": "salaire",
    "chomage": "chomage",
    "pensions": "retraite",
    "independants": "independant",
    "alimentaire": "alimentaire",
}
"""Start of the name of an annual income column -> nature of population.inputs.INCOMES."""

ROLES = {"ALLOC": "demandeur", "CONJ": "conjoint", "ENF": "enfant", "AUT": "autre"}
SITUATIONS = {"CEL": "celibataire", "MAR": "marie", "PAC": "pacse", "CON": "concubin", "DIV": "divorce",
              "SEP": "separe", "VEU": "veuf"}  # fmt: skip
ACTIVITIES = {"SAL": "actif", "IND": "independant", "APP": "apprenti", "CHO": "chomeur", "ETU": "etudiant",
              "RET": "retraite", "INA": "inactif"}  # fmt: skip
NATIONALITIES = {"FR": "FR", "UE": "UE", "HUE": "HUE"}
SCHOOLS = {"MAT": "maternelle", "PRI": "primaire", "COL": "college", "LYC": "lycee", "SUP": "enseignement_superieur"}
SCHOOL_KINDS = {"PUB": "public", "PSC": "prive_sous_contrat", "PHC": "prive_hors_contrat"}
TENURES = {"HLM": "locataire_hlm", "VIDE": "locataire_vide", "MEUBLE": "locataire_meuble", "PROP": "proprietaire",
           "ACC": "primo_accedant", "GRATUIT": "loge_gratuitement", "FOYER": "locataire_foyer",
           "SDF": "sans_domicile"}  # fmt: skip
STATES = {"A": "actif", "P": "pieces_manquantes", "S": "suspendu", "R": "radie"}


def _incomes(suffix: str, year: str) -> tuple[Column, ...]:
    labels = {
        "salaires": "Salaires et indemnités journalières imposables",
        "chomage": "Allocations de chômage imposables",
        "pensions": "Pensions de retraite imposables",
        "independants": "Bénéfices imposables des indépendants",
        "alimentaire": "Pensions alimentaires reçues",
    }
    return tuple(
        Column(f"{name}_{suffix}", Kind.AMOUNT, f"{label} de l'année {year}, euros par an", high=1e7,
               low=-1e6 if name == "independants" else 0.0)
        for name, label in labels.items()
    )  # fmt: skip


_DOSSIER = (
    *ADDRESS,
    Column("statut_logement", Kind.CODE, "Statut d'occupation du logement", codes=TENURES),
    Column("loyer", Kind.AMOUNT, "Loyer hors charges, euros par mois", high=20_000),
    Column("charges", Kind.AMOUNT, "Charges locatives, euros par mois", high=10_000),
    Column("colocation", Kind.FLAG, "Colocation"),
    Column("chambre", Kind.FLAG, "Logement réduit à une chambre"),
    Column("identifiant_logement", Kind.TEXT, "Identifiant du logement, le même pour deux dossiers sous un toit"),
    Column("suivi_social", Kind.FLAG, "Suivi social en cours"),
    Column("quotient_familial", Kind.AMOUNT, "Quotient familial, euros par mois", low=-1e5, high=1e5),
    Column("date_derniere_declaration", Kind.DATE, "Dernière déclaration de ressources reçue"),
    Column("date_declaration_attendue", Kind.DATE, "Déclaration de ressources attendue", span=Span.ANY),
    Column("etat_dossier", Kind.CODE, "État : actif, pièces manquantes, suspendu, radié", codes=STATES),
    Column("pieces_manquantes", Kind.TEXT, "Code de la pièce manquante", longest=20, shape=MOTIVE_SHAPE),
)
_DOSSIER_DATA = tuple(column.name for column in _DOSSIER if column.name not in ("adresse", "code_postal"))
_DOSSIER_NAMES = {
    "etat_dossier": "etat",
    "date_derniere_declaration": "derniere_declaration_on",
    "date_declaration_attendue": "declaration_attendue_on",
}

COLUMNS = (
    number_column("matricule", "Numéro d'allocataire"),
    number_column("rang", "Rang de la personne dans le dossier"),
    Column("role", Kind.CODE, "Rôle dans le dossier", required=True, codes=ROLES),
    *identity(birth=Span.EXPECTED_BIRTH),
    Column("commune_naissance", Kind.TEXT, "Commune ou pays de naissance"),
    Column("nationalite", Kind.CODE, "Groupe de nationalité : française, Union européenne, autre", codes=NATIONALITIES),
    Column("titre_sejour_depuis", Kind.DATE, "Début du titre de séjour"),
    Column("situation_familiale", Kind.CODE, "Situation familiale", codes=SITUATIONS),
    Column("date_situation_familiale", Kind.DATE, "Début de la situation familiale"),
    Column("activite", Kind.CODE, "Activité principale", codes=ACTIVITIES),
    Column("scolarite", Kind.CODE, "Niveau de scolarité", codes=SCHOOLS),
    Column("etablissement", Kind.CODE, "Statut de l'établissement scolaire", codes=SCHOOL_KINDS),
    Column("date_deces", Kind.DATE, "Date de décès"),
    Column("grossesse_terme", Kind.DATE, "Terme prévu d'une grossesse déclarée", span=Span.TERM),
    Column("taux_incapacite", Kind.AMOUNT, "Taux d'incapacité, de 0 à 100", high=100),
    Column("restriction_emploi", Kind.FLAG, "Restriction substantielle et durable d'accès à l'emploi"),
    Column("inapte_travail", Kind.FLAG, "Inaptitude au travail reconnue"),
    Column("garde_alternee", Kind.FLAG, "Enfant en résidence alternée"),
    Column("rattache_fiscalement", Kind.FLAG, "Enfant rattaché au foyer fiscal des parents"),
    Column("annee_n2", Kind.YEAR, "Année des ressources N-2 (N-1 est la suivante)"),
    *_incomes("n2", "N-2"),
    *_incomes("n1", "N-1"),
    *_DOSSIER,
    *CONTACT,
)


def _unborn(reading: Reading) -> pl.Expr:
    born_later = pl.col("date_naissance") > max(reading.reference_on, reading.today)
    return born_later & ((pl.col("role") != "enfant") | pl.col("grossesse_terme").is_null())


def _make(rows: Rows) -> Output:
    frame = rows.frame.with_columns(person=number("matricule", "rang"))
    holder_first = [pl.col("role") != "demandeur"]
    dossiers = first_by(frame, "matricule", best_first=holder_first)
    tables = {
        "personnes": canonical_table(
            "personnes", frame, person_number="person", dossier_number="matricule", role="role",
            date_naissance="date_naissance", date_deces="date_deces", nationalite="nationalite",
            titre_sejour_depuis="titre_sejour_depuis", situation_familiale="situation_familiale",
            situation_familiale_depuis="date_situation_familiale", activite="activite", scolarite="scolarite",
            etablissement="etablissement", grossesse_terme="grossesse_terme",
            taux_incapacite=pl.col("taux_incapacite") / 100, restriction_emploi="restriction_emploi",
            inapte_travail="inapte_travail", garde_alternee="garde_alternee",
            rattache_fiscalement="rattache_fiscalement", **reach(rows),
        ),
        "dossiers": canonical_table(
            "dossiers", dossiers, dossier_number="matricule",
            **{_DOSSIER_NAMES.get(name, name): name for name in _DOSSIER_DATA},
        ),
        "ressources": _yearly_incomes(frame),
    }  # fmt: skip
    return Output(rows.persons(frame, "person"), tables)


def _yearly_incomes(frame: pl.DataFrame) -> pl.DataFrame:
    """A row per income that is given, a given zero included. Shape: person x year x nature."""
    parts = []
    for years, suffix in ((0, "n2"), (1, "n1")):
        for name, nature in INCOME_COLUMNS.items():
            given = frame.filter(pl.col(f"{name}_{suffix}").is_not_null())
            period = (pl.col("annee_n2") + years).cast(pl.String)
            parts.append(
                canonical_table("ressources", given, person_number="person", period=period, nature=pl.lit(nature),
                                imposable=f"{name}_{suffix}")
            )  # fmt: skip
    return pl.concat(parts)


LAYOUT = Layout(
    name="caf_allocataires",
    label="Caf : allocataires et leurs dossiers",
    columns=COLUMNS,
    keys=("matricule", "rang"),
    make=_make,
    rules=(
        RowRule(
            "naissance_future", "date_naissance",
            "naissance à venir, admise pour un enfant (ENF) dont grossesse_terme est donné", _unborn,
        ),
        RowRule(
            "annee_absente", "annee_n2", "des ressources annuelles sans leur année",
            lambda _: pl.col("annee_n2").is_null()
            & pl.any_horizontal(pl.col(f"{n}_{s}").is_not_null() for n in INCOME_COLUMNS for s in ("n2", "n1")),
        ),
    ),
    needs={"annee_n2": tuple(f"{name}_{suffix}" for suffix in ("n2", "n1") for name in INCOME_COLUMNS)},
)  # fmt: skip
