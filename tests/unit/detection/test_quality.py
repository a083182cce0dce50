"""Precision, recall and beta error on hand-made lists; intervals; the audit sample."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allervers.detection.quality import audit_sample, measure, rate


def findings(rows):
    columns = ["unit_id", "status", "computed_eur", "paid_eur"]
    return pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None).with_columns(
        pl.col("computed_eur", "paid_eur").cast(pl.Float64),
        right=pl.lit("rsa"),
        menage_id=pl.col("unit_id"),
        held_eur=pl.col("computed_eur"),
    )


LIST = [
    ("a", "not_claimed", 100, None),
    ("b", "not_claimed", 50, None),
    ("c", "received", 300, 330),
    ("d", "received", 0, 200),
    ("e", "not_entitled", 0, None),
    ("f", "unknown", None, None),
    ("g", "not_entitled", 0, None),
]
TRUTH = pl.DataFrame(
    [("a", True, True), ("b", False, False), ("c", False, True), ("d", False, True), ("e", True, True),
     ("f", True, True), ("g", False, False), (None, True, True)],
    schema=["unit_id", "not_taken_up", "entitled"], orient="row",
).with_columns(right=pl.lit("rsa"))  # fmt: skip


def test_against_the_truth():
    (found,) = measure(findings(LIST), TRUTH, rights=["rsa"])
    assert (found.precision.count, found.precision.total) == (1, 2)
    # Missed by nature: e (data say no), f (unknown), and one that no partner knows.
    assert (found.recall.count, found.recall.total) == (1, 4)
    assert (found.recall_where_known.count, found.recall_where_known.total) == (1, 2)


def test_blind_on_known_recipients():
    (found,) = measure(findings(LIST), rights=["rsa"])
    assert (found.beta.count, found.beta.total) == (1, 2)
    assert found.amount_error == pytest.approx(30 / 330)
    assert found.precision is None


def test_rogan_gladen_recovers_the_true_take_up_when_errors_are_known():
    # 100 eligible, 60 take up; the computation misses 10 % of the eligible and adds 5 % of the 200 others.
    rows = [(f"r{i}", "received", 1 if i >= 6 else 0, 100) for i in range(60)]
    rows += [(f"n{i}", "not_claimed", 1, None) for i in range(36)] + [
        (f"m{i}", "not_entitled", 0, None) for i in range(4)
    ]
    rows += [(f"x{i}", "not_claimed", 1, None) for i in range(10)] + [
        (f"y{i}", "not_entitled", 0, None) for i in range(190)
    ]
    truth = pl.DataFrame(
        [(unit, not unit.startswith("r"), unit[0] in "rnm") for unit, *_ in rows],
        schema=["unit_id", "not_taken_up", "entitled"],
        orient="row",
    ).with_columns(right=pl.lit("rsa"))
    (found,) = measure(findings(rows), truth, rights=["rsa"])
    assert found.take_up_corrected == pytest.approx(0.60, abs=0.001)
    assert found.take_up_naive.value == pytest.approx(60 / 106)


@given(st.integers(0, 500), st.integers(0, 500))
def test_interval_holds_the_share_and_stays_within_bounds(count, extra):
    found = rate(count, count + extra)
    if count + extra == 0:
        assert found.value is None
    else:
        assert 0 <= found.low <= found.value + 1e-12
        assert found.value - 1e-12 <= found.high <= 1


def test_audit_sample_is_reproducible_and_bounded():
    rows = findings([(f"u{i:03d}", ["not_claimed", "unknown"][i % 2], 1, None) for i in range(300)])
    first, again = audit_sample(rows, size=40, seed=7), audit_sample(rows, size=40, seed=7)
    assert first.equals(again)
    assert first.height == 40
    assert set(first["status"]) == {"not_claimed", "unknown"}
    assert {"verdict", "comment"} <= set(first.columns)
    assert audit_sample(rows.clear(), size=40, seed=7).is_empty()
