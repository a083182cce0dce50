"""Take-up as drawn: published rates, persistence, amounts, correlation between rights, reproducibility."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from allervers.foundation.errors import InvalidInput, NotFound
from allervers.population.synthetic.rates import published_rate, published_rates
from allervers.population.synthetic.take_up import STATUSES, draw_take_up

UNITS = 4_000
MONTHS = [f"2026-{month:02d}" for month in range(3, 12)]
QUARTERS = ["2026-03", "2026-06", "2026-09"]


def _entitled(right, first=0, last=UNITS, seed=0, months=MONTHS):
    rng = np.random.default_rng(seed)
    amounts = rng.lognormal(5.5, 0.7, UNITS)[first:last]
    units = [f"F{i:06d}" for i in range(first, last)]
    homes = [f"M{i:06d}" for i in range(first, last)]
    return pl.concat(
        pl.DataFrame({"unit_id": units, "menage_id": homes, "right": right, "month": month, "entitled_eur": amounts})
        for month in months
    )


@pytest.fixture(scope="module")
def covariates():
    rng = np.random.default_rng(1)
    return pl.DataFrame(
        {
            "unit_id": [f"F{i:06d}" for i in range(UNITS)],
            "logement_aide": rng.choice(["oui", "non"], UNITS, p=[0.6, 0.4]),
            "famille": rng.choice(["mere_isolee", "couple_sans_enfant", "autre"], UNITS, p=[0.25, 0.1, 0.65]),
            "tenure": rng.choice(["hlm", "prive", "proprietaire", "autre"], UNITS, p=[0.45, 0.3, 0.12, 0.13]),
        }
    )


@pytest.fixture(scope="module")
def drawn(covariates):
    parts = [
        _entitled("rsa", 0, 2_500), _entitled("ppa", 1_000, UNITS, 2), _entitled("aspa", 2_000, UNITS, 3),
        _entitled("css_sans_participation", 0, 3_500, 4), _entitled("css_avec_participation", 2_500, UNITS, 5),
        _entitled("aides_logement", 0, UNITS, 6), _entitled("af", 0, UNITS, 7),
    ]  # fmt: skip
    return draw_take_up(pl.concat(parts), covariates, seed=11)


NOT_RECEIVED = pl.col("status") != "received"


def test_rates_are_the_published_ones(drawn):
    paid = drawn.filter(pl.col("status") != "under_payment_threshold")
    found = dict(paid.group_by("right").agg(NOT_RECEIVED.mean()).rows())
    for right, share in found.items():
        assert share == pytest.approx(published_rate(right).rate, abs=0.01), right


def test_rates_by_group_of_the_rsa(drawn, covariates):
    rsa = drawn.filter(pl.col("right") == "rsa").join(covariates, on="unit_id")
    for dimension, groups in published_rate("rsa").groups.items():
        found = dict(rsa.group_by(dimension).agg(NOT_RECEIVED.mean()).rows())
        for group, share in groups.items():
            assert found[group] == pytest.approx(share, abs=0.06), group


def test_take_up_lasts(drawn):
    quarters = drawn.filter((pl.col("right") == "rsa") & pl.col("month").is_in(QUARTERS))
    lasting = quarters.group_by("unit_id").agg(NOT_RECEIVED.all())["status"].mean()
    assert 0.17 < lasting < 0.25  # published: 0.20


def test_larger_amounts_are_claimed_more(drawn):
    aspa = drawn.filter(pl.col("right") == "aspa")
    fifth = (pl.col("entitled_eur").rank() * 5 / len(aspa)).ceil()
    shares = aspa.group_by(fifth=fifth).agg(NOT_RECEIVED.mean()).sort("fifth")["status"].to_list()
    assert all(low > high for low, high in pairwise(shares))
    assert shares[0] - shares[-1] > 0.2


def test_rights_of_a_household_go_together(drawn):
    month = drawn.filter(pl.col("month") == "2026-06").with_columns(lost=NOT_RECEIVED)
    both = (
        month.filter(pl.col("right") == "ppa")
        .join(month.filter(pl.col("right") == "aspa"), on="menage_id")
        .select(pl.corr(pl.col("lost").cast(pl.Float64), pl.col("lost_right").cast(pl.Float64)))
        .item()
    )
    assert both > 0.05


def test_css_follows_the_rsa_but_for_a_few(drawn):
    month = drawn.filter(pl.col("month") == "2026-06")
    rsa = month.filter((pl.col("right") == "rsa") & (pl.col("status") == "received")).select("menage_id")
    css = month.filter(pl.col("right") == "css_sans_participation").join(rsa, on="menage_id", how="semi")
    counts = dict(css["status"].value_counts().rows())
    assert set(counts) == {"received", "automatic_not_executed"}
    assert 0.02 < counts["automatic_not_executed"] / len(css) < 0.09


def test_only_the_received_is_paid_and_statuses_are_known(drawn):
    assert set(drawn["status"]) <= set(STATUSES)
    paid = drawn.filter(pl.col("status") == "received")
    assert (paid["received_eur"] == paid["entitled_eur"]).all()
    assert (drawn.filter(NOT_RECEIVED)["received_eur"] == 0).all()
    assert 0 < (drawn["status"] == "documents_missing").mean() < 0.04


def test_under_the_threshold_nothing_is_paid(covariates):
    entitled = _entitled("rsa", 0, 50).with_columns(entitled_eur=pl.lit(5.0))
    out = draw_take_up(entitled, covariates, seed=1)
    assert out["status"].unique().to_list() == ["under_payment_threshold"]
    assert out["received_eur"].sum() == 0


def test_same_seed_same_draw_in_any_order(covariates):
    entitled = pl.concat([_entitled("rsa", 0, 400), _entitled("css_sans_participation", 0, 400)])
    keys = ["right", "unit_id", "month"]
    first = draw_take_up(entitled, covariates, seed=5)
    assert first.select(entitled.columns).equals(entitled)
    again = draw_take_up(entitled.sample(fraction=1.0, shuffle=True, seed=9), covariates, seed=5)
    assert first.sort(keys).equals(again.sort(keys))
    assert not first.equals(draw_take_up(entitled, covariates, seed=6))


def test_table_of_rates_is_sourced():
    for rate in published_rates():
        assert 0 < rate.rate < 1
        assert rate.confidence in {"A", "B", "C"}
        assert rate.source
    assert published_rate("css_sans_participation").automatic_after == "rsa"


def test_defects_are_refused(covariates):
    entitled = _entitled("rsa", 0, 5)
    for wrong in (
        entitled.drop("month"), entitled.with_columns(entitled_eur=pl.lit(0.0)), pl.concat([entitled, entitled]),
        entitled.with_columns(entitled_eur=pl.lit(None, dtype=pl.Float64)),
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            draw_take_up(wrong, covariates, seed=1)
    with pytest.raises(NotFound):
        draw_take_up(entitled.with_columns(right=pl.lit("inconnu")), covariates, seed=1)
    assert draw_take_up(entitled.clear(), covariates, seed=1).is_empty()
