"""Detection on a synthetic département whose data are complete: it says what the truth says, however it is run.

The assembled folder is built here from the truth, without extracts: what is measured is detection alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from allervers.cli.synthesize import true_take_up
from allervers.detection.casefile import CaseFile, read_case_file
from allervers.detection.entitlement import entitlements
from allervers.detection.live import explain_household
from allervers.detection.quality import Quality, measure
from allervers.detection.run import Detection, detect, write_detection
from allervers.detection.statuses import NOT_TAKEN_UP, Status
from allervers.detection.truth import truth_of_units
from allervers.engine.law import Law
from allervers.extracts.assembly.facts import OF_MENAGE, OF_PERSON
from allervers.foundation.money import euros
from allervers.foundation.periods import Month
from allervers.population.checks import read_population
from allervers.population.synthetic.make import make_population
from allervers.rights.catalogue import catalogue, computed_rights
from allervers.rights.corrections import corrected_law, corrections_of

pytestmark = pytest.mark.law

MONTH, HOUSEHOLDS, SEED = Month(2026, 11), 300, 5
TODAY = MONTH.first_day.replace(day=23)
WITHOUT_PAYMENT = ("css_sans_participation", "css_avec_participation")
STEADY = ("af", "cf", "asf", "paje_base", "ars", "cheque_energie", "bourse_college", "bourse_lycee")
"""Rights whose amount depends on no other benefit: the truth and detection compute the same thing."""


@dataclass(frozen=True)
class Run:
    """A folder, what the truth says of it, and what detection found."""

    folder: Path
    case: CaseFile
    truth: pl.DataFrame
    detection: Detection

    def statuses(self, right: str) -> pl.DataFrame:
        """unit_id, status and the truth of each unit of a right."""
        rows = self.detection.findings.filter(pl.col("right") == right)
        return rows.join(self.truth, on=["right", "unit_id"])


def write_beside(folder: Path, take_up: pl.DataFrame) -> None:
    """The tables that assembly writes beside the population, as if every partner said everything."""
    people = pl.read_parquet(folder / "individu.parquet")
    heads = people.filter(pl.col("famille_role") == "demandeur")
    persons = people.select("menage_id", "famille_id", person_id="id")
    contacts = heads.select("menage_id", "famille_id", person_id="id").with_columns(
        contact_allowed=pl.lit(value=True), code_insee=pl.lit("93066"), zone=pl.lit("sure")
    )
    right = pl.col("right")
    unit = pl.when(right.is_in(OF_PERSON)).then(pl.lit("individu"))
    unit = unit.when(right.is_in(OF_MENAGE)).then(pl.lit("menage")).otherwise(pl.lit("famille"))
    paid = take_up.filter(pl.col("received_eur") > 0, ~right.is_in(WITHOUT_PAYMENT))
    receipts = paid.select(
        "unit_id", "menage_id", "month", unit=unit, prestation="right", montant="received_eur", partner=pl.lit("p")
    )
    now = take_up.filter(pl.col("month") == str(MONTH))
    states = {"received": "accorde", "documents_missing": "pieces_manquantes"}
    told = now.filter(
        (right.is_in(WITHOUT_PAYMENT) & (pl.col("status") == "received")) | (pl.col("status") == "documents_missing")
    )
    holder = pl.concat([contacts.select("person_id", unit_id="famille_id"), persons.select("person_id", unit_id="person_id")])
    droits = told.join(holder.unique("unit_id"), on="unit_id").select(
        "person_id", prestation="right", etat=pl.col("status").replace_strict(states),
        motif=pl.lit(None, pl.String), debut_on=pl.lit(None, pl.Date), fin_on=pl.lit(None, pl.Date),
        montant=pl.lit(None, pl.Float64), partner=pl.lit("p"),
    ).join(persons, on="person_id")  # fmt: skip
    located = {"menage_id": pl.String, "famille_id": pl.String, "person_id": pl.String}
    signaux = pl.DataFrame(schema={**located, "signal": pl.String, "since_on": pl.Date, "montant": pl.Float64,
                                   "detail": pl.String, "partner": pl.String})  # fmt: skip
    dossiers = pl.DataFrame(schema={**located, "etat": pl.String, "quotient_familial": pl.Float64,
                                    "suivi_social": pl.Boolean, "derniere_declaration_on": pl.Date,
                                    "declaration_attendue_on": pl.Date})  # fmt: skip
    provenance = persons.select(
        "menage_id", "person_id", input_group=pl.lit("composition"), partner=pl.lit("p"),
        reference_on=pl.lit(MONTH.first_day), state=pl.lit("known"),
    )  # fmt: skip
    tables = {"contacts": contacts, "receipts": receipts, "droits": droits, "signaux": signaux, "dossiers": dossiers,
              "provenance": provenance}  # fmt: skip
    for name, frame in tables.items():
        frame.write_parquet(folder / f"{name}.parquet")


@pytest.fixture(scope="module")
def run(tmp_path_factory, corrected: Law) -> Run:
    folder = tmp_path_factory.mktemp("detection") / "population"
    make_population(households=HOUSEHOLDS, seed=SEED, month=MONTH, departement="93", folder=folder)
    population = read_population(folder, corrected.variable)
    take_up = true_take_up(population, month=MONTH, seed=SEED, changes=corrected_law(), pool=None)
    write_beside(folder, take_up)
    case = read_case_file(folder, corrected)
    same = pl.DataFrame({"id": population.ids["individu"], "person_id": population.ids["individu"]})
    truth = truth_of_units(take_up, population, same, case, month=MONTH)
    found = detect(folder, law=corrected, changes=corrected_law(), month=MONTH, today=TODAY)
    return Run(folder, case, truth, found)


def test_show(run):
    for one in measure(run.detection.findings, run.truth, rights=[r.id for r in computed_rights()]):
        print(one.right, one.listed, one.precision, one.recall, one.recall_where_known, one.beta, one.amount_error)
    with pl.Config(tbl_rows=-1):
        print(run.detection.findings.group_by("right", "status").len().sort("right", "status"))
        print(run.detection.alerts["alert"].value_counts())
