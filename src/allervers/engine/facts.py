"""What a program assumes of the data: which columns exist, which are the same for everybody, which are alike."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.backends.library import available, library
from allervers.engine.block import ROLES, Block, Column
from allervers.engine.ops import TEXT, InputKey
from allervers.engine.structure import Structure
from allervers.engine.variables import Variable

DTYPES: Mapping[str, str] = {
    "float": "<f4", "int": "<i4", "bool": "|b1", "enum": "<i2", "date": "<M8[D]", "str": "|O",
}  # fmt: skip
"""Type of a column in the engine, by type of variable: OpenFisca's own."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a column comes from: `key`, a column of the data, or `constant`, a value (in a tuple) for everybody."""

    entity: str
    key: InputKey | None
    constant: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """The assumptions. `sources`: every column given; `always_held`: roles that each group has exactly once."""

    sources: Mapping[Column, Source]
    always_held: frozenset[tuple[str, str]]

    def inputs(self) -> dict[InputKey, str]:
        """The columns of the data that a program may read, with their entity."""
        return {s.key: s.entity for s in self.sources.values() if s.key is not None}

    def digest(self) -> str:
        """A short text that differs when anything assumed differs."""
        text = repr((sorted((c, repr(s)) for c, s in self.sources.items()), sorted(self.always_held)))
        return hashlib.sha256(text.encode()).hexdigest()[:24]


def engine_values(variable: Variable, values: NDArray[Any]) -> NDArray[Any]:
    """A natural column in the engine's type. Raises ValueError for an unknown item of an enumeration."""
    kind = variable.value_type
    if kind == "enum":
        return positions_of_items(variable.items, values)
    if kind == "str":
        cut = str if variable.max_length is None else f"<U{variable.max_length}"
        return np.asarray(values.astype(cut).astype(object))
    with np.errstate(over="ignore", invalid="ignore"):  # what does not fit is refused by `checked`
        found: NDArray[Any] = values.astype(DTYPES[kind])
    return found


def positions_of_items(items: Sequence[str], values: NDArray[Any]) -> NDArray[np.int16]:
    """Positions of texts among the items of an enumeration. Raises ValueError for another text."""
    texts = np.ascontiguousarray(values if values.dtype.kind == "U" else values.astype(str))
    names, order = _names(tuple(items))
    if len(texts) > _MANY and available() is None:
        # An item longer than the column's texts is none of them: it stands empty, and an empty text is no item.
        kept = np.array([name if len(name) * 4 <= texts.dtype.itemsize else "" for name in items], texts.dtype)
        found = library().items(texts, kept)
        if found is not None and bool((kept[found] != "").all()):
            return found
    found = np.searchsorted(names, texts, sorter=order).clip(max=len(names) - 1)
    positions = order[found].astype(np.int16)
    if len(texts) and not np.array_equal(names[positions], texts):
        raise ValueError("not an item of the enumeration")
    return np.asarray(positions, dtype=np.int16)


_MANY = 1_000
"""Rows above which the compiled library is worth its call."""


@cache
def _names(items: tuple[str, ...]) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    names = np.array(items)
    return names, np.argsort(names)


def natural_values(variable: Variable, values: NDArray[Any]) -> NDArray[Any]:
    """An engine's column as a natural one: texts for items, str for texts."""
    if variable.value_type == "enum":
        return np.asarray(np.array(variable.items)[values])
    return values.astype(str) if values.dtype == TEXT else values


def facts_of(blocks: Iterable[Block], variable_of: Callable[[str], Variable], *, is_general: bool = False) -> Facts:
    """What holds over all these blocks. `is_general`: assume nothing of the values, only which columns exist."""
    digests: dict[Column, list[bytes]] = {}
    constants: dict[Column, Any] = {}
    entity_of: dict[Column, str] = {}
    held: frozenset[tuple[str, str]] | None = None
    for block in blocks:
        # A general program serves households of any shape: only the role that every group has by definition.
        roles = {group: names[:1] for group, names in ROLES.items()} if is_general else ROLES
        always = Structure.of(block).always_held(roles)
        held = always if held is None else held & always
        for column, natural in block.columns.items():
            variable = variable_of(column[0])
            entity_of[column] = block.entity_of[column]
            if is_general:
                digests[column] = []
                continue
            values = engine_values(variable, natural)
            is_first = column not in digests
            digests.setdefault(column, []).append(_digest(values, block.unknown.get(column)))
            constant = _constant(values) if column not in block.unknown else ()
            constants[column] = constant if is_first or constant == constants[column] else ()
    sources: dict[Column, Source] = {}
    first: dict[Any, InputKey] = {}
    for column in sorted(digests, key=lambda c: (c[0], c[1])):
        dtype = DTYPES[variable_of(column[0]).value_type]
        key = InputKey(column[0], column[1], dtype)
        if is_general:
            sources[column] = Source(entity_of[column], key)
        elif constants[column]:
            sources[column] = Source(entity_of[column], None, constants[column])
        else:
            alike = (entity_of[column], dtype, tuple(digests[column]))
            sources[column] = Source(entity_of[column], first.setdefault(alike, key))
    return Facts(sources, held or frozenset())


def _constant(values: NDArray[Any]) -> tuple[Any, ...]:
    if not len(values) or not bool(np.all(values == values[0])):
        return ()
    return (values[0] if values.dtype == TEXT else values[0].item() if values.dtype.kind != "M" else str(values[0]),)


def _digest(values: NDArray[Any], unknown: NDArray[np.bool_] | None) -> bytes:
    is_text = values.dtype == TEXT
    text = "\0".join(map(str, values.tolist())).encode() if is_text else np.ascontiguousarray(values).tobytes()
    found = hashlib.blake2b(text, digest_size=16)
    if unknown is not None:
        found.update(np.packbits(unknown).tobytes())
    return found.digest()
