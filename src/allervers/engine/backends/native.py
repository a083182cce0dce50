"""The native machine: steps run by a small compiled library over blocks of households, on several threads.

The library is the same for every program; it is built once, by the C compiler of the machine, and kept. Where there is
no compiler `available` says so, and the numpy back-end answers.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.backends import reference
from allervers.engine.backends.assembly import Assembler, is_in_machine
from allervers.engine.backends.library import Library, library
from allervers.engine.block import ENTITIES, GROUPS
from allervers.engine.errors import StaleProgram
from allervers.engine.layout import Layout
from allervers.engine.node import Node, reachable
from allervers.engine.ops import TEXT, InputKey
from allervers.engine.schedule import FIXED, Schedule, scheduled, width_of
from allervers.engine.symbol_functions import text_value_or_none
from allervers.foundation.errors import Unavailable

HOUSEHOLDS = 256
"""Households of a block: its registers fit the second-level cache (measured, see docs/engine.md)."""

Columns = Mapping[InputKey, NDArray[Any]]


@dataclass(frozen=True)
class Machine:
    """A program's outputs ready for the native machine."""

    roots: tuple[Node, ...]
    hosted: tuple[Node, ...]
    """Nodes that numpy computes over the whole population first: what the machine has no kernel for."""

    @classmethod
    def of(cls, roots: Sequence[Node]) -> Machine:
        """The machine of these outputs. Raises Unavailable when the library cannot be had."""
        kernels = library().kernels
        hosted = [n for n in reachable(roots) if not n.is_const and n.op != "input" and n.op not in FIXED
                  and not is_in_machine(n, kernels)]  # fmt: skip
        return cls(tuple(dict.fromkeys(r for r in roots if not r.is_const)), tuple(hosted))

    @cached_property
    def schedule(self) -> Schedule:
        """The order of computation and the registers. Hosted nodes are as inputs: what they depend on is left out."""
        return scheduled(self.roots, frozenset(n.id for n in self.hosted))

    @cached_property
    def assembled(self) -> tuple[Assembler, NDArray[Any]]:
        """The steps, and what they refer to."""
        assembler = Assembler(self.schedule, library().kernels, frozenset(n.id for n in self.hosted))
        return assembler, assembler.assembled()

    def run(self, layout: Layout, columns: Columns, threads: int = 1) -> dict[int, NDArray[Any]]:
        """The outputs by number of node, in the order of the population."""
        return _Run(self, layout, columns).results(threads)


class _Run:
    """One run: the arrays that the library reads and writes are kept alive here."""

    def __init__(self, machine: Machine, layout: Layout, columns: Columns) -> None:
        self.machine = machine
        self.layout = layout
        self.assembler, self.steps = machine.assembled
        self.alive: list[Any] = []
        self.pool = _Words(self.assembler, columns)
        hosted = reference.computed(machine.hosted, layout.structure, columns) if machine.hosted else {}
        self.inputs = [self._input(n, columns, hosted) for n in self.assembler.inputs]
        self.outputs = {
            n.id: np.empty(layout.structure.count(n.entity), dtype=np.int64 if n.dtype == TEXT else n.dtype)
            for n in self.assembler.outputs
        }

    def results(self, threads: int) -> dict[int, NDArray[Any]]:
        loaded = library()
        run = self._description(loaded)
        blocks = self.layout.blocks
        threads = max(1, min(threads, blocks))
        if threads == 1:
            failed = [loaded.run(run, 0, 1)] if blocks else []
        else:
            with ThreadPoolExecutor(threads) as pool:
                failed = list(pool.map(lambda t: loaded.run(run, t, threads), range(threads)))
        if any(failed):
            raise Unavailable("La mémoire manque pour calculer : diminuez le nombre de ménages par bloc.")
        return {
            n.id: self.pool.decoded(self.outputs[n.id]) if n.dtype == TEXT else self.outputs[n.id]
            for n in self.assembler.outputs
        }

    def _input(self, node: Node, columns: Columns, hosted: Mapping[int, NDArray[Any]]) -> NDArray[Any]:
        if node.id in hosted:
            values = reference.rows(node, hosted[node.id], self.layout.structure.count(node.entity))
            return self.pool.encoded(values) if node.dtype == TEXT else np.ascontiguousarray(values)
        values = columns[node.attr]
        return self.pool.codes[node.attr] if node.dtype == TEXT else np.ascontiguousarray(values)

    # --- the description that the library reads ---

    def _kept(self, array: NDArray[Any]) -> int:
        self.alive.append(array)
        return int(array.ctypes.data)

    def _pointers(self, addresses: Sequence[int]) -> Any:
        array = (ctypes.c_void_p * max(1, len(addresses)))(*addresses)
        self.alive.append(array)
        return ctypes.cast(array, ctypes.c_void_p)

    def _description(self, loaded: Library) -> Any:
        layout, schedule = self.layout, self.machine.schedule
        capacity = layout.capacity()
        run = loaded.Run()
        run.blocks, run.registers, run.steps = layout.blocks, len(schedule.registers), len(self.steps)
        run.capacity = (ctypes.c_int32 * 4)(*(capacity[e] for e in ENTITIES))
        run.step = self._kept(self.steps)
        run.reg_rows = self._kept(np.array([ENTITIES.index(e) for e, _ in schedule.registers], dtype=np.int32))
        run.reg_width = self._kept(np.array([w for _, w in schedule.registers], dtype=np.int32))
        run.input = self._columns(loaded, self.assembler.inputs, self.inputs)
        run.output = self._columns(loaded, self.assembler.outputs, [self.outputs[n.id] for n in self.assembler.outputs])
        run.order = (ctypes.c_void_p * 4)(*(self._kept(layout.order[e]) for e in ENTITIES))
        run.block = self._blocks(loaded)
        run.table = self._tables(loaded)
        self._structure(run)
        fixed = self._fixed(loaded)
        run.fixed_count, run.fixed = len(fixed), ctypes.cast(fixed, ctypes.c_void_p)
        return run

    def _columns(self, loaded: Library, nodes: Sequence[Node], arrays: Sequence[NDArray[Any]]) -> Any:
        found = (loaded.Column * max(1, len(nodes)))()
        for position, (node, array) in enumerate(zip(nodes, arrays, strict=True)):
            found[position] = loaded.Column(width_of(node), ENTITIES.index(node.entity), self._kept(array))
        self.alive.append(found)
        return ctypes.cast(found, ctypes.c_void_p)

    def _blocks(self, loaded: Library) -> int:
        layout = self.layout
        table = np.zeros(layout.blocks, dtype=loaded.block_dtype)
        table["rows"], table["first"] = layout.rows, layout.first
        table["aligned"], table["places"] = layout.aligned, layout.places
        table["start"] = self._kept(layout.start) + layout.start_of.astype(np.int64) * 4
        return self._kept(table)

    def _tables(self, loaded: Library) -> int:
        arrays = [self.pool.table(t) if isinstance(t, Node) else np.ascontiguousarray(t) for t in self.assembler.tables]
        found = np.zeros(max(1, len(arrays)), dtype=loaded.table_dtype)
        for position, array in enumerate(arrays):
            found[position] = (self._kept(array), len(array))
        return self._kept(found)

    def _structure(self, run: Any) -> None:
        layout = self.layout
        needed = {n.attr[0]: 0 for n in self.machine.schedule.order if n.op == "nth"}
        for node in self.machine.schedule.order:
            if node.op == "nth":
                needed[node.attr[0]] = max(needed[node.attr[0]], node.attr[1] + 1)
            elif node.op == "rank":
                needed[node.attr] = layout.structure.groups[node.attr].largest
        for k, group in enumerate(GROUPS):
            groups = layout.structure.groups[group]
            run.structure.group[k] = self._kept(layout.group[group])
            nth = [self._kept(layout.persons(groups.nth(place), group)) for place in range(needed.get(group, 0))]
            run.structure.nth[k] = self._pointers(nth).value or 0
            run.structure.places[k] = len(nth)
        holders, held = [], []
        for group, role in self.assembler.roles:
            groups = layout.structure.groups[group]
            holders.append(self._kept(layout.persons(groups.of_role(role), group)) if self._asks("of_role", group, role) else 0)
            held.append(self._kept(groups.has_role(role)[layout.order["individu"]].view(np.uint8)))
        run.structure.holder = self._pointers(holders)
        run.structure.held = self._pointers(held)

    def _asks(self, op: str, group: str, role: str) -> bool:
        return any(n.op == op and n.attr[:2] == (group, role) for n in self.machine.schedule.order)

    def _fixed(self, loaded: Library) -> Any:
        layout = self.layout
        nodes = [n for n in self.machine.schedule.order if n.op in FIXED]
        found = (loaded.Fixed * max(1, len(nodes)))()
        for position, node in enumerate(nodes):
            group = node.attr if isinstance(node.attr, str) else node.attr[0]
            groups = layout.structure.groups[group]
            if node.op == "has_role":
                array = groups.has_role(node.attr[1])[layout.order["individu"]].view(np.uint8)
            elif node.op == "position":
                array = groups.position[layout.order["individu"]]
            else:
                array = groups.size[layout.order[group]]
            found[position] = loaded.Fixed(
                self.machine.schedule.register[node.id], node.dtype.itemsize, self._kept(np.ascontiguousarray(array))
            )
        self.alive.append(found)
        return found if nodes else (loaded.Fixed * 0)()


class _Words:
    """The texts of a run as numbers: those of the program first, then those of the data."""

    def __init__(self, assembler: Assembler, columns: Columns) -> None:
        self.words = dict(assembler.words)
        self.codes = {
            node.attr: self.encoded(columns[node.attr])
            for node in assembler.inputs
            if node.op == "input" and node.dtype == TEXT
        }

    def encoded(self, texts: NDArray[Any]) -> NDArray[np.int64]:
        words = self.words
        return np.array([words.setdefault(str(t), len(words)) for t in texts.tolist()], dtype=np.int64)

    def decoded(self, codes: NDArray[np.int64]) -> NDArray[Any]:
        return np.array([*self.words, ""], dtype=object)[codes]

    def table(self, node: Node) -> NDArray[Any]:
        """The values of a text function for every word. Raises StaleProgram for a text that its formula was not asked."""
        read = {w for key in _texts_read(node) for w in np.unique(self.codes[key]).tolist()} if self.codes else set()
        values = []
        for number, word in enumerate(self.words):
            known = text_value_or_none(node.attr, word)
            if known is None and number in read:
                raise StaleProgram("un texte (une commune, par exemple) n'y était pas prévu")
            values.append(0 if known is None else known)
        return np.array(values or [0], dtype=node.attr.dtype)


def _texts_read(node: Node) -> set[InputKey]:
    return {n.attr for n in reachable(node.args) if n.op == "input" and n.dtype == TEXT}
