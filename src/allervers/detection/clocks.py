"""What delay costs: the three clocks of the start of a right, the euros lost, the deadline, the order of the queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from allervers.foundation.periods import Month
from allervers.rights.catalogue import Right

DAYS_A_MONTH = 365.25 / 12

CAMPAIGN_DEADLINES: Mapping[str, tuple[int, int]] = {"cheque_energie": (12, 31)}
"""Right of a yearly campaign -> month and day on which the desk closes (chèque énergie 2026: confidence B, to confirm).

The windows of school grants for 2026-27 were not found: no deadline is shown for them."""


def with_clocks(rows: pl.DataFrame, rights: Mapping[str, Right], *, today: date) -> pl.DataFrame:
    """Add what waiting costs to rows that have: right, amount_eur_month, amount_eur, months_persisting, is_due.

    is_due says that the unit is entitled and not paid; the other rows get nulls. is_claimed: it was asked for, on a day
    that is not known; what is due since then is kept by the claim, and nothing is said to be lost. Added, euros:
    - eur_lost: lost for good since the right was first seen not taken up (clocks where nothing is retroactive);
    - eur_recoverable: still payable on request (two years for family benefits);
    - eur_lost_per_day: what one more day of waiting costs, or would if the claim were closed;
    - deadline_on, deadline_reason: the next date after which something more is lost.
    """
    retroactive = pl.col("right").replace_strict({r.id: r.start.retroactive_months for r in rights.values()})
    kind = pl.col("right").replace_strict({r.id: r.start.kind for r in rights.values()})
    monthly = pl.col("amount_eur_month")
    months = pl.col("months_persisting")
    lost_by_month = kind.is_in(["month_of_request", "month_after_request"])
    month = Month.of(today)
    end_of_month, deadlines = month.last_day, _campaign_deadlines(today)
    campaign = pl.col("right").replace_strict(deadlines, default=None, return_dtype=pl.Date)
    days_left = (campaign - pl.lit(today)).dt.total_days().clip(1)
    lost_months = pl.when(lost_by_month).then(months).when(retroactive > 0).then((months - retroactive).clip(0))
    due, claimed = pl.col("is_due"), pl.col("is_claimed")
    # A benefit paid once, or once a year, is claimed back whole; the others month by month.
    paid_once = pl.col("right").replace_strict({r.id: _is_paid_once(r) for r in rights.values()})
    recoverable = pl.when(paid_once).then("amount_eur").otherwise(monthly * pl.min_horizontal(months, retroactive))
    return rows.with_columns(
        eur_lost=pl.when(due & ~claimed).then(monthly * lost_months).round(2),
        eur_recoverable=pl.when(due & (retroactive > 0)).then(recoverable).round(2),
        eur_lost_per_day=pl.when(due)
        .then(
            pl.when(lost_by_month)
            .then(monthly / DAYS_A_MONTH)
            .when(campaign.is_not_null())
            .then(pl.col("amount_eur") / days_left)
            .when((retroactive > 0) & (months >= retroactive))
            .then(monthly / DAYS_A_MONTH)
            .otherwise(0.0)
        )
        .round(3),
        deadline_on=pl.when(due & ~claimed).then(pl.when(lost_by_month).then(pl.lit(end_of_month)).otherwise(campaign)),
        deadline_reason=pl.when(due).then(
            pl.when(claimed)
            .then(pl.lit("Déjà demandé : ce qui est dû depuis la demande n'est pas perdu, si le dossier est complété"))
            .when(lost_by_month)
            .then(pl.lit("Chaque mois sans demande est perdu"))
            .when(campaign.is_not_null())
            .then(pl.lit("Fin de la campagne (date à confirmer)"))
            .when(retroactive > 0)
            .then(pl.lit("Rappel possible sur deux ans"))
        ),
    )


def _is_paid_once(right: Right) -> bool:
    return right.computation is not None and right.computation.amount_period in ("once", "year")


def _campaign_deadlines(today: date) -> dict[str, date]:
    found = {}
    for right, (month, day) in CAMPAIGN_DEADLINES.items():
        this_year = date(today.year, month, day)
        found[right] = this_year if this_year >= today else date(today.year + 1, month, day)
    return found
