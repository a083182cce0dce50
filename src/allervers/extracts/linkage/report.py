"""What linkage gives to the rest: persons, pairs to review, history, and linkage rates. Keyed values only."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl

from allervers.extracts.identity.vault import Vault

_PERSONS = """
    SELECT source_key, coalesce(person_id, source_key), coalesce(zone, 'alone'), coalesce(contact_allowed, 0)
    FROM source_person LEFT JOIN person USING (source_key) ORDER BY source_key
"""
_PENDING = """
    SELECT entry, left_key, right_key, method, weight, evidence,
           CASE WHEN conflict THEN 'contrainte' WHEN undone_at IS NOT NULL THEN 'annule' ELSE reason END
    FROM pending_pair JOIN ledger USING (entry) ORDER BY weight DESC, entry
"""
_HISTORY = """
    SELECT entry, left_key, right_key, method, zone, weight, evidence, reason, decided_by, decided_at, ended_at,
           undone_at, undone_by
    FROM ledger WHERE left_key = ?1 OR right_key = ?1 ORDER BY entry
"""
_RATED = """
    SELECT partner, code_insee, person_id, coalesce(zone, 'alone') = 'review'
    FROM source_person LEFT JOIN person USING (source_key)
"""
_LEDGER_COLUMNS = (
    "entry", "left_key", "right_key", "method", "zone", "weight", "evidence", "reason", "decided_by", "decided_at",
    "ended_at", "undone_at", "undone_by",
)  # fmt: skip
_TEXT: type[pl.DataType] = pl.String
_NUMBER: type[pl.DataType] = pl.Int64
_SHARE: type[pl.DataType] = pl.Float64


def persons(store: Path) -> pl.DataFrame:
    """The person of each record: source_key, person_id, zone (sure | review | alone), contact_allowed.

    A person with a pair to review may not be contacted. A record that came after the last linkage stands alone, under
    its own key, and may not be contacted either.
    """
    columns = {"source_key": _TEXT, "person_id": _TEXT, "zone": _TEXT, "contact_allowed": _NUMBER}
    return _read(store, _PERSONS, columns).with_columns(pl.col("contact_allowed").cast(pl.Boolean))


def records_of(store: Path, person_ids: Collection[str]) -> pl.DataFrame:
    """The records of some persons: source_key, person_id. Reads their rows alone, whatever the size of the store."""
    wanted = sorted(person_ids)
    marks = ",".join("?" * len(wanted))
    # A record that no linkage has named yet is a person under its own key.
    query = (
        f"SELECT source_key, person_id FROM person WHERE person_id IN ({marks}) "  # noqa: S608 (marks only)
        f"UNION SELECT source_key, source_key FROM source_person WHERE source_key IN ({marks})"
    )
    found = _read(store, query, {"source_key": _TEXT, "person_id": _TEXT}, *wanted, *wanted)
    return found.filter(pl.col("person_id").is_in(wanted)).unique("source_key", keep="first", maintain_order=True)


def given_by(store: Path, partner: str, source_keys: pl.Series) -> pl.Series:
    """Of some records, those that a partner gave (source_key)."""
    given = source_keys.drop_nulls().to_list()
    query = (
        f"SELECT source_key FROM source_person WHERE partner = ? AND source_key IN ({','.join('?' * len(given))}) "  # noqa: S608 (marks only)
        "ORDER BY source_key"
    )
    return _read(store, query, {"source_key": _TEXT}, partner, *given)["source_key"]


def pairs_to_review(store: Path) -> pl.DataFrame:
    """Pairs that wait for an agent, heaviest first: entry, left_key, right_key, method, weight, evidence, reason.

    `evidence` is JSON (comparison -> level reached).
    """
    columns = {"entry": _NUMBER, "left_key": _TEXT, "right_key": _TEXT, "method": _TEXT, "weight": _SHARE,
               "evidence": _TEXT, "reason": _TEXT}  # fmt: skip
    return _read(store, _PENDING, columns)


def ledger_of(store: Path, source_key: str) -> pl.DataFrame:
    """Every entry of the ledger about a record, in force or not, oldest first."""
    columns = dict.fromkeys(_LEDGER_COLUMNS, _TEXT) | {"entry": _NUMBER, "weight": _SHARE}
    return _read(store, _HISTORY, columns, source_key)


def linkage_report(store: Path) -> pl.DataFrame:
    """Linkage rate by partner and commune: partner, code_insee (null: unknown), persons, linked_share, review_share.

    `linked_share`: share of the partner's persons that another partner also knows, by a sure link. Shares are 0 to 1.
    """
    columns = {"partner": _TEXT, "code_insee": _TEXT, "person_id": _TEXT, "review": _NUMBER}
    records = _read(store, _RATED, columns)
    known = records.drop_nulls("person_id").group_by("person_id").agg(several=pl.col("partner").n_unique() > 1)
    return (
        records.join(known, on="person_id", how="left")
        .group_by("partner", "code_insee")
        .agg(
            persons=pl.len().cast(pl.Int64),
            linked_share=pl.col("several").fill_null(value=False).mean(),
            review_share=pl.col("review").mean(),
        )
        .sort("partner", "code_insee")
    )


def _read(store: Path, query: str, columns: dict[str, type[pl.DataType]], *values: str) -> pl.DataFrame:
    with Vault(store) as vault:
        rows = vault.connection.execute(query, values).fetchall()
    return pl.DataFrame(rows, schema=columns, orient="row")
