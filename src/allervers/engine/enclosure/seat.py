"""Some nodes of a graph seated on households: columns written in place, run again and again at little cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allervers.engine.backends import native, reference
from allervers.engine.backends.library import library
from allervers.engine.block import Block
from allervers.engine.layout import Layout, laid_out
from allervers.engine.node import Node, reachable
from allervers.engine.ops import InputKey
from allervers.engine.structure import Structure
from allervers.foundation.errors import Unavailable

Arrays = dict[Any, NDArray[Any]]
Columns = Mapping[InputKey, NDArray[Any]]


class Households:
    """Where values lie: the structure of a block and its layout for the machine."""

    def __init__(self, block: Block) -> None:
        self.structure = Structure.of(block)
        self.layout: Layout = laid_out(block, self.structure, native.HOUSEHOLDS)

    def count(self, entity: str) -> int:
        """Number of rows of an entity."""
        return self.structure.count(entity)


class Runner:
    """Some nodes of a graph, run by the native machine where there is one, else by the reference."""

    def __init__(self, roots: Mapping[Any, Node]) -> None:
        self.roots = roots
        self.nodes = list({node.id: node for node in roots.values() if not node.is_const}.values())
        self.reads: dict[InputKey, str] = {n.attr: n.entity for n in reachable(self.nodes) if n.op == "input"}
        try:
            self.machine: native.Machine | None = native.Machine.of(self.nodes) if self.nodes else None
        except Unavailable:
            self.machine = None

    def run(self, households: Households, columns: Columns) -> Arrays:
        """The value of each root, once; a constant has one row."""
        return Seat(self, households, columns).run()


class Place(NamedTuple):
    """Where a column lies: the buffer of its type, its rows there."""

    dtype: str
    rows: slice


def together(columns: Columns) -> tuple[dict[str, NDArray[Any]], dict[InputKey, Place]]:
    """Columns copied one after the other, a buffer by type, so that many cells are written at once."""
    by_type: defaultdict[str, list[InputKey]] = defaultdict(list)
    for key, column in columns.items():
        by_type[column.dtype.str].append(key)
    places: dict[InputKey, Place] = {}
    for dtype, keys in by_type.items():
        ends = np.cumsum([len(columns[key]) for key in keys]).tolist()
        starts = [0, *ends[:-1]]
        places |= {k: Place(dtype, slice(a, b)) for k, a, b in zip(keys, starts, ends, strict=True)}
    return {dtype: np.concatenate([columns[key] for key in keys]) for dtype, keys in by_type.items()}, places


class Seat:
    """A runner on households. `columns[key]` may be written in place between two runs, never replaced; `buffers` hold
    them, each in its place."""

    def __init__(self, runner: Runner, households: Households, columns: Columns) -> None:
        self.runner = runner
        self.households = households
        self.buffers, self.places = together({key: columns[key] for key in runner.reads})
        self.columns = {key: self.buffers[place.dtype][place.rows] for key, place in self.places.items()}
        self._run: Any = None
        if runner.machine is not None:
            # Pointers are laid out once: that is most of what a run of one household costs.
            self._run = native.Run(runner.machine, households.layout, self.columns)
            self._description = self._run.description(library())

    def run(self) -> Arrays:
        """The value of each root, good until the next run. Raises Unavailable when memory lacks."""
        if self._run is None:
            values: Mapping[int, NDArray[Any]] = reference.computed(
                self.runner.nodes, self.households.structure, self.columns
            )
        else:
            if self.households.layout.blocks and library().run(self._description, 0, 1):
                raise Unavailable("La mémoire manque pour calculer : diminuez le nombre de ménages par bloc.")
            slots = zip(self._run.code.outputs, self._run.outputs, strict=True)
            values = {slot.node: array for slot, array in slots}
        return {
            key: np.array([node.value], dtype=node.dtype) if node.is_const else values[node.id]
            for key, node in self.runner.roots.items()
        }
