"""Columns that other applications seal under the keys of the fields. They register here, and rotation reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Model

_COLUMNS: dict[type[Model], tuple[str, ...]] = {}


def seals(model: type[Model], *columns: str) -> None:
    """Say that these text columns hold sealed values; an empty one holds nothing."""
    _COLUMNS[model] = columns


def sealed_rows() -> Iterator[tuple[Model, dict[str, str]]]:
    """Every row that holds a sealed value, with its sealed values by column."""
    for model, columns in _COLUMNS.items():
        rows: Any = model._default_manager.order_by("pk")
        for row in rows.iterator(chunk_size=1_000):
            values = {name: getattr(row, name) for name in columns if getattr(row, name)}
            if values:
                yield row, values
