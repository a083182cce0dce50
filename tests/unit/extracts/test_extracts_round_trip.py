"""Truth to the Caf's extract and back: without the errors, the assembled population says what the truth says.

The rows of the Caf are turned into canonical records here, without the readers, which have their own tests.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from synthetic_truth import MONTH, make_truth

from allervers.extracts.assembly.assemble import AssemblyReport, assemble
from allervers.extracts.records import TABLES
from allervers.extracts.synthetic.caf import TENURE, caf_exports, dossier_members, known_familles
from allervers.extracts.synthetic.truth import Truth, read_truth

ORIGIN = {"partner": "caf-93", "import_id": "i1", "reference_on": date(2026, 11, 5)}
ROLES = {"ALLOC": "demandeur", "CONJ": "conjoint", "ENF": "enfant"}
SITUATIONS = {
    "CEL": "celibataire", "MAR": "marie", "PAC": "pacse", "CON": "concubin", "DIV": "divorce", "SEP": "separe",
    "VEU": "veuf",
}  # fmt: skip
ACTIVITES = {
    "SAL": "actif", "IND": "independant", "APP": "apprenti", "CHO": "chomeur", "ETU": "etudiant", "RET": "retraite",
    "INA": "inactif",
}  # fmt: skip
FLAGS = ("restriction_emploi", "inapte_travail", "garde_alternee", "rattache_fiscalement")


@dataclass(frozen=True)
class Trip:
    """The truth, the persons of clean Caf households, and what was assembled from the Caf alone."""

    population: Path
    folder: Path
    clean: pl.Series
    report: AssemblyReport

    def both(self, entity: str, *columns: str) -> pl.DataFrame:
        """True and assembled values of clean persons, `x` and `x_read`. Columns of groups follow the person."""
        parts = []
        for folder in (self.population, self.folder):
            people = pl.read_parquet(folder / "individu.parquet")
            if entity == "menage":
                homes = pl.read_parquet(folder / "menage.parquet").rename({"id": "menage_id"})
                people = people.select("id", "menage_id").join(homes, on="menage_id")
            parts.append(people.select("id", *columns))
        return parts[0].join(parts[1], on="id", suffix="_read").filter(pl.col("id").is_in(self.clean.implode()))


def canonical(truth: Truth) -> tuple[dict[str, pl.DataFrame], pl.Series]:
    """Canonical tables of the Caf's rows, before any error; ids of persons in households told whole."""
    known = known_familles(truth)
    members = dossier_members(truth, known)
    people, paid, monthly = (export.rows for export in caf_exports(truth, known, members))
    key = pl.format("{}-{}", "matricule", "rang").alias("source_key")
    ids = members.select(key, "id")
    personnes = people.with_columns(
        key, pl.col("matricule").alias("dossier_key"), pl.col("role").replace_strict(ROLES),
        pl.col("situation_familiale").replace_strict(SITUATIONS, default=None),
        pl.col("activite").replace_strict(ACTIVITES, default=None),
        pl.col("taux_incapacite") / 100,
        pl.col("date_situation_familiale").alias("situation_familiale_depuis"),
        *(pl.col(flag) == "O" for flag in FLAGS),
        scolarite=pl.lit(None, pl.String), etablissement=pl.lit(None, pl.String),
    )  # fmt: skip
    dossiers = people.unique("matricule", keep="first", maintain_order=True).with_columns(
        pl.col("matricule").alias("dossier_key"),
        pl.col("statut_logement").replace_strict({code: name for name, code in TENURE.items()}),
        *(pl.col(flag) == "O" for flag in ("colocation", "chambre", "suivi_social")),
        etat=pl.lit("actif"), derniere_declaration_on=None, declaration_attendue_on=None,
    )  # fmt: skip
    resources = monthly.with_columns(key, pl.col("nature").str.to_lowercase(), period="mois")
    yearly = people.filter(pl.col("salaires_n2").is_not_null()).select(
        key, period=pl.lit("2024"), nature=pl.lit("salaire"), imposable="salaires_n2"
    )
    payments = paid.select(
        key, dossier_key="matricule", month="mois", prestation=pl.col("prestation"), montant="montant"
    )
    tables = {
        "personnes": shaped(personnes, "personnes"),
        "dossiers": shaped(dossiers, "dossiers"),
        "ressources": pl.concat([shaped(resources, "ressources"), shaped(yearly, "ressources")]),
        "paiements": shaped(payments, "paiements"),
    }
    return tables, clean_persons(truth, members, ids)


def shaped(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    columns: Mapping[str, Any] = TABLES[table]
    filled = [pl.col(c).cast(t) if c in frame.columns else pl.lit(None, t).alias(c) for c, t in columns.items()]
    return frame.select(filled).with_columns(pl.lit(value).alias(name) for name, value in ORIGIN.items())


def clean_persons(truth: Truth, members: pl.DataFrame, ids: pl.DataFrame) -> pl.Series:
    """Persons of the ménages whose every person is told once, by one dossier, and by no other household's."""
    told = members.filter("vivant").group_by("id").agg(times=pl.len(), role=pl.col("famille_role").first())
    homes = truth.alive.join(told, on="id", how="left")
    whole = homes.group_by("menage_id").agg(good=(pl.col("times").fill_null(0) == 1).all())
    foyers = truth.alive.group_by("foyer_fiscal_id").agg(pl.col("menage_id").n_unique().alias("homes"))
    one_roof = homes.join(foyers, on="foyer_fiscal_id").group_by("menage_id").agg(pl.col("homes").max())
    good = whole.filter("good").join(one_roof.filter(pl.col("homes") == 1), on="menage_id")
    return homes.join(good, on="menage_id", how="semi")["id"]


@pytest.fixture(scope="module")
def trip(tmp_path_factory: pytest.TempPathFactory) -> Trip:
    folder = tmp_path_factory.mktemp("trip")
    population, receipts = make_truth(folder)
    truth = read_truth(population, receipts, MONTH, 1)
    tables, clean = canonical(truth)
    known = known_familles(truth)
    members = dossier_members(truth, known)
    persons = members.select(
        pl.format("{}-{}", "matricule", "rang").alias("source_key"), pl.col("id").alias("person_id"),
        pl.lit("sure").alias("zone"), pl.lit(value=True).alias("contact_allowed"),
    )  # fmt: skip
    report = assemble(month=MONTH, persons=persons, tables=tables, folder=folder / "assembled")
    return Trip(population, folder / "assembled", clean, report)


def test_enough_households_are_clean(trip: Trip) -> None:
    assert len(trip.clean) > 200


@pytest.mark.parametrize("group", ["famille", "menage"])
def test_the_same_persons_live_together(trip: Trip, group: str) -> None:
    both = trip.both("individu", f"{group}_id", f"{group}_role")
    pairs = both.select(f"{group}_id", f"{group}_id_read").unique()
    assert pairs[f"{group}_id"].is_unique().all()
    assert pairs[f"{group}_id_read"].is_unique().all()
    if group == "famille":
        assert (both["famille_role"] == both["famille_role_read"]).all()


def test_foyers_come_back_but_for_unmarried_couples(trip: Trip) -> None:
    """Which of two unmarried parents declares the children is not in any partner's file."""
    group, status = "foyer_fiscal_id", f"statut_marital@{MONTH}"
    both = trip.both("individu", "famille_id", "famille_role", group, status)
    unmarried = both.filter(pl.col("famille_role") == "conjoint", pl.col(status) == "celibataire")
    pairs = both.join(unmarried, on="famille_id", how="anti").select(group, f"{group}_read").unique()
    assert pairs[group].is_unique().all()
    assert pairs[f"{group}_read"].is_unique().all()


def test_incomes_come_back_to_the_cent_where_they_were_said(trip: Trip) -> None:
    for column in ("salaire_net@2026-08", "chomage_brut@2026-03", "retraite_imposable@2026-10"):
        both = trip.both("individu", column).drop_nulls()
        assert len(both) > 100
        assert (both[column] - both[f"{column}_read"]).abs().max() < 0.06, column


def test_last_year_but_one_comes_back(trip: Trip) -> None:
    both = trip.both("individu", "salaire_imposable@2024").drop_nulls()
    assert (both["salaire_imposable@2024"] - both["salaire_imposable@2024_read"]).abs().max() < 0.06


def test_what_nobody_said_stays_unknown(trip: Trip) -> None:
    both = trip.both("individu", "salaire_net@2026-08")
    assert 0 < both["salaire_net@2026-08_read"].null_count() < 0.2 * len(both)
    school = pl.read_parquet(trip.folder / "individu.parquet")["scolarite@2026-11"]
    assert school.null_count() > 0
    assert school.drop_nulls().unique().to_list() == ["inconnue"]


def test_situations_come_back(trip: Trip) -> None:
    for column in (f"statut_marital@{MONTH}", f"inapte_travail@{MONTH}", f"garde_alternee@{MONTH}"):
        both = trip.both("individu", column).drop_nulls()
        assert len(both) > 100
        assert (both[column] == both[f"{column}_read"]).all(), column


def test_dwellings_come_back_but_for_stale_rents(trip: Trip) -> None:
    both = trip.both("menage", f"depcom@{MONTH}", f"statut_occupation_logement@{MONTH}", f"loyer@{MONTH}")
    for column in (f"depcom@{MONTH}", f"statut_occupation_logement@{MONTH}"):
        assert (both[column] == both[f"{column}_read"]).all(), column
    same = (both[f"loyer@{MONTH}"] - both[f"loyer@{MONTH}_read"]).abs() < 0.02
    assert 0.8 < float(same.mean() or 0) < 1


def test_receipts_name_the_same_units(trip: Trip) -> None:
    read = pl.read_parquet(trip.folder / "receipts.parquet")
    assert set(read["unit"].unique()) == {"famille", "individu"} or set(read["unit"].unique()) == {"famille"}
    assert read["montant"].min() > 0
