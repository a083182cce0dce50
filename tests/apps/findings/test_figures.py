"""Secrecy and classes of the map: no small count shown, none found by difference."""

from hypothesis import given
from hypothesis import strategies as st

from allervers.apps.findings.maps import classes, commune_map
from allervers.apps.findings.secrecy import THRESHOLD, hidden_cells, hidden_keys

COUNTS = st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 30), max_size=12)


@given(COUNTS)
def test_small_counts_are_hidden_and_cannot_be_found_by_difference(counts):
    hidden = hidden_keys(counts)
    assert all(key in hidden for key, count in counts.items() if 0 < count < THRESHOLD)
    total = sum(counts.values())
    if hidden and len(hidden) < len(counts) and total >= THRESHOLD:
        # What is known: each hidden count is one at least, and their sum. It must leave a choice for each of them.
        left = sum(counts[key] for key in hidden)
        assert len(hidden) > 1
        assert left >= THRESHOLD
        assert left > len(hidden)


def test_five_counts_of_one_that_make_five_are_not_told():
    ones = {f"c{number}": 1 for number in range(5)}
    assert hidden_keys({**ones, "a": 0, "b": 0}) == {*ones, "a", "b"}
    assert hidden_keys({**ones, "a": 0, "b": 9, "c": 7}) == {*ones, "c"}
    fours = {f"c{number}": 4 for number in range(3)}
    assert hidden_keys({**fours, "a": 0, "b": 9, "c": 7}) == {*fours, "c"}
    assert hidden_keys({"a": 3, "b": 0}) == {"a"}, "the total is hidden too"


ROW = st.tuples(st.integers(0, 12), st.integers(0, 12))


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=2), ROW, max_size=8))
def test_no_small_count_is_found_from_its_row_or_its_column(rows):
    table = {key: {"whole": a + b, "a": a, "b": b} for key, (a, b) in rows.items()}
    hidden = hidden_cells(table, "whole", ("a", "b"))
    for key, row in table.items():
        closed = [name for name in row if key in hidden[name]]
        assert all(name in closed for name, count in row.items() if 0 < count < THRESHOLD)
        assert len(closed) != 1
    for name in ("whole", "a", "b"):
        assert len(hidden[name]) != 1 or not [
            k for k, r in table.items() if r[name] >= THRESHOLD and k not in hidden[name]
        ]


def test_seventeen_of_eighteen_does_not_tell_of_one():
    table = {
        "aah": {"whole": 18, "a": 1, "b": 17},
        "rsa": {"whole": 90, "a": 40, "b": 50},
        "af": {"whole": 60, "a": 20, "b": 40},
    }
    hidden = hidden_cells(table, "whole", ("a", "b"))
    assert "aah" in hidden["a"] & hidden["whole"]
    assert "aah" not in hidden["b"]


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
