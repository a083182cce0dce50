"""The key of a program: how it is drawn, and what is kept of it. Plain values."""

from __future__ import annotations

import hashlib
import secrets

PREFIX = "allervers_"
"""Tools that look for leaked keys find it by this beginning."""


def new_key() -> str:
    """A key that cannot be guessed: 256 bits drawn by the system. 53 characters."""
    return PREFIX + secrets.token_urlsafe(32)


def hash_of(key: str) -> str:
    """What is kept of a key, hexadecimal. A plain hash is enough for a key that nobody chose."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
