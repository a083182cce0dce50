"""What the law gives each unit (famille, person, ménage), right by right and month by month, with its side values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from allervers.engine.block import Block, Column
from allervers.engine.law import Changes
from allervers.foundation.periods import Month, months_between
from allervers.population.evaluation import Pass, Prepare, Progress, Request, Result, evaluate_passes
from allervers.population.folder import Population
from allervers.rights.assumptions import assumptions
from allervers.rights.catalogue import Right

RECEIVED_VARIABLES: Mapping[str, str] = {
    "rsa": "rsa",
    "ppa": "ppa",
    "aides_logement": "aide_logement",
    "af": "af",
    "cf": "cf",
    "asf": "asf",
    "paje_base": "paje_base",
    "aspa": "aspa",
    "asi": "asi",
    "aah": "aah",
}
"""Benefit in partners' payments -> OpenFisca variable that holds what was really received in a past month."""

_OF_PERSON = {"asi", "aah"}


@dataclass(frozen=True, slots=True)
class Entitlement:
    """One right over the population for a month.

    frame: unit_id, menage_id, amount (law's value, null = unknown), before_threshold (null when the right has none),
    then one column a side variable. `reads`: which given columns the computation looked at.
    """

    right: str
    month: Month
    frame: pl.DataFrame
    reads: frozenset[Column]


@dataclass(frozen=True, slots=True)
class MonthOfRights:
    """Rights to compute for a month. Without `with_sides`, no side variable is wanted for explanations."""

    month: Month
    rights: Sequence[Right]
    with_sides: bool = False


def entitlements(
    population: Population,
    wanted: Sequence[MonthOfRights],
    *,
    changes: Changes,
    receipts: pl.DataFrame | None = None,
    workers: int = 1,
    engine: str = "",
    block_households: int | None = None,
    progress: Progress | None = None,
) -> list[Entitlement]:
    """Each right for each month, every unit of the population. Each right runs in a fresh simulation.

    `receipts` (entity, unit_id, prestation, month, montant): what was really paid stands for the months before the one
    computed; for that month itself the law is computed. Without it, past months are computed as if every right had been
    claimed. The population is read once, whatever the number of months.
    """
    requests = [
        {r.id: request_of(r, one.month, one.with_sides) for r in one.rights if r.computation is not None}
        for one in wanted
    ]
    results = evaluate_passes(
        population,
        [
            Pass(list(asked.values()), _prepare(population, receipts, one.month))
            for one, asked in zip(wanted, requests, strict=True)
        ],
        changes=changes,
        engine=engine,
        workers=workers,
        block_households=block_households,
        progress=progress,
    )
    homes = unit_homes(population)
    return [
        _entitlement(r, one.month, population, homes, found[asked[r.id]])
        for one, asked, found in zip(wanted, requests, results, strict=True)
        for r in one.rights
        if r.id in asked
    ]


def _prepare(population: Population, receipts: pl.DataFrame | None, month: Month) -> Prepare:
    if receipts is None:
        return lambda block, _rows: with_assumptions(block)
    received = received_columns(population, receipts, month)
    return lambda block, rows: with_assumptions(received(block, rows))


def unit_homes(population: Population) -> Mapping[str, NDArray[np.int64]]:
    """Position of the ménage where each unit lives, by entity. A famille or foyer lives where its first member does."""
    of_person = population.membership["menage"].group
    homes: dict[str, NDArray[np.int64]] = {"individu": of_person, "menage": np.arange(len(population.ids["menage"]))}
    for group, head in (("famille", "demandeur"), ("foyer_fiscal", "declarant_principal")):
        members = population.membership[group]
        heads = members.role == head
        homes[group] = np.zeros(members.count, dtype=np.int64)
        homes[group][members.group[heads]] = of_person[heads]
    return homes


def received_columns(population: Population, receipts: pl.DataFrame, month: Month) -> Prepare:
    """A `prepare` that gives the block what was really received in the months before `month` that payments cover."""
    known = receipts.filter(
        pl.col("prestation").is_in(list(RECEIVED_VARIABLES)),
        pl.col("month") < str(month),
        pl.col("montant").is_not_null(),
    )
    columns: dict[Column, tuple[str, NDArray[np.float64]]] = {}
    for prestation, variable in RECEIVED_VARIABLES.items():
        covered = _covered(known.filter(pl.col("prestation") == prestation)["month"], month)
        entity = "individu" if prestation in _OF_PERSON else "famille"
        ids = pl.DataFrame({"unit_id": population.ids[entity], "position": np.arange(len(population.ids[entity]))})
        paid = (
            known.filter(pl.col("prestation") == prestation, pl.col("entity") == entity)
            .group_by("unit_id", "month")
            .agg(pl.col("montant").sum())
            .join(ids, on="unit_id")
        )
        for text in covered:
            amounts = np.zeros(len(ids))
            of_month = paid.filter(pl.col("month") == text)
            amounts[of_month["position"].to_numpy()] = of_month["montant"].to_numpy()
            columns[variable, text] = (entity, amounts)

    def prepare(block: Block, rows: Mapping[str, NDArray[np.int64]]) -> Block:
        added = {column: amounts[rows[entity]] for column, (entity, amounts) in columns.items()}
        entities = {column: entity for column, (entity, _) in columns.items()}
        return replace(block, columns={**block.columns, **added}, entity_of={**block.entity_of, **entities})

    return prepare


def _covered(paid: pl.Series, month: Month) -> list[str]:
    """Months over which a benefit's payments are told: from its first payment on. Who is not in them received nothing.

    A benefit that no partner tells, or tells for one month only (a list of holders), is left to the law: not zero.
    """
    if paid.n_unique() < 2:
        return []
    return [str(m) for m in months_between(Month.parse(str(paid.min())), month - 1)]


def assumed_columns(block: Block) -> set[str]:
    """Variables of the block for which an assumption stands for some value that is not known."""
    return {column[0] for column in block.unknown if column[0] in assumptions()}


def with_assumptions(block: Block) -> Block:
    """The block where each declared assumption stands for the values that are not known (rights.assumptions)."""
    columns, unknown = dict(block.columns), dict(block.unknown)
    for column, mask in block.unknown.items():
        supposed = assumptions().get(column[0])
        if supposed is not None:
            columns[column] = np.where(mask, supposed.value, block.columns[column])
            del unknown[column]
    return replace(block, columns=columns, unknown=unknown)


def request_of(right: Right, month: Month, with_sides: bool) -> Request:
    """What to ask of the law for a right and a month: the variable, its period, the side variables wanted."""
    computation = right.computation
    assert computation is not None
    period = str(month.year) if computation.amount_period == "year" and _is_yearly(right) else str(month)
    sides = tuple(computation.explained_by) if with_sides else ()
    if computation.before_threshold:
        sides = (*sides, computation.before_threshold)
    return Request(computation.output, period, sides)


def _is_yearly(right: Right) -> bool:
    """Rights whose OpenFisca variable is defined by the year (a school grant has a yearly amount but a monthly one)."""
    return right.id in {"ars", "cheque_energie"}


def _entitlement(
    right: Right, month: Month, population: Population, homes: Mapping[str, NDArray[np.int64]], result: Result
) -> Entitlement:
    computation = right.computation
    assert computation is not None
    amounts = pl.Series("amount", np.asarray(result.values, dtype=np.float64)).set(pl.Series(result.unknown), None)
    columns: dict[str, pl.Series] = {
        "unit_id": population.ids[result.entity],
        "menage_id": population.ids["menage"].gather(pl.Series(homes[result.entity])),
        "amount": amounts,
    }
    for name, values in result.side.items():
        key = "before_threshold" if name == computation.before_threshold else name
        columns[key] = pl.Series(key, np.asarray(values, dtype=np.float64)).set(pl.Series(result.unknown), None)
    return Entitlement(right.id, month, pl.DataFrame(columns), result.reads)
