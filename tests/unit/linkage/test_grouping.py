"""Persons grouped all at once are those that grouping link by link gives, constraints and pairs to review included."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allervers.extracts.linkage import groups
from allervers.extracts.linkage.groups import Grouping, Record, connected, grouped
from allervers.extracts.linkage.ledger import Edge

KEYS = [f"k{index}" for index in range(8)]
RECORDS = st.tuples(*(st.tuples(st.sampled_from("abc"), st.sampled_from(["n1", "n2", None, None])) for _ in KEYS))
PAIRS = st.dictionaries(
    st.tuples(st.sampled_from(KEYS), st.sampled_from([*KEYS, "gone"])).filter(lambda pair: pair[0] < pair[1]),
    st.tuples(
        st.sampled_from(["agent", "nir", "numero", "noms"]),
        st.sampled_from(["sure", "sure", "sure", "review", "refused"]),
        st.floats(0, 20),
        st.sampled_from([None, "annule", "poids_moyen"]),
    ),
    max_size=14,
)


def _told(grouping: Grouping) -> tuple[list[list[str]], dict[int, bool]]:
    return sorted(grouping.groups), grouping.pending


@settings(max_examples=300, deadline=None)
@given(given_records=RECORDS, pairs=PAIRS)
def test_grouping_is_the_one_made_link_by_link(
    given_records: tuple[tuple[str, str | None], ...],
    pairs: dict[tuple[str, str], tuple[str, str, float, str | None]],
) -> None:
    records = [Record(key, *one) for key, one in zip(KEYS, given_records, strict=True)]
    links = [Edge(entry, *keys, *about) for entry, (keys, about) in enumerate(pairs.items())]
    found = grouped(records, links)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(groups, "_contested", lambda records, place, person, sure, refused: set(person))
        assert _told(found) == _told(grouped(records, links))


@given(pairs=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12))
def test_connected_gives_the_lowest_node_reached(pairs: list[tuple[int, int]]) -> None:
    reached = {node: {node} for node in range(10)}
    for _ in range(10):
        for left, right in pairs:
            reached[left] = reached[right] = reached[left] | reached[right]
    assert connected(pairs, 10) == [min(found for found in reached[node]) for node in range(10)]
