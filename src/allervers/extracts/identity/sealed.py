"""Identities sealed one by one: AES-256-GCM, bound to the pseudonym of the person they belong to."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from allervers.extracts.records import IDENTITY_COLUMNS
from allervers.foundation.errors import Unavailable

Identity = tuple[str | None, ...]
"""Values in the order of records.IDENTITY_COLUMNS, all as text (dates in ISO form); None is unknown."""

EMPTY: Identity = (None,) * len(IDENTITY_COLUMNS)
_NONCE_BYTES = 12
_read = json.JSONDecoder().decode
_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Sealer:
    """Seals and opens identities. A sealed identity is: key version (1 byte), nonce (12), ciphertext and tag."""

    def __init__(self, versions: Mapping[int, bytes]) -> None:
        self._ciphers = {version: AESGCM(key) for version, key in versions.items()}
        self._version = max(versions)

    def seal(self, source_key: str, identity: Identity) -> bytes:
        """Seal an identity for one pseudonym, with the newest key and a fresh nonce."""
        nonce = os.urandom(_NONCE_BYTES)
        text = _written(identity).encode()
        sealed = self._ciphers[self._version].encrypt(nonce, text, source_key.encode())
        return self._version.to_bytes(1, "big") + nonce + sealed

    def unseal(self, source_key: str, sealed: bytes) -> Identity:
        """Open an identity; raises Unavailable when the key is missing, or the content or its owner was changed."""
        cipher = self._ciphers.get(sealed[0])
        if cipher is None:
            raise Unavailable("La clé de cette identité est absente.", source_key=source_key, version=sealed[0])
        try:
            text = cipher.decrypt(sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :], source_key.encode())
        except InvalidTag as error:
            raise Unavailable("Une identité du coffre a été altérée.", source_key=source_key) from error
        values = tuple(_read(text.decode()))
        return values + EMPTY[len(values) :]  # sealed before the last columns existed

    def is_current(self, sealed: bytes) -> bool:
        """True when the newest key sealed this identity."""
        return sealed[0] == self._version
