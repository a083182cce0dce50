"""One block of a population computed: Arrow columns in, an Arrow column for each request out, null where unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from allervers.engine.backends import reference
from allervers.engine.backends.native import Machine
from allervers.engine.block import Block, Column, Membership, components
from allervers.engine.facts import DTYPES, engine_values, natural_values
from allervers.engine.law import Answer, Law, Wanted, unknown_rows
from allervers.engine.layout import laid_out
from allervers.engine.limits import checked
from allervers.engine.ops import InputKey
from allervers.engine.program import Asked, Program, default_households
from allervers.engine.structure import Structure
from allervers.engine.variables import Variable
from allervers.population.evaluation import Request
from allervers.population.folder import PLACEHOLDER, as_numpy, column_name

TEXTS = ("enum", "str")


@dataclass(frozen=True, slots=True)
class Part:
    """Whole households as they were read. `tables[entity]`: the columns asked, by their name in the files."""

    persons: int
    membership: Mapping[str, Membership]
    tables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Computed:
    """A request over a part: a column of its entity, null where unknown, and how many are."""

    entity: str
    values: Any
    unknown: int


class Computation(Protocol):
    """Computes requests over parts; safe for threads. `columns`: what it reads of the data."""

    @property
    def columns(self) -> Mapping[Column, Variable]:
        """The columns that must be read."""
        ...

    def __call__(self, part: Part) -> list[Computed]:
        """An answer for each request, in order."""
        ...


class ByLaw:
    """Computed by a law, whatever it is, which sees every column."""

    def __init__(self, law: Law, requests: Sequence[Request], columns: Mapping[Column, Variable]) -> None:
        self.columns = columns
        self._law = law
        self._wanted = [Wanted(r.output, r.period) for r in requests]

    def __call__(self, part: Part) -> list[Computed]:
        """See Computation."""
        block = _block(part, self.columns, self.columns)
        return _marked(block, self._law.evaluate_all(block, self._wanted))


class ByProgram:
    """Computed by a program: only the columns that it needs are read, and texts are looked at once each.

    `nullable`: the columns that may have nulls; those that an output reads, needed or not, make it unknown.
    """

    def __init__(
        self,
        program: Program,
        engine: str,
        requests: Sequence[Request],
        columns: Mapping[Column, Variable],
        nullable: frozenset[Column],
    ) -> None:
        self._program, self._engine = program, engine
        self._asked = [Asked(r.output, r.period) for r in requests]
        self._inputs = [key for key, _ in program.inputs()]
        masks = frozenset().union(*(program.reads[asked] for asked in self._asked)) & nullable & columns.keys()
        needed = masks | {(key.variable, key.period) for key in self._inputs}
        self.columns = {column: columns[column] for column in sorted(needed)}
        self._masks = {column: columns[column] for column in masks}

    def __call__(self, part: Part) -> list[Computed]:
        """See Computation. Raises InvalidInput for numbers that the programs do not take."""
        block = _block(part, {}, self._masks)
        structure = Structure.of(block)
        columns = {key: self._column(part, key) for key in self._inputs}
        values = self._values(block, structure, columns)
        answers = []
        for asked in self._asked:
            output = self._program.outputs[asked]
            array = np.array(output.constant, dtype=output.dtype) if output.constant else values[output.node]
            array = np.broadcast_to(array, (structure.count(output.entity),))
            natural = natural_values(self._program.variables[asked.variable], array)
            answers.append(Answer(natural, output.entity, self._program.reads[asked]))
        return _marked(block, answers)

    @cached_property
    def _machine(self) -> Machine:
        # The nodes by number are the same for all blocks.
        nodes = {n.id: n for n in self._program.nodes()} if self._program.code.hosted else {}
        return Machine(self._program.code, lambda: nodes)

    def _values(
        self, block: Block, structure: Structure, columns: Mapping[InputKey, NDArray[Any]]
    ) -> Mapping[int, NDArray[Any]]:
        if self._engine == "reference":
            return reference.computed(self._program.roots.values(), structure, columns)
        runner = self._machine if self._engine == "native" else self._program.numpy_blocks
        layout = laid_out(block, structure, default_households(self._engine))
        found: Mapping[int, NDArray[Any]] = runner.run(layout, columns, 1)
        return found

    def _column(self, part: Part, key: InputKey) -> NDArray[Any]:
        column = (key.variable, key.period)
        variable = self.columns[column]
        values = part.tables[variable.entity][column_name(column)]
        is_wide = key.dtype == "<f4" and pa.types.is_float64(values.type) and not values.null_count
        if is_wide and self._engine == "native":
            # The machine converts and checks while it lays the column out.
            found: NDArray[Any] = values.to_numpy()
            return found
        return checked(key, typed(values, variable))


def typed(column: Any, variable: Variable) -> NDArray[Any]:
    """An Arrow column in the engine's type, a placeholder where null: as `engine_values` of the natural column."""
    if variable.value_type == "float" and pa.types.is_floating(column.type) and not column.null_count:
        numbers: NDArray[Any] = column.to_numpy().astype(DTYPES["float"], copy=False)
        return numbers
    if variable.value_type not in TEXTS or pa.types.is_null(column.type):
        return engine_values(variable, as_numpy(_series(column), variable)[0])
    # Each distinct text is converted once.
    placeholder = variable.items[0] if variable.value_type == "enum" else PLACEHOLDER["str"]
    parts = []
    for chunk in column.chunks:
        coded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
        texts = np.array([*coded.dictionary.cast(pa.string()).to_pylist(), placeholder], dtype=str)
        codes = coded.indices.fill_null(len(texts) - 1).to_numpy(zero_copy_only=False)
        # A dictionary may hold texts that no row has, and that were not checked.
        texts[np.bincount(codes, minlength=len(texts)) == 0] = placeholder
        parts.append(engine_values(variable, texts)[codes])
    return np.concatenate(parts) if parts else engine_values(variable, np.empty(0, dtype=str))


def arrow_of(values: NDArray[Any], unknown: NDArray[np.bool_]) -> Any:
    """An Arrow column of natural values, null where unknown, of the type that results have on disk."""
    series = pl.Series(values)
    if unknown.any():
        series = pl.select(pl.when(~pl.Series(unknown)).then(series)).to_series()
    return series.to_arrow(compat_level=pl.CompatLevel.oldest())


def _series(column: Any) -> pl.Series:
    found = pl.from_arrow(column)
    assert isinstance(found, pl.Series)
    return found


def _block(part: Part, valued: Mapping[Column, Variable], masked: Mapping[Column, Variable]) -> Block:
    """The block of a part, with the values of some columns and the unknown rows of others."""
    values, unknown = {}, {}
    entity_of = {column: variable.entity for given in (valued, masked) for column, variable in given.items()}
    for column, variable in valued.items():
        series = _series(part.tables[variable.entity][column_name(column)])
        values[column], mask = as_numpy(series, variable)
        if mask is not None:
            unknown[column] = mask
    for column, variable in masked.items():
        given_values = part.tables[variable.entity][column_name(column)]
        if column not in values and given_values.null_count:
            unknown[column] = given_values.is_null().to_numpy()
    return Block(part.persons, part.membership, values, entity_of, unknown)


def _marked(block: Block, answers: Sequence[Answer]) -> list[Computed]:
    component = components(block.membership, block.persons) if block.unknown else None
    masks: dict[tuple[str, frozenset[Column]], NDArray[np.bool_]] = {}
    found = []
    for answer in answers:
        key = (answer.entity, frozenset(answer.reads & block.unknown.keys()))
        if key not in masks:
            nothing = np.zeros(len(answer.values), dtype=bool)
            masks[key] = unknown_rows(block, answer, component) if component is not None and key[1] else nothing
        found.append(Computed(answer.entity, arrow_of(answer.values, masks[key]), int(masks[key].sum())))
    return found
