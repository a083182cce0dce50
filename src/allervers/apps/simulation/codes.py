"""Codes to resume a simulation: drawn at random, easy to copy by hand; what opens and what names are told apart."""

from __future__ import annotations

import secrets
import zlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without I, O, 0 and 1, which are taken for one another."""
GROUPS, IN_GROUP = 5, 4
"""Twenty letters of thirty-two: 100 bits, that no number of tries finds."""
_NONCE = 12
_MOST_TEXT = 200_000


def new_code() -> str:
    """A code, as it is shown: ABCD-EFGH-JKLM-NPQR-STUV."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(IN_GROUP)) for _ in range(GROUPS))
    return "-".join(groups)


def plain(typed: str) -> str:
    """A code as typed, without case, spaces nor dashes; "" when it cannot be one."""
    found = "".join(letter for letter in typed.upper()[:60] if letter.isalnum())
    return found if len(found) == GROUPS * IN_GROUP and set(found) <= set(LETTERS) else ""


def digest_of(code: str) -> str:
    """What names the row of a code: nothing can be opened with it."""
    return _derived(code, b"allervers simulation name").hex()


def sealed_with(code: str, text: str) -> bytes:
    """A text that only the code opens."""
    nonce = secrets.token_bytes(_NONCE)
    box = AESGCM(_derived(code, b"allervers simulation key"))
    return nonce + box.encrypt(nonce, zlib.compress(text.encode()), None)


def opened_with(code: str, sealed: bytes) -> str:
    """The text. Raises ValueError when the code is not the one, or the bytes were changed."""
    try:
        found = AESGCM(_derived(code, b"allervers simulation key")).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
    except InvalidTag as error:
        raise ValueError("not this code") from error
    return zlib.decompressobj().decompress(found, _MOST_TEXT).decode()


def _derived(code: str, use: bytes) -> bytes:
    # The code is drawn at random and long: a slow function would add nothing.
    return HKDF(hashes.SHA256(), 32, salt=None, info=use).derive(plain(code).encode())
