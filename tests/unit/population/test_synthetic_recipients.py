"""Caf recipients of the synthetic département, by the rough model: cases, fit by commune, table against the figures."""

import numpy as np
import polars as pl
import pytest

from allervers.foundation.errors import InvalidInput, NotFound
from allervers.foundation.periods import Month
from allervers.population.synthetic import make_population, recipients_table
from allervers.population.synthetic.margins import departement_margins
from allervers.population.synthetic.people import Calendar
from allervers.population.synthetic.pool import candidates, draw_rows, fitted_pool
from allervers.population.synthetic.recipients import RIGHTS, entitled, expected_recipients, published_take_up
from allervers.population.synthetic.shapes import FRANCE, REFERENCE, TENURE_GROUP, State
from allervers.territory.communes import vintage_in_force

MONTH = Month(2026, 11)
RSA, PPA, AL, AAH = range(len(RIGHTS))


@pytest.fixture(scope="module")
def fitted():
    return fitted_pool(7, departement_margins("93", vintage_in_force("93", MONTH)), MONTH)


@pytest.fixture(scope="module")
def expected(fitted):
    return expected_recipients(7, fitted.households, Calendar(MONTH))


@pytest.fixture(scope="module")
def alone():
    """Households of one person, French, and what they are entitled to."""
    pool = candidates(3, 20_000)
    homes = pool.take(np.flatnonzero((pool.size == 1) & (pool.foreign[:, REFERENCE] == FRANCE)))
    return homes, entitled(np.random.default_rng(1), homes, Calendar(MONTH))


@pytest.mark.parametrize(
    ("state", "low", "high", "right", "least", "most"),
    [
        (State.INACTIF, 25, 60, RSA, 0.95, 1.0), (State.INACTIF, 18, 24, RSA, 0.0, 0.08),
        (State.CHOMAGE_SANS, 25, 60, RSA, 0.95, 1.0), (State.RETRAITE, 65, 99, RSA, 0.0, 0.0),
        (State.ETUDIANT, 18, 30, RSA, 0.0, 0.1), (State.EMPLOI, 25, 60, RSA, 0.0, 0.03),
        (State.EMPLOI, 25, 60, PPA, 0.25, 0.65), (State.INACTIF, 25, 60, PPA, 0.0, 0.0),
        (State.HANDICAP_80, 20, 60, AAH, 1.0, 1.0), (State.EMPLOI, 20, 60, AAH, 0.0, 0.0),
    ],
)  # fmt: skip
def test_cases_of_a_person_alone(alone, state, low, high, right, least, most):
    homes, rights = alone
    age = homes.age[:, REFERENCE]
    rows = (homes.state[:, REFERENCE] == state) & (age >= low) & (age <= high)
    assert rows.sum() >= 10
    assert least <= rights[rows, right].mean() <= most


def test_only_tenants_have_a_housing_aid(alone):
    homes, rights = alone
    tenant = np.isin(TENURE_GROUP[homes.tenure], (1, 2))
    poor = np.isin(homes.state[:, REFERENCE], (State.INACTIF, State.CHOMAGE_SANS))
    assert rights[TENURE_GROUP[homes.tenure] == 0, AL].sum() == 0
    assert rights[tenant & poor, AL].mean() > 0.9


def test_weights_meet_the_figures_of_each_commune(fitted, expected):
    found = fitted.weights.T @ expected
    for row, commune in zip(found, fitted.margins.communes, strict=True):
        for column, right in enumerate(RIGHTS):
            figure = commune.recipients[right]
            if figure is None:
                assert row[column] > 0  # no figure: no constraint, and above all not zero
            else:
                assert row[column] == pytest.approx(figure, rel=0.03), (commune.name, right)


def test_weights_stay_spread(fitted):
    """The figures do not hang on a few candidates: effective number of households, of 9,000."""
    weights = fitted.weights.sum(axis=1)
    assert weights.sum() ** 2 / (weights**2).sum() > 4_000


def test_same_seed_same_expectation(fitted, expected):
    again = expected_recipients(7, fitted.households, Calendar(MONTH))
    assert np.array_equal(expected, again)
    assert not np.array_equal(expected, expected_recipients(8, fitted.households, Calendar(MONTH)))


def test_drawn_households_follow_the_communes(fitted):
    """20,000 households, careers drawn anew: the département within 5 %, shares by commune correlated over 0.8."""
    candidate, commune = draw_rows(fitted, 20_000)
    homes = fitted.households.take(candidate)
    drawn = entitled(np.random.default_rng(2), homes, Calendar(MONTH)) * published_take_up()
    raising = fitted.margins.households.sum() / len(homes)
    for column, right in enumerate(RIGHTS):
        counts = np.bincount(commune, weights=drawn[:, column], minlength=len(fitted.margins.communes)) * raising
        figures = np.array([c.recipients[right] or np.nan for c in fitted.margins.communes])
        known = ~np.isnan(figures)
        assert counts[known].sum() == pytest.approx(figures[known].sum(), rel=0.05), right
        share = np.corrcoef((counts / fitted.margins.households)[known], (figures / fitted.margins.households)[known])
        assert share[0, 1] > 0.8, right


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    target = tmp_path_factory.mktemp("recipients") / "population"
    make_population(households=400, seed=1, month=MONTH, departement="93", folder=target)
    return target


def _received(folder, commune, right, amounts, month=str(MONTH)):
    homes = pl.read_parquet(folder / "menage.parquet", columns=["id", f"depcom@{MONTH}"])
    chosen = homes.filter(pl.col(f"depcom@{MONTH}") == commune)["id"].head(len(amounts))
    return pl.DataFrame(
        {"unit_id": [f"F{i}" for i in chosen], "menage_id": chosen, "received_eur": [float(a) for a in amounts]}
    ).with_columns(right=pl.lit(right), month=pl.lit(month))


def test_table_counts_what_is_received_in_the_month(folder):
    take_up = pl.concat([
        _received(folder, "93066", "rsa", [500, 500, 0, 120]), _received(folder, "93066", "rsa", [500, 500], "2026-10"),
        _received(folder, "93066", "af", [140]), _received(folder, "93048", "aides_logement", [200]),
    ])  # fmt: skip
    table = recipients_table(take_up, folder, "93")
    assert table.columns == ["commune", "indicator", "public_figure", "synthetic", "relative_gap"]
    one = table.filter(pl.col("indicator") == "rsa", pl.col("commune") == "93066").row(0, named=True)
    assert one["public_figure"] == 8761
    assert one["synthetic"] == pytest.approx(3 * 603_965 / 400)
    assert one["relative_gap"] == pytest.approx(one["synthetic"] / 8761 - 1)
    whole = table.filter(pl.col("commune").is_null())
    assert set(whole["indicator"]) == set(RIGHTS)
    assert dict(whole.select("indicator", "public_figure").rows())["rsa"] == 80_599
    assert dict(whole.select("indicator", "synthetic").rows())["rsa"] == one["synthetic"]
    nobody = table.filter(pl.col("indicator") == "aah", pl.col("commune") == "93066")
    assert nobody["synthetic"].to_list() == [0.0]


def test_a_commune_without_figure_is_left_out(folder):
    table = recipients_table(_received(folder, "93066", "rsa", [500]), folder, "93")
    assert "93015" not in table["commune"].drop_nulls().to_list()  # Coubron: every cell is secret
    assert table["commune"].drop_nulls().n_unique() == 38


def test_defects_of_the_table_are_refused(folder, tmp_path):
    take_up = _received(folder, "93066", "rsa", [500])
    with pytest.raises(InvalidInput):
        recipients_table(take_up.drop("month"), folder, "93")
    with pytest.raises(NotFound):
        recipients_table(take_up, tmp_path, "93")
