"""Fitting of ours on known cases, and its properties on random ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allervers.foundation.errors import InvalidInput
from allervers.population.synthetic.fit import Totals, ipf, rake, rake_groups


def test_known_table():
    # A table of independent counts is its own margins' product, whatever the start without association.
    fitted = ipf(np.ones((2, 3)), [[30, 70], [20, 30, 50]])
    assert np.allclose(fitted, np.outer([30, 70], [20, 30, 50]) / 100)


def test_a_table_that_meets_its_margins_does_not_move():
    table = np.array([[40.0, 30, 20, 10], [35, 50, 100, 75], [30, 80, 70, 120]])
    assert np.allclose(ipf(table, [table.sum(axis=1), table.sum(axis=0)]), table)


def test_zeros_stay_and_three_axes_work():
    start = np.ones((2, 2, 2))
    start[0, 0, 0] = 0
    fitted = ipf(start, [[4, 6], [5, 5], [5, 5]])
    assert fitted[0, 0, 0] == 0
    assert np.allclose(fitted.sum(axis=(1, 2)), [4, 6])
    assert np.allclose(fitted.sum(axis=(0, 1)), [5, 5])


@pytest.mark.parametrize(
    ("table", "margins"),
    [
        (np.ones((2, 2)), [[1, 1], [1, 2]]),
        (np.ones((2, 2)), [[1, 1]]),
        (-np.ones((2, 2)), [[1, 1], [1, 1]]),
        (np.array([[0.0, 0.0], [1.0, 1.0]]), [[1, 1], [1, 1]]),
        (np.array([[1.0, 0.0], [0.0, 1.0]]), [[1, 1], [0.5, 1.5]]),
    ],
)
def test_impossible_margins_are_refused(table, margins):
    with pytest.raises(InvalidInput):
        ipf(table, margins, rounds=200)


cells = st.floats(0.1, 50)


@given(
    st.lists(cells, min_size=6, max_size=6),
    st.lists(cells, min_size=2, max_size=2),
    st.lists(cells, min_size=3, max_size=3),
)
@settings(max_examples=60, deadline=None)
def test_margins_met_and_odds_ratios_kept(values, rows, columns):
    start = np.array(values).reshape(2, 3)
    row, column = np.array(rows), np.array(columns)
    column = column / column.sum() * row.sum()
    fitted = ipf(start, [row, column])
    assert np.allclose(fitted.sum(axis=1), row)
    assert np.allclose(fitted.sum(axis=0), column)

    def odds(t):
        return t[0, 0] * t[1, 1:] / (t[1, 0] * t[0, 1:])

    assert np.allclose(odds(fitted), odds(start), rtol=1e-5)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_raking_on_indicators_is_proportional_fitting(seed):
    rng = np.random.default_rng(seed)
    start = rng.uniform(0.5, 4, (3, 4))
    target = rng.uniform(0.5, 4, (3, 4))
    flat = np.column_stack(
        [*(np.repeat(np.arange(3) == r, 4) for r in range(3)), *(np.tile(np.arange(4) == c, 3) for c in range(4))]
    ).astype(float)
    totals = np.concatenate([target.sum(axis=1), target.sum(axis=0)])
    raked = rake(start.ravel(), flat, totals).reshape(3, 4)
    assert np.allclose(raked, ipf(start, [target.sum(axis=1), target.sum(axis=0)]), rtol=1e-4)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_raking_meets_counts_that_some_weights_meet(seed):
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 5, (200, 4)).astype(float)
    totals = rng.uniform(0.5, 2, 200) @ counts
    assert np.allclose(rake(np.ones(200), counts, totals) @ counts, totals, rtol=1e-4)


def test_groups_share_the_totals_of_the_whole():
    rng = np.random.default_rng(5)
    counts, shared = rng.integers(0, 4, (300, 2)).astype(float), rng.integers(0, 3, (300, 3)).astype(float)
    wanted = rng.uniform(0.5, 2, (300, 4))
    groups = [Totals(counts, wanted[:, g] @ counts) for g in range(4)]
    fitted = rake_groups(np.ones((300, 4)), groups, Totals(shared, wanted.sum(axis=1) @ shared))
    assert np.allclose(fitted.sum(axis=1) @ shared, wanted.sum(axis=1) @ shared, rtol=1e-4)
    for g, group in enumerate(groups):
        assert np.allclose(fitted[:, g] @ counts, group.totals, rtol=1e-4)


def test_totals_out_of_reach_are_refused_or_missed_with_a_ridge():
    counts = np.array([[1.0, 1.0], [1.0, 1.0]])
    with pytest.raises(InvalidInput):
        rake(np.ones(2), counts, np.array([1.0, 2.0]))
    weights = rake(np.ones(2), counts, np.array([1.0, 2.0]), ridge=0.1)
    assert 1.0 < weights.sum() < 2.0


def test_sizes_must_agree():
    with pytest.raises(InvalidInput):
        rake(np.ones(3), np.ones((2, 1)), np.ones(1))
