"""Pseudonyms of persons, dossiers and dwellings: keyed hashes that say nothing outside the store that made them."""

from __future__ import annotations

import polars as pl

from allervers.extracts.identity.keyed import KeyedHash

PSEUDONYM_HEX = 32
"""Length of a pseudonym: 128 bits of an HMAC-SHA-256, in hexadecimal."""

_SPACES = r"\s+"


def pseudonym(key: bytes, *parts: str) -> str:
    """Keyed hash of parts that keep their limits (`a`, `bc` is not `ab`, `c`)."""
    return _hashed(KeyedHash(key), "".join(_bounded(part) for part in parts))


def pseudonyms(key: bytes, prefix: tuple[str, ...], values: pl.Series) -> pl.Series:
    """Pseudonym of each value, after `prefix`; null stays null. Each distinct value is hashed once."""
    texts = values.cast(pl.String)
    distinct = texts.drop_nulls().unique()
    start, keyed = "".join(_bounded(part) for part in prefix), KeyedHash(key)
    hashed = pl.Series("hashed", [_hashed(keyed, start + _bounded(value)) for value in distinct], dtype=pl.String)
    table = pl.DataFrame({"value": distinct, "hashed": hashed})
    found = texts.alias("value").to_frame().join(table, on="value", how="left", maintain_order="left")
    return found["hashed"].alias(values.name)


def _bounded(part: str) -> str:
    return f"{len(part)}:{part}|"


def _hashed(keyed: KeyedHash, text: str) -> str:
    return keyed.digest(text.encode())[: PSEUDONYM_HEX // 2].hex()


def tidy(values: pl.Series) -> pl.Series:
    """A number as it identifies: spaces removed, upper case; an empty text is unknown."""
    texts = values.cast(pl.String).str.replace_all(_SPACES, "").str.to_uppercase()
    return texts.set(texts == "", None)
