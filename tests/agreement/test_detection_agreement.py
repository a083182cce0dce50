"""Detection on a synthetic département whose data are complete: it says what the truth says, however it is run.

The assembled folder is built here from the truth, without extracts: what is measured is detection alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from allervers.cli.synthesize import READS_RECEIPTS, true_take_up
from allervers.detection.casefile import CaseFile, read_case_file
from allervers.detection.entitlement import RECEIVED_VARIABLES, MonthOfRights, entitlements
from allervers.detection.live import explain_household
from allervers.detection.quality import measure
from allervers.detection.run import Detection, detect, write_detection
from allervers.detection.statuses import Status
from allervers.detection.truth import truth_of_units
from allervers.engine.law import Law
from allervers.extracts.assembly.facts import OF_MENAGE, OF_PERSON
from allervers.foundation.money import euros
from allervers.foundation.periods import Month
from allervers.population.checks import read_population
from allervers.population.synthetic.make import make_population
from allervers.rights.catalogue import catalogue, computed_rights
from allervers.rights.corrections import corrected_law

pytestmark = pytest.mark.law

MONTH, HOUSEHOLDS, SEED = Month(2026, 11), 250, 5
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
    explained_apart: pl.DataFrame
    """right, unit_id: where detection may differ from the truth, for a stated cause (see `apart`)."""
    detection: Detection


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
    holder = pl.concat(
        [contacts.select("person_id", unit_id="famille_id"), persons.select("person_id", unit_id="person_id")]
    )
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
    zones = contacts.select("person_id", "contact_allowed", "zone")
    tables = {"contacts": contacts, "zones": zones,
              "receipts": receipts, "droits": droits, "signaux": signaux, "dossiers": dossiers,
              "provenance": provenance}  # fmt: skip
    for name, frame in tables.items():
        frame.write_parquet(folder / f"{name}.parquet")


def apart(take_up: pl.DataFrame, found: Detection) -> pl.DataFrame:
    """right, unit_id set apart, and why.

    - Unknown or not computable by the register of corrections: not said either way.
    - Paid the month before and no more: a payment of the month before counts as receipt.
    - Under the threshold of the published take-up rates: the law has none for the APL.
    - A right whose resources hold benefits that the household is entitled to and does not receive: the truth computed
      it on receipts that are drawn again with their groups afterwards.
    - The APL the month after an RSA that was held three months: its resources are set aside while the RSA is received.
    """
    findings = found.findings
    silent = findings.filter(pl.col("status").is_in([str(Status.UNKNOWN), str(Status.NOT_COMPUTABLE)]))
    at, before = (take_up.filter(pl.col("month") == str(m)) for m in (MONTH, MONTH - 1))
    keys = ["right", "unit_id"]
    paid_before = before.filter(pl.col("received_eur") > 0)
    stopped = paid_before.join(at.filter(pl.col("received_eur") > 0), on=keys, how="anti")
    small = take_up.filter(pl.col("status") == "under_payment_threshold")
    fed = [right for right in RECEIVED_VARIABLES if right not in READS_RECEIPTS]
    partly = take_up.filter(pl.col("right").is_in(fed), pl.col("received_eur") < pl.col("entitled_eur"))
    reading = findings.filter(pl.col("right").is_in(READS_RECEIPTS))
    reading = reading.join(partly, on="menage_id", how="semi")
    housed = findings.filter(pl.col("right") == "aides_logement")
    housed = housed.join(stopped.filter(pl.col("right") == "rsa"), on="menage_id", how="semi")
    return pl.concat(part.select(keys) for part in (silent, stopped, small, reading, housed)).unique()


@pytest.fixture(scope="module")
def run(tmp_path_factory, corrected: Law) -> Run:
    folder = tmp_path_factory.mktemp("detection") / "population"
    make_population(households=HOUSEHOLDS, seed=SEED, month=MONTH, departement="93", folder=folder)
    population = read_population(folder, corrected.variable)
    take_up = true_take_up(population, month=MONTH, seed=SEED, changes=corrected_law())
    write_beside(folder, take_up)
    case = read_case_file(folder, corrected)
    same = pl.DataFrame({"id": population.ids["individu"], "person_id": population.ids["individu"]})
    truth = truth_of_units(take_up, population, same, case, month=MONTH)
    found = detect(folder, law=corrected, changes=corrected_law(), month=MONTH, today=TODAY)
    return Run(folder, case, truth, apart(take_up, found), found)


def test_statuses_agree_with_the_truth(run):
    """Precision and recall of 1 on the units that no stated cause sets apart."""
    findings = run.detection.findings.join(run.explained_apart, on=["right", "unit_id"], how="anti")
    truth = run.truth.join(run.explained_apart, on=["right", "unit_id"], how="anti")
    measured = {q.right: q for q in measure(findings, truth, rights=[r.id for r in computed_rights()])}
    for right, quality in measured.items():
        assert quality.precision is not None
        assert quality.recall_where_known is not None
        assert quality.precision.value in (1.0, None), right
        assert quality.recall_where_known.value in (1.0, None), right
    assert sum(quality.listed for quality in measured.values()) > 80
    assert run.explained_apart.height < 0.06 * run.detection.findings.height


def test_received_agrees_with_the_truth(run):
    rows = run.detection.findings.join(run.truth, on=["right", "unit_id"])
    rows = rows.join(run.explained_apart, on=["right", "unit_id"], how="anti").filter(
        "entitled", ~pl.col("not_taken_up")
    )
    assert rows.height > 400
    assert set(rows["status"]) == {str(Status.RECEIVED)}


def test_beta_is_nil_for_rights_that_depend_on_no_other(run):
    for one in measure(run.detection.findings, rights=STEADY):
        assert one.beta.value in (0.0, None), one.right
        assert one.amount_error in (0.0, None), one.right


def test_one_row_a_unit_and_right_and_every_unit_has_one(run):
    findings = run.detection.findings
    assert findings.select("right", "unit_id").is_duplicated().sum() == 0
    sizes = {entity: len(ids) for entity, ids in run.case.population.ids.items()}
    counted = dict(findings.group_by("right").len().iter_rows())
    for right in computed_rights():
        assert right.computation is not None
        assert counted[right.id] == sizes[right.computation.entity], right.id


def test_result_does_not_depend_on_the_number_of_threads(run, corrected):
    again = detect(run.folder, law=corrected, changes=corrected_law(), month=MONTH, today=TODAY, workers=2)
    order = ["right", "unit_id"]
    assert_frame_equal(again.findings.sort(order), run.detection.findings.sort(order))
    order = ["alert", "right", "menage_id", "famille_id", "person_id"]
    assert_frame_equal(again.alerts.sort(order), run.detection.alerts.sort(order))


def test_result_does_not_depend_on_the_size_of_blocks(run):
    rights = [catalogue()[name] for name in ("rsa", "aah", "cheque_energie")]
    cut = entitlements(
        run.case.population,
        [MonthOfRights(MONTH, rights, with_sides=True)],
        changes=corrected_law(),
        receipts=run.case.receipts,
        block_households=70,
    )
    whole = {e.right: e for e in run.detection.entitled if e.month == MONTH}
    for part in cut:
        assert_frame_equal(part.frame, whole[part.right].frame)


def test_every_number_of_a_live_explanation_is_the_engine_s(run, corrected, tmp_path):
    write_detection(
        run.detection, tmp_path / "out", departement="93", header={}, provenance=run.case.provenance
    )  # fmt: skip
    for right in ("rsa", "aides_logement", "aspa", "aah", "cf"):
        rows = run.detection.findings.filter(pl.col("right") == right)
        chosen = rows.filter(pl.col("status").is_in(["not_claimed", "received"])).unique("status", keep="first")
        frame = next(e.frame for e in run.detection.entitled if (e.right, e.month) == (right, MONTH))
        assert chosen.height
        for row in chosen.iter_rows(named=True):
            found = explain_household(
                run.case,
                tmp_path / "out" / "statuts.parquet",
                row["menage_id"],
                catalogue()[right],
                law=corrected,
                month=MONTH,
            )
            one = next(e for e in found if e.unit_id == row["unit_id"])
            sides = frame.filter(pl.col("unit_id") == row["unit_id"]).row(0, named=True)
            computation = catalogue()[right].computation
            assert computation is not None
            labels = computation.explained_by.items()
            assert one.parameters == tuple(f"{label} : {sides[name]:.2f}".replace(".", ",") for name, label in labels)
            assert not sides["amount"] or euros(round(sides["amount"], 2)) in one.sentence
