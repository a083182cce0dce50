"""The chain: what is hashed of an entry, and how a chain is verified. Plain values, no database, no clock."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

GENESIS = "0" * 64
"""What the first entry follows."""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as the chain sees it. `content`: every recorded field, as JSON values."""

    number: int
    content: Mapping[str, Any]
    previous: str
    digest: str


def digest_of(number: int, content: Mapping[str, Any], previous: str) -> str:
    """SHA-256 of an entry and of the digest of the one before, over canonical JSON. Hexadecimal, 64 characters."""
    text = json.dumps([number, previous, content], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def first_break(chain: Iterable[Link]) -> int | None:
    """Number of the first entry that does not follow from the one before (changed, removed or added); None: whole."""
    expected, previous = 1, GENESIS
    for link in chain:
        if link.number != expected:
            return expected
        if link.previous != previous or link.digest != digest_of(link.number, link.content, previous):
            return link.number
        expected, previous = expected + 1, link.digest
    return None
