"""From the files of a detection to the lines of the database: one table, sorted by urgency. No identity is read.

What is unknown stays in the store (see `unsettled`): there is no work on it but to ask, and it is most of a detection.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from django.db import connection

from allervers.apps.findings.domain import Progress
from allervers.apps.findings.models import Finding, FollowUp
from allervers.detection.statuses import CONTACTABLE, NOT_TAKEN_UP
from allervers.foundation.errors import NotFound

_BATCH = 20_000

COLUMNS = (
    "kind", "right", "event", "subject", "household", "unit_entity", "unit", "person", "commune", "status", "is_to_act",
    "may_contact", "channels", "amount_eur_month", "amount_eur", "is_amount_hidden", "since_month", "is_since_exact",
    "months_persisting", "eur_lost", "eur_recoverable", "eur_lost_per_day", "deadline_on", "deadline_reason",
    "since_on", "blocked_by", "questions", "detail", "partner", "rank", "progress", "version", "agent_id", "team_id",
)  # fmt: skip
"""Columns of a line, in the order of the table that `lines_of` gives."""

_TEXTS = ("right", "event", "person", "commune", "since_month", "deadline_reason", "blocked_by", "detail", "partner")


def lines_of(folder: Path) -> pl.DataFrame:
    """The lines of a detection (COLUMNS), the most urgent first. Raises NotFound when the folder holds no lists."""
    if not (folder / "liste.parquet").is_file():
        raise NotFound("Aucune liste à publier : lancez d'abord la détection.")
    lines = pl.concat([_rights(folder), _events(folder)], how="diagonal_relaxed")
    order = ["is_to_act", "eur_lost_per_day", "deadline_on", "amount_eur_month", "household", "unit", "right", "event"]
    lines = lines.sort(order, descending=[True, True, False, True, *[False] * 4], nulls_last=True)
    lines = lines.with_columns(
        pl.col(_TEXTS).fill_null(""),
        pl.col("questions")
        .map_elements(lambda several: json.dumps(list(several)), return_dtype=pl.String)
        .fill_null("[]"),
        subject=pl.when(pl.col("kind") == "right").then("right").otherwise("event"),
        rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
    )
    return lines.join(_work_so_far(), on=["unit", "subject"], how="left", maintain_order="left").with_columns(
        pl.col("progress").fill_null(str(Progress.TO_DO)), pl.col("version").fill_null(0)
    ).select(COLUMNS)  # fmt: skip


def _work_so_far() -> pl.DataFrame:
    """What agents have done on lines of earlier lists: unit, subject, progress, version, agent_id, team_id."""
    schema = {"unit": pl.String, "subject": pl.String, "progress": pl.String, "version": pl.Int64,
              "agent_id": pl.Int64, "team_id": pl.Int64}  # fmt: skip
    return pl.DataFrame(list(FollowUp.objects.values_list(*schema)), schema=schema, orient="row")


def _rights(folder: Path) -> pl.DataFrame:
    contactable = [str(s) for s in CONTACTABLE]
    to_act = [str(s) for s in NOT_TAKEN_UP]
    listed = pl.read_parquet(folder / "liste.parquet")
    return listed.select(
        pl.lit("right").alias("kind"),
        "right",
        pl.col("menage_id").alias("household"),
        "unit_entity",
        pl.col("unit_id").alias("unit"),
        pl.col("person_id").alias("person"),
        pl.col("code_insee").alias("commune"),
        "status",
        pl.col("status").is_in(to_act).alias("is_to_act"),
        (pl.col("contact_allowed").fill_null(value=False) & pl.col("status").is_in(contactable)).alias("may_contact"),
        _channels(listed),
        "amount_eur_month", "amount_eur", pl.col("amount_hidden").fill_null(value=False).alias("is_amount_hidden"),
        "since_month", pl.col("since_is_exact").alias("is_since_exact"), "months_persisting", "eur_lost",
        "eur_recoverable", "eur_lost_per_day", "deadline_on", "deadline_reason", "blocked_by", "questions",
    )  # fmt: skip


def _events(folder: Path) -> pl.DataFrame:
    alerts = pl.read_parquet(folder / "alertes.parquet").filter(pl.col("menage_id").is_not_null())
    return alerts.select(
        pl.lit("event").alias("kind"),
        "right",
        pl.col("alert").alias("event"),
        pl.col("menage_id").alias("household"),
        pl.when(pl.col("famille_id").is_not_null()).then(pl.lit("famille")).otherwise(pl.lit("menage"))
        .alias("unit_entity"),
        pl.coalesce("person_id", "famille_id", "menage_id").alias("unit"),
        pl.col("person_id").alias("person"),
        pl.col("code_insee").alias("commune"),
        pl.lit("event").alias("status"),
        pl.lit(value=True).alias("is_to_act"),
        pl.col("contact_allowed").fill_null(value=False).alias("may_contact"),
        _channels(alerts),
        "amount_eur", pl.lit(value=False).alias("is_amount_hidden"), "deadline_on", "since_on", "detail", "partner",
    )  # fmt: skip


def _channels(table: pl.DataFrame) -> pl.Expr:
    """Lists detected before channels were told do not know them."""
    return pl.col("channels") if "channels" in table.columns else pl.lit(None, pl.String).alias("channels")


def insert_lines(publication: int, lines: pl.DataFrame, told: Callable[[int, int], None]) -> None:
    """Write the lines of a publication, in the caller's transaction. `told` is called after each batch."""
    names = ["publication_id", *COLUMNS]
    for start in range(0, lines.height, _BATCH):
        batch = lines.slice(start, _BATCH)
        _insert(names, ((publication, *row) for row in batch.iter_rows()))
        told(min(start + _BATCH, lines.height), lines.height)


def _insert(names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    table = Finding._meta.db_table
    quoted = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" ({quoted}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(names))
            texts = [tuple(v.isoformat() if isinstance(v, date) else v for v in row) for row in rows]
            cursor.executemany(f'INSERT INTO "{table}" ({quoted}) VALUES ({marks})', texts)  # noqa: S608 (our names)
