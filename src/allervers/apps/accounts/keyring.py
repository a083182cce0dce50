"""Keys that encrypt fields at rest: a file of one `identifier key` a line, the one in use first. No Django here."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from allervers.foundation.errors import InvalidInput, Unavailable

_VERSION = "v1"
_CONTEXT = b"allervers accounts"


def write_privately(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner alone: a cut leaves the old one or the new one, whole."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as new:
        new.write(text)
        new.flush()
        os.fsync(new.fileno())
    made.replace(path)


def check_private(path: Path) -> None:
    """Raises InvalidInput when others than its owner can read a key."""
    if path.stat().st_mode & 0o077:
        raise InvalidInput(f"La clé {path.name} est lisible par d'autres : chmod 600, puis relancez.")


class KeyRing:
    """Encrypts with the first key, decrypts with any. A key is looked for again in the file when it is unknown."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def identifiers(self) -> tuple[str, ...]:
        """Identifiers of the keys, the one in use first."""
        return tuple(self._keys())

    def make_sure(self) -> None:
        """Make the file at first start. Raises InvalidInput when others can read it."""
        if not self.path.exists():
            write_privately(self.path, _new_line())
        check_private(self.path)

    def add(self) -> str:
        """Put a new key first; the others stay, to decrypt. Returns its identifier."""
        self.make_sure()
        line = _new_line()
        write_privately(self.path, line + self.path.read_text("ascii"))
        return line.split()[0]

    def keep_only_first(self) -> int:
        """Forget every key but the one in use. Returns the number forgotten; the caller knows that none is needed."""
        lines = self.path.read_text("ascii").splitlines(keepends=True)
        write_privately(self.path, lines[0])
        return len(lines) - 1

    def encrypt(self, text: str) -> str:
        """The text under the key in use: `v1:identifier:base64(nonce, ciphertext)`."""
        identifier, key = next(iter(self._keys().items()))
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(key).encrypt(nonce, text.encode(), _CONTEXT)
        return f"{_VERSION}:{identifier}:{base64.b64encode(nonce + sealed).decode()}"

    def decrypt(self, sealed: str) -> str:
        """The text. Raises Unavailable when its key is missing, or when it was changed."""
        try:
            _, identifier, content = sealed.split(":")
            raw = base64.b64decode(content, validate=True)
            return AESGCM(self._keys()[identifier]).decrypt(raw[:12], raw[12:], _CONTEXT).decode()
        except (ValueError, KeyError, InvalidTag, binascii.Error) as error:
            raise Unavailable(
                "Une donnée chiffrée ne peut pas être relue : la clé manque. Voir le guide de l'opérateur."
            ) from error

    @staticmethod
    def key_of(sealed: str) -> str:
        """Identifier of the key of an encrypted text; empty when it is not one."""
        parts = sealed.split(":")
        return parts[1] if len(parts) == 3 and parts[0] == _VERSION else ""

    def _keys(self) -> dict[str, bytes]:
        try:
            at = self.path.stat()
        except FileNotFoundError as error:
            raise Unavailable(
                "Les clés de chiffrement des comptes manquent : restaurez le dossier des clés."
            ) from error
        return _read(self.path, at.st_mtime_ns, at.st_ino)


def _new_line() -> str:
    return f"{secrets.token_hex(4)} {base64.b64encode(secrets.token_bytes(32)).decode()}\n"


@lru_cache(maxsize=4)
def _read(path: Path, changed_ns: int, inode: int) -> dict[str, bytes]:
    # The two last parameters only make the answer a new one when the file is: a rotation needs no restart.
    del changed_ns, inode
    try:
        pairs = [line.split() for line in path.read_text("ascii").splitlines() if line.strip()]
        keys = {identifier: base64.b64decode(key, validate=True) for identifier, key in pairs}
    except (ValueError, binascii.Error) as error:
        raise InvalidInput(f"Le fichier de clés {path.name} est illisible : restaurez-le.") from error
    if not keys or any(len(key) != 32 for key in keys.values()):
        raise InvalidInput(f"Le fichier de clés {path.name} est incomplet : restaurez-le.")
    return keys
