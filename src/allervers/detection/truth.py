"""Only for synthetic départements: the known truth, brought to the units that detection sees, to measure quality."""

from __future__ import annotations

import polars as pl

from allervers.detection.casefile import CaseFile
from allervers.foundation.periods import Month
from allervers.population.folder import Population
from allervers.rights.catalogue import computed_rights

_MISSED = ("not_claimed", "documents_missing", "automatic_not_executed")


def truth_of_units(
    take_up: pl.DataFrame, population: Population, same_person: pl.DataFrame, case: CaseFile, *, month: Month
) -> pl.DataFrame:
    """The truth by right and unit as detection names it: right, unit_id, entitled, not_taken_up.

    take_up: unit_id, right, month, status (population.synthetic.take_up). population: the true one. same_person:
    id (truth), person_id (detection), one row a person whom a partner knows. unit_id is null for units that no partner
    knows. Every unit of the truth has a row for every right, so that those without right are counted too.
    """
    detected = _units_of_persons(case.population).rename({"id": "person_id"})
    persons = _units_of_persons(population).join(same_person, on="id").join(detected, on="person_id", suffix="_seen")
    seen = {
        entity: persons.sort(entity, "is_head", descending=[False, True])
        .unique(entity, keep="first", maintain_order=True)
        .select(unit_id=entity, seen_id=f"{entity}_seen")
        for entity in ("individu", "famille", "menage")
    }
    parts = []
    for right in computed_rights():
        entity = right.computation.entity if right.computation else "famille"
        ids = pl.DataFrame({"unit_id": population.ids[entity]})
        rows = take_up.filter(pl.col("right") == right.id)
        chosen = str(month) if str(month) in rows["month"] else rows["month"].max()
        at = rows.filter(pl.col("month") == pl.lit(chosen, pl.String))
        states = ids.join(at.select("unit_id", "status"), on="unit_id", how="left")
        parts.append(
            states.join(seen[entity], on="unit_id", how="left").select(
                unit_id=pl.col("seen_id"),
                right=pl.lit(right.id),
                entitled=pl.col("status").is_not_null() & (pl.col("status") != "under_payment_threshold"),
                not_taken_up=pl.col("status").is_in(_MISSED).fill_null(value=False),
            )
        )
    truth = pl.concat(parts)
    # Two true units that partners mix into one: the right is missed when it is missed for one of them.
    known = truth.filter(pl.col("unit_id").is_not_null()).group_by("right", "unit_id", maintain_order=True)
    merged = known.agg(pl.col("entitled").any(), pl.col("not_taken_up").any())
    unknown = truth.filter(pl.col("unit_id").is_null()).select(merged.columns)
    return pl.concat([merged, unknown])


def _units_of_persons(population: Population) -> pl.DataFrame:
    """id, individu, famille, menage (ids of the units of each person), is_head (of the famille)."""
    columns: dict[str, pl.Series] = {"id": population.ids["individu"], "individu": population.ids["individu"]}
    for group in ("famille", "menage"):
        members = population.membership[group]
        columns[group] = population.ids[group].gather(pl.Series(members.group))
    roles = pl.Series(population.membership["famille"].role)
    return pl.DataFrame(columns).with_columns(is_head=roles == "demandeur")
