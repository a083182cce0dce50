"""What waiting costs: lost month by month, recoverable for two years, or lost at the end of a campaign."""

from datetime import date

import polars as pl
import pytest

from allervers.detection.clocks import DAYS_A_MONTH, with_clocks
from allervers.rights.catalogue import catalogue

TODAY = date(2026, 11, 23)


def cost(
    right: str, *, months: int, monthly: float | None = 100.0, amount: float | None = 100.0, due: bool = True,
    claimed: bool = False,
):  # fmt: skip
    rows = pl.DataFrame(
        [
            {
                "right": right,
                "amount_eur_month": monthly,
                "amount_eur": amount,
                "months_persisting": months,
                "is_due": due,
                "is_claimed": claimed,
            }
        ],
        schema_overrides={"amount_eur_month": pl.Float64, "amount_eur": pl.Float64},
    )
    return with_clocks(rows, catalogue(), today=TODAY).row(0, named=True)


def test_rsa_is_lost_month_by_month_and_the_deadline_is_the_end_of_the_month():
    row = cost("rsa", months=6)
    assert row["eur_lost"] == 600
    assert row["eur_recoverable"] is None
    assert row["eur_lost_per_day"] == pytest.approx(100 / DAYS_A_MONTH, abs=0.001)
    assert row["deadline_on"] == date(2026, 11, 30)


def test_family_benefits_are_recoverable_for_two_years_then_lost():
    young, old = cost("af", months=6), cost("af", months=30)
    assert (young["eur_lost"], young["eur_recoverable"], young["eur_lost_per_day"]) == (0, 600, 0)
    assert (old["eur_lost"], old["eur_recoverable"]) == (600, 2400)
    assert old["eur_lost_per_day"] > 0


def test_campaign_closes_on_its_day():
    row = cost("cheque_energie", months=0, monthly=12.0, amount=144.0)
    assert row["deadline_on"] == date(2026, 12, 31)
    assert row["eur_lost_per_day"] == pytest.approx(144 / 38, abs=0.001)


def test_nothing_is_counted_when_nothing_is_due_or_the_amount_is_unknown():
    assert cost("rsa", months=6, due=False)["eur_lost"] is None
    assert cost("rsa", months=6, monthly=None, amount=None)["eur_lost"] is None


def test_what_was_claimed_is_not_said_to_be_lost():
    row = cost("rsa", months=6, claimed=True)
    assert row["eur_lost"] is None
    assert row["deadline_on"] is None
    assert "Déjà demandé" in row["deadline_reason"]
    assert cost("af", months=6, claimed=True)["eur_recoverable"] == 600


def test_unknown_campaign_deadline_is_not_invented():
    assert cost("bourse_college", months=0)["deadline_on"] is None
