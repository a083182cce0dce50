"""Measured quality on synthetic people with the usual errors, without any NIR in common: the hard case."""

import polars as pl
import pytest
from linkage_people import NOW, frame, two_partners

from allervers.extracts.identity.vault import Vault
from allervers.extracts.linkage.link import link
from allervers.extracts.linkage.report import linkage_report, pairs_to_review, persons

SMALLEST_PRECISION = 0.995
SMALLEST_RECALL = 0.90
"""Share of true pairs in the sure zone. Stated in docs/linkage.md."""
SMALLEST_FOUND = 0.95
"""Share of true pairs in the sure zone or before an agent."""


@pytest.fixture(scope="module", params=[1, 2])
def linked(request, tmp_path_factory):
    store = tmp_path_factory.mktemp("store")
    first, second = two_partners(request.param, 700)
    with Vault(store) as vault, vault.transaction():
        keys = [
            vault.person_keys("caf93", frame(first, "a", nir=True)),
            vault.person_keys("cpam93", frame(second, "b", nir=False)),
        ]
    truth = pl.DataFrame({"source_key": pl.concat(keys), "truth": [who.truth for who in (*first, *second)]})
    both = len({who.truth for who in first} & {who.truth for who in second})
    return store, link(store, now=NOW), truth, both


def true_pairs(pairs, truth):
    found = pairs.join(truth, left_on="left_key", right_on="source_key")
    found = found.join(truth, left_on="right_key", right_on="source_key")
    return found.filter(pl.col("truth") == pl.col("truth_right")).height


def sure_pairs(store):
    members = (
        persons(store)
        .group_by("person_id")
        .agg(pl.col("source_key").sort())
        .filter(pl.col("source_key").list.len() > 1)
    )
    assert members["source_key"].list.len().max() == 2
    return members.select(left_key=pl.col("source_key").list.first(), right_key=pl.col("source_key").list.last())


def test_the_sure_zone_is_precise_and_finds_most(linked):
    store, _, truth, both = linked
    pairs = sure_pairs(store)
    found = true_pairs(pairs, truth)
    assert found / pairs.height >= SMALLEST_PRECISION
    assert found / both >= SMALLEST_RECALL
    assert (found + true_pairs(pairs_to_review(store), truth)) / both >= SMALLEST_FOUND


def test_the_work_left_to_agents_is_small(linked):
    store, report, _, both = linked
    assert report.to_review == pairs_to_review(store).height <= 0.06 * both


def test_rates_by_partner_and_commune_add_up(linked):
    store, report, *_ = linked
    rates = linkage_report(store)
    assert rates["persons"].sum() == report.records
    linked_persons = (rates["persons"] * rates["linked_share"]).sum()
    assert round(linked_persons) == 2 * sure_pairs(store).height
