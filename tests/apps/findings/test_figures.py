"""Secrecy and classes of the map: no small count shown, none found by difference."""

from hypothesis import given
from hypothesis import strategies as st

from allervers.apps.findings.maps import classes, commune_map
from allervers.apps.findings.secrecy import THRESHOLD, hidden_keys

COUNTS = st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 30), max_size=12)


@given(COUNTS)
def test_small_counts_are_hidden_and_cannot_be_found_by_difference(counts):
    hidden = hidden_keys(counts)
    assert all(key in hidden for key, count in counts.items() if 0 < count < THRESHOLD)
    others = [key for key, count in counts.items() if count > 0 and key not in hidden]
    if hidden and others:
        assert len(hidden) > 1
        assert sum(counts[key] for key in hidden) >= THRESHOLD


@given(COUNTS)
def test_nothing_is_hidden_without_need(counts):
    if all(count == 0 or count >= THRESHOLD for count in counts.values()):
        assert not hidden_keys(counts)


@given(st.lists(st.integers(0, 500), max_size=40))
def test_each_value_has_one_class_and_no_class_is_empty(values):
    limits = classes(values)
    assert len(limits) <= 5
    for value in values:
        assert sum(low <= value <= high for low, high in limits) == 1
    for low, high in limits:
        assert any(low <= value <= high for value in values)


def test_the_map_tells_secret_from_outside():
    areas = {area.code: area for area in commune_map({"93066": 12, "93010": None}).areas}
    assert "Saint-Denis : 12" in areas["93066"].title
    assert "secret" in areas["93010"].title
    assert "hors" in areas["93001"].title
    assert len(areas) == 39
