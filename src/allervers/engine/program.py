"""A program: the law specialised to the columns that the data have, ready to run on any population that has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allervers.engine.backends import reference
from allervers.engine.backends.native import HOUSEHOLDS, Machine
from allervers.engine.block import Block, Column
from allervers.engine.facts import MAX_INPUT, Facts, engine_values
from allervers.engine.layout import laid_out
from allervers.engine.node import Node, reachable
from allervers.engine.ops import InputKey
from allervers.engine.structure import Structure
from allervers.engine.trace import Origin
from allervers.engine.variables import Variable
from allervers.foundation.errors import InvalidInput


class Asked(NamedTuple):
    """What a program computes: a variable for a period. `beside`: the output in whose simulation it is computed."""

    variable: str
    period: str
    beside: str = ""


@dataclass(frozen=True)
class Program:
    """A graph, its roots and what it assumes. Values are those of a fresh simulation for each output.

    `reads`: columns given that each output's formulas read. `variables`: what is known of the variables named.
    """

    version: str
    facts: Facts
    roots: Mapping[Asked, Node]
    entities: Mapping[Asked, str]
    reads: Mapping[Asked, frozenset[Column]]
    variables: Mapping[str, Variable]
    origins: Mapping[int, Origin] = field(default_factory=dict)
    results: Mapping[tuple[str, str], Node] = field(default_factory=dict)

    def nodes(self) -> list[Node]:
        """The nodes that the outputs depend on, operands first."""
        return reachable(self.roots.values())

    def inputs(self) -> list[tuple[InputKey, str]]:
        """The columns of the data that the outputs depend on, with their entity."""
        return [(n.attr, n.entity) for n in self.nodes() if n.op == "input"]

    def bound(self, block: Block) -> dict[InputKey, NDArray[Any]]:
        """The columns of a block that the program reads, in the engine's types. Raises InvalidInput."""
        columns: dict[InputKey, NDArray[Any]] = {}
        for key, _entity in self.inputs():
            natural = block.columns.get((key.variable, key.period))
            if natural is None:
                raise InvalidInput(
                    f"La colonne « {key.variable}@{key.period} » manque : le programme est fait pour d'autres données.",
                    column=key.variable,
                )
            columns[key] = checked(key, engine_values(self.variables[key.variable], natural))
        return columns

    def run_reference(self, block: Block) -> dict[Asked, NDArray[Any]]:
        """Every output over a block, by the definition: slow, for tests."""
        structure = Structure.of(block)
        return self._by_output(reference.computed(self.roots.values(), structure, self.bound(block)), structure)

    @cached_property
    def machine(self) -> Machine:
        """The program for the native machine. Raises Unavailable where it cannot run."""
        return Machine.of(list(self.roots.values()))

    def run_native(
        self, block: Block, *, households: int = HOUSEHOLDS, threads: int = 1
    ) -> dict[Asked, NDArray[Any]]:
        """Every output over a block, by the native machine. Raises Unavailable where it cannot run."""
        structure = Structure.of(block)
        layout = laid_out(block, structure, households)
        return self._by_output(self.machine.run(layout, self.bound(block), threads), structure)

    def _by_output(self, values: Mapping[int, NDArray[Any]], structure: Structure) -> dict[Asked, NDArray[Any]]:
        found = {}
        for asked, node in self.roots.items():
            array = np.array([node.value], dtype=node.dtype) if node.is_const else values[node.id]
            found[asked] = np.ascontiguousarray(np.broadcast_to(array, (structure.count(self.entities[asked]),)))
        return found


def checked(key: InputKey, values: NDArray[Any]) -> NDArray[Any]:
    """The column, once it is sure that the program's rules hold for it: finite, not huge. Raises InvalidInput."""
    if values.dtype.kind == "f" and len(values):
        largest = np.abs(values).max()
        if not largest <= MAX_INPUT:
            raise InvalidInput(
                f"« {key.variable}@{key.period} » contient un nombre infini, absent ou plus grand que mille milliards.",
                column=key.variable,
            )
    return values


