"""Parts of a population, each of whole households, that any machine can compute alone: what to read, what to write.

The contract of a part: the same part and the same program give the same files; a file appears whole, under its name, or
not at all. A part may then be computed twice, or again after a machine died: no row is lost, none is there twice.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from allervers.engine.block import ENTITIES, Column
from allervers.engine.portable import program_of_bytes
from allervers.engine.program import Program
from allervers.engine.variables import Variable, unknown_variable
from allervers.foundation.errors import InvalidInput
from allervers.population.blocks_computed import ByProgram
from allervers.population.checks import read_skeleton
from allervers.population.evaluation import Request
from allervers.population.results import Counts
from allervers.population.skeleton import Skeleton, cut
from allervers.population.streaming import BLOCK_HOUSEHOLDS, computed_to_files, nullable


@dataclass(frozen=True, slots=True)
class Partition:
    """A part: a population folder, whole, numbered. `columns`: what its files must hold."""

    number: int
    folder: Path
    columns: Mapping[Column, Variable]


@dataclass(frozen=True, slots=True)
class Work:
    """What is done to every part: a program as bytes, who runs it, for what, where results go."""

    program: bytes
    engine: str
    requests: tuple[Request, ...]
    out: Path

    @property
    def key(self) -> str:
        """A text that differs when the program or the requests differ."""
        asked = repr((self.engine, self.requests)).encode()
        return hashlib.sha256(self.program + asked).hexdigest()[:24]


def partition_folders(folder: Path) -> list[Path]:
    """The population folders that a folder holds, by name; the folder itself when it is one."""
    if any((folder / f"{entity}.parquet").is_file() for entity in ENTITIES):
        return [folder]
    found = sorted(path.parent for path in folder.glob("*/individu.parquet") if not path.parent.name.startswith("."))
    if not found:
        raise InvalidInput(f"« {folder.name} » n'est ni une population ni un dossier de populations.")
    return found


def part_path(out: Path, entity: str, number: int) -> Path:
    """Where the results of a part are."""
    return out / entity / f"part-{number:05d}.parquet"


def compute_partition(part: Partition, work: Work) -> Counts:
    """Compute a part and put its four files in place. May be done again, or twice at once: the files are the same.

    Raises InvalidInput when the part breaks the contract, or its columns are not those of the others.
    """
    skeleton = read_skeleton(part.folder, _Known(part.columns))
    if skeleton.columns.keys() != part.columns.keys():
        raise InvalidInput(f"« {part.folder.name} » n'a pas les mêmes colonnes que la première part.")
    program = _program(work.program)
    nulls = nullable(part.folder, part.columns)
    computation = ByProgram(program, work.engine, work.requests, part.columns, nulls)
    # A name of this try alone: a machine taken for dead may still be writing its own.
    mark = f"{os.getpid()}.{uuid.uuid4().hex[:8]}"
    paths = {e: part_path(work.out, e, part.number) for e in ENTITIES}
    temporary = {e: path.with_name(f".{path.name}.{mark}") for e, path in paths.items()}
    try:
        for path in paths.values():
            path.parent.mkdir(parents=True, exist_ok=True)
        counts = computed_to_files(skeleton, cut(skeleton, BLOCK_HOUSEHOLDS), computation, work.requests, temporary)
        for entity in ENTITIES:
            temporary[entity].replace(paths[entity])
    finally:
        for path in temporary.values():
            path.unlink(missing_ok=True)
    return counts


def split(skeleton: Skeleton, households: int, folder: Path) -> list[Path]:
    """A population cut into population folders of about that many households, in order.

    Raises InvalidInput when its files are not in the order of households: no part could then be read alone.
    """
    blocks = cut(skeleton, households)
    if not blocks.ordered:
        raise InvalidInput(
            "Les lignes d'un même foyer sont dispersées dans les fichiers : triez la population par ménage, "
            "ou calculez sur une seule machine (sans --cluster)."
        )
    folders = [folder / f"{number:05d}" for number in range(len(blocks.blocks))]
    for entity in ENTITIES:
        file = pq.ParquetFile(skeleton.folder / f"{entity}.parquet")
        batches = file.iter_batches()
        held: list[Any] = []
        for path, rows in zip(folders, blocks.blocks, strict=True):
            path.mkdir(parents=True, exist_ok=True)
            missing = len(rows[entity])
            with pq.ParquetWriter(path / f"{entity}.parquet", file.schema_arrow) as writer:
                while missing:
                    batch = held.pop() if held else next(batches)
                    if len(batch) > missing:
                        held.append(batch.slice(missing))
                    writer.write_batch(batch.slice(0, missing))
                    missing -= min(missing, len(batch))
    return folders


@lru_cache(maxsize=4)
def _program(content: bytes) -> Program:
    return program_of_bytes(content)


class _Known:
    """The variables that a part may hold, without the law."""

    def __init__(self, columns: Mapping[Column, Variable]) -> None:
        self._known = {name: variable for (name, _), variable in columns.items()}

    def __call__(self, name: str) -> Variable:
        if name not in self._known:
            raise unknown_variable(name, self._known)
        return self._known[name]


def parts_written(out: Path, count: int) -> Sequence[Path]:
    """Every file of results that `count` parts must have left; what a dead machine left half-way is removed.

    Raises InvalidInput when one is missing.
    """
    for entity in ENTITIES:
        for path in (out / entity).glob(".part-*"):
            path.unlink(missing_ok=True)
    paths = [part_path(out, entity, number) for entity in ENTITIES for number in range(count)]
    if any(not path.is_file() for path in paths):
        raise InvalidInput("Une part des résultats manque : les machines ne voient pas le même dossier.")
    return paths
