"""Items read ahead are the same, in order; errors come in their turn; an early stop leaves nothing running."""

from __future__ import annotations

import threading

import pytest

from allervers.foundation.ahead import read_ahead


def test_the_same_items_in_the_same_order():
    assert list(read_ahead(range(100))) == list(range(100))
    assert list(read_ahead([None, 0, ""])) == [None, 0, ""]
    assert list(read_ahead([])) == []


def test_an_item_is_made_while_the_one_before_is_used():
    second = threading.Event()

    def items():
        yield 1
        second.set()
        yield 2

    reading = read_ahead(items())
    assert next(reading) == 1
    assert second.wait(5), "nothing was made ahead"
    assert list(reading) == [2]


def test_an_error_comes_after_the_items_before_it():
    def items():
        yield 1
        raise ValueError("second")

    reading = read_ahead(items())
    assert next(reading) == 1
    with pytest.raises(ValueError, match="second"):
        next(reading)


def test_who_stops_early_leaves_no_thread_and_no_open_source():
    closed = threading.Event()

    def items():
        try:
            yield from range(1_000)
        finally:
            closed.set()

    for item in read_ahead(items()):
        if item == 3:
            break
    assert closed.wait(5)
    assert not [one for one in threading.enumerate() if one.name.startswith("ahead")]
