"""A program: the law specialised to the columns that the data have, ready to run on any population that has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allervers.engine.backends import reference
from allervers.engine.backends.assembly import Code
from allervers.engine.backends.library import library
from allervers.engine.backends.lowering import lowered
from allervers.engine.backends.native import Machine
from allervers.engine.block import Block, Column
from allervers.engine.errors import StaleProgram
from allervers.engine.facts import Facts, engine_values
from allervers.engine.layout import laid_out
from allervers.engine.limits import checked
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


class Output(NamedTuple):
    """Where an output is: its entity, the number of its node, its type, its value if it is a constant (in a tuple)."""

    entity: str
    node: int
    dtype: str
    constant: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Traced:
    """The graph of a program: roots of the outputs, origins of nodes, node of each (variable, period) computed."""

    roots: Mapping[Asked, Node]
    origins: Mapping[int, Origin] = field(default_factory=dict)
    results: Mapping[tuple[str, str], Node] = field(default_factory=dict)


Values = dict[Asked, NDArray[Any]]
ENGINES = ("native", "numpy", "reference")
"""Ways of running a program, the fastest first."""


@dataclass(frozen=True)
class Program:
    """What the outputs are, what is assumed of the data, and the graph (loaded when asked, for a stored program).

    Values are those of a fresh simulation for each output. `reads`: columns given that each output's formulas read.
    `variables`: what is known of the variables named.
    """

    version: str
    facts: Facts
    outputs: Mapping[Asked, Output]
    reads: Mapping[Asked, frozenset[Column]]
    variables: Mapping[str, Variable]
    load_graph: Callable[[], Traced]
    stored_code: Code | None = None

    @classmethod
    def of(
        cls,
        version: str,
        facts: Facts,
        traced: Traced,
        entities: Mapping[Asked, str],
        reads: Mapping[Asked, frozenset[Column]],
        variables: Mapping[str, Variable],
    ) -> Program:
        """The program of a graph."""
        outputs = {
            asked: Output(entities[asked], node.id, node.dtype.str, (node.value,) if node.is_const else ())
            for asked, node in traced.roots.items()
        }
        return cls(version, facts, outputs, reads, variables, lambda: traced)

    @cached_property
    def graph(self) -> Traced:
        """The graph."""
        return self.load_graph()

    @property
    def roots(self) -> Mapping[Asked, Node]:
        """The node of each output."""
        return self.graph.roots

    @property
    def origins(self) -> Mapping[int, Origin]:
        """Where nodes come from, by number."""
        return self.graph.origins

    @property
    def results(self) -> Mapping[tuple[str, str], Node]:
        """The node of each (variable, period) that every simulation computes alike."""
        return self.graph.results

    @property
    def entities(self) -> Mapping[Asked, str]:
        """The entity of each output."""
        return {asked: output.entity for asked, output in self.outputs.items()}

    def nodes(self) -> list[Node]:
        """The nodes that the outputs depend on, operands first."""
        return self._nodes

    @cached_property
    def _nodes(self) -> list[Node]:
        return reachable(self.roots.values())

    @cached_property
    def _inputs(self) -> list[tuple[InputKey, str]]:
        if self.stored_code is not None and not self.stored_code.hosted:
            return [(slot.key, slot.entity) for slot in self.stored_code.inputs if slot.key is not None]
        return [(n.attr, n.entity) for n in self.nodes() if n.op == "input"]

    @cached_property
    def code(self) -> Code:
        """What the native machine runs. Raises Unavailable where it cannot run."""
        return self.stored_code or lowered(list(self.roots.values()), library().kernels)

    @cached_property
    def machine(self) -> Machine:
        """The program for the native machine. Raises Unavailable where it cannot run."""
        return Machine(self.code, lambda: self._by_number)

    @cached_property
    def _by_number(self) -> dict[int, Node]:
        return {n.id: n for n in self.nodes()}

    @cached_property
    def numpy_blocks(self) -> Any:
        """The program for numpy."""
        from allervers.engine.backends.numpy_blocks import NumpyBlocks

        return NumpyBlocks.of(list(self.roots.values()))

    def inputs(self) -> list[tuple[InputKey, str]]:
        """The columns of the data that the outputs depend on, with their entity."""
        return self._inputs

    def bound(self, block: Block, *, may_be_wide: bool = False) -> dict[InputKey, NDArray[Any]]:
        """The columns of a block that the program reads, in the engine's types. Raises InvalidInput, StaleProgram.

        `may_be_wide`: 64-bit reals that the program reads in 32 bits are left as they are: the native machine converts
        and checks them.
        """
        columns: dict[InputKey, NDArray[Any]] = {}
        for key, _entity in self.inputs():
            natural = block.columns.get((key.variable, key.period))
            if natural is None:
                raise StaleProgram(f"la colonne « {key.variable}@{key.period} » manque")
            if may_be_wide and key.dtype == "<f4" and natural.dtype == np.float64:
                columns[key] = natural
                continue
            columns[key] = checked(key, engine_values(self.variables[key.variable], natural))
        return columns

    def run(self, block: Block, engine: str = "native", *, households: int | None = None, threads: int = 1) -> Values:
        """Every output over a block: natural rows of the engine's types. `engine`: one of ENGINES.

        Raises InvalidInput, StaleProgram, and Unavailable where the native machine cannot run.
        """
        structure = Structure.of(block)
        columns = self.bound(block, may_be_wide=engine == "native")
        if engine == "reference":
            return self._by_output(reference.computed(self.roots.values(), structure, columns), structure)
        if engine not in ENGINES:
            raise InvalidInput(f"« {engine} » n'est pas un moteur : choisissez parmi {', '.join(ENGINES)}.")
        runner = self.machine if engine == "native" else self.numpy_blocks
        layout = laid_out(block, structure, households or default_households(engine))
        return self._by_output(runner.run(layout, columns, threads), structure)

    def run_reference(self, block: Block) -> Values:
        """Every output over a block, by the definition: slow, for tests."""
        return self.run(block, "reference")

    def run_native(self, block: Block, *, households: int | None = None, threads: int = 1) -> Values:
        """Every output over a block, by the native machine."""
        return self.run(block, "native", households=households, threads=threads)

    def _by_output(self, values: Mapping[int, NDArray[Any]], structure: Structure) -> Values:
        found = {}
        for asked, output in self.outputs.items():
            array = np.array(output.constant, dtype=output.dtype) if output.constant else values[output.node]
            found[asked] = np.ascontiguousarray(np.broadcast_to(array, (structure.count(output.entity),)))
        return found


def default_households(engine: str) -> int:
    """Households of a block, by engine: what was measured best."""
    if engine == "native":
        from allervers.engine.backends.native import HOUSEHOLDS

        return HOUSEHOLDS
    from allervers.engine.backends.numpy_blocks import HOUSEHOLDS as NUMPY_HOUSEHOLDS

    return NUMPY_HOUSEHOLDS
