"""Months: parsing, arithmetic, bounds."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allervers.foundation.errors import InvalidInput
from allervers.foundation.periods import Month, months_between

MONTHS = st.builds(Month, st.integers(1950, 2150), st.integers(1, 12))


@given(MONTHS, st.integers(-500, 500))
def test_adding_then_counting_gives_back_the_number(month: Month, months: int) -> None:
    later = month + months
    assert later.months_since(month) == months
    assert later - months == month


@given(MONTHS)
def test_text_round_trip(month: Month) -> None:
    assert Month.parse(str(month)) == month


@given(MONTHS)
def test_first_and_last_day_are_in_the_month(month: Month) -> None:
    assert Month.of(month.first_day) == month == Month.of(month.last_day)
    assert Month.of(date.fromordinal(month.last_day.toordinal() + 1)) == month + 1


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-00", "2026-1", "26-01", " 2026-01", "2026-01-01", "1700-01"])
def test_anything_else_than_a_month_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Month.parse(text)


def test_months_between_holds_both_ends() -> None:
    assert [str(m) for m in months_between(Month(2025, 11), Month(2026, 2))] == [
        "2025-11", "2025-12", "2026-01", "2026-02",
    ]  # fmt: skip
    assert not list(months_between(Month(2026, 2), Month(2026, 1)))
