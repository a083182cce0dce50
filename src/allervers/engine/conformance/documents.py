"""YAML files of tests, hostile until read: size, depth, aliases and tags are bounded before anything is built."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from allervers.foundation.errors import InvalidInput, NotFound

MAX_BYTES = 2_000_000
MAX_NODES = 200_000
"""Scalars, lists and dictionaries of one file, those that aliases repeat counted each time."""
MAX_DEPTH = 40
SUFFIXES = (".yaml", ".yml")

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BUILDING = (ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError)
"""What PyYAML lets through for a scalar that looks like a date or a number and is none."""


def yaml_files(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    """(file, name to show) of every YAML file given or under a folder given, in order, each once.

    Links that leave a folder are not followed. Raises NotFound for a path that is not there, InvalidInput when no
    YAML file is found.
    """
    found: dict[Path, str] = {}
    for path in paths:
        if not path.exists():
            raise NotFound(f"« {path} » n'existe pas.", file=path.name)
        if path.is_file():
            found.setdefault(path.resolve(), path.name)
            continue
        for file in sorted(_under(path)):
            found.setdefault(file.resolve(), file.relative_to(path).as_posix())
    if not found:
        raise InvalidInput("Aucun fichier YAML (.yaml, .yml) : donnez des fichiers de tests ou leur dossier.")
    return list(found.items())


def _under(folder: Path) -> Iterator[Path]:
    for root, _folders, names in os.walk(folder):
        for name in names:
            file = Path(root, name)
            if file.suffix in SUFFIXES and file.is_file() and not file.is_symlink():
                yield file


def documents_of(path: Path, name: str) -> list[Any]:
    """The tests of a file, as plain lists, dictionaries and values. Raises InvalidInput for what cannot be read."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidInput(f"« {name} » ne peut pas être lu.", file=name) from error
    return parsed(content, name)


def parsed(content: bytes, name: str) -> list[Any]:
    """The tests written in these bytes. Raises InvalidInput, naming the file, when they are no safe YAML."""
    if len(content) > MAX_BYTES:
        raise InvalidInput(
            f"« {name} » dépasse {MAX_BYTES // 1_000_000} Mo : ce n'est pas un fichier de tests.", file=name
        )
    try:
        _check_events(content, name)
        found = yaml.load(content, Loader=_LOADER)  # noqa: S506 (the safe loader, in C where libyaml is)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (ligne {mark.line + 1}, colonne {mark.column + 1})" if mark else ""
        problem = getattr(error, "problem", None) or "caractère interdit"
        raise InvalidInput(f"« {name} » n'est pas du YAML lisible{where} : {problem}.", file=name) from error
    except _BUILDING as error:
        raise InvalidInput(f"« {name} » contient une valeur que YAML ne sait pas lire.", file=name) from error
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def _check_events(content: bytes, name: str) -> None:
    """Refuses, before anything is built, what would grow: aliases are counted as many times as they repeat."""
    size = 0
    sizes: dict[str, int] = {}
    # For each open list or dictionary: its anchor, and how much was counted before it.
    opened: list[tuple[str | None, int]] = []
    for event in yaml.parse(content, Loader=_LOADER):
        anchor = getattr(event, "anchor", None)
        if isinstance(event, yaml.AliasEvent):
            if anchor not in sizes:
                raise InvalidInput(
                    f"« {name} » : l'alias « {anchor} » se contient lui-même ou n'existe pas.", file=name
                )
            size += sizes[anchor]
        elif isinstance(event, yaml.CollectionStartEvent):
            opened.append((anchor, size))
            size += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            closed, before = opened.pop()
            if closed:
                sizes[closed] = size - before
        elif isinstance(event, yaml.ScalarEvent):
            size += 1
            if anchor:
                sizes[anchor] = 1
        if size > MAX_NODES or len(opened) > MAX_DEPTH:
            raise InvalidInput(
                f"« {name} » contient trop de valeurs ou de niveaux pour un fichier de tests.", file=name
            )
