"""The rough model of Caf recipients against the law, and the recipients of a synthetic département against the Caf.

Tolerances are those of a small sample (2,000 households: about 270 RSA recipients, 95 AAH recipients).
"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from allervers.cli.synthesize import covariates
from allervers.detection.entitlement import MonthOfRights, entitlements
from allervers.engine.law import Law
from allervers.foundation.periods import Month
from allervers.population.checks import read_population
from allervers.population.synthetic import draw_take_up, make_population, recipients_table
from allervers.population.synthetic.margins import departement_margins
from allervers.population.synthetic.people import Calendar
from allervers.population.synthetic.pool import draw_rows, fitted_pool
from allervers.population.synthetic.recipients import RIGHTS, entitled
from allervers.rights.catalogue import catalogue
from allervers.rights.corrections import corrected_law
from allervers.territory.communes import vintage_in_force

pytestmark = pytest.mark.law

MONTH, HOUSEHOLDS, SEED = Month(2026, 11), 2_000, 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    target = tmp_path_factory.mktemp("agreement") / "population"
    make_population(households=HOUSEHOLDS, seed=SEED, month=MONTH, departement="93", folder=target)
    return target


@pytest.fixture(scope="module")
def population(folder, corrected: Law):
    return read_population(folder, corrected.variable)


@pytest.fixture(scope="module")
def by_law(population) -> pl.DataFrame:
    """Rights open by the law: unit_id, menage_id, right, month, entitled_eur."""
    rights = [catalogue()[right] for right in RIGHTS]
    found = entitlements(population, [MonthOfRights(MONTH, rights)], changes=corrected_law())
    return pl.concat(
        e.frame.filter(pl.col("amount") > 0).select(
            "unit_id", "menage_id", right=pl.lit(e.right), month=pl.lit(str(MONTH)), entitled_eur="amount"
        )
        for e in found
    )


def test_the_rough_model_agrees_with_the_law(by_law):
    margins = departement_margins("93", vintage_in_force("93", MONTH))
    pool = fitted_pool(SEED, margins, MONTH)
    homes = pool.households.take(draw_rows(pool, HOUSEHOLDS)[0])
    rng = np.random.default_rng(0)
    rough = np.mean([entitled(rng, homes, Calendar(MONTH)) for _ in range(4)], axis=0)
    for column, right in enumerate(RIGHTS):
        units = by_law.filter(pl.col("right") == right)["menage_id"].str.slice(1).cast(pl.Int64).to_numpy()
        law = np.bincount(units, minlength=HOUSEHOLDS)
        assert rough[:, column].sum() == pytest.approx(law.sum(), rel=0.12), right
        assert np.corrcoef(rough[:, column], law)[0, 1] > 0.7, right


def test_recipients_come_close_to_the_figures_of_the_caf(by_law, population, folder):
    helped = by_law.filter(pl.col("right") == "aides_logement")["unit_id"]
    take_up = draw_take_up(by_law, covariates(population, MONTH, helped=helped), seed=SEED)
    table = recipients_table(take_up, folder, "93").filter(pl.col("commune").is_null())
    assert set(table["indicator"]) == set(RIGHTS)
    for right, gap in table.select("indicator", "relative_gap").rows():
        assert abs(gap) < 0.15, (right, gap)
