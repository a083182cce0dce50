"""The back-end that is always there: the schedule run with numpy, block of households after block of households.

Each step is one call of numpy that writes into a register of the thread, so that nothing is allocated as blocks go by.
Steps are prepared once a program; what is left for each is a call. Results are those of the reference, bit for bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.backends import numpy_steps as steps
from allervers.engine.backends.assembly import STEP, Code, Slot
from allervers.engine.backends.numpy_frame import ALIGNMENT, Array, Frame, Shared, View, raw
from allervers.engine.backends.numpy_steps import FRAME, MOVES, UFUNCS, WORK, Step
from allervers.engine.backends.words import Words
from allervers.engine.block import ENTITIES
from allervers.engine.layout import Layout
from allervers.engine.node import Node
from allervers.engine.ops import TEXT, IllFormed, InputKey
from allervers.engine.schedule import FIXED, Schedule, scheduled, width_of
from allervers.engine.texts import TextFunction

HOUSEHOLDS = 4096
"""Households of a block: enough for the work of a call to hide its price, few enough for the cache (measured)."""

_F8 = np.dtype(np.float64)


@dataclass(frozen=True)
class NumpyBlocks:
    """A program's outputs ready to be computed. `constants`: operands without rows; `fixed`: operands that are columns
    of the structure, with the node; `picked`, `held`: what the steps read of the structure."""

    code: Code
    steps: tuple[Step, ...]
    operands: int
    views: Mapping[int, View]
    constants: Mapping[int, Array]
    fixed: Mapping[int, Node]
    picked: frozenset[tuple[str, str | int]]
    held: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, roots: Sequence[Node]) -> NumpyBlocks:
        """The machine of these outputs. Raises IllFormed for a conversion to or from texts."""
        return _Preparation(scheduled(roots)).done()

    def memory(self, rows: Mapping[str, int]) -> int:
        """Bytes of the registers of one thread, for blocks of these numbers of rows at most (Layout.capacity)."""
        return sum(_padded(rows[entity] * width) for entity, width in self._registers().values())

    def run(self, layout: Layout, columns: Mapping[InputKey, NDArray[Any]], threads: int = 1) -> dict[int, Array]:
        """The outputs by number of node, in the order of the population. Raises StaleProgram.

        `threads` share the blocks. On two busy cores two of them gained nothing: calls are short, and most of their
        time is spent with Python's lock held. Processes, each with a part of the households, are what goes faster.
        """
        words = Words(self.code.words, self.code.inputs, columns)
        shared = self._shared(layout, columns, words)
        threads = max(1, min(threads, layout.blocks))
        if threads == 1:
            self._work(shared, 0, 1)
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(lambda t: self._work(shared, t, threads), range(threads)))
        return {
            slot.node: words.decoded(values) if slot.is_text else values
            for slot, values in zip(self.code.outputs, shared.outputs, strict=True)
        }

    def _shared(self, layout: Layout, columns: Mapping[InputKey, NDArray[Any]], words: Words) -> Shared:
        structure, persons = layout.structure, layout.order["individu"]
        given = [_given(slot, columns, words) for slot in self.code.inputs]
        outputs = [
            np.empty(structure.count(s.entity), dtype=np.int64 if s.is_text else s.dtype) for s in self.code.outputs
        ]
        tables = [words.table(t) for t in self.code.tables if isinstance(t, TextFunction)]
        fixed = {position: _fixed_column(node, layout) for position, node in self.fixed.items()}
        held = {(g, r): structure.groups[g].has_role(r)[persons] for g, r in self.held}
        picked = {
            (g, who): layout.persons(
                structure.groups[g].nth(who) if isinstance(who, int) else structure.groups[g].of_role(who), g
            )
            for g, who in self.picked
        }
        return Shared(layout, given, outputs, tables, fixed, held, picked)

    def _work(self, shared: Shared, first: int, stride: int) -> None:
        """Run blocks first, first + stride, ..."""
        frame = self._frame(shared)
        views, program = frame.views, self.steps
        with np.errstate(all="ignore"):
            for block in range(first, shared.layout.blocks, stride):
                frame.enter(block)
                for function, a, b, c, d in program:
                    if c:
                        function(views[a], views[b], views[c], views[d])
                    elif b:
                        function(views[a], views[b], views[d])
                    else:
                        function(views[a], views[d])

    def _registers(self) -> dict[int, tuple[str, int]]:
        """Entity and width of each register."""
        return {view.number: (view.entity, view.dtype.itemsize) for view in self.views.values()}

    def _frame(self, shared: Shared) -> Frame:
        """The registers of a thread, in one piece of memory."""
        capacity = shared.layout.capacity()
        registers = self._registers()
        memory = np.empty(self.memory(capacity) + ALIGNMENT, dtype=np.uint8)
        low = -memory.ctypes.data % ALIGNMENT
        place: dict[int, NDArray[np.uint8]] = {}
        for number, (entity, width) in registers.items():
            place[number] = memory[low : low + capacity[entity] * width]
            low += _padded(capacity[entity] * width)
        whole: dict[str, list[tuple[int, Array]]] = {entity: [] for entity in ENTITIES}
        for position, view in self.views.items():
            array = place[view.number].view(view.dtype)
            if view.fill is not None:
                array[...] = view.fill
            whole[view.entity].append((position, array))
        views: list[Any] = [None] * self.operands
        for position, constant in self.constants.items():
            views[position] = constant
        frame = Frame(shared, views, whole)
        views[FRAME] = frame
        return frame


class _Preparation:
    """Makes the steps of one schedule: each operand gets its position among the views of a frame."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.count = FRAME + 1
        self.registers = len(schedule.registers)
        self.position: dict[Any, int] = {}
        self.views: dict[int, View] = {}
        self.constants: dict[int, Array] = {}
        self.fixed: dict[int, Node] = {}
        self.words: dict[str, int] = {}
        self.inputs: list[Slot] = []
        self.outputs: list[Slot] = []
        self.tables: list[TextFunction] = []
        self.picked: set[tuple[str, str | int]] = set()
        self.held: set[tuple[str, str]] = set()
        self.steps: list[Step] = []

    def done(self) -> NumpyBlocks:
        for node in self.schedule.order:
            if node.op in FIXED:
                self.fixed[self._result(node)] = node
            else:
                self.steps.append(self._step(node))
            if node.id in self.schedule.outputs:
                self.outputs.append(Slot(node.id, node.entity, node.dtype.str))
                here = self._result(node, raw(node.dtype) if node.dtype == TEXT else node.dtype)
                self.steps.append((steps.store(len(self.outputs) - 1, node.entity), here, here, FRAME, here))
        code = Code(np.zeros(0, STEP), (), self.schedule.registers, tuple(self.inputs), tuple(self.outputs),
                    tuple(self.tables), (), tuple(self.words), (), {}, ())  # fmt: skip
        return NumpyBlocks(code, tuple(self.steps), self.count, self.views, self.constants, self.fixed,
                           frozenset(self.picked), frozenset(self.held))  # fmt: skip

    # --- positions of operands ---

    def _new(self, key: Any) -> int:
        self.position[key] = self.count
        self.count += 1
        return self.count - 1

    def _view(self, key: Any, view: View) -> int:
        found = self.position.get(key)
        if found is None:
            found = self._new(key)
            self.views[found] = view
        return found

    def _result(self, node: Node, dtype: np.dtype[Any] | None = None) -> int:
        """Where a node is written; read as `dtype`, its own by default."""
        register = self.schedule.register[node.id]
        if node.op in FIXED:
            return self.position.get(("fixed", register)) or self._new(("fixed", register))
        dtype = dtype or (raw(node.dtype) if node.dtype == TEXT else node.dtype)
        return self._view((register, dtype), View(register, node.entity, dtype))

    def _constant(self, node: Node) -> Array:
        if node.dtype == TEXT:
            return np.array(self._word(node.value), dtype=np.int64)
        return np.array(node.value, dtype=node.dtype)

    def _word(self, text: Any) -> int:
        word = text.decode() if isinstance(text, bytes) else str(text)
        return self.words.setdefault(word, len(self.words))

    def _operand(self, node: Node, *, moved: bool = False) -> int:
        """A register, or a constant without rows. `moved`: dates are read as 64-bit numbers."""
        if not node.is_const:
            return self._result(node, raw(node.dtype) if moved else None)
        value = self._constant(node)
        return self._placed(value.view(raw(value.dtype)) if moved else value)

    def _placed(self, value: Array) -> int:
        key = ("constant", value.dtype, value.tobytes())
        found = self.position.get(key)
        if found is None:
            found = self._new(key)
            self.constants[found] = value
        return found

    def _column(self, node: Node, entity: str, *, moved: bool = False) -> int:
        """A register; a constant is repeated for every row of `entity`."""
        if not node.is_const:
            return self._operand(node, moved=moved)
        value = self._constant(node)
        return self._filled(entity, value.view(raw(value.dtype)) if moved else value)

    def _filled(self, entity: str, value: Array) -> int:
        key = ("filled", entity, value.dtype, value.tobytes())
        return self._work(key, entity, value.dtype, value)

    def _work(self, key: Any, entity: str, dtype: np.dtype[Any], fill: Array | None = None) -> int:
        if key not in self.position:
            self.registers += 1
        return self._view(key, View(self.registers - 1, entity, dtype, fill))

    def _scale_work(self, entity: str) -> list[int]:
        columns = [self._work(("work", entity, i), entity, _F8) for i in range(WORK - 1)]
        return [*columns, self._filled(entity, np.zeros(()))]

    # --- steps ---

    def _step(self, node: Node) -> Step:
        op, args = node.op, node.args
        out = self._result(node, raw(node.dtype) if op in MOVES else None)
        if op in UFUNCS:
            # Two columns are compared several values at a time by numpy; a column and a constant are not.
            read = self._operand if op not in ("min", "max") else lambda n: self._column(n, node.entity)
            return UFUNCS[op], read(args[0]), read(args[1]) if len(args) == 2 else 0, 0, out
        if op == "input":
            self.inputs.append(Slot(node.id, node.entity, node.dtype.str, node.attr))
            return steps.load(len(self.inputs) - 1, node.entity), out, out, FRAME, out
        if op == "where":
            return self._choice(node)
        if op in ("marginal", "bracket"):
            return self._scale(node, out)
        if op in ("cast", "round", "take", "text", "digitize", "busdays"):
            return self._function(node, out)
        return self._group(node, out)

    def _choice(self, node: Node) -> Step:
        condition, a, b = node.args
        test, width = self._column(condition, node.entity), width_of(node)
        out = self._result(node, raw(node.dtype))
        if width == 1 or not (self._is_zero(a) or self._is_zero(b)):
            return steps.where, test, self._operand(a, moved=True), self._operand(b, moved=True), out
        bits = np.dtype(f"i{width}")
        mask, out = self._work(("mask", node.entity, width), node.entity, bits), self._result(node, bits)
        if self._is_zero(b):
            return steps.kept, test, self._bits(a, bits), mask, out
        return steps.dropped, test, self._bits(b, bits), mask, out

    def _is_zero(self, node: Node) -> bool:
        """True for a constant whose bits are all zero."""
        return node.is_const and not any(self._constant(node).tobytes())

    def _bits(self, node: Node, dtype: np.dtype[Any]) -> int:
        return self._placed(self._constant(node).view(dtype)) if node.is_const else self._result(node, dtype)

    def _scale(self, node: Node, out: int) -> Step:
        base, factor = node.args
        value = factor.value if factor.is_const else None
        make = steps.marginal if node.op == "marginal" else steps.bracket
        function = make(node.attr, value, self._scale_work(node.entity))
        return function, self._operand(base), self._operand(factor), FRAME, out

    def _function(self, node: Node, out: int) -> Step:
        op, attr = node.op, node.attr
        first = node.args[0]
        if op == "busdays":
            return steps.busdays(attr), self._operand(first), self._operand(node.args[1]), 0, out
        if op == "cast":
            if TEXT in (first.dtype, node.dtype) and first.dtype != node.dtype:
                raise IllFormed("a text is converted by `text`")
            return steps.cast, self._operand(first), 0, 0, out
        a = self._column(first, node.entity)
        if op == "text":
            self.tables.append(attr)
            return steps.text(len(self.tables) - 1), a, a, FRAME, out
        if op == "take":
            return steps.take(np.ascontiguousarray(attr.values)), a, 0, 0, out
        return (steps.rounded(attr, node.dtype) if op == "round" else steps.digitize(attr)), a, 0, 0, out

    def _group(self, node: Node, out: int) -> Step:
        op, attr = node.op, node.attr
        default: Any = None
        source = attr if op == "project" and isinstance(attr, str) else attr[0] if op == "project" else "individu"
        a = b = self._column(node.args[0], source, moved=op in MOVES)
        if op in ("of_role", "nth"):
            self.picked.add((attr[0], attr[1]))
            default = self._word(attr[2]) if node.dtype == TEXT else _moved(attr[2], node.dtype)
        elif op == "sum" and attr[1] is not None:
            self.held.add((attr[0], attr[1]))
            b = self._work(("held", "individu"), "individu", _F8)
        return steps.group_step(op, attr, default), a, b, FRAME, out


def _given(slot: Slot, columns: Mapping[InputKey, NDArray[Any]], words: Words) -> Array:
    """A column of the data, as it is moved."""
    assert slot.key is not None
    if slot.is_text:
        return words.codes[slot.key]
    return np.ascontiguousarray(columns[slot.key], dtype=slot.dtype).view(raw(np.dtype(slot.dtype)))


def _moved(value: Any, dtype: np.dtype[Any]) -> Any:
    """A constant as the number that moves."""
    return np.array(value).astype(dtype).view(raw(dtype))[()]


def _fixed_column(node: Node, layout: Layout) -> tuple[str, Array]:
    """A node that is a column of the structure, in the order of the layout, with its entity."""
    group = node.attr if isinstance(node.attr, str) else node.attr[0]
    groups, order = layout.structure.groups[group], layout.order[node.entity]
    if node.op == "has_role":
        return node.entity, groups.has_role(node.attr[1])[order]
    return node.entity, (groups.position if node.op == "position" else groups.size)[order]


def _padded(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
