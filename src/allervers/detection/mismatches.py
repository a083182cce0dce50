"""Benefits received that the law's amount does not explain: checks that protect the person (right to error).

No score, no ranking of persons, no path to control: the alert says which data to bring up to date with the person.
"""

from __future__ import annotations

import polars as pl

from allervers.detection.statuses import Status

TOLERANCE_SHARE = 0.25
TOLERANCE_EUR = 50.0
"""Gap between what is paid and what is computed under which nothing is said: data are never exactly in step."""


def find_mismatches(findings: pl.DataFrame, receipts: pl.DataFrame, month: str) -> pl.DataFrame:
    """Units that receive a benefit while known data give another amount, either way.

    findings: rows of detection.findings. receipts: entity, unit_id, prestation, month, montant.
    returns: right, unit_entity, unit_id, menage_id, person_id, paid_eur, computed_eur, gap_eur (positive: may soon
    have to repay; negative: may be paid less than due).
    """
    last = receipts.filter(pl.col("month") < month, pl.col("montant") > 0)
    latest = last.sort("month").group_by("unit_id", "prestation").agg(pl.col("montant").last().alias("paid_eur"))
    received = findings.filter(
        pl.col("status") == str(Status.RECEIVED),
        pl.col("amount_eur_month").is_not_null(),
        pl.col("held_eur").is_not_null(),
    )
    rows = received.join(latest, left_on=["unit_id", "right"], right_on=["unit_id", "prestation"])
    # A benefit fixed by the quarter is compared with the quarter that is being paid, and with the one to come.
    gap = pl.col("paid_eur") - pl.col("held_eur")
    coming = pl.col("paid_eur") - pl.col("amount_eur_month")
    limit = pl.max_horizontal(pl.lit(TOLERANCE_EUR), TOLERANCE_SHARE * pl.col("paid_eur"))
    return (
        rows.filter(gap.abs() > limit, coming.abs() > limit)
        .select(
            "right",
            "unit_entity",
            "unit_id",
            "menage_id",
            "person_id",
            "paid_eur",
            pl.col("held_eur").alias("computed_eur"),
            gap.round(2).alias("gap_eur"),
        )
        .sort("right", "unit_id")
    )
