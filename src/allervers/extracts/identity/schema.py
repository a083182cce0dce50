"""Tables of the vault (`vault.sqlite`) and how an older vault is brought up to date. SQL only."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from allervers.foundation.errors import Unavailable

MIGRATIONS: tuple[str, ...] = (
    """
    -- A person as one partner knows them. `identity` is sealed; every other column is a keyed hash or a code.
    CREATE TABLE source_person (
        source_key          TEXT PRIMARY KEY,
        partner             TEXT NOT NULL,
        partner_number_hash TEXT NOT NULL,   -- keyed, without the partner: the same number elsewhere is equal
        nir_keyed           TEXT,            -- HMAC-SHA-256 under the store's linkage key
        nir_status          TEXT NOT NULL,
        nir_exchange        TEXT,            -- as delivered: HMAC-SHA-256 under the exchange's key
        code_insee          TEXT,
        identity            BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX source_person_partner ON source_person (partner);
    CREATE INDEX source_person_exchange ON source_person (partner, nir_exchange) WHERE nir_exchange IS NOT NULL;
    CREATE INDEX source_person_nir ON source_person (nir_keyed) WHERE nir_keyed IS NOT NULL;

    -- Who read identities in clear, when, what for, how many; by name when they were chosen one by one.
    CREATE TABLE access_log (
        access_id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL, actor TEXT NOT NULL, purpose TEXT NOT NULL, persons INTEGER NOT NULL
    );
    CREATE TABLE access_person (
        access_id INTEGER NOT NULL REFERENCES access_log ON DELETE CASCADE,
        source_key TEXT NOT NULL,
        PRIMARY KEY (source_key, access_id)
    ) WITHOUT ROWID;

    -- People who said no (CRPA L. 114-8): keyed hashes alone. `kind`: source_key | nir | identite.
    CREATE TABLE opposition (
        opposition_id TEXT PRIMARY KEY,
        opposed_at TEXT NOT NULL, actor TEXT NOT NULL, expires_on TEXT NOT NULL, destroyed_at TEXT
    ) WITHOUT ROWID;
    CREATE TABLE opposition_hash (
        kind TEXT NOT NULL, hash TEXT NOT NULL, opposition_id TEXT NOT NULL REFERENCES opposition ON DELETE CASCADE,
        PRIMARY KEY (kind, hash, opposition_id)
    ) WITHOUT ROWID;

    -- What links two records, by which rule or agent, on which evidence. Nothing is erased: ended or undone.
    CREATE TABLE ledger (
        entry       INTEGER PRIMARY KEY AUTOINCREMENT,
        left_key    TEXT NOT NULL,
        right_key   TEXT NOT NULL,
        method      TEXT NOT NULL,           -- nir | numero | noms | agent
        zone        TEXT NOT NULL,           -- sure | review | refused
        weight      REAL,                    -- log2 of the odds that both are one person
        evidence    TEXT NOT NULL,           -- JSON: comparison -> level reached
        reason      TEXT,                    -- guard that decided, when one did
        decided_by  TEXT NOT NULL,
        decided_at  TEXT NOT NULL,
        ended_at    TEXT,                    -- replaced by a later run of the rule
        undone_at   TEXT,
        undone_by   TEXT,
        CHECK (left_key < right_key)
    );
    CREATE UNIQUE INDEX ledger_rule ON ledger (left_key, right_key) WHERE method <> 'agent' AND ended_at IS NULL;
    CREATE UNIQUE INDEX ledger_agent ON ledger (left_key, right_key)
        WHERE method = 'agent' AND ended_at IS NULL AND undone_at IS NULL;
    CREATE INDEX ledger_right ON ledger (right_key);

    -- The person that each record belongs to, and how persons came together or apart.
    CREATE TABLE person (
        source_key TEXT PRIMARY KEY REFERENCES source_person ON DELETE CASCADE,
        person_id TEXT NOT NULL, zone TEXT NOT NULL, contact_allowed INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX person_id ON person (person_id);
    -- Pairs that an agent has to look at, as of the last grouping.
    CREATE TABLE pending_pair (
        entry INTEGER PRIMARY KEY REFERENCES ledger ON DELETE CASCADE, conflict INTEGER NOT NULL
    );
    CREATE TABLE person_event (
        event_id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL, kind TEXT NOT NULL, person_id TEXT NOT NULL, other_id TEXT NOT NULL
    );

    -- What was destroyed, when, under which article (36 months). Identifiers and counts only.
    CREATE TABLE destruction (
        destruction_id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL, act TEXT NOT NULL, subject TEXT NOT NULL, rows INTEGER NOT NULL
    );
    """,
)
"""One script per version of the vault; the version reached is kept in `PRAGMA user_version`."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the vault, made for its owner alone when it does not exist, and bring its tables up to date."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, timeout=60)
    for pragma in ("journal_mode = WAL", "secure_delete = ON", "foreign_keys = ON", "synchronous = FULL",
                   "temp_store = MEMORY", "cache_size = -262144"):  # fmt: skip
        connection.execute(f"PRAGMA {pragma}")
    _migrate(connection)
    return connection


def _migrate(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        connection.close()
        raise Unavailable(
            "Ce coffre a été écrit par une version plus récente du logiciel : mettez le logiciel à jour.",
            version=version,
        )
    for number in range(version, len(MIGRATIONS)):
        connection.execute("BEGIN EXCLUSIVE")
        try:
            (reached,) = connection.execute("PRAGMA user_version").fetchone()
            if reached == number:
                for statement in _statements(MIGRATIONS[number]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number + 1}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def _statements(script: str) -> list[str]:
    found, pending = [], ""
    for line in script.splitlines():
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            found.append(pending)
            pending = ""
    return found
