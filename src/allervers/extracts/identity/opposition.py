"""The opposition list (CRPA L. 114-8 and R. 114-9-7): who must never appear again, known by keyed hashes alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from allervers.extracts.identity.names import identity_text
from allervers.extracts.identity.pseudonyms import pseudonym
from allervers.extracts.identity.sealed import Identity
from allervers.extracts.records import IDENTITY_COLUMNS

SOURCE_KEY, NIR, IDENTITE = "source_key", "nir", "identite"
"""Kinds of hash on the list. `identite` is names, birth date and sex: it holds back a file that has no NIR."""

_AT = {name: index for index, name in enumerate(IDENTITY_COLUMNS)}


@dataclass(frozen=True, slots=True)
class OppositionList:
    """The hashes on the list, in memory: small, since it holds only people who opposed within 24 months."""

    source_keys: dict[str, str]
    nirs: dict[str, str]
    identites: dict[str, str]

    @classmethod
    def read(cls, connection: sqlite3.Connection) -> OppositionList:
        """Read the list from the vault."""
        found: dict[str, dict[str, str]] = {SOURCE_KEY: {}, NIR: {}, IDENTITE: {}}
        for kind, value, opposition in connection.execute("SELECT kind, hash, opposition_id FROM opposition_hash"):
            found[kind][value] = opposition
        return cls(found[SOURCE_KEY], found[NIR], found[IDENTITE])

    def __bool__(self) -> bool:
        return bool(self.source_keys or self.nirs or self.identites)

    def which(self, source_key: str, nir_keyed: str | None, identite: str | None) -> str | None:
        """Id of the opposition that holds this record back, or None."""
        return (
            self.source_keys.get(source_key)
            or (self.nirs.get(nir_keyed) if nir_keyed else None)
            or (self.identites.get(identite) if identite else None)
        )


def identite_keyed(linkage_key: bytes, identity: Identity) -> str | None:
    """Keyed hash of birth name, first name, birth date and sex; None when one of the first three is unknown."""
    text = identity_text(
        identity[_AT["nom_naissance"]], identity[_AT["prenoms"]], identity[_AT["date_naissance"]], identity[_AT["sexe"]]
    )
    return None if text is None else pseudonym(linkage_key, "identite", text)


def add_hashes(connection: sqlite3.Connection, opposition_id: str, kind: str, hashes: Iterable[str]) -> None:
    """Put hashes on the list, under an opposition already recorded. Adding twice changes nothing."""
    connection.executemany(
        "INSERT OR IGNORE INTO opposition_hash VALUES (?, ?, ?)", [(kind, value, opposition_id) for value in hashes]
    )
