"""Whole columns are read as single values would be: the NIR against its reference, amounts, keys already seen."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.fr import nir as stdnum_nir

from allervers.extracts.batches import Reading
from allervers.extracts.cells import cells_of, clean_text
from allervers.extracts.identity.nir import check_nir
from allervers.extracts.layout import Column, Kind
from allervers.extracts.mapping import PartnerMapping, mapping_of
from allervers.extracts.seen_keys import SeenKeys

READING = Reading(date(2026, 11, 5), date(2026, 11, 20))
NUMBERS = st.builds(
    lambda sex, date_, place, rest: f"{sex}{date_}{place}{rest}",
    st.sampled_from("123478956"),
    st.from_regex(r"[0-9]{4}", fullmatch=True),
    st.sampled_from(["2A", "2B", "2a", "93", "99", "2C"]),
    st.from_regex(r"[0-9]{6}", fullmatch=True),
)


def _read(kind: Kind, texts: list[str], mapping: PartnerMapping) -> list[object]:
    column = Column("c", kind, "", low=-1e9, high=1e9)
    frame = pl.DataFrame({"c": texts}, schema={"c": pl.String}).with_columns(clean_text(column, mapping).alias("~c"))
    return frame.select(cells_of(column, mapping, READING).value).to_series().to_list()


@settings(max_examples=60)
@given(st.lists(st.tuples(NUMBERS, st.sampled_from(["", "right", "00", "12"])), min_size=1, max_size=20))
def test_nir_columns_agree_with_single_numbers(parts: list[tuple[str, str]]) -> None:
    texts = []
    for number, key in parts:
        readable = number[:5].isdigit() and (number[5:7].isdigit() or number[5:7].upper() in ("2A", "2B"))
        right = stdnum_nir.calc_check_digits(number.upper()) if readable else "01"
        texts.append(number + (right if key == "right" else key))
    got = _read(Kind.NIR, texts, mapping_of({"nir_sans_cle": True}))
    assert got == [check_nir(text).number for text in texts]


@settings(max_examples=60)
@given(st.lists(st.decimals(-999_999, 999_999, places=2), min_size=1, max_size=20))
def test_amounts_written_the_french_way(amounts: list[object]) -> None:
    texts = [f"{amount:,}".replace(",", "\u202f").replace(".", ",") for amount in amounts]
    assert _read(Kind.AMOUNT, texts, mapping_of({"decimale": ",", "milliers": " "})) == [float(str(a)) for a in amounts]


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers(0, 40), max_size=15), max_size=8))
def test_seen_keys_agree_with_a_set(batches: list[list[int]]) -> None:
    seen, known = SeenKeys(), set()
    for batch in batches:
        expected = []
        for value in batch:
            expected.append(value in known)
            known.add(value)
        assert seen.repeated(pl.DataFrame({"k": batch}, schema={"k": pl.Int64})).to_list() == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("06 39 98 01 02", "+33639980102"), ("06.39.98.01.02", "+33639980102"), ("+33 6 39 98 01 02", "+33639980102"),
        ("0033639980102", "+33639980102"), ("+33 (0)6 39-98-01-02", "+33639980102"), ("01 99 00 01 02", "+33199000102"),
        ("639980102", None), ("06 39 98 01", None), ("06 39 98 01 02 03", None), ("+44 7700 900123", None),
        ("08 99 00 01 02", None), ("=06 39 98 01 02", None), ("à rappeler", None), ("", None),
    ],
)  # fmt: skip
def test_phones_are_french_and_in_one_writing(text: str, value: str | None) -> None:
    assert _read(Kind.PHONE, [text], mapping_of({})) == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Awa.Petit@Example.org", "awa.petit@example.org"), ("a+b@mail.example.org", "a+b@mail.example.org"),
        ("awa@example", None), ("awa@@example.org", None), ("a wa@example.org", None), ("awa..p@example.org", None),
        ("@example.org", None), ("néant", None), ("", None),
    ],
)  # fmt: skip
def test_emails_have_a_plain_shape(text: str, value: str | None) -> None:
    assert _read(Kind.EMAIL, [text], mapping_of({})) == [value]
