"""The native machine: steps run by a small compiled library over blocks of households, on several threads.

The library is the same for every program; it is built once, by the C compiler of the machine, and kept. Where there is
no compiler `library.available` says so, and the numpy back-end answers.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.backends import reference
from allervers.engine.backends.assembly import Code, Slot
from allervers.engine.backends.library import Library, library
from allervers.engine.backends.lowering import lowered
from allervers.engine.backends.words import Words
from allervers.engine.block import ENTITIES, GROUPS
from allervers.engine.layout import Layout
from allervers.engine.limits import MAX_INPUT, checked
from allervers.engine.node import Node, reachable
from allervers.engine.ops import TEXT, InputKey
from allervers.engine.texts import TextFunction
from allervers.foundation.errors import Unavailable

HOUSEHOLDS = 384
"""Households of a block: its registers fit the second-level cache (measured, see docs/engine.md)."""

Columns = Mapping[InputKey, NDArray[Any]]
_KEPT = 100
"""Lists of words whose tables are kept."""


@dataclass(frozen=True)
class Machine:
    """A program's outputs ready for the native machine. `nodes` gives hosted nodes by number, where there are any."""

    code: Code
    nodes: Callable[[], Mapping[int, Node]]

    @classmethod
    def of(cls, roots: Sequence[Node]) -> Machine:
        """The machine of these outputs. Raises Unavailable when the library cannot be had."""
        code = lowered(roots, library().kernels)
        return cls(code, lambda: {n.id: n for n in reachable(roots)})

    @cached_property
    def steps(self) -> NDArray[Any]:
        """The steps, kernels numbered as the library of this machine does."""
        numbers = np.array([library().kernels[name] for name in self.code.kernels] or [0], dtype=np.int32)
        steps = self.code.steps.copy()
        is_kernel = steps["kernel"] >= 0
        steps["kernel"][is_kernel] = numbers[steps["kernel"][is_kernel]]
        return steps

    @cached_property
    def text_tables(self) -> dict[tuple[str, ...], list[NDArray[Any]]]:
        """The tables of text functions, by words of the data: the words of a living service are few."""
        return {}

    def run(self, layout: Layout, columns: Columns, threads: int = 1) -> dict[int, NDArray[Any]]:
        """The outputs by number of node, in the order of the population. Raises StaleProgram, Unavailable."""
        return Run(self, layout, columns).results(threads)


class Run:
    """One run: the arrays that the library reads and writes are kept alive here.

    A column of 64-bit reals that the program reads in 32 bits is converted, and checked, while it is laid out.
    """

    def __init__(self, machine: Machine, layout: Layout, columns: Columns) -> None:
        self.machine = machine
        self.code = machine.code
        self.layout = layout
        self.alive: list[Any] = []
        self.words = Words(self.code.words, self.code.inputs, columns)
        hosted: Mapping[int, NDArray[Any]] = {}
        if self.code.hosted:
            nodes = machine.nodes()
            typed = {key: _narrow(key, columns[key]) for key in self._read_by([nodes[i] for i in self.code.hosted])}
            hosted = reference.computed([nodes[i] for i in self.code.hosted], layout.structure, typed)
        self.inputs = [self._input(slot, columns, hosted) for slot in self.code.inputs]
        self.outputs = [
            np.empty(layout.structure.count(slot.entity), dtype=np.int64 if slot.is_text else slot.dtype)
            for slot in self.code.outputs
        ]

    def results(self, threads: int) -> dict[int, NDArray[Any]]:
        """The value of each output, by the number of its node. Raises Unavailable when memory lacks."""
        loaded = library()
        run = self.description(loaded)
        blocks = self.layout.blocks
        threads = max(1, min(threads, blocks))
        if threads == 1:
            failed = [loaded.run(run, 0, 1)] if blocks else []
        else:
            with ThreadPoolExecutor(threads) as pool:
                failed = list(pool.map(lambda t: loaded.run(run, t, threads), range(threads)))
        if 2 in failed:
            for slot, values in zip(self.code.inputs, self.inputs, strict=True):
                if slot.key is not None and values.dtype != slot.dtype:
                    checked(slot.key, values)
        if any(failed):
            raise Unavailable("La mémoire manque pour calculer : diminuez le nombre de ménages par bloc.")
        return {
            slot.node: self.words.decoded(values) if slot.is_text else values
            for slot, values in zip(self.code.outputs, self.outputs, strict=True)
        }

    @staticmethod
    def _read_by(nodes: Sequence[Node]) -> list[InputKey]:
        return [node.attr for node in reachable(nodes) if node.op == "input"]

    def _input(self, slot: Slot, columns: Columns, hosted: Mapping[int, NDArray[Any]]) -> NDArray[Any]:
        if slot.key is None:
            values = np.broadcast_to(hosted[slot.node], (self.layout.structure.count(slot.entity),))
            return self.words.encoded(values) if slot.is_text else np.ascontiguousarray(values)
        return self.words.codes[slot.key] if slot.is_text else np.ascontiguousarray(columns[slot.key])

    # --- the description that the library reads ---

    def _kept(self, array: NDArray[Any]) -> int:
        self.alive.append(array)
        return int(array.ctypes.data)

    def _pointers(self, addresses: Sequence[int]) -> int:
        return self._kept(np.array(addresses or [0], dtype=np.uint64))

    def description(self, loaded: Library) -> Any:
        """What the library reads: pointers to the arrays of this run, which must outlive it."""
        layout, code = self.layout, self.code
        capacity = layout.capacity()
        run = loaded.Run()
        run.blocks, run.registers, run.steps = layout.blocks, len(code.registers), len(code.steps)
        run.capacity = (ctypes.c_int32 * 4)(*(capacity[e] for e in ENTITIES))
        run.step = self._kept(self.machine.steps)
        run.reg_rows = self._kept(np.array([ENTITIES.index(e) for e, _ in code.registers] or [0], dtype=np.int32))
        run.reg_width = self._kept(np.array([w for _, w in code.registers] or [0], dtype=np.int32))
        run.input = self._columns(loaded, code.inputs, self.inputs)
        run.output = self._columns(loaded, code.outputs, self.outputs)
        run.order = (ctypes.c_void_p * 4)(*(self._kept(layout.order[e]) for e in ENTITIES))
        run.block = self._blocks(loaded)
        run.table = self._tables(loaded)
        self._structure(run)
        self._fixed(loaded, run)
        return run

    def _columns(self, loaded: Library, slots: Sequence[Slot], arrays: Sequence[NDArray[Any]]) -> int:
        found = np.zeros(max(1, len(slots)), dtype=loaded.column_dtype)
        for position, (slot, array) in enumerate(zip(slots, arrays, strict=True)):
            is_wide = slot.dtype == "<f4" and array.dtype == np.float64
            width = 4 if is_wide else array.dtype.itemsize
            found[position] = (width, ENTITIES.index(slot.entity), MAX_INPUT, self._kept(array), is_wide, 0)
        return self._kept(found)

    def _blocks(self, loaded: Library) -> int:
        layout = self.layout
        table = np.zeros(max(1, layout.blocks), dtype=loaded.block_dtype)
        if layout.blocks:
            table["rows"], table["first"] = layout.rows, layout.first
            table["aligned"], table["places"] = layout.aligned, layout.places
            table["start"] = self._kept(layout.start) + layout.start_of.astype(np.int64) * 4
        return self._kept(table)

    def _tables(self, loaded: Library) -> int:
        found = np.zeros(max(1, len(self.code.tables)), dtype=loaded.table_dtype)
        words = tuple(self.words.words)
        arrays = self.machine.text_tables.get(words)
        if arrays is None:
            arrays = [
                self.words.table(table) if isinstance(table, TextFunction) else np.ascontiguousarray(table)
                for table in self.code.tables
            ]
            if len(self.machine.text_tables) < _KEPT:
                self.machine.text_tables[words] = arrays
        for position, array in enumerate(arrays):
            found[position] = (self._kept(array), len(array))
        return self._kept(found)

    def _structure(self, run: Any) -> None:
        layout = self.layout
        for k, group in enumerate(GROUPS):
            groups = layout.structure.groups[group]
            asked = self.code.places.get(group, 0)
            places = groups.largest if asked < 0 else asked
            run.structure.group[k] = self._kept(layout.group[group])
            run.structure.nth[k] = self._pointers(
                [self._kept(layout.persons(groups.nth(place), group)) for place in range(places)]
            )
            run.structure.places[k] = places
        holders, held = [], []
        for group, role in self.code.roles:
            groups = layout.structure.groups[group]
            holders.append(self._kept(layout.persons(groups.of_role(role), group)) if _is_unique(group, role) else 0)
            held.append(self._kept(groups.has_role(role)[layout.order["individu"]].view(np.uint8)))
        run.structure.holder = self._pointers(holders)
        run.structure.held = self._pointers(held)

    def _fixed(self, loaded: Library, run: Any) -> None:
        layout = self.layout
        found = np.zeros(max(1, len(self.code.fixed)), dtype=loaded.fixed_dtype)
        for position, fixed in enumerate(self.code.fixed):
            groups = layout.structure.groups[fixed.group]
            array: NDArray[Any]
            if fixed.op == "has_role":
                array = groups.has_role(fixed.role)[layout.order["individu"]].view(np.uint8)
            elif fixed.op == "position":
                array = groups.position[layout.order["individu"]]
            else:
                array = groups.size[layout.order[fixed.group]]
            found[position] = (fixed.register, fixed.width, self._kept(np.ascontiguousarray(array)))
        run.fixed_count, run.fixed = len(self.code.fixed), self._kept(found)


def _narrow(key: InputKey, values: NDArray[Any]) -> NDArray[Any]:
    """The column in the type that the program reads."""
    return values if values.dtype in (np.dtype(key.dtype), TEXT) else checked(key, values).astype(key.dtype)


_SHARED_ROLES = {
    ("famille", "enfant"),
    ("foyer_fiscal", "personne_a_charge"),
    ("menage", "enfant"),
    ("menage", "autre"),
}


def _is_unique(group: str, role: str) -> bool:
    """True for a role that one person at most holds: the others are never read as one person."""
    return (group, role) not in _SHARED_ROLES
