"""Margins at their very edge, texts, dates, shapes; identity bit for bit."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from allervers.engine.conformance.comparing import gap, same_bits

F4 = np.float32


@pytest.mark.parametrize(
    ("actual", "expected", "absolute", "relative", "met"),
    [
        ([100.0], 100, None, None, True),
        ([100.0], 100.00001, None, None, False),
        ([0.1], 0.1, None, None, True),
        ([16777217.0], 16777216, None, None, True),  # equal once 32 bits hold them
        ([100.0], 101, 1, None, True),  # a margin that is reached passes
        ([100.0], 101.001, 1, None, False),
        ([100.0], 99, 1, None, True),
        ([0.75], 0.5, 0.25, None, True),
        ([110.0], 100, None, 0.1, True),
        ([111.0], 100, None, 0.1, False),
        ([-110.0], -100, None, 0.1, True),
        ([0.001], 0, None, 0.5, False),  # a relative margin of zero is zero
        ([105.0], 100, 10, 0.01, False),  # both margins hold when both are given
        ([105.0], 100, 1, 0.1, False),
        ([np.nan], 0, 1e9, None, False),
        ([np.inf], 0, 1e9, None, False),
        ([100.0, 200.0], 100, 0, None, False),  # one value stands for every row
        ([100.0, 100.0], 100, 0, None, True),
        ([100.0, 200.0], [100, 200], 0, None, True),
        ([100.0, 200.0], [200, 100], 0, None, False),
        ([100.0, 200.0], [100, 200, 300], 0, None, False),
        ([100.0], "50 * 2", 0, None, True),
        ([100.0], "50 * 3", 0, None, False),
        ([100.0], "cent", 0, None, False),
        ([100.0], None, 0, None, False),
        ([100.0], {"a": 1}, 0, None, False),
        ([100.0], [], 0, None, False),
    ],
)
def test_margins(actual: list[float], expected: Any, absolute: float | None, relative: float | None, met: bool) -> None:
    told = gap(np.array(actual, dtype=F4), expected, absolute, relative)
    assert (told is None) == met, told


def test_one_row_alone() -> None:
    assert gap(np.array([1.0, 2.0], dtype=F4)[1], 2, None, None) is None
    assert gap(np.array(["a", "b"])[1], "b", None, None) is None
    assert gap(np.array(["2020-01-01"], dtype="datetime64[D]")[0], date(2020, 1, 1), None, None) is None


def test_booleans_texts_items_dates() -> None:
    assert gap(np.array([True]), True, None, None) is None
    assert gap(np.array([True]), 1, None, None) is None
    assert gap(np.array([True]), False, None, None)
    assert gap(np.array(["locataire"]), "locataire", 5, None) is None
    assert gap(np.array(["locataire"]), "proprietaire", 5, None)
    assert gap(np.array(["a", "b"]), ["a", "b"], None, None) is None
    assert gap(np.array(["a", "b"]), "a", None, None)
    assert gap(np.array(["01001"]), "01001", None, None) is None
    assert gap(np.array(["75056"]), "75056", None, None) is None
    assert gap(np.array(["75056"]), "75057", None, None)
    days = np.array(["2020-01-31"], dtype="datetime64[D]")
    assert gap(days, "2020-01-31", None, None) is None
    assert gap(days, "2020-02-01", 31, None)
    assert gap(days, "hier", None, None)


def test_same_bits() -> None:
    one = np.array([1.0, np.nan], dtype=F4)
    assert same_bits(one, one.copy())
    assert not same_bits(one, np.array([1.0, 0.0], dtype=F4))
    assert not same_bits(one, one.astype(float)), "another type is another result"
    assert not same_bits(one, np.array([1.0], dtype=F4))
    assert not same_bits(np.array([1.0], dtype=F4), np.nextafter(np.array([1.0], dtype=F4), F4(2)))
    assert same_bits(np.array(["a"]), np.array(["a"], dtype="U20"))
    assert not same_bits(np.array(["1"]), np.array([1]))
    assert same_bits(np.array([], dtype=F4), np.array([], dtype=F4))
