"""The ledger of linkage: each decision on a pair of records, with its evidence, its author and its undoing."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from typing import Literal, NamedTuple

import polars as pl

from allervers.extracts.identity.reading import instant
from allervers.extracts.linkage.candidates import RULE
from allervers.extracts.linkage.comparators import COMPARATORS
from allervers.extracts.linkage.zones import AGENT, REFUSED, REVIEW, SURE
from allervers.foundation.errors import NotFound, Refused

Decision = Literal["accept", "refuse"]


class Edge(NamedTuple):
    """What the ledger says of a pair today: the agent's word if there is one, else the rule's; undone: to review."""

    entry: int
    left_key: str
    right_key: str
    method: str
    zone: str
    weight: float
    reason: str | None


_EDGES = """
    SELECT entry, left_key, right_key, method, CASE WHEN undone_at IS NULL THEN zone ELSE 'review' END,
           coalesce(weight, 0), CASE WHEN undone_at IS NULL THEN reason ELSE 'annule' END
    FROM ledger AS this
    WHERE ended_at IS NULL AND (
        (method = 'agent' AND undone_at IS NULL)
        OR (method <> 'agent' AND NOT EXISTS (
            SELECT 1 FROM ledger AS other WHERE other.left_key = this.left_key AND other.right_key = this.right_key
            AND other.method = 'agent' AND other.ended_at IS NULL AND other.undone_at IS NULL)))
"""


def edges(connection: sqlite3.Connection) -> list[Edge]:
    """The state of every pair in the ledger, one row per pair."""
    return [Edge(*row) for row in connection.execute(_EDGES)]


class _Entry(NamedTuple):
    entry: int
    content: tuple[str, str, str, str | None]  # method, zone, evidence, reason
    undone_at: str | None


def record_rules(connection: sqlite3.Connection, pairs: pl.DataFrame, now: datetime) -> None:
    """Bring the rule's entries to what a run found; unchanged ones stay, others are ended, never erased.

    `pairs`: left_key, right_key, weight, method, zone, reason and the level of each comparison. A link that an agent
    has undone is never made again by the rule: it stays to be reviewed.
    """
    at = instant(now)
    rows = connection.execute(
        "SELECT left_key, right_key, entry, method, zone, evidence, reason, undone_at FROM ledger "
        "WHERE method <> 'agent' AND ended_at IS NULL"
    )
    known = {(left, right): _Entry(entry, (m, z, e, r), undone) for left, right, entry, m, z, e, r, undone in rows}
    ended, added = [], []
    for *keys, weight, method, found, evidence, why in _with_evidence(pairs).iter_rows():
        pair = (keys[0], keys[1])
        content = (method, found, evidence, why)
        before = known.pop(pair, None)
        if before is not None:
            if before.undone_at is not None and found == SURE:
                content = (method, REVIEW, evidence, "annule")
            if before.content == content or (before.undone_at is not None and before.content[2] == evidence):
                continue
            ended.append((at, before.entry))
        _, zone, _, reason = content
        added.append((*pair, method, zone, weight, evidence, reason, RULE, at))
    ended += [(at, entry.entry) for entry in known.values() if entry.undone_at is None]
    connection.executemany("UPDATE ledger SET ended_at = ? WHERE entry = ?", ended)
    connection.executemany(_INSERT, added)


def _with_evidence(pairs: pl.DataFrame) -> pl.DataFrame:
    """left_key, right_key, weight, method, zone, evidence (JSON), reason; by keys, since an ordered write is faster."""
    names = [comparator.name for comparator in COMPARATORS]
    levels = pairs.select(names).unique(maintain_order=True)  # some hundred combinations, whatever the pairs
    said = [{name: level for name, level in row.items() if level != "unknown"} for row in levels.iter_rows(named=True)]
    levels = levels.with_columns(evidence=pl.Series([json.dumps(one) for one in said], dtype=pl.String))
    found = pairs.join(levels, on=names, how="left", nulls_equal=True)
    return found.select("left_key", "right_key", "weight", "method", "zone", "evidence", "reason").sort(
        "left_key", "right_key"
    )


_INSERT = """
    INSERT INTO ledger (left_key, right_key, method, zone, weight, evidence, reason, decided_by, decided_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def record_decision(
    connection: sqlite3.Connection, pair: tuple[str, str], decision: Decision, actor: str, now: datetime
) -> int:
    """Write an agent's word on a pair that waits for one; returns its entry.

    raises: NotFound when the pair does not wait for a decision; Refused without a named actor.
    """
    _refuse_nobody(actor)
    left, right = sorted(pair)
    row = connection.execute(
        "SELECT weight, evidence FROM ledger JOIN pending_pair USING (entry) WHERE left_key = ? AND right_key = ?",
        (left, right),
    ).fetchone()
    if row is None:
        raise NotFound("Ce rapprochement n'attend pas de décision.", left_key=left, right_key=right)
    zone = SURE if decision == "accept" else REFUSED
    connection.execute(
        "UPDATE ledger SET ended_at = ? WHERE left_key = ? AND right_key = ? AND method = 'agent' AND ended_at IS NULL",
        (instant(now), left, right),
    )
    cursor = connection.execute(_INSERT, (left, right, AGENT, zone, *row, None, actor, instant(now)))
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def record_undoing(connection: sqlite3.Connection, entry: int, actor: str, now: datetime) -> None:
    """Undo an entry: an agent's word is taken back, a rule's link becomes a pair to review.

    raises: NotFound when there is no such entry in force; Refused without a named actor.
    """
    _refuse_nobody(actor)
    cursor = connection.execute(
        "UPDATE ledger SET undone_at = ?, undone_by = ? WHERE entry = ? AND undone_at IS NULL AND ended_at IS NULL",
        (instant(now), actor, entry),
    )
    if cursor.rowcount == 0:
        raise NotFound("Cette ligne du registre n'existe pas ou n'est plus en vigueur.", entry=entry)


def _refuse_nobody(actor: str) -> None:
    if not actor.strip() or actor == RULE:
        raise Refused("Une décision de rapprochement est prise par une personne nommée.")
