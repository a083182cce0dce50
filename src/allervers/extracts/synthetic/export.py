"""A partner's file before it is written: rows, layout, date, the invalid rows to plant, and whose rows they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from allervers.extracts.synthetic.layouts import Layout
from allervers.extracts.synthetic.mess import disturbed, shuffled, with_invalid

IDENTITY = ("nir", "nom_naissance", "nom_usage", "prenoms", "date_naissance", "sexe")
"""Identity columns shared by the layouts of persons."""

KEYS = ("id", "partner", "format", "person_number")
"""Columns of the table that joins the truth to the partners' numbers, for measuring only."""


@dataclass(frozen=True, slots=True)
class ExtractFile:
    """A partner's file: format of the reader, partner, mapping to read it with (None when the layout needs none)."""

    path: Path
    format: str
    partner: str
    mapping: Path | None
    reference_on: date


@dataclass(frozen=True, slots=True)
class Export:
    """rows: our columns, typed. numbers: id, person_number. bad: column -> text that makes a row invalid."""

    layout: Layout
    rows: pl.DataFrame
    reference_on: date
    numbers: pl.DataFrame | None = None
    bad: Mapping[str, str] = field(default_factory=dict)
    repeated: bool = True
    """False for amounts: a payment given twice would be an overpayment, not a slip of export."""

    def write(self, folder: Path, rng: np.random.Generator) -> ExtractFile:
        """Write the file with its errors, and its mapping, in `folder`."""
        rows = disturbed(self.rows, rng) if "nom_naissance" in self.rows.columns else self.rows
        rows = shuffled(rows, rng) if self.repeated else shuffled(rows, rng, repeated=0.0)
        text = with_invalid(self.layout.as_text(rows), rng, self.bad)
        mapping = self.layout.write_mapping(folder, text.columns)
        path = self.layout.write(text, folder)
        return ExtractFile(path, self.layout.format, self.layout.partner, mapping, self.reference_on)

    def keys(self) -> pl.DataFrame:
        """KEYS of the persons of this file; empty when it names none of its own."""
        if self.numbers is None:
            return pl.DataFrame(schema=dict.fromkeys(KEYS, pl.String))
        named = [pl.lit(self.layout.partner).alias("partner"), pl.lit(self.layout.format).alias("format")]
        return self.numbers.select("id", *named, "person_number").unique(maintain_order=True)
