"""Counts by right and place: households counted once, euros only where an amount is shown, JSON complete."""

import json
from dataclasses import replace

import polars as pl
import pytest

from allervers.detection.quality import measure
from allervers.detection.summary import as_json, summarise

ROWS = [
    ("aah", "p1", "m1", "93066", "not_claimed", 900.0, 1800.0),
    ("aah", "p2", "m1", "93066", "not_claimed", 100.0, 0.0),
    ("aah", "p3", "m1", "93066", "received", 900.0, None),
    ("aah", "p4", "m2", "93001", "not_linked", None, None),
    ("aah", "p5", "m3", None, "unknown", None, None),
    ("aah", "p6", "m4", "93001", "not_entitled", None, None),
    ("aah", "p7", "m5", "93001", "under_payment_threshold", 3.0, None),
    ("asi", "p4", "m2", "93001", "not_claimed", None, None),
    ("css_sans_participation", "f1", "m1", "93066", "automatic_not_executed", None, None),
]
FINDINGS = pl.DataFrame(
    ROWS,
    schema={"right": pl.String, "unit_id": pl.String, "menage_id": pl.String, "code_insee": pl.String,
            "status": pl.String, "amount_eur_month": pl.Float64, "eur_lost": pl.Float64},
    orient="row",
).with_columns(
    computed_eur="amount_eur_month", held_eur="amount_eur_month", paid_eur=pl.lit(None, pl.Float64)
)  # fmt: skip
ALERTS = pl.DataFrame({"alert": ["naissance", "separation", "naissance"]})
HEADER = {"month": "2026-11", "synthetic": True}
ASKED = {
    "households_entitled", "households_receiving", "households_not_taken_up", "eur_month_not_taken_up", "precision",
    "recall", "beta_error",
}  # fmt: skip


def test_households_are_counted_once_whatever_their_units():
    row = summarise(FINDINGS, ["right"]).row(0, named=True)
    assert row["right"] == "aah"
    assert row["households_entitled"] == 2
    assert row["households_receiving"] == 1
    assert row["households_not_taken_up"] == 2
    assert row["households_unknown"] == 1


def test_euros_are_those_not_taken_up():
    row = summarise(FINDINGS, ["right"]).row(0, named=True)
    assert (row["eur_month_not_taken_up"], row["eur_year_not_taken_up"], row["eur_lost"]) == (1000.0, 12000.0, 1800.0)


def test_euros_without_any_amount_are_unknown_not_nil():
    for row in summarise(FINDINGS, ["right"]).rows(named=True)[1:]:
        assert row["households_not_taken_up"] == 1
        assert [row[f"eur_{name}"] for name in ("month_not_taken_up", "year_not_taken_up", "lost")] == [None] * 3


def test_by_place_adds_up_to_the_whole():
    by_place = summarise(FINDINGS, ["right", "code_insee"])
    whole = summarise(FINDINGS, ["right"])
    again = by_place.group_by("right").agg(pl.col("households_not_taken_up").sum()).sort("right")
    assert again.equals(whole.select("right", "households_not_taken_up"))


@pytest.fixture
def summary():
    return as_json(FINDINGS, ALERTS, measure(FINDINGS, rights=["aah", "asi"]), HEADER)


def test_json_has_what_is_asked(summary):
    assert (summary["month"], summary["synthetic"]) == ("2026-11", True)
    assert set(summary["rights"]) == {"aah", "asi", "css_sans_participation"}
    for row in summary["rights"].values():
        assert set(row) >= ASKED
    assert set(summary["communes"]) == {"93066", "93001", "inconnue"}
    assert summary["communes"]["93066"]["aah"]["households_not_taken_up"] == 1
    assert summary["alerts"] == {"naissance": 2, "separation": 1}


def test_json_is_finite_and_what_is_not_measured_is_null(summary):
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    assert summary["rights"]["aah"]["precision"] is None
    assert summary["rights"]["css_sans_participation"]["beta_error"] is None


def test_json_takes_measured_quality(summary):
    truth = pl.DataFrame(
        {"right": ["aah"] * 2, "unit_id": ["p1", "p2"], "entitled": [True, False], "not_taken_up": [True, False]}
    )
    quality = measure(FINDINGS, truth, rights=["aah"])
    measured = as_json(FINDINGS, ALERTS, quality, HEADER)["rights"]["aah"]
    assert (measured["precision"], measured["recall"], measured["beta_error"]) == (pytest.approx(1 / 3), 1.0, 0.0)
    without = as_json(FINDINGS, ALERTS, [replace(quality[0], precision=None, recall=None)], HEADER)["rights"]["aah"]
    assert (without["precision"], without["recall"]) == (None, None)


def test_nothing_found_gives_an_empty_summary():
    assert summarise(FINDINGS.clear(), ["right"]).is_empty()
    empty = as_json(FINDINGS.clear(), ALERTS.clear(), [], HEADER)
    assert (empty["rights"], empty["communes"], empty["alerts"]) == ({}, {}, {})
