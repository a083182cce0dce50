"""The law as an interface: one version of the rules, asked for amounts over a block of households."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import Block, Column
from allervers.engine.variables import Variable


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """A parameter of the law given another value from a date on."""

    path: str
    start_on: str
    value: float


@dataclass(frozen=True, slots=True)
class ForcedInput:
    """An input of the law that has one value for everybody from a month on."""

    variable: str
    start: str
    value: bool | float | str


@dataclass(frozen=True, slots=True)
class TaxYearShift:
    """For these outputs asked in these months, the tax year N-1 is read where the formula reads N-2."""

    outputs: tuple[str, ...]
    months: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """How a version of the law differs from OpenFisca-France unmodified. All empty: it does not."""

    parameters: tuple[ParameterChange, ...] = ()
    inputs: tuple[ForcedInput, ...] = ()
    tax_year_shifts: tuple[TaxYearShift, ...] = ()
    formulas: tuple[str, ...] = ()
    """Import paths `module:reform` of declared local formulas."""


class Wanted(NamedTuple):
    """An output to compute for a period, with other variables of the same simulation, for explanations."""

    output: str
    period: str
    side: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """One output over a block: values by row of its entity, what was read among the given columns, side values."""

    values: NDArray[Any]
    entity: str
    reads: frozenset[Column]
    side: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """Other variables of the same simulation, by name, already aligned with the entity of the output."""


class Law(Protocol):
    """A version of the law. `evaluate` asks each output in a fresh simulation: amounts depend on the order of requests
    otherwise (OpenFisca breaks cycles by what it already holds)."""

    name: str
    version: str

    def variable(self, name: str) -> Variable:
        """The variable of that name; raises InvalidInput when the law has none."""
        ...

    def parameter(self, path: str, on: str) -> float | None:
        """Value of a parameter of the law at a date (YYYY-MM-DD); None where it has none."""
        ...

    def evaluate(self, block: Block, output: str, period: str, side: Sequence[str] = ()) -> Answer:
        """Amounts of `output` for a period, for every row of its entity in the block."""
        ...

    def evaluate_all(self, block: Block, wanted: Sequence[Wanted], *, threads: int = 1) -> list[Answer]:
        """An answer for each output wanted, in order."""
        ...


def aligned(block: Block, values: NDArray[Any], entity: str, target: str) -> NDArray[Any]:
    """Values of an entity by row of another: added up from persons to their group, given by a group to its members,
    and between groups taken from the first member."""
    if entity == target:
        return values
    if entity == "individu":
        members = block.membership[target]
        return np.bincount(members.group, weights=values.astype(float), minlength=members.count)
    per_person: NDArray[Any] = values[block.membership[entity].group]
    if target == "individu":
        return per_person
    first = np.zeros(block.count(target), dtype=np.int64)
    members = block.membership[target]
    first[members.group[::-1]] = np.arange(block.persons)[::-1]
    return per_person[first]


def unknown_rows(block: Block, answer: Answer, component: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Rows of the answer that depend on a value that was not given. Shape: rows of the answer's entity.

    Safe rather than sharp: a null anywhere in the household, in a column that the computation read, makes the
    household's result unknown.
    """
    persons = np.zeros(block.persons, dtype=bool)
    for column in answer.reads & block.unknown.keys():
        mask = block.unknown[column]
        entity = block.entity_of[column]
        persons |= mask if entity == "individu" else mask[block.membership[entity].group]
    tainted = np.zeros(block.persons, dtype=bool)
    tainted[component[persons]] = True
    per_person = tainted[component]
    if answer.entity == "individu":
        return per_person
    groups = block.membership[answer.entity]
    rows = np.zeros(groups.count, dtype=bool)
    rows[groups.group[per_person]] = True
    return rows
