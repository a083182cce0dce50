"""The clocks of CRPA R. 114-9-7 and the destruction on opposition of L. 114-8: what must go, when, and its trace."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl

from allervers.extracts.destruction import (
    compact,
    erase_records,
    erase_vault_persons,
    live_source_keys,
)
from allervers.extracts.identity import opposition
from allervers.extracts.identity.reading import instant
from allervers.extracts.identity.vault import VAULT_FILE, Vault
from allervers.extracts.linkage.groups import regroup
from allervers.extracts.linkage.model import published_model
from allervers.extracts.register import DESTROYED, Register
from allervers.extracts.store import Store
from allervers.foundation.errors import InvalidInput, NotFound, Refused
from allervers.foundation.periods import Month

TRACE_MONTHS = 36
"""Traces of exchanges (CRPA R. 114-9-7)."""
OPPOSITION_MONTHS = range(12, 25)
"""How long a person may stay on the opposition list (CRPA R. 114-9-7)."""


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """What a purge destroyed. `imports`: their ids; the rest are counts of persons, oppositions and lines of trace."""

    imports: tuple[str, ...]
    vault_persons: int
    oppositions_resumed: int
    oppositions_expired: int
    traces: int


@dataclass(frozen=True, slots=True)
class OppositionReport:
    """What an opposition destroyed. `to_review`: records that may be the same person, for an agent to look at."""

    opposition_id: str
    source_keys: tuple[str, ...]
    rows: int
    to_review: tuple[str, ...]


def purge(store: Path, *, today: date) -> PurgeReport:
    """Destroy everything whose time has come. Idempotent; interrupted, it is run again and ends the work.

    In order: oppositions left half-done, imports past their retention date, identities that no import names any more,
    oppositions that expired, traces older than 36 months; then the vault's file is compacted. The lines of the register
    stay: they are the trace of the exchange, and name nobody.
    raises: NotFound without a vault; Unavailable while an import is under way.
    """
    if not (store / VAULT_FILE).exists():
        raise NotFound("Ce dossier de données n'a pas de coffre : rien à purger.", store=store.name)
    with _held(store) as (held, vault):
        pending = vault.connection.execute("SELECT opposition_id FROM opposition WHERE destroyed_at IS NULL").fetchall()
        for (opposition_id,) in pending:
            _destroy_opposed(store, vault, opposition_id, today.isoformat())
        imports = _destroy_imports(held, vault, today)
        with vault.transaction():
            orphans = _forget_orphans(store, vault, today)
            expired = vault.connection.execute("DELETE FROM opposition WHERE expires_on <= ?", (today.isoformat(),))
            traces = _forget_traces(vault, today)
        compact(vault)
    return PurgeReport(imports, orphans, len(pending), expired.rowcount, traces)


def destroy_import(store: Path, import_id: str, *, today: date) -> int:
    """Destroy one import before its time, and the identities that no other names. Idempotent.

    Its line of the register stays, as the trace of the exchange. Returns the number of identities destroyed.
    raises: NotFound for an unknown import; Unavailable while an import is under way.
    """
    if not (store / VAULT_FILE).exists():
        raise NotFound("Import inconnu du registre.", import_id=import_id)
    with _held(store) as (held, vault):
        row = held.register.row(import_id)
        shutil.rmtree(held.import_folder(row.import_id), ignore_errors=True)
        if row.status != DESTROYED:
            held.register.mark_destroyed(row.import_id)
        with vault.transaction():
            _trace(vault, today.isoformat(), "import_detruit", row.import_id, 1)
            orphans = _forget_orphans(store, vault, today)
        compact(vault)
    return orphans


def _forget_orphans(store: Path, vault: Vault, today: date) -> int:
    """Destroy the identities that no import names any more. Returns how many."""
    known = {key for (key,) in vault.connection.execute("SELECT source_key FROM source_person")}
    orphans = known - live_source_keys(store)
    erase_vault_persons(vault, orphans)
    _trace(vault, today.isoformat(), "identites_sans_extrait", "coffre", len(orphans))
    if orphans:
        _regroup(vault, today.isoformat())
    return len(orphans)


def oppose(
    store: Path, person: str, *, actor: str, now: datetime, months: int = OPPOSITION_MONTHS[-1]
) -> OppositionReport:
    """Record a person's opposition and destroy their data without delay (CRPA L. 114-8).

    `person`: a person_id, or a source_key (then all the records of the same person). The keyed hashes are put on the
    list first: even if the destruction is cut off, no later import or detection shows this person, and `purge` ends it.
    raises: NotFound for an unknown person; Refused without an actor; InvalidInput when `months` is not 12 to 24;
    Unavailable while an import is under way (nothing is recorded then).
    """
    if not actor.strip():
        raise Refused("Une opposition est enregistrée par une personne nommée.")
    if months not in OPPOSITION_MONTHS:
        raise InvalidInput("La liste d'opposition garde une personne de 12 à 24 mois.", months=months)
    at = instant(now)
    with _held(store) as (_, vault):
        with vault.transaction():
            keys = _records_of(vault, person)
            to_review = _perhaps_same(vault, keys)
            opposition_id = uuid.uuid4().hex
            vault.connection.execute(
                "INSERT INTO opposition VALUES (?, ?, ?, ?, NULL)",
                (opposition_id, at, actor, _months_later(now.date(), months).isoformat()),
            )
            _list_hashes(vault, opposition_id, keys)
        rows = _destroy_opposed(store, vault, opposition_id, at)
        compact(vault)
    return OppositionReport(opposition_id, tuple(keys), rows, to_review)


def opposed(store: Path, keys: pl.Series) -> pl.Series:
    """True for each source_key (or keyed NIR) that is on the opposition list: to be dropped by import and detection."""
    with Vault(store) as vault:
        return vault.opposed(keys)


def _records_of(vault: Vault, person: str) -> list[str]:
    rows = vault.connection.execute(
        "SELECT source_key FROM person WHERE person_id = ?1 OR person_id = "
        "(SELECT person_id FROM person WHERE source_key = ?1) "
        "UNION SELECT source_key FROM source_person WHERE source_key = ?1",
        (person,),
    )
    keys = sorted(key for (key,) in rows)
    if not keys:
        raise NotFound("Personne inconnue du coffre, ou déjà détruite.", person=person)
    return keys


def _perhaps_same(vault: Vault, keys: list[str]) -> tuple[str, ...]:
    rows = vault.connection.execute("SELECT left_key, right_key FROM pending_pair JOIN ledger USING (entry)")
    own = set(keys)
    return tuple(sorted({other for pair in rows if own & set(pair) for other in pair if other not in own}))


def _list_hashes(vault: Vault, opposition_id: str, keys: list[str]) -> None:
    nirs, identites = set(), set()
    for key in keys:
        nir_keyed, status, sealed = vault.connection.execute(
            "SELECT nir_keyed, nir_status, identity FROM source_person WHERE source_key = ?", (key,)
        ).fetchone()
        # A NIR that contradicts the person's birth or sex may be a relative's, who did not oppose.
        if nir_keyed is not None and status != "discordant":
            nirs.add(nir_keyed)
        identite = opposition.identite_keyed(vault.linkage_key, vault.sealer.unseal(key, sealed))
        if identite is not None:
            identites.add(identite)
    for kind, hashes in (
        (opposition.SOURCE_KEY, set(keys)),
        (opposition.NIR, nirs),
        (opposition.IDENTITE, identites),
    ):
        opposition.add_hashes(vault.connection, opposition_id, kind, hashes)


def _destroy_opposed(store: Path, vault: Vault, opposition_id: str, at: str) -> int:
    listed = "SELECT hash FROM opposition_hash WHERE opposition_id = ? AND kind = ?"
    keys = {key for (key,) in vault.connection.execute(listed, (opposition_id, opposition.SOURCE_KEY))}
    with vault.transaction():
        rows = erase_records(store, keys)
        erase_vault_persons(vault, keys)
        _regroup(vault, at)
        vault.connection.execute("UPDATE opposition SET destroyed_at = ? WHERE opposition_id = ?", (at, opposition_id))
        _trace(vault, at, "opposition", opposition_id, rows)
    return rows


def _destroy_imports(store: Store, vault: Vault, today: date) -> tuple[str, ...]:
    due = [row.import_id for row in store.register.expired(today)]
    for import_id in due:
        # The folder first: cut off between the two, the next purge finds the import still due and ends the work.
        shutil.rmtree(store.import_folder(import_id), ignore_errors=True)
        store.register.mark_destroyed(import_id)
        with vault.transaction():
            _trace(vault, today.isoformat(), "fin_de_conservation", import_id, 1)
    return tuple(due)


@contextmanager
def _held(folder: Path) -> Iterator[tuple[Store, Vault]]:
    """The store, held against imports: what is destroyed must not be written at the same time."""
    register = Register(folder)
    try:
        with Vault(folder) as vault:
            store = Store(folder, vault, register)
            with store.alone():
                yield store, vault
    finally:
        register.close()


def _forget_traces(vault: Vault, today: date) -> int:
    limit = _months_later(today, -TRACE_MONTHS).isoformat()
    old = ("access_log", "at"), ("destruction", "at"), ("person_event", "at")
    return sum(
        vault.connection.execute(f"DELETE FROM {table} WHERE {column} < ?", (limit,)).rowcount  # noqa: S608
        for table, column in old
    )


def _regroup(vault: Vault, at: str) -> None:
    regroup(vault.connection, largest_nir_group=published_model().largest_nir_group, at=at)


def _trace(vault: Vault, at: str, act: str, subject: str, rows: int) -> None:
    if rows or act == "opposition":
        vault.connection.execute(
            "INSERT INTO destruction (at, act, subject, rows) VALUES (?, ?, ?, ?)", (at, act, subject, rows)
        )


def _months_later(day: date, months: int) -> date:
    month = Month.of(day) + months
    return date(month.year, month.month, min(day.day, month.last_day.day))
