"""Rows in precedence: the order of the columns one after the other, whatever whole number stands for them."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allervers.extracts.assembly import sources
from allervers.extracts.assembly.sources import in_codes, in_precedence

SCHEMA = {
    "person_id": pl.String, "amount": pl.Int64, "reference_on": pl.Date, "rank": pl.Int8, "import_id": pl.String,
}  # fmt: skip
DAYS = st.sampled_from([None, date(2026, 1, 1), date(2026, 11, 1)])
TEXTS = st.sampled_from([None, "", "b", "a", "é"])
ROWS = st.lists(st.tuples(TEXTS, st.integers(-5, 5), DAYS, st.sampled_from([0, 1, 2]), TEXTS), max_size=12)
ORDER = ["person_id", "amount", "reference_on", "rank", "import_id"]


@pytest.mark.parametrize("is_large", [False, True])
@given(rows=ROWS)
def test_precedence_is_the_order_of_the_columns(is_large: bool, rows: list[tuple[Any, ...]]) -> None:
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row").with_row_index("given")
    with pytest.MonkeyPatch.context() as patch:
        if is_large:
            patch.setattr(sources, "prod", lambda _: 1 << 64)
        found = in_precedence(frame, "person_id", "amount")
    expected = frame.sort(
        ORDER, descending=[name == "reference_on" for name in ORDER], nulls_last=True, maintain_order=True
    )
    assert found.equals(expected)


@given(rows=ROWS)
def test_codes_sort_as_texts_and_give_them_back(rows: list[tuple[Any, ...]]) -> None:
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    coded = in_codes(frame)
    assert coded.cast({pl.Enum: pl.String}).equals(frame)
    assert coded.sort("person_id", maintain_order=True).cast({pl.Enum: pl.String}).equals(
        frame.sort("person_id", maintain_order=True)
    )  # fmt: skip
