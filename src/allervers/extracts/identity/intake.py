"""What a partner says of a person's identity, brought to one writing and merged with what the vault already knows."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from allervers.extracts.identity.keyed import KeyedHash
from allervers.extracts.identity.nir import NirStatus, check_nir, concerns, keyed_hash
from allervers.extracts.identity.sealed import EMPTY, Identity
from allervers.extracts.records import IDENTITY_COLUMNS

_SEXES = {"M": "1", "H": "1", "F": "2"}
_NIR, _NIR_HMAC, _BIRTH, _SEX, _PLACE = (
    IDENTITY_COLUMNS.index(name) for name in ("nir", "nir_hmac", "date_naissance", "sexe", "code_insee")
)


class PersonRow(NamedTuple):
    """A person of one partner: keyed values, and the identity in clear, which lives in memory only."""

    source_key: str
    nir_keyed: str | None
    nir_status: str
    nir_exchange: str | None
    code_insee: str | None
    identity: Identity


def identity_frame(persons: pl.DataFrame, numbers: pl.Series, keys: pl.Series) -> pl.DataFrame:
    """One row per person, sorted by key (an ordered write is much faster): source_key, number, delivered columns.

    Every identity column is text, trimmed; an empty text is unknown; sex is 1 or 2.
    """
    columns = [name for name in IDENTITY_COLUMNS if name in persons.columns]
    texts = persons.select(pl.col(name).cast(pl.String).str.strip_chars() for name in columns)
    texts = texts.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in columns)
    if "sexe" in columns:
        texts = texts.with_columns(pl.col("sexe").str.to_uppercase().replace(_SEXES))
    frame = pl.DataFrame({"source_key": keys, "number": numbers}).hstack(texts)
    return frame.drop_nulls("source_key").unique("source_key", keep="last").sort("source_key")


def merged_rows(linkage_key: bytes, batch: pl.DataFrame, known: dict[str, PersonRow]) -> list[PersonRow]:
    """Rows of a batch to be written: new persons, and those of whom something changed.

    `batch`: as given by `identity_frame`; `known`: rows of the vault by source_key.
    """
    keyed = KeyedHash(linkage_key)
    columns = batch.columns[2:]
    places = [IDENTITY_COLUMNS.index(name) for name in columns]
    changed = []
    for source_key, _, *values in batch.iter_rows():
        before = known.get(source_key)
        if before is not None and not places:
            continue
        identity = list(before.identity if before else EMPTY)
        identity[_NIR_HMAC] = before.nir_exchange if before else None
        for place, value in zip(places, values, strict=True):
            identity[place] = value
        row = _row(keyed, source_key, identity, before)
        if row != before:
            changed.append(row)
    return changed


def _row(keyed: KeyedHash, source_key: str, identity: list[str | None], before: PersonRow | None) -> PersonRow:
    number, status = check_nir(identity[_NIR])
    exchanged = (identity[_NIR_HMAC] or "").lower() or None
    nir_keyed = None
    if number is not None:
        identity[_NIR] = number
        nir_keyed = keyed_hash(keyed, number)
        if not concerns(number, identity[_BIRTH], identity[_SEX]):
            status = NirStatus.DISCORDANT
    elif before is not None and exchanged is not None and before.nir_exchange == exchanged:
        nir_keyed, status = before.nir_keyed, NirStatus(before.nir_status)
    identity[_NIR_HMAC] = None  # kept beside the sealed identity, so that it can be compared
    return PersonRow(source_key, nir_keyed, str(status), exchanged, identity[_PLACE], tuple(identity))
