"""Lines cut all at once are the rows that a reader of rows finds, wherever a file is cut into blocks and batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allervers.extracts.batches import Limits
from allervers.extracts.mapping import DEFAULT_MAPPING
from allervers.extracts.reading import csv_rows
from allervers.extracts.reading.csv_plain import plain_rows
from allervers.extracts.reading.csv_rows import open_csv
from allervers.extracts.rows import RowProblem
from allervers.foundation.errors import InvalidInput

_CELLS = st.sampled_from(["", " ", "a", "é", "12,5", "\x0b", "\u2028", "\x00", '"q"', '"a;b"', '"l\nm"', 'x"y'])
_ROWS = st.lists(st.tuples(st.lists(_CELLS, max_size=5), st.sampled_from(["\n", "\r\n", "\n", "\r"])), max_size=12)

Read = tuple[pl.DataFrame, list[RowProblem]] | str


def _read(path: Path, size: int) -> Read:
    """All the rows and problems of a file, or what is said of it."""
    try:
        batches = list(open_csv(path, DEFAULT_MAPPING, Limits()).batches([0, 2], size))
    except InvalidInput as error:
        return error.message
    assert all(0 < batch.frame.height + len(batch.problems) <= size for batch in batches)
    assert all(batch.frame.height + len(batch.problems) == size for batch in batches[:-1])
    return pl.concat([batch.frame for batch in batches]), [p for batch in batches for p in batch.problems]


def _same(one: Read, other: Read) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return one[0].equals(other[0]) and one[1] == other[1]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=_ROWS, size=st.integers(1, 5), block=st.integers(1, 40), ends=st.booleans())
def test_rows_are_those_of_the_reader_of_rows(
    rows: list[tuple[list[str], str]], size: int, block: int, ends: bool, tmp_path: Path
) -> None:
    text = "one;two;three\n" + "".join(";".join(cells) + end for cells, end in rows) + "1;2;3" + "\n" * ends
    path = tmp_path / "rows.csv"
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_rows, "_BLOCK_CHARS", block)
        fast = _read(path, size)
        patch.setattr(csv_rows, "plain_rows", lambda *_, **__: None)
        assert _same(fast, _read(path, size))


def _plain(text: str, **changes: Any) -> Any:
    return plain_rows(text, ";", 2, [1], **{"after": 10, "longest": 100} | changes)


def test_line_and_cells_of_plain_rows() -> None:
    found = _plain("a;b\r\n\r\n;\nc;d;;\ne\nf;g;h\n")
    assert found.frame.rows() == [(11, "b"), (14, "d")]
    assert found.others == [(15, ["e"]), (16, ["f", "g", "h"])]
    assert found.lines == 6


@pytest.mark.parametrize("text", ['a;"b"\n', "a;b\rc;d\n", "a;" + "b" * 100 + "\n"])
def test_lines_that_need_a_reader_of_rows(text: str) -> None:
    assert _plain(text) is None
    assert _plain(text.replace('"', "").replace("\r", "\n")[:50]) is not None


def test_a_quoted_cell_may_cross_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quoted cell across two blocks is read whole, and the lines after it are told right."""
    path = tmp_path / "rows.csv"
    path.write_text('one;two;three\n1;"a\nb\nc";3\n4;5\n6;7;8\n', encoding="utf-8")
    monkeypatch.setattr(csv_rows, "_BLOCK_CHARS", 4)
    read = _read(path, 100)
    assert not isinstance(read, str)
    assert read[0].rows() == [(2, "1", "3"), (6, "6", "8")]
    assert [(p.line, p.reason_code) for p in read[1]] == [(5, "nombre_de_cellules")]
