"""How good the list is: against a known truth, and as it can be measured on real data. Every rate has its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import polars as pl

from allervers.detection.statuses import NOT_TAKEN_UP, Status

Z_95 = 1.959964
_DUE = [str(s) for s in NOT_TAKEN_UP]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its 95 % Wilson interval. `value` is None when nothing was counted: unknown, not zero."""

    count: int
    total: int
    value: float | None
    low: float | None
    high: float | None


def rate(count: int, total: int) -> Rate:
    """The share count / total with its 95 % Wilson interval (E. B. Wilson, 1927)."""
    if total == 0:
        return Rate(count, total, None, None, None)
    p, z2 = count / total, Z_95**2
    centre = (p + z2 / (2 * total)) / (1 + z2 / total)
    half = Z_95 * math.sqrt(p * (1 - p) / total + z2 / (4 * total**2)) / (1 + z2 / total)
    return Rate(count, total, p, max(0.0, centre - half), min(1.0, centre + half))


@dataclass(frozen=True, slots=True)
class Quality:
    """Measured quality of one right.

    precision: listed and truly not taken up / listed. recall: of the truly not taken up, the share listed.
    recall_where_known: the same among units whose status is not unknown. beta: share of known recipients whom the
    computation, blind to receipt, finds not entitled. amount_error: median relative gap on recipients' amounts.
    take_up: naive, and corrected for the errors of the computation (Rogan and Gladen, 1978).
    """

    right: str
    listed: int
    precision: Rate | None
    recall: Rate | None
    recall_where_known: Rate | None
    beta: Rate
    amount_error: float | None
    take_up_naive: Rate
    take_up_corrected: float | None

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        return asdict(self)


def measure(findings: pl.DataFrame, truth: pl.DataFrame | None = None, *, rights: Sequence[str]) -> list[Quality]:
    """Quality of each right.

    findings: rows of detection.findings with `computed_eur` (law's amount, blind to receipt; null = unknown),
    `held_eur` (the same for the quarter being paid) and `paid_eur` (last payment, null when none or without amount).
    truth, when there is one: right, unit_id, not_taken_up (bool), entitled (bool), one row a unit of the truth that
    detection could have seen or not (unit_id null: no partner knows it).
    """
    return [_measure_one(right, findings.filter(pl.col("right") == right), truth) for right in rights]


def _measure_one(right: str, rows: pl.DataFrame, truth: pl.DataFrame | None) -> Quality:
    listed = rows.filter(pl.col("status").is_in(_DUE))
    received = rows.filter(pl.col("status") == str(Status.RECEIVED), pl.col("held_eur").is_not_null())
    refused = received.filter(pl.col("held_eur") <= 0).height
    beta = rate(refused, received.height)
    both = received.filter(pl.col("held_eur") > 0, pl.col("paid_eur") > 0)
    gaps = both.select(((pl.col("held_eur") - pl.col("paid_eur")).abs() / pl.col("paid_eur")).median())
    naive = rate(rows.filter(pl.col("status") == str(Status.RECEIVED)).height, _takers_and_listed(rows))
    precision = recall = known_recall = None
    corrected = None
    if truth is not None:
        of_right = truth.filter(pl.col("right") == right)
        precision, recall, known_recall = _against_truth(rows, listed, of_right)
        corrected = _corrected_take_up(rows, beta, of_right)
    error = gaps.item() if both.height else None
    return Quality(right, listed.height, precision, recall, known_recall, beta, error, naive, corrected)


def _takers_and_listed(rows: pl.DataFrame) -> int:
    return rows.filter(pl.col("status").is_in([*_DUE, str(Status.RECEIVED)])).height


def _against_truth(rows: pl.DataFrame, listed: pl.DataFrame, truth: pl.DataFrame) -> tuple[Rate, Rate, Rate]:
    missed = truth.filter(pl.col("not_taken_up"))
    found = listed.join(missed.filter(pl.col("unit_id").is_not_null()).select("unit_id").unique(), on="unit_id")
    matched = missed.join(listed.select("unit_id").unique(), on="unit_id", how="semi").height
    known = rows.filter(~pl.col("status").is_in([str(Status.UNKNOWN), str(Status.NOT_COMPUTABLE)]))
    settled = missed.join(known.select("unit_id").unique(), on="unit_id", how="semi")
    precision = rate(found["unit_id"].n_unique(), listed["unit_id"].n_unique())
    return precision, rate(matched, missed.height), rate(matched, settled.height)


def _corrected_take_up(rows: pl.DataFrame, beta: Rate, truth: pl.DataFrame) -> float | None:
    """Take-up with the number of eligible units corrected for the errors of the computation (Rogan and Gladen, 1978).

    Eligible = n (q + Sp - 1) / (Se + Sp - 1), with q the share that the computation, blind to receipt, finds
    eligible among the n units that it can compute, Se = 1 - beta, and Sp its specificity on units known not eligible.
    """
    computed = rows.filter(pl.col("computed_eur").is_not_null())
    not_eligible = truth.filter(~pl.col("entitled")).select("unit_id").drop_nulls().unique()
    sure = computed.join(not_eligible, on="unit_id", how="semi")
    if beta.value is None or sure.is_empty() or computed.is_empty():
        return None
    sensitivity = 1 - beta.value
    specificity = sure.filter(pl.col("computed_eur") <= 0).height / sure.height
    if sensitivity + specificity <= 1:
        return None
    apparent = computed.filter(pl.col("computed_eur") > 0).height / computed.height
    eligible = computed.height * (apparent + specificity - 1) / (sensitivity + specificity - 1)
    takers = computed.filter(pl.col("status") == str(Status.RECEIVED)).height
    return min(1.0, takers / eligible) if eligible > 0 else None


def audit_sample(findings: pl.DataFrame, *, size: int, seed: int) -> pl.DataFrame:
    """A random sample of the list for human review, spread over rights and statuses: so that precision can be measured
    where no truth is known. Columns of the list, plus `verdict` and `comment`, empty, for the reviewer."""
    pool = findings.filter(pl.col("status").is_in([*_DUE, str(Status.NOT_ENTITLED), str(Status.UNKNOWN)]))
    if pool.is_empty():
        return pool.with_columns(verdict=pl.lit(None, pl.String), comment=pl.lit(None, pl.String))
    strata = pool.select(pl.struct("right", "status").n_unique()).item()
    each = max(1, size // strata)
    rows = pool.select("right", "unit_id", "status").with_row_index("row").sort("right", "unit_id")
    shuffled = rows.sample(fraction=1.0, shuffle=True, seed=seed)
    drawn = shuffled.filter(pl.int_range(pl.len()).over("right", "status") < each)
    return pool[drawn["row"].head(size)].with_columns(verdict=pl.lit(None, pl.String), comment=pl.lit(None, pl.String))
