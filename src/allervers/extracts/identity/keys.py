"""The secret keys of a store: made at first use, one file each, readable by their owner alone, replaced by `rotate`."""

from __future__ import annotations

import os
import re
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from allervers.foundation.errors import InvalidInput, Refused, Unavailable

KEY_BYTES = 32
FOLDER_MODE = 0o700
FILE_MODE = 0o600
_NAME = re.compile(r"(master|linkage|exchange\.[A-Za-z0-9_-]{1,64})\.([1-9]\d*)\.key")
_PARTNER = re.compile(r"[A-Za-z0-9_-]{1,64}")


class KeyRing:
    """The keys of one store, by name and version. A name is `master`, `linkage` or `exchange.<partner>`.

    `master` seals identities (AES-256-GCM); `linkage` makes pseudonyms and compares NIR inside the store
    (HMAC-SHA-256); `exchange.<partner>` is shared with one partner, who hashes its NIR with it before sending them.
    """

    def __init__(self, folder: Path, *, may_create: bool = True) -> None:
        self._folder = folder
        self._may_create = may_create
        self._keys: dict[str, dict[int, bytes]] = {}
        if folder.exists():
            self._read()

    def __repr__(self) -> str:
        return f"KeyRing({sorted(self._keys)})"

    def current(self, name: str) -> tuple[int, bytes]:
        """Version and key in use; made when there is none. Raises Unavailable when the key has been lost."""
        versions = self._keys.get(name)
        if not versions:
            if not self._may_create and name in ("master", "linkage"):
                raise Unavailable(
                    "Les clés de ce dossier de données sont absentes : restaurez « keys » avant de continuer.",
                    key=name,
                )
            self._add(name, 1)
            versions = self._keys[name]
        version = max(versions)
        return version, versions[version]

    def versions(self, name: str) -> dict[int, bytes]:
        """Every version still kept of a key, by number (empty when the key was never made)."""
        return dict(self._keys.get(name, {}))

    def exchange(self, partner: str) -> tuple[int, bytes]:
        """Version and key of the exchange with a partner; raises InvalidInput for an unusable partner name."""
        return self.current(exchange_name(partner))

    def rotate(self, name: str) -> int:
        """Make a new version of a key and return its number; older versions stay until `destroy`."""
        version, _ = self.current(name)
        self._add(name, version + 1)
        return version + 1

    def destroy(self, name: str, version: int) -> None:
        """Destroy an older version of a key. Raises Refused for the version in use."""
        if version == self.current(name)[0]:
            raise Refused("La clé en service ne peut pas être détruite.", key=name, version=version)
        self._path(name, version).unlink(missing_ok=True)
        self._keys[name].pop(version, None)

    def _path(self, name: str, version: int) -> Path:
        return self._folder / f"{name}.{version}.key"

    def _read(self) -> None:
        _refuse_open_mode(self._folder)
        for path in sorted(self._folder.iterdir()):
            match = _NAME.fullmatch(path.name)
            if match is None:
                continue
            _refuse_open_mode(path)
            key = path.read_bytes()
            if len(key) != KEY_BYTES:
                raise Unavailable("Un fichier de clé est abîmé : restaurez-le avant de continuer.", key=path.name)
            self._keys.setdefault(match[1], {})[int(match[2])] = key

    def _add(self, name: str, version: int) -> None:
        self._folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        _refuse_open_mode(self._folder)
        path = self._path(name, version)
        temporary = self._folder / f".{secrets.token_hex(8)}"
        handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE)
        try:
            os.write(handle, secrets.token_bytes(KEY_BYTES))
            os.fsync(handle)
            os.close(handle)
            # A link fails when the name exists: of two processes that start together, one makes the key, both read it.
            with suppress(FileExistsError):
                os.link(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        self._keys.setdefault(name, {})[version] = path.read_bytes()


def exchange_name(partner: str) -> str:
    """Name of the key of the exchange with a partner; raises InvalidInput for a name that is not an identifier."""
    if _PARTNER.fullmatch(partner) is None:
        raise InvalidInput(
            "Nom de partenaire invalide : lettres sans accent, chiffres, « - » et « _ » seulement, 64 au plus.",
            partner=partner[:64],
        )
    return f"exchange.{partner}"


def _refuse_open_mode(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        wanted = FOLDER_MODE if path.is_dir() else FILE_MODE
        raise Refused(
            f"Droits trop larges sur les clés ({mode:04o}) : seul leur propriétaire doit les lire ({wanted:04o}).",
            path=path.name,
            mode=f"{mode:04o}",
        )
