"""The one way to read identities in clear: for a stated purpose, by a named actor, written in the access log."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import polars as pl

from allervers.extracts.identity.vault import Vault
from allervers.extracts.records import IDENTITY_COLUMNS
from allervers.foundation.errors import InvalidInput, Refused

READABLE = tuple(name for name in IDENTITY_COLUMNS if name not in ("nir", "nir_hmac"))
"""Columns that can be read in clear. The NIR is not one of them (décret 2019-341)."""


class Purpose(StrEnum):
    """Why identities are read in clear (CRPA L. 114-8; RGPD art. 5). There is no other reason."""

    CONTACT = "contact"
    LINKAGE = "rapprochement"
    REVIEW = "verification_rapprochement"
    RIGHT_OF_ACCESS = "droit_d_acces"
    CORRECTION = "rectification"
    """A partner finds again, among the records that it gave, the person whose datum is said wrong (RGPD art. 16)."""


def read_identities(
    vault: Vault, source_keys: pl.Series | None, *, purpose: Purpose, actor: str, now: datetime
) -> pl.DataFrame:
    """Identities in clear of the named records, or of the whole vault (None: linkage alone).

    returns: source_key and READABLE, text, one row per record found. The read is in the access log before it is given.
    raises: Refused without a purpose, an actor, or for a whole vault outside linkage.
    """
    if not actor.strip() or not isinstance(purpose, Purpose):
        raise Refused("La lecture d'identités demande un motif prévu et une personne nommée.")
    if source_keys is None and purpose is not Purpose.LINKAGE:
        raise Refused("Le coffre entier ne se lit que pour le rapprochement.", purpose=str(purpose))
    wanted = None if source_keys is None else set(source_keys.drop_nulls())
    with vault.transaction():
        if wanted is None:
            sealed = list(vault.sealed_persons())
        else:
            found = (vault.connection.execute(_ONE, (key,)).fetchone() for key in sorted(wanted))
            sealed = [row for row in found if row is not None]
        _log(vault, [row[0] for row in sealed], purpose, actor, now, by_name=wanted is not None)
    rows = [(key, *vault.sealer.unseal(key, identity)) for key, identity in sealed]
    schema = {"source_key": pl.String, **dict.fromkeys(IDENTITY_COLUMNS, pl.String)}
    return pl.DataFrame(rows, schema=schema, orient="row").select("source_key", *READABLE)


def accesses_to(vault: Vault, source_key: str) -> pl.DataFrame:
    """Who read this person's identity by name, for the person's right to know: at, actor, purpose, newest first."""
    rows = vault.connection.execute(
        "SELECT at, actor, purpose FROM access_log JOIN access_person USING (access_id) WHERE source_key = ? "
        "ORDER BY at DESC",
        (source_key,),
    ).fetchall()
    return pl.DataFrame(rows, schema={"at": pl.String, "actor": pl.String, "purpose": pl.String}, orient="row")


_ONE = "SELECT source_key, identity FROM source_person WHERE source_key = ?"


def instant(now: datetime) -> str:
    """An instant as the vault writes it (ISO, with its offset); raises InvalidInput without a time zone."""
    if now.tzinfo is None:
        raise InvalidInput("Instant sans fuseau horaire.")
    return now.isoformat(timespec="seconds")


def _log(vault: Vault, keys: list[str], purpose: Purpose, actor: str, now: datetime, *, by_name: bool) -> None:
    cursor = vault.connection.execute(
        "INSERT INTO access_log (at, actor, purpose, persons) VALUES (?, ?, ?, ?)",
        (instant(now), actor, str(purpose), len(keys)),
    )
    if by_name:
        vault.connection.executemany(
            "INSERT INTO access_person VALUES (?, ?)", [(cursor.lastrowid, key) for key in keys]
        )
