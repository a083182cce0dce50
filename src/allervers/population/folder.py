"""The interchange contract: a folder of four Parquet files, checked before anything is computed.

`individu.parquet` (id, then `<group>_id` and `<group>_role` for each group, then columns) and one file per group (id,
then columns). A column is `variable@period`, or `variable` when it has no period. Null is unknown.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from allervers.engine.block import ENTITIES, GROUPS, Block, Column, Membership, components
from allervers.engine.variables import Variable
from allervers.foundation.errors import InvalidInput, NotFound
from allervers.foundation.files import folder_written_whole

PLACEHOLDER = {"float": 0.0, "int": 0, "bool": False, "str": "", "date": np.datetime64("1970-01-01")}
"""What stands in a numpy column where the value is unknown; the block's `unknown` mask says so."""

_TOGETHER = 16
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Population:
    """A checked population folder: ids, memberships, and where the columns are. Columns are read block by block."""

    folder: Path
    ids: Mapping[str, pl.Series]
    membership: Mapping[str, Membership]
    columns: Mapping[Column, Variable]

    @property
    def persons(self) -> int:
        """Number of persons."""
        return len(self.ids["individu"])

    def component(self) -> NDArray[np.int64]:
        """Label of the household (connected component) of each person. Shape (persons,)."""
        return components(self.membership, self.persons)

    def blocks(self, households: int) -> Iterator[tuple[Block, Mapping[str, NDArray[np.int64]]]]:
        """Cut into blocks of about that many whole households (connected components).

        Yields (block, rows): rows gives, for each entity, the positions in the population of the block's rows.
        """
        label = self.component()
        _, rank = np.unique(label, return_inverse=True)
        order = np.argsort(rank, kind="stable")
        bounds = np.searchsorted(rank[order], np.arange(0, rank.max(initial=-1) + 1 + households, households))
        for first, last in itertools.pairwise(bounds):
            if last > first:
                persons = np.sort(order[first:last])
                yield self.block(persons)

    def household_of(self, identifier: str) -> NDArray[np.int64]:
        """Positions of the persons of the household (connected component) of a person, famille, foyer or ménage.

        Raises NotFound for an identifier that the population does not hold.
        """
        label = self.component()
        for entity, ids in self.ids.items():
            found = (ids == identifier).arg_true()
            if len(found):
                group = int(found[0])
                first = group if entity == "individu" else int((self.membership[entity].group == group).argmax())
                return np.flatnonzero(label == label[first])
        raise NotFound(f"Aucun foyer ni personne « {identifier} » dans cette population.", identifier=identifier)

    def block(self, persons: NDArray[np.int64]) -> tuple[Block, Mapping[str, NDArray[np.int64]]]:
        """The block of these persons, who must be whole households, and the positions of its rows by entity."""
        rows: dict[str, NDArray[np.int64]] = {"individu": persons}
        membership = {}
        for group, members in self.membership.items():
            rows[group], position = np.unique(members.group[persons], return_inverse=True)
            membership[group] = Membership(len(rows[group]), position, members.role[persons])
        columns: dict[Column, NDArray[np.generic]] = {}
        unknown: dict[Column, NDArray[np.bool_]] = {}
        for entity in ENTITIES:
            names = {column_name(c): (c, v) for c, v in self.columns.items() if v.entity == entity}
            frame = _rows_of(self.folder / f"{entity}.parquet", list(names), rows[entity])
            for name, (column, variable) in names.items():
                values, mask = as_numpy(frame[name], variable)
                columns[column] = values
                if mask is not None:
                    unknown[column] = mask
        entity_of = {column: self.columns[column].entity for column in columns}
        return Block(len(persons), membership, columns, entity_of, unknown), rows


def column_name(column: Column) -> str:
    """Name of a column in the files: `variable@period`, or `variable` for one without period."""
    return column[0] if column[1] == "ETERNITY" else f"{column[0]}@{column[1]}"


def some_at_a_time(columns: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Columns to read together: the memory of these, whatever the number of columns."""
    return (columns[first : first + _TOGETHER] for first in range(0, len(columns), _TOGETHER))


def write_population(folder: Path, frames: Mapping[str, pl.DataFrame]) -> None:
    """Write the four files, whole or not at all. `frames`: entity -> rows in the layout of the contract."""
    with folder_written_whole(folder) as temporary:
        for entity in ENTITIES:
            frames[entity].write_parquet(temporary / f"{entity}.parquet")


def _rows_of(path: Path, names: list[str], rows: NDArray[np.int64]) -> pl.DataFrame:
    if not names or not len(rows):
        return pl.DataFrame({name: [] for name in names})
    first, last = int(rows[0]), int(rows[-1])
    frame = pl.scan_parquet(path).select(names).slice(first, last - first + 1).collect()
    return frame if len(frame) == len(rows) else frame[rows - first]


def as_numpy(series: pl.Series, variable: Variable) -> tuple[NDArray[np.generic], NDArray[np.bool_] | None]:
    """Natural values of a column of the files, a placeholder where null, and which are null (None: not one)."""
    placeholder = variable.items[0] if variable.value_type == "enum" else PLACEHOLDER[variable.value_type]
    if series.dtype == pl.Null:
        series = pl.Series([placeholder]).clear().extend_constant(None, len(series))
    is_text = variable.value_type in ("enum", "str")
    if is_text:
        series = series.cast(pl.String)
    elif variable.value_type == "float" and not series.dtype.is_float():
        series = series.cast(pl.Float64)
    # Arrow converts a column of a block many times faster than polars, whose every call costs a plan.
    column = series.to_arrow(compat_level=pl.CompatLevel.oldest())
    mask = column.is_null().to_numpy(zero_copy_only=False) if column.null_count else None
    if mask is not None:
        column = column.fill_null(pa.scalar(placeholder, column.type))
    if not is_text:
        return column.to_numpy(zero_copy_only=False), mask
    coded = column.dictionary_encode()  # each distinct text is converted once
    return np.array(coded.dictionary.to_pylist(), dtype=str)[coded.indices.to_numpy()], mask


def groups_missing(folder: Path) -> InvalidInput | None:
    """The error for a folder that lacks files of the contract, if it does."""
    absent = [f"{entity}.parquet" for entity in ENTITIES if not (folder / f"{entity}.parquet").is_file()]
    if not absent:
        return None
    return InvalidInput(
        f"Le dossier de population est incomplet, il manque : {', '.join(absent)}. "
        f"Fichiers attendus : individu.parquet, {', '.join(f'{g}.parquet' for g in GROUPS)}.",
        missing=absent,
    )
