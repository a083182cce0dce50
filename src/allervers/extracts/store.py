"""The folder that holds everything received: vault, register, rows of each import. One import at a time."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from allervers.extracts.identity.vault import Vault
from allervers.extracts.records import TABLES
from allervers.extracts.register import DONE, RUNNING, Register
from allervers.foundation.errors import Unavailable

IMPORTS_FOLDER = "imports"
_LOCK = ".lock"


class Pseudonyms(Protocol):
    """What an import asks of the identity vault (identity.vault.Vault)."""

    def transaction(self, *, dry_run: bool = False) -> AbstractContextManager[None]:
        """Writes made inside are kept together or not at all; never when `dry_run`."""

    def person_keys(self, partner: str, persons: pl.DataFrame) -> pl.Series:
        """One source_key per row; identities are sealed in the vault."""

    def dossier_keys(self, partner: str, numbers: pl.Series) -> pl.Series:
        """One dossier_key per number; null stays null."""

    def dwelling_keys(self, values: pl.Series) -> pl.Series:
        """One keyed identifier per dwelling, the same for all partners; null stays null."""

    def opposed(self, keys: pl.Series) -> pl.Series:
        """True where a source_key is on the opposition list."""


@dataclass(frozen=True, slots=True)
class Store:
    """An open store. `folder`: its place; `vault`: identities; `register`: what was imported."""

    folder: Path
    vault: Pseudonyms
    register: Register

    def import_folder(self, import_id: str) -> Path:
        """Where the rows of an import are."""
        return self.folder / IMPORTS_FOLDER / import_id

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the store against another import; leftovers of one that was cut are then cleared.

        raises: Unavailable when an import is under way.
        """
        imports = self.folder / IMPORTS_FOLDER
        imports.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (imports / _LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Unavailable("Un autre import est en cours sur ce dossier de données.") from None
            for row in self.register.rows(status=RUNNING):
                self.register.fail(row.import_id)
            self.clear()
            yield

    def clear(self) -> None:
        """Remove the rows of imports that are not in force: cut, failed, superseded or destroyed."""
        kept = {row.import_id for row in self.register.rows(status=DONE)} | {_LOCK}
        for path in (self.folder / IMPORTS_FOLDER).iterdir():
            if path.name not in kept:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def tables(self, imports: Collection[str] | None = None) -> dict[str, pl.DataFrame]:
        """Canonical tables of the imports in force, or of those named, with partner, import_id and reference_on."""
        parts: dict[str, list[pl.DataFrame]] = {name: [] for name in TABLES}
        for row in self.register.rows(status=DONE):
            if imports is not None and row.import_id not in imports:
                continue
            for name, frames in parts.items():
                path = self.import_folder(row.import_id) / f"{name}.parquet"
                if path.exists():
                    origin = {"partner": row.partner, "import_id": row.import_id, "reference_on": row.reference_on}
                    frames.append(pl.read_parquet(path).with_columns(pl.lit(v).alias(k) for k, v in origin.items()))
        return {name: pl.concat(frames) for name, frames in parts.items() if frames}


@contextmanager
def opened_store(folder: Path) -> Iterator[Store]:
    """Open a store, made at first use, readable by its owner alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    register = Register(folder)
    try:
        with Vault(folder) as vault:
            yield Store(folder, vault, register)
    finally:
        register.close()
