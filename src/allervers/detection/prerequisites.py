"""A right that opens others: what blocks a right, and which rights fall when one ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from allervers.detection.casefile import CaseFile, column_of
from allervers.foundation.periods import Month
from allervers.rights.catalogue import Right

DOMICILIATION = "domiciliation"
"""CASF L. 264-1: a person without a stable home needs an address to claim most rights."""


def with_blocking(findings: pl.DataFrame, case: CaseFile, rights: Mapping[str, Right], *, month: Month) -> pl.DataFrame:
    """Add `blocked_by`: the right to open first (a domiciliation, for who has neither home nor domiciliation)."""
    tenure = column_of(case.population, "menage", "statut_occupation_logement", str(month))
    homeless = tenure.filter(pl.col("value").cast(pl.String) == "sans_domicile")["unit_id"]
    in_force = case.droits.filter(
        pl.col("prestation") == DOMICILIATION,
        pl.col("etat") == "accorde",
        pl.col("debut_on").is_null() | (pl.col("debut_on") <= month.last_day),
        pl.col("fin_on").is_null() | (pl.col("fin_on") >= month.first_day),
    )["menage_id"]
    needs_address = pl.col("menage_id").is_in(homeless.implode()) & ~pl.col("menage_id").is_in(
        in_force.drop_nulls().implode()
    )
    opened = pl.col("right").is_in(list(rights[DOMICILIATION].unlocks))
    return findings.with_columns(blocked_by=pl.when(needs_address & opened).then(pl.lit(DOMICILIATION)))


def with_cascade(
    alerts: pl.DataFrame, findings: pl.DataFrame, rights: Mapping[str, Right], *, received: str
) -> pl.DataFrame:
    """Add to each alert `rights_at_risk`: the rights that the ménage receives and that fall with the one that ends."""
    held = findings.filter(pl.col("status") == received).select("menage_id", pl.col("right").alias("held")).unique()
    falls = pl.DataFrame(
        [(opener, other) for opener in rights for other in _opened_by(opener, rights)],
        schema={"right": pl.String, "held": pl.String},
        orient="row",
    )
    lost = (
        alerts.filter(pl.col("right").is_not_null(), pl.col("menage_id").is_not_null())
        .select("right", "menage_id")
        .unique()
        .join(falls, on="right")
        .join(held, on=["menage_id", "held"])
        .group_by("right", "menage_id")
        .agg(pl.col("held").unique().sort().alias("rights_at_risk"))
    )
    return alerts.join(lost, on=["right", "menage_id"], how="left", maintain_order="left")


def _opened_by(opener: str, rights: Mapping[str, Right]) -> Sequence[str]:
    """Everything that a right opens, directly or through another."""
    found: list[str] = []
    waiting = list(rights[opener].unlocks)
    while waiting:
        current = waiting.pop()
        if current not in found and current != opener:
            found.append(current)
            waiting += rights[current].unlocks
    return sorted(found)
