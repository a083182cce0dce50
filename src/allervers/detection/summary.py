"""Counts by right, commune and EPT. Counts of households, euros a month, euros lost; nothing about a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from allervers.detection.quality import Quality
from allervers.detection.statuses import NOT_TAKEN_UP, Status

_DUE = [str(s) for s in NOT_TAKEN_UP]


def summarise(findings: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Counts for each group of `by` (columns of findings: right, code_insee, ept...).

    households_entitled: at least one unit entitled (received or not); households_receiving; households_not_taken_up;
    households_unknown; eur_month_not_taken_up; eur_year_not_taken_up; eur_lost. Euros: null where no amount is shown.
    """
    due = pl.col("status").is_in(_DUE)
    received = pl.col("status") == str(Status.RECEIVED)

    def households(condition: pl.Expr) -> pl.Expr:
        return pl.col("menage_id").filter(condition).n_unique()

    def total(column: str) -> pl.Expr:
        values = pl.col(column).filter(due)
        return pl.when(values.count() > 0).then(values.sum().round(2))

    return (
        findings.group_by(list(by))
        .agg(
            households_entitled=households(due | received),
            households_receiving=households(received),
            households_not_taken_up=households(due),
            households_unknown=households(pl.col("status") == str(Status.UNKNOWN)),
            eur_month_not_taken_up=total("amount_eur_month"),
            eur_year_not_taken_up=(total("amount_eur_month") * 12).round(2),
            eur_lost=total("eur_lost"),
        )
        .sort(list(by))
    )


def as_json(
    findings: pl.DataFrame, alerts: pl.DataFrame, quality: Sequence[Quality], header: Mapping[str, Any]
) -> dict[str, Any]:
    """The machine-readable summary: header, rights (with measured quality), communes, alerts."""
    measured = {q.right: q for q in quality}
    rights = {}
    for row in summarise(findings, ["right"]).iter_rows(named=True):
        name = row.pop("right")
        found = measured.get(name)
        rights[name] = row | {
            "precision": found.precision.value if found and found.precision else None,
            "recall": found.recall.value if found and found.recall else None,
            "recall_where_known": found.recall_where_known.value if found and found.recall_where_known else None,
            "beta_error": found.beta.value if found else None,
            "amount_error": found.amount_error if found else None,
            "take_up_naive": found.take_up_naive.value if found else None,
            "take_up_corrected": found.take_up_corrected if found else None,
        }
    communes: dict[str, dict[str, Any]] = {}
    for row in summarise(findings, ["code_insee", "right"]).iter_rows(named=True):
        code = row.pop("code_insee") or "inconnue"
        communes.setdefault(code, {})[row.pop("right")] = row
    counted = alerts.group_by("alert").len().sort("alert")
    return {
        **header,
        "rights": rights,
        "communes": communes,
        "alerts": dict(zip(counted["alert"].to_list(), counted["len"].to_list(), strict=True)),
    }
