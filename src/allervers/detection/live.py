"""One household, one right, now: the same computation as the list, with its explanation."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from allervers.detection.casefile import CaseFile
from allervers.detection.entitlement import assumed_columns, received_columns, request_of, with_assumptions
from allervers.detection.explanation import Explanation, explain
from allervers.engine.law import Law
from allervers.foundation.errors import NotFound
from allervers.foundation.periods import Month
from allervers.population.evaluation import evaluate_block
from allervers.rights.catalogue import Right


def explain_household(
    case: CaseFile, statuses: Path, household: str, right: Right, *, law: Law, month: Month
) -> list[Explanation]:
    """Explanations of a right for each unit of a household (a person, famille or ménage id names it).

    statuses: the file statuts.parquet of the detection. The side values are computed again, for this household alone.
    raises: NotFound (no such household, or the right has no row for it).
    """
    population = case.population
    persons = population.household_of(household)
    menages = population.ids["menage"].gather(pl.Series(population.membership["menage"].group[persons])).unique()
    rows = (
        pl.scan_parquet(statuses)
        .filter(pl.col("right") == right.id, pl.col("menage_id").is_in(menages.implode()))
        .collect()
    )
    if rows.is_empty() or right.computation is None:
        raise NotFound(f"« {right.label} » n'a pas été calculé pour ce foyer.", right=right.id, household=household)
    block, positions = population.block(persons)
    block = received_columns(population, case.receipts, month)(block, positions)
    supposed = assumed_columns(block)
    block = with_assumptions(block)
    result = evaluate_block(law, block, request_of(right, month, with_sides=True))
    ids = population.ids[result.entity].gather(pl.Series(positions[result.entity])).to_list()
    provenance = case.provenance.filter(pl.col("menage_id").is_in(menages.implode()))
    reads, found = {name for name, _ in result.reads}, []
    for row in rows.iter_rows(named=True):
        at = ids.index(row["unit_id"])
        sides = {name: None if result.unknown[at] else float(values[at]) for name, values in result.side.items()}
        found.append(explain(row, right, sides, provenance, assumed=sorted(supposed & reads), law=law))
    return found
