"""The list of accounts as CSV: what a spreadsheet opens in France, no cell that runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from allervers.detection.exports import safe_cell


def csv_rows(headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """UTF-8 with BOM and `;`. Memory: some tens of kilobytes at a time."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    buffer.write("\ufeff")
    writer.writerow(headings)
    for row in rows:
        writer.writerow([safe_cell("" if value is None else str(value)) for value in row])
        if buffer.tell() > 64_000:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()
