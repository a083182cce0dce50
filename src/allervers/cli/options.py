"""Options that several commands share, and the reading of their values."""

from __future__ import annotations

import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from allervers.extracts.identity.vault import VAULT_FILE
from allervers.foundation.errors import InvalidInput, NotFound

Store = Annotated[Path, typer.Option("--store", help="Dossier de données (coffre, imports, détections).")]
Workers = Annotated[int, typer.Option("--workers", min=1, max=64, help="Nombre de processus de calcul.")]
Departement = Annotated[str, typer.Option("--departement", help="Code du département.")]
Actor = Annotated[str, typer.Option("--actor", help="Agent qui agit, nommément habilité.")]

console = Console(stderr=True, highlight=False)
"""Progress and notes go to stderr; results go to stdout."""

out = Console(highlight=False, width=None if sys.stdout.isatty() else 118)
"""Tables of results, on stdout; a pipe or a file gets a fixed width."""

DEFAULT_WORKERS = max(1, min(8, os.cpu_count() or 1))


def existing(store: Path) -> Path:
    """The store, which must have been made by a first import: a mistyped name must not make an empty one."""
    if not (store / VAULT_FILE).is_file():
        raise NotFound(
            f"Aucun dossier de données « {store.name} » : vérifiez --store, ou commencez par « allervers import ».",
            store=store.name,
        )
    return store


def say(message: str) -> None:
    """One line of progress on stderr."""
    console.print(message, markup=False)


def day(text: str | None) -> date:
    """A date given as YYYY-MM-DD; today's when none is given (the only place where the clock is read for dates)."""
    if text is None:
        return datetime.now(tz=UTC).astimezone().date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"Date invalide : {text!r}. Exemple attendu : 2026-11-23.") from error


def instant(on: date | None = None) -> datetime:
    """Now; or noon of a given day, when a command is run as of that day."""
    if on is None:
        return datetime.now(tz=UTC)
    return datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
