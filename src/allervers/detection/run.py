"""The whole of detection on an assembled folder: statuses, alerts, list, contact queue, summaries, explanations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from allervers.detection.alerts import COLUMNS, find_alerts, rules
from allervers.detection.casefile import CaseFile, read_case_file
from allervers.detection.entitlement import Entitlement, MonthOfRights, entitlements
from allervers.detection.exports import status_label, write_json, write_table
from allervers.detection.findings import find
from allervers.detection.mismatches import find_mismatches
from allervers.detection.opened import opened
from allervers.detection.prerequisites import with_blocking, with_cascade
from allervers.detection.quality import Quality, audit_sample, measure
from allervers.detection.statuses import CONTACTABLE, LISTED, NOT_TAKEN_UP, Status
from allervers.detection.summary import as_json, summarise
from allervers.detection.unsettled import readable, unsettled
from allervers.engine.law import Changes, Law
from allervers.foundation.files import folder_written_whole
from allervers.foundation.periods import Month
from allervers.foundation.tables import write_by_household
from allervers.population.inputs import HISTORY_MONTHS
from allervers.rights.assumptions import assumptions
from allervers.rights.catalogue import Right, catalogue, computed_rights
from allervers.territory.communes import communes, vintage_in_force

LOOKED_BACK = (3, 6)
"""Earlier months computed to tell since when a right is not taken up, where the history is long enough."""

AUDIT_SIZE = 200

SUMMARIES = {"droit": ["right"], "commune": ["right", "code_insee", "commune"], "ept": ["right", "ept"]}

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Detection:
    """What a run found in a case file. `findings`: one row a (right, unit); `alerts`: one row an alert."""

    month: Month
    case: CaseFile
    findings: pl.DataFrame
    alerts: pl.DataFrame
    entitled: Sequence[Entitlement]
    quality: Sequence[Quality]


def detect(
    folder: Path,
    *,
    law: Law,
    changes: Changes,
    month: Month,
    today: date,
    engine: str = "",
    workers: int = 1,
    report: Report | None = None,
) -> Detection:
    """Run every rule on an assembled folder."""
    say = report or (lambda _: None)
    case = read_case_file(folder, law)
    rights = catalogue()
    wanted = _months(month)
    for one in wanted:
        say(f"Droits calculés pour {one.month} : {len(one.rights)}")
    entitled = entitlements(
        case.population, wanted, changes=changes, receipts=case.receipts, engine=engine, workers=workers
    )
    say("Statuts, alertes et échéances")
    held_back = opened(case, entitled, rights, law=law, month=month)
    findings = find(case, entitled, rights, law=law, month=month, today=today, opened=held_back)
    findings = with_blocking(findings, case, rights, month=month)
    alerts = _alerts(case, findings, rights, month, today)
    quality = measure(findings, rights=[r.id for r in computed_rights()])
    return Detection(month, case, findings, alerts, entitled, quality)


def _months(month: Month) -> list[MonthOfRights]:
    """Months to compute and the rights for each: earlier months only where the 15 months of history reach."""
    # The slowest computations first, so that the processes end together.
    months = [MonthOfRights(month, sorted(computed_rights(), key=_depth, reverse=True), with_sides=True)]
    # The resources of another tax year (N-3) are not held: earlier months stay within the year.
    for back in (k for k in LOOKED_BACK if (month - k).year == month.year):
        reached = [
            r
            for r in computed_rights()
            if r.computation is not None
            and r.computation.amount_period == "month"
            and r.start.kind != "yearly_campaign"
            and r.computation.history_months + back < HISTORY_MONTHS
        ]
        months.append(MonthOfRights(month - back, sorted(reached, key=_depth, reverse=True)))
    return months


def _depth(right: Right) -> int:
    return right.computation.history_months if right.computation else 0


def _alerts(
    case: CaseFile, findings: pl.DataFrame, rights: Mapping[str, Right], month: Month, today: date
) -> pl.DataFrame:
    alerts = find_alerts(case, rights, month=month, today=today)
    gaps = find_mismatches(findings, case.receipts, str(month)).with_columns(
        alert=pl.lit("ressources_discordantes"),
        amount_eur=pl.col("gap_eur"),
        famille_id=pl.when(pl.col("unit_entity") == "famille").then("unit_id"),
    )
    missing = [pl.lit(None, kind).alias(name) for name, kind in COLUMNS.items() if name not in gaps.columns]
    alerts = pl.concat([alerts, gaps.with_columns(missing).select(list(COLUMNS))])
    alerts = with_cascade(alerts, findings, rights, received=str(Status.RECEIVED))
    places = case.contacts.select("menage_id", "code_insee", "contact_allowed", "channels")
    places = places.unique("menage_id", keep="first", maintain_order=True)
    labels = {rule.id: rule.label for rule in rules().values()}
    courses = {rule.id: rule.parcours for rule in rules().values()}
    return alerts.join(places, on="menage_id", how="left", maintain_order="left").with_columns(
        alert_label=pl.col("alert").replace_strict(labels), parcours=pl.col("alert").replace_strict(courses)
    )


def write_detection(
    detection: Detection,
    folder: Path,
    *,
    departement: str,
    header: Mapping[str, Any],
    provenance: pl.DataFrame,
    beside: Mapping[str, pl.DataFrame] | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Write everything in `folder`, whole or not at all. Returns the machine-readable summary (resume.json).

    beside: other tables to write with the lists, by name (the rates of linkage, for instance).
    """
    findings, alerts = (with_places(f, departement, detection.month) for f in (detection.findings, detection.alerts))
    labels = {right.id: right.label for right in catalogue().values()}
    findings = findings.with_columns(right_label=pl.col("right").replace_strict(labels), status_label=status_label())
    listed = findings.filter(pl.col("status").is_in([str(s) for s in LISTED]))
    listed = listed.drop("computed_eur", "held_eur", "paid_eur")
    open_questions = unsettled(findings)
    to_complete = with_places(readable(open_questions, labels), departement, detection.month)
    order = ["eur_lost_per_day", "amount_eur_month", "right", "unit_id"]
    listed = listed.sort(order, descending=[True, True, False, False], nulls_last=True)
    summary = as_json(findings, alerts, detection.quality, header)
    with folder_written_whole(folder) as temporary:
        write_table(listed, temporary, "liste")
        write_table(to_complete, temporary, "a_completer")
        write_table(contact_queue(listed), temporary, "file_de_contact")
        write_table(alerts, temporary, "alertes")
        write_table(
            audit_sample(findings.drop("computed_eur", "held_eur", "paid_eur"), size=AUDIT_SIZE, seed=seed),
            temporary,
            "echantillon_audit",
        )
        for name, by in SUMMARIES.items():
            write_table(summarise(findings, by), temporary, f"synthese_{name}")
        for name, table in (beside or {}).items():
            write_table(table, temporary, name)
        write_by_household(findings, temporary / "statuts.parquet")
        write_by_household(open_questions, temporary / "indetermines.parquet")
        write_by_household(explanation_records(detection, listed), temporary / "explications.parquet", key="unit_id")
        write_by_household(provenance, temporary / "provenance.parquet")
        write_json({"quality": [q.as_dict() for q in detection.quality]}, temporary / "qualite.json")
        write_json(summary, temporary / "resume.json")
        write_json(assumptions_read(detection), temporary / "suppositions.json")
    return summary


def contact_queue(listed: pl.DataFrame) -> pl.DataFrame:
    """Who may be contacted now, what is lost per day of delay first. Nobody whose identity is not sure."""
    return listed.filter(
        pl.col("contact_allowed").fill_null(value=False),
        pl.col("status").is_in([str(s) for s in CONTACTABLE if s in NOT_TAKEN_UP]),
    )


def explanation_records(detection: Detection, listed: pl.DataFrame) -> pl.DataFrame:
    """Side values of each listed row: right, unit_id, variable, label, value (null = unknown). See `explanation`."""
    parts = []
    for current in detection.entitled:
        computation = catalogue()[current.right].computation
        if current.month != detection.month or computation is None or not computation.explained_by:
            continue
        units = listed.filter(pl.col("right") == current.right).select("unit_id").unique()
        named = [v for v in computation.explained_by if v in current.frame.columns]
        rows = current.frame.join(units, on="unit_id", how="semi").unpivot(named, index="unit_id")
        parts.append(
            rows.with_columns(
                right=pl.lit(current.right), label=pl.col("variable").replace_strict(dict(computation.explained_by))
            ).select("right", "unit_id", "variable", "label", "value")
        )
    schema = {"right": pl.String, "unit_id": pl.String, "variable": pl.String, "label": pl.String, "value": pl.Float64}
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)


def assumptions_read(detection: Detection) -> dict[str, list[str]]:
    """Right -> the variables that it reads for which a declared assumption stands where they are not known."""
    return {
        one.right: sorted({name for name, _ in one.reads} & set(assumptions()))
        for one in detection.entitled
        if one.month == detection.month
    }


def with_places(frame: pl.DataFrame, departement: str, month: Month) -> pl.DataFrame:
    """Add the commune's name and its EPT, in the geography of the month."""
    known = communes(departement, vintage_in_force(departement, month))
    places = pl.DataFrame(
        {"code_insee": [c.code for c in known], "commune": [c.nom for c in known], "ept": [c.ept for c in known]},
        schema={"code_insee": pl.String, "commune": pl.String, "ept": pl.String},
    )
    return frame.join(places, on="code_insee", how="left", maintain_order="left")
