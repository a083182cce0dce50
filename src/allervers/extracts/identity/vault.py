"""The identity vault of a store: pseudonyms out, sealed identities in. A NIR never comes out of this package."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import polars as pl

from allervers.extracts.identity import nir as nir_rules
from allervers.extracts.identity import opposition, schema
from allervers.extracts.identity.intake import PersonRow, identity_frame, merged_rows
from allervers.extracts.identity.keyed import KeyedHash
from allervers.extracts.identity.keys import KeyRing, exchange_name
from allervers.extracts.identity.pseudonyms import pseudonyms, tidy
from allervers.extracts.identity.sealed import Sealer
from allervers.foundation.errors import InvalidInput, Refused, Unavailable

VAULT_FILE = "vault.sqlite"
KEYS_FOLDER = "keys"
_BATCH = 20_000
_UPSERT = """
    INSERT INTO source_person VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (source_key) DO UPDATE SET
        nir_keyed = excluded.nir_keyed, nir_status = excluded.nir_status, nir_exchange = excluded.nir_exchange,
        code_insee = excluded.code_insee, identity = excluded.identity
"""


class SealedPerson(NamedTuple):
    """A row of the vault, identity still sealed."""

    source_key: str
    identity: bytes


class Vault:
    """Door to the identities of one store. Writes happen inside `transaction`; use as a context manager."""

    def __init__(self, store: Path) -> None:
        path = store / VAULT_FILE
        known = path.exists()
        self.keys = KeyRing(store / KEYS_FOLDER, may_create=not known)
        _, self.linkage_key = self.keys.current("linkage")
        self.keys.current("master")
        self.connection = schema.connect(path)
        self.sealer = Sealer(self.keys.versions("master"))
        self._nirs_before: dict[str, str] | None = None

    def __enter__(self) -> Vault:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the vault's file."""
        self.connection.close()

    @contextmanager
    def transaction(self, *, dry_run: bool = False) -> Iterator[None]:
        """Writes made inside are kept together, or not at all: on any error, and always when `dry_run`.

        raises: Unavailable when another process has been writing for a minute.
        """
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise Unavailable("Un autre traitement écrit dans le coffre : recommencez quand il sera fini.") from error
        self._nirs_before = None
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("ROLLBACK" if dry_run else "COMMIT")

    def person_keys(self, partner: str, persons: pl.DataFrame) -> pl.Series:
        """Pseudonym of each person of a partner; their identities are sealed in the vault on the way.

        `persons`: `person_number` (text, unique within the partner for one person) and any of
        records.IDENTITY_COLUMNS. A column that is delivered replaces what was known, even by null; one that is not
        delivered is kept. Of several rows with one number, the last counts. A null number gives a null key.

        returns: one source_key per row, in order. A person on the opposition list gets a key (to be dropped by the
        caller, see `opposed`), and no row in the vault.
        raises: Refused for plain hashes of NIR; InvalidInput for an unusable partner name or digest; RuntimeError
        outside `transaction`.
        """
        exchange_name(partner)
        if not self.connection.in_transaction:
            raise RuntimeError("person_keys must be called inside Vault.transaction")
        if "person_number" not in persons.columns:
            raise InvalidInput("Le numéro de la personne chez le partenaire est absent.", column="person_number")
        numbers = tidy(persons["person_number"])
        keys = self.source_keys(partner, numbers)
        frame = identity_frame(persons, numbers, keys)
        self._refuse_plain_hashes(frame)
        has_rows = self.connection.execute("SELECT 1 FROM source_person WHERE partner = ? LIMIT 1", (partner,))
        is_known = has_rows.fetchone() is not None
        held_back = opposition.OppositionList.read(self.connection)
        names_identities = len(frame.columns) > len(("source_key", "number"))
        if is_known and not names_identities:
            # A number alone changes nothing of who is there: only newcomers are written.
            frame = frame.filter(~pl.col("source_key").is_in(self._there(frame["source_key"])))
        for batch in frame.iter_slices(_BATCH):
            known = self._rows_of(batch["source_key"]) if is_known and names_identities else {}
            rows = merged_rows(self.linkage_key, batch, known)
            if held_back:
                rows = [row for row in rows if not self._hold_back(held_back, row)]
            self._write(partner, batch, rows)
        return keys

    def source_keys(self, partner: str, numbers: pl.Series) -> pl.Series:
        """Pseudonym of each person of a partner, nothing written; null stays null."""
        return pseudonyms(self.linkage_key, ("personne", partner), tidy(numbers)).alias("source_key")

    def dossier_keys(self, partner: str, numbers: pl.Series) -> pl.Series:
        """Pseudonym of each dossier of a partner; null stays null."""
        return pseudonyms(self.linkage_key, ("dossier", partner), tidy(numbers))

    def dwelling_keys(self, values: pl.Series) -> pl.Series:
        """Pseudonym of each dwelling identifier, the same for all partners; null stays null."""
        return pseudonyms(self.linkage_key, ("logement",), tidy(values))

    def opposed(self, keys: pl.Series) -> pl.Series:
        """True where a source_key (or a keyed NIR) is on the opposition list; null gives False."""
        held_back = opposition.OppositionList.read(self.connection)
        return keys.is_in([*held_back.source_keys, *held_back.nirs]).fill_null(value=False).alias("opposed")

    def reseal(self) -> int:
        """Give the master key a new version, seal every identity again under it, destroy the older ones.

        Interrupted, it is simply run again. returns: number of identities sealed again.
        """
        version = self.keys.rotate("master")
        self.sealer = Sealer(self.keys.versions("master"))
        with self.transaction():
            rows = list(self.connection.execute("SELECT identity, source_key FROM source_person"))
            renewed = [
                (self.sealer.seal(key, self.sealer.unseal(key, sealed)), key)
                for sealed, key in rows
                if not self.sealer.is_current(sealed)
            ]
            self.connection.executemany("UPDATE source_person SET identity = ? WHERE source_key = ?", renewed)
        for older in sorted(self.keys.versions("master")):
            if older != version:
                self.keys.destroy("master", older)
        return len(renewed)

    def sealed_persons(self) -> Iterator[SealedPerson]:
        """Every row of the vault, identity sealed."""
        for row in self.connection.execute("SELECT source_key, identity FROM source_person"):
            yield SealedPerson(*row)

    def resolve_exchange_hashes(self) -> list[str]:
        """Recognise the NIR that partners delivered as HMAC under their exchange's key, among the NIR of the vault.

        A partner whose digests turn out to be plain hashes of NIR that have become known since has them erased.

        returns: partners whose digests were erased.
        """
        waiting = "SELECT DISTINCT partner FROM source_person WHERE nir_exchange IS NOT NULL AND nir_keyed IS NULL"
        partners = [partner for (partner,) in self.connection.execute(waiting)]
        known = self._known_nirs() if partners else {}
        erased = []
        for partner in partners:
            delivered = "SELECT nir_exchange FROM source_person WHERE partner = ? AND nir_exchange IS NOT NULL"
            digests = {digest for (digest,) in self.connection.execute(delivered, (partner,))}
            try:
                nir_rules.refuse_plain_hashes(digests, known)
            except Refused:
                self.connection.execute("UPDATE source_person SET nir_exchange = NULL WHERE partner = ?", (partner,))
                erased.append(partner)
                continue
            keyed = KeyedHash(self.linkage_key)
            for key in map(KeyedHash, self.keys.versions(exchange_name(partner)).values()):
                hashed = ((number, status, nir_rules.keyed_hash(key, number)) for number, status in known.items())
                self.connection.executemany(
                    "UPDATE source_person SET nir_keyed = ?, nir_status = ? "
                    "WHERE nir_keyed IS NULL AND partner = ? AND nir_exchange = ?",
                    [
                        (nir_rules.keyed_hash(keyed, number), status, partner, digest)
                        for number, status, digest in hashed
                        if digest in digests
                    ],
                )
        return erased

    def _known_nirs(self) -> dict[str, str]:
        found = {}
        for person in self.sealed_persons():
            number, status = nir_rules.check_nir(self.sealer.unseal(*person)[0])
            if number is not None:
                found[number] = str(status)
        return found

    def _refuse_plain_hashes(self, frame: pl.DataFrame) -> None:
        if "nir" in frame.columns:
            nir_rules.refuse_digest_as_nir(frame["nir"])
        if "nir_hmac" not in frame.columns:
            return
        delivered = {value for value in nir_rules.checked_exchange_hashes(frame["nir_hmac"]) if value is not None}
        if delivered:
            together = [nir_rules.check_nir(value).number for value in frame["nir"]] if "nir" in frame.columns else []
            if self._nirs_before is None:  # once per transaction: an import calls for each of its batches
                self._nirs_before = self._known_nirs()
            known = {*self._nirs_before, *(number for number in together if number is not None)}
            nir_rules.refuse_plain_hashes(delivered, known)

    def _rows_of(self, keys: pl.Series) -> dict[str, PersonRow]:
        found: dict[str, PersonRow] = {}
        for row in self._selected("source_key, nir_keyed, nir_status, nir_exchange, code_insee, identity", keys):
            key, nir_keyed, status, exchanged, place, sealed = row
            identity = self.sealer.unseal(key, sealed)
            found[key] = PersonRow(key, nir_keyed, status, exchanged, place, identity)
        return found

    def _there(self, keys: pl.Series) -> list[str]:
        """Those of the keys that the vault knows."""
        return [key for (key,) in self._selected("source_key", keys)]

    def _selected(self, columns: str, keys: pl.Series) -> Iterator[tuple[Any, ...]]:
        for part in keys.to_frame().iter_slices(500):
            marks = ",".join("?" * part.height)
            query = f"SELECT {columns} FROM source_person WHERE source_key IN ({marks})"  # noqa: S608 (marks only)
            yield from self.connection.execute(query, part.to_series().to_list())

    def _hold_back(self, held_back: opposition.OppositionList, row: PersonRow) -> bool:
        identite = opposition.identite_keyed(self.linkage_key, row.identity)
        which = held_back.which(row.source_key, row.nir_keyed, identite)
        if which is None:
            return False
        if row.source_key not in held_back.source_keys:
            # Other files may have named this record by its number alone: the next purge looks for its rows.
            opposition.add_hashes(self.connection, which, opposition.SOURCE_KEY, [row.source_key])
            self.connection.execute("UPDATE opposition SET destroyed_at = NULL WHERE opposition_id = ?", (which,))
        return True

    def _write(self, partner: str, batch: pl.DataFrame, rows: list[PersonRow]) -> None:
        batch = batch.filter(pl.col("source_key").is_in([row.source_key for row in rows]))
        hashes = pseudonyms(self.linkage_key, ("numero",), batch["number"])
        number_hash = dict(zip(batch["source_key"], hashes, strict=True))
        try:
            self.connection.executemany(
                _UPSERT,
                (
                    (row.source_key, partner, number_hash[row.source_key], row.nir_keyed, row.nir_status,
                     row.nir_exchange, row.code_insee, self.sealer.seal(row.source_key, row.identity))
                    for row in rows
                ),
            )  # fmt: skip
        except sqlite3.IntegrityError as error:
            raise InvalidInput("Le coffre refuse une personne de ce fichier.", partner=partner) from error
