"""The state in the browser: compressed, encrypted with the key of the installation, in cookies that end with it.

Only this server can read it, no script can, and it goes to no other address than the simulator's.
"""

from __future__ import annotations

import base64
import secrets
import time
import zlib
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from allervers.apps.simulation.domain import State, read, written
from allervers.foundation.errors import InvalidInput

NAME = "simulation"
PATH = "/simulateur/"
PIECE = 3_600
"""Characters of one cookie: browsers take about 4,000 with its name and its attributes."""
MOST_PIECES = 4
LASTS_SECONDS = 12 * 3_600
"""After so long without an answer, the state is read no more, even in a browser that was left open."""
_MOST_TEXT = 200_000
_NONCE = 12


def sealed(state: State, now: float | None = None) -> str:
    """The state as an encrypted text."""
    at = int(time.time() if now is None else now).to_bytes(8, "big")
    nonce = secrets.token_bytes(_NONCE)
    plain = at + zlib.compress(written(state).encode(), 9)
    body = AESGCM(_key(settings.SECRET_KEY)).encrypt(nonce, plain, NAME.encode())
    return base64.urlsafe_b64encode(nonce + body).decode().rstrip("=")


def opened(text: str, now: float | None = None) -> State | None:
    """The state in an encrypted text; None when it is not ours, was changed, or is too old."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            plain = AESGCM(_key(key)).decrypt(raw[:_NONCE], raw[_NONCE:], NAME.encode())
        except (InvalidTag, ValueError):
            continue
        if (time.time() if now is None else now) - int.from_bytes(plain[:8], "big") > LASTS_SECONDS:
            return None
        try:
            return read(zlib.decompressobj().decompress(plain[8:], _MOST_TEXT).decode())
        except (InvalidInput, zlib.error, UnicodeDecodeError):
            return None
    return None


def state_of(request: HttpRequest) -> State | None:
    """The state that the browser holds; None when there is none."""
    pieces = []
    for number in range(MOST_PIECES):
        piece = request.COOKIES.get(f"{NAME}{number}")
        if not piece:
            break
        pieces.append(piece)
    return opened("".join(pieces)) if pieces else None


def keep(response: HttpResponse, state: State) -> HttpResponse:
    """Give the state to the browser. Raises InvalidInput when it is too large."""
    text = sealed(state)
    pieces = [text[start : start + PIECE] for start in range(0, len(text), PIECE)]
    if len(pieces) > MOST_PIECES:
        raise InvalidInput("Il y a trop de réponses mois par mois : donnez un montant moyen pour certaines.")
    for number in range(MOST_PIECES):
        if number < len(pieces):
            response.set_cookie(
                f"{NAME}{number}", pieces[number], path=PATH, httponly=True, samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )  # fmt: skip
        else:
            response.delete_cookie(f"{NAME}{number}", path=PATH, samesite="Lax")
    return response


def forget(response: HttpResponse) -> HttpResponse:
    """Take the state away from the browser."""
    for number in range(MOST_PIECES):
        response.delete_cookie(f"{NAME}{number}", path=PATH, samesite="Lax")
    return response


@lru_cache(maxsize=8)
def _key(secret: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"allervers simulation browser").derive(secret.encode())
