"""Public figures: sums against their sources, secrecy never read as zero."""

import polars as pl
import pytest

from allervers.foundation.errors import NotFound, Unavailable
from allervers.territory.communes import communes
from allervers.territory.figures import (
    CAF_MEASURES,
    FILOSOFI_COLUMNS,
    FIT_MEASURES,
    ages,
    caf_recipients,
    filosofi,
    fit_targets,
)

COUBRON, SAINT_DENIS, PIERREFITTE = "93015", "93066", "93059"


def cell(table, code, measure):
    return table.row(by_predicate=(pl.col("code") == code) & (pl.col("measure") == measure), named=True)


@pytest.mark.parametrize("vintage", [2021, 2024, 2025])
@pytest.mark.parametrize(
    ("measure", "total"),
    [
        ("allocataires", 379_654),
        ("personnes_couvertes", 975_234),
        ("rsa", 80_599),
        ("prime_activite", 115_147),
        ("aah", 28_447),
        ("aides_logement", 183_967),
    ],
)
def test_sums_outside_secrecy_are_the_control_of_the_source(vintage, measure, total):
    chosen = caf_recipients("93", vintage).filter(measure=measure)
    assert chosen["value"].sum() == total
    assert chosen["iris"].sum() == 613
    assert 15 <= chosen["masked_iris"].sum() <= 20


def test_a_sum_over_secret_cells_is_marked_as_a_lower_bound():
    table = caf_recipients("93", 2021)
    known = pl.col("value").is_not_null()
    assert table.filter(known & (pl.col("is_lower_bound") != (pl.col("masked_iris") > 0))).is_empty()
    assert table.filter(~known & pl.col("is_lower_bound")).is_empty()


def test_secret_or_absent_is_null_and_never_zero():
    table = caf_recipients("93", 2021)
    absent = cell(table, COUBRON, "allocataires")
    assert (absent["value"], absent["iris"], absent["masked_iris"]) == (None, 0, 0)
    everywhere_secret = table.filter((pl.col("masked_iris") == pl.col("iris")) & (pl.col("iris") > 0))
    assert everywhere_secret.height > 0
    assert everywhere_secret["value"].null_count() == everywhere_secret.height
    assert (table["value"] == 0).sum() == 0


def test_caf_has_one_row_a_commune_and_measure():
    for vintage in (2021, 2026):
        table = caf_recipients("93", vintage)
        assert table.height == len(communes("93", vintage)) * len(CAF_MEASURES)
        assert table.select("code", "measure").is_unique().all()


def test_merged_communes_are_summed_and_carry_their_secrecy():
    before, after = caf_recipients("93", 2021), caf_recipients("93", 2025)
    for measure in CAF_MEASURES:
        parts = [cell(before, code, measure) for code in (SAINT_DENIS, PIERREFITTE)]
        whole = cell(after, SAINT_DENIS, measure)
        assert whole["value"] == sum(part["value"] for part in parts if part["value"] is not None)
        assert whole["masked_iris"] == sum(part["masked_iris"] for part in parts)
        assert whole["is_lower_bound"] == any(part["is_lower_bound"] for part in parts)


def test_filosofi_reads_commas_and_secrecy():
    table = filosofi("93", 2021)
    assert tuple(table.columns) == FILOSOFI_COLUMNS
    aubervilliers = table.row(by_predicate=pl.col("code") == "93001", named=True)
    assert aubervilliers["menages"] == 29_692
    assert aubervilliers["niveau_vie_median_eur_year"] == 15_330
    assert aubervilliers["pauvrete_share"] == 0.42
    assert aubervilliers["salaires_share"] == 0.718
    assert aubervilliers["impots_share"] == -0.125
    coubron = table.row(by_predicate=pl.col("code") == COUBRON, named=True)
    assert coubron["pauvrete_share"] == 0.08
    assert coubron["pauvrete_proprietaires_share"] is None


def test_levels_of_a_merged_commune_are_unknown_and_counts_add():
    before, after = filosofi("93", 2024), filosofi("93", 2025)
    merged = after.row(by_predicate=pl.col("code") == SAINT_DENIS, named=True)
    parts = before.filter(pl.col("code").is_in([SAINT_DENIS, PIERREFITTE]))
    assert merged["menages"] == parts["menages"].sum()
    assert merged["niveau_vie_median_eur_year"] is None
    assert before["menages"].sum() == after["menages"].sum()


def test_ages_cover_everyone_once():
    table = ages("93", 2022)
    assert table.height == 40
    assert table["population"].sum() == 1_678_367
    women = table.filter(sexe="femme")
    assert women["population"].sum() == 853_951
    assert women["age_min"].to_list() == list(range(0, 100, 5))
    assert women["age_max"].to_list() == [*range(4, 99, 5), None]
    with pytest.raises(NotFound, match="2021, 2022"):
        ages("93", 1901)


@pytest.mark.parametrize("vintage", [2024, 2026])
def test_fit_targets_have_one_row_a_commune(vintage):
    table = fit_targets("93", vintage)
    assert table["code"].to_list() == [commune.code for commune in communes("93", vintage)]
    assert {f"{measure}{end}" for measure in FIT_MEASURES for end in ("", "_is_lower_bound")} <= set(table.columns)
    assert table.select("population", "menages", "personnes").null_count().sum_horizontal().item() == 0


def test_share_of_owners_is_an_interval_and_null_under_secrecy():
    table = fit_targets("93", 2024)
    low, share, high = (table[f"proprietaires_share{end}"] for end in ("_low", "", "_high"))
    assert share.null_count() == 3
    assert ((low <= share) & (share <= high)).all()
    aubervilliers = table.row(by_predicate=pl.col("code") == "93001", named=True)
    assert aubervilliers["proprietaires_share"] == pytest.approx(5 / 26)
    assert aubervilliers["proprietaires_share_high"] - aubervilliers["proprietaires_share_low"] < 0.08


def test_a_departement_without_figures_says_so():
    for read in (caf_recipients, filosofi):
        with pytest.raises(Unavailable, match="n'a pas de table"):
            read("90", 2024)
