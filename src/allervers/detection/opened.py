"""Rights that are nil only for a fact that is not known (rights.openers): the units, the question that settles it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from allervers.detection.casefile import CaseFile
from allervers.detection.entitlement import Entitlement, received_columns, request_of, with_assumptions
from allervers.engine.block import Block, Membership
from allervers.engine.law import Law
from allervers.foundation.periods import Month
from allervers.population.evaluation import evaluate_block
from allervers.population.folder import Population, column_name
from allervers.rights.catalogue import Right
from allervers.rights.openers import Opener, openers

HOUSEHOLDS = 2_000
"""Households computed again at once: only those of a person for whom the fact may hold."""
Opened = Mapping[str, pl.DataFrame]
"""Right -> unit_id, opener_question."""


def opened(
    case: CaseFile, entitled: Sequence[Entitlement], rights: Mapping[str, Right], *, law: Law, month: Month
) -> Opened:
    """For each right of the month, the units whose right is nil and would not be if the fact held."""
    found: dict[str, list[pl.DataFrame]] = {}
    prepare = received_columns(case.population, case.receipts, month)
    now = {one.right: one for one in entitled if one.month == month}
    for opener in (one for one in openers() if one.lift is not None):
        asked = [rights[name] for name in opener.rights if name in now]
        for persons in _households(case.population, opener, month) if asked else ():
            block, rows = case.population.block(persons)
            block = opener.lifted(with_assumptions(prepare(block, rows)), month)
            for right in asked:
                result = evaluate_block(law, block, request_of(right, month, with_sides=False))
                would = (np.asarray(result.values, dtype=np.float64) > 0) & ~result.unknown
                ids = case.population.ids[result.entity].gather(pl.Series(rows[result.entity][would]))
                units = now[right.id].frame.filter(pl.col("amount") == 0, pl.col("unit_id").is_in(ids.implode()))
                found.setdefault(right.id, []).append(units.select("unit_id", opener_question=pl.lit(opener.question)))
    return {right: pl.concat(frames).unique("unit_id", keep="first") for right, frames in found.items()}


def _households(population: Population, opener: Opener, month: Month) -> list[NDArray[np.int64]]:
    """Persons of the households of whoever the fact may hold for, some households at a time."""
    concerned = opener.persons(_block_of(population, opener, month), month)
    label = population.component()
    labels = np.unique(label[concerned])
    return [
        np.flatnonzero(np.isin(label, labels[first : first + HOUSEHOLDS]))
        for first in range(0, len(labels), HOUSEHOLDS)
    ]


def _block_of(population: Population, opener: Opener, month: Month) -> Block:
    """The persons of a population with the columns that an opener reads, and nothing else."""
    wanted = {(one.variable, str(month + offset)) for one in opener.when for offset in one.months}
    wanted |= {(one.variable, "ETERNITY") for one in opener.when}
    columns = [column for column in population.columns if column in wanted]
    frame = pl.scan_parquet(population.folder / "individu.parquet").select(map(column_name, columns)).collect()
    unknown = {column: frame[column_name(column)].is_null().to_numpy() for column in columns}
    values = {}
    for column in columns:
        series = frame[column_name(column)]
        text = not series.dtype.is_numeric()
        values[column] = (series.cast(pl.String).fill_null("") if text else series.fill_null(0)).to_numpy()
    nobody: dict[str, Membership] = {}
    return Block(population.persons, nobody, values, dict.fromkeys(values, "individu"), unknown)
