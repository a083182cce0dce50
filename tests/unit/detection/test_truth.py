"""The truth of a synthetic département, named as detection names units."""

import polars as pl
from hand_made_case import MONTH, case_of, population_frames

from allervers.detection.truth import truth_of_units
from allervers.population.folder import Population
from allervers.rights.catalogue import computed_rights

EVERYBODY = {"p1": "p1", "p2": "p2", "p3": "p3", "p4": "p4", "p5": "p5"}


def truth_of(tmp_path, states, same=None, *, population=None) -> pl.DataFrame:
    """states: (unit, right, month, status). same: id of the truth -> id that detection gives."""
    true: Population = case_of(tmp_path / "true").population
    seen = case_of(tmp_path / "seen", population=population)
    take_up = pl.DataFrame(
        states, schema=dict.fromkeys(("unit_id", "right", "month", "status"), pl.String), orient="row"
    )
    known = EVERYBODY if same is None else same
    same_person = pl.DataFrame({"id": list(known), "person_id": list(known.values())},
                               schema={"id": pl.String, "person_id": pl.String})  # fmt: skip
    return truth_of_units(take_up, true, same_person, seen, month=MONTH)


def of(truth: pl.DataFrame, right: str) -> dict:
    rows = truth.filter(pl.col("right") == right)
    return {
        unit: (entitled, missed) for unit, entitled, missed in rows.select("unit_id", "entitled", "not_taken_up").rows()
    }


def test_each_unit_of_each_right_has_one_row(tmp_path):
    truth = truth_of(tmp_path, [])
    assert set(truth["right"]) == {r.id for r in computed_rights()}
    assert truth.select("right", "unit_id").is_duplicated().sum() == 0
    assert of(truth, "rsa") == dict.fromkeys(("f1", "f2", "f3"), (False, False))
    assert set(of(truth, "aah")) == set(EVERYBODY)
    assert set(of(truth, "cheque_energie")) == {"m1", "m2", "m3"}


def test_states_of_the_month(tmp_path):
    month, before = str(MONTH), str(MONTH - 1)
    states = [("f1", "rsa", month, "received"), ("f1", "rsa", before, "not_claimed"),
              ("f2", "rsa", month, "not_claimed"), ("f3", "rsa", before, "not_claimed"),
              ("f1", "ppa", month, "under_payment_threshold"), ("f2", "ppa", month, "documents_missing"),
              ("f3", "css_sans_participation", month, "automatic_not_executed")]  # fmt: skip
    truth = truth_of(tmp_path, states)
    assert of(truth, "rsa") == {"f1": (True, False), "f2": (True, True), "f3": (False, False)}
    assert of(truth, "ppa") == {"f1": (False, False), "f2": (True, True), "f3": (False, False)}
    assert of(truth, "css_sans_participation")["f3"] == (True, True)


def test_right_paid_once_takes_its_last_month(tmp_path):
    truth = truth_of(tmp_path, [("f1", "ars", "2026-08", "not_claimed")])
    assert of(truth, "ars")["f1"] == (True, True)


def test_unit_that_no_partner_knows_is_counted_without_name(tmp_path):
    states = [("f2", "rsa", str(MONTH), "not_claimed"), ("p4", "aah", str(MONTH), "received")]
    truth = truth_of(tmp_path, states, {"p1": "p1"})
    unknown = truth.filter(pl.col("unit_id").is_null())
    assert unknown.filter(pl.col("right") == "rsa")["not_taken_up"].sum() == 1
    assert unknown.filter(pl.col("right") == "aah")["entitled"].sum() == 1
    assert unknown.filter(pl.col("right") == "aah").height == 4


def test_unit_is_found_by_its_head_first(tmp_path):
    """The conjoint is known apart by a partner: the famille of the truth is the one where its demandeur is."""
    people = population_frames()["individu"].with_columns(
        famille_id=pl.when(pl.col("id") == "p2").then(pl.lit("f2")).otherwise("famille_id"),
        famille_role=pl.when(pl.col("id") == "p2").then(pl.lit("conjoint")).otherwise("famille_role"),
    )
    truth = truth_of(tmp_path, [("f1", "rsa", str(MONTH), "not_claimed")], population={"individu": people})
    assert of(truth, "rsa")["f1"] == (True, True)
    assert of(truth, "rsa")["f2"] == (False, False)


def test_two_true_units_seen_as_one_are_missed_if_one_is(tmp_path):
    same = EVERYBODY | {"p4": "p2"}
    truth = truth_of(tmp_path, [("f2", "rsa", str(MONTH), "not_claimed")], same)
    assert truth.filter(pl.col("right") == "rsa", pl.col("unit_id") == "f1").height == 1
    assert of(truth, "rsa")["f1"] == (True, True)
