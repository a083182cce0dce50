"""From a schedule to the steps of the native machine: names of kernels, registers, constants, tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import ENTITIES, GROUPS
from allervers.engine.node import Node
from allervers.engine.ops import TEXT, InputKey, Scale
from allervers.engine.schedule import FIXED, Schedule, width_of
from allervers.engine.texts import TextFunction

STEP = np.dtype([(n, "<i4") for n in ("kernel", "rows", "d", "a", "b", "c", "k", "k2")] + [("x", "<f8"), ("y", "<f8")])
LOAD, STORE = -1, -2
_MIRROR = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq", "ne": "ne"}
_BINARY = {"bitand", "bitor", "add", "sub", "mul", "div", "floordiv", "mod", "min", "max", "and", "or", "xor", *_MIRROR}
_UNARY = {"neg", "abs", "rint", "floor", "ceil", "trunc", "sqrt", "not", "isnan"}
_ENTITY = {entity: position for position, entity in enumerate(ENTITIES)}
_GROUP = {group: position for position, group in enumerate(GROUPS)}


class NotInMachine(Exception):
    """A node that the machine has no kernel for, though `is_in_machine` said so: a defect of ours."""


def code(dtype: np.dtype[Any]) -> str:
    """How kernels call a type: u1, i2, i4, i8, f4, f8. Dates and texts are 64-bit numbers."""
    if dtype == TEXT or dtype.kind in "mM":
        return "i8"
    return "u1" if dtype.kind == "b" else f"{dtype.kind}{dtype.itemsize}"


def as_bits(value: Any, dtype: np.dtype[Any]) -> float:
    """The bits of a value in the low bytes of a 64-bit real: how steps carry constants that are no plain real."""
    raw = np.asarray(value).astype(dtype).tobytes() if dtype.kind not in "mM" else np.asarray(value, dtype).tobytes()
    return float(np.frombuffer(raw.ljust(8, b"\0"), dtype="<f8")[0])


class Slot(NamedTuple):
    """A column that the machine reads or writes: number of the node, entity, dtype, column of the data (None: a node
    that numpy computed)."""

    node: int
    entity: str
    dtype: str
    key: InputKey | None = None

    @property
    def is_text(self) -> bool:
        """True for a column of texts."""
        return np.dtype(self.dtype) == TEXT


class Fixed(NamedTuple):
    """A register that is a column of the structure: has_role, position or size of a kind of groups."""

    register: int
    op: str
    group: str
    role: str
    width: int


@dataclass(frozen=True)
class Code:
    """What the native machine runs. A table is values, or a text function whose values are computed when data come.

    `kernels`: names of the kernels, by the numbers that the steps use. `places`: how
    many places of members each kind of groups is asked for (-1: all). `hosted`: nodes that numpy computes first."""

    steps: NDArray[Any]
    kernels: tuple[str, ...]
    registers: tuple[tuple[str, int], ...]
    inputs: tuple[Slot, ...]
    outputs: tuple[Slot, ...]
    tables: tuple[NDArray[Any] | TextFunction, ...]
    roles: tuple[tuple[str, str], ...]
    words: tuple[str, ...]
    fixed: tuple[Fixed, ...]
    places: Mapping[str, int]
    hosted: tuple[int, ...]

    def memory(self, rows: Mapping[str, int]) -> int:
        """Bytes of the registers for a block of these numbers of rows, one thread."""
        return sum(rows[entity] * width for entity, width in self.registers)


class Assembler:
    """Makes the code of one schedule. `hosted`: numbers of the nodes that numpy computes."""

    def __init__(self, schedule: Schedule, kernels: Mapping[str, int], hosted: frozenset[int] = frozenset()) -> None:
        self.schedule = schedule
        self.kernels = kernels
        self.hosted = hosted
        self.inputs: list[Slot] = []
        self.outputs: list[Slot] = []
        self.tables: list[NDArray[Any] | TextFunction] = []
        self.roles: list[tuple[str, str]] = []
        self.words: dict[str, int] = {}
        self.fixed: list[Fixed] = []
        self._steps: list[tuple[Any, ...]] = []
        self._texts: dict[int, int] = {}

    def code(self) -> Code:
        """The code."""
        for node in self.schedule.order:
            if node.op in FIXED:
                self._fix(node)
            elif node.op == "input" or node.id in self.hosted:
                key = node.attr if node.op == "input" else None
                self.inputs.append(Slot(node.id, node.entity, node.dtype.str, key))
                self._add(LOAD, node, k=len(self.inputs) - 1)
            else:
                self._compute(node)
            if node.id in self.schedule.outputs:
                self.outputs.append(Slot(node.id, node.entity, node.dtype.str))
                self._steps.append((STORE, _ENTITY[node.entity], 0, self._register(node), -1, -1,
                                    len(self.outputs) - 1, 0, 0.0, 0.0))  # fmt: skip
        steps = np.array(self._steps, dtype=STEP)
        used = np.unique(steps["kernel"][steps["kernel"] >= 0]).tolist()
        names = {number: name for name, number in self.kernels.items()}
        is_kernel = steps["kernel"] >= 0
        steps["kernel"][is_kernel] = np.searchsorted(used, steps["kernel"][is_kernel])
        return Code(
            steps,
            tuple(names[number] for number in used),
            self.schedule.registers,
            tuple(self.inputs),
            tuple(self.outputs),
            tuple(self.tables),
            tuple(self.roles),
            tuple(self.words),
            tuple(self.fixed),
            self._places(),
            tuple(sorted(self.hosted)),
        )

    def _fix(self, node: Node) -> None:
        group, role = node.attr if isinstance(node.attr, tuple) else (node.attr, "")
        self.fixed.append(Fixed(self._register(node), node.op, group, role, node.dtype.itemsize))

    def _places(self) -> dict[str, int]:
        places: dict[str, int] = {}
        for node in self.schedule.order:
            if node.op == "nth" and places.get(node.attr[0], 0) >= 0:
                places[node.attr[0]] = max(places.get(node.attr[0], 0), node.attr[1] + 1)
            elif node.op == "rank":
                places[node.attr] = -1
        return places

    def word(self, text: Any) -> int:
        """Number of a constant text."""
        word = text.decode() if isinstance(text, bytes) else str(text)
        return self.words.setdefault(word, len(self.words))

    def _register(self, node: Node) -> int:
        return self.schedule.register[node.id]

    def _add(
        self,
        kernel: str | int,
        node: Node,
        *,
        a: Node | None = None,
        b: Node | None = None,
        c: Node | None = None,
        k: int = 0,
        k2: int = 0,
        x: float = 0.0,
        y: float = 0.0,
    ) -> None:
        number = kernel if isinstance(kernel, int) else self.kernels.get(kernel)
        if number is None:
            raise NotInMachine(kernel)
        registers = (-1 if n is None or n.is_const else self._register(n) for n in (a, b, c))
        self._steps.append((number, _ENTITY[node.entity], self._register(node), *registers, k, k2, x, y))

    def _table(self, values: NDArray[Any] | TextFunction) -> int:
        # A function of texts is one object, however many nodes read it.
        if isinstance(values, TextFunction) and id(values) in self._texts:
            return self._texts[id(values)]
        self.tables.append(values)
        self._texts[id(values)] = len(self.tables) - 1
        return len(self.tables) - 1

    def _role(self, group: str, role: str) -> int:
        if (group, role) not in self.roles:
            self.roles.append((group, role))
        return self.roles.index((group, role))

    def _constant(self, node: Node) -> tuple[float, float]:
        """A constant as a real and as bits (whole numbers are read from the bits of 64)."""
        if node.dtype == TEXT:
            return 0.0, as_bits(self.word(node.value), np.dtype("<i8"))
        if node.dtype.kind == "f":
            return float(node.value), 0.0
        number = node.value.astype("<i8") if node.dtype.kind in "mM" else int(node.value)
        return 0.0, as_bits(number, np.dtype("<i8"))

    def _bits(self, node: Node) -> float:
        if node.dtype == TEXT:
            return as_bits(self.word(node.value), np.dtype("<i8"))
        return as_bits(node.value, node.dtype)

    def _compute(self, node: Node) -> None:
        op = node.op
        if op in _BINARY or op in ("date_add", "date_sub"):
            self._binary(node, {"date_add": "add", "date_sub": "sub"}.get(op, op))
        elif op in _UNARY:
            self._add(f"{op}_{code(node.args[0].dtype)}", node, a=node.args[0])
        elif op == "round":
            power = 10.0 ** abs(node.attr)
            self._add(f"round_{code(node.dtype)}", node, a=node.args[0], k2=node.attr, x=power)
        elif op == "where":
            self._where(node)
        elif op == "cast":
            self._add(cast_kernel(node), node, a=node.args[0])
        elif op == "take":
            self._add(f"take_w{width_of(node)}", node, a=node.args[0], k=self._table(node.attr.values))
        elif op == "text":
            self._add(f"take_w{width_of(node)}", node, a=node.args[0], k=self._table(node.attr))
        elif op in ("marginal", "bracket", "digitize"):
            self._scale(node)
        else:
            self._group(node)

    def _binary(self, node: Node, op: str) -> None:
        a, b = node.args
        kind = code(a.dtype)
        if b.is_const:
            x, y = self._constant(b)
            self._add(f"{op}_{kind}_vs", node, a=a, x=x, y=y)
        elif a.is_const:
            x, y = self._constant(a)
            self._add(f"{op}_{kind}_sv", node, b=b, x=x, y=y)
        else:
            self._add(f"{op}_{kind}_vv", node, a=a, b=b)

    def _where(self, node: Node) -> None:
        c, a, b = node.args
        form = ("s" if a.is_const else "v") + ("s" if b.is_const else "v")
        x = self._bits(a) if a.is_const else 0.0
        y = self._bits(b) if b.is_const else 0.0
        self._add(f"where_w{width_of(node)}_{form}", node, a=c, b=a, c=b, x=x, y=y)

    def _scale(self, node: Node) -> None:
        if node.op == "digitize":
            thresholds, right = node.attr
            self._add("digitize", node, a=node.args[0], k=self._table(np.array(thresholds)), k2=int(right))
            return
        base, factor = node.args
        table = _marginal_table(node.attr) if node.op == "marginal" else _bracket_table(node.attr)
        x = float(factor.value) if factor.is_const else 0.0
        self._add(node.op, node, a=base, b=factor, k=self._table(table), x=x)

    def _group(self, node: Node) -> None:
        op, attr = node.op, node.attr
        group = attr if isinstance(attr, str) else attr[0]
        k = _GROUP[group]
        if op == "project":
            self._add(f"project_w{width_of(node)}", node, a=node.args[0], k=k)
        elif op == "sum":
            self._add("sum_f8", node, a=node.args[0], k=k, k2=-1 if attr[1] is None else self._role(group, attr[1]))
        elif op in ("of_role", "nth"):
            default = self.word(attr[2]) if node.dtype == TEXT else attr[2]
            target = np.dtype("<i8") if node.dtype == TEXT else node.dtype
            k2 = self._role(group, attr[1]) if op == "of_role" else attr[1]
            self._add(f"{op}_w{width_of(node)}", node, a=node.args[0], k=k, k2=k2, y=as_bits(default, target))
        elif op in ("group_max", "group_min", "group_all", "rank"):
            self._add(op, node, a=node.args[0], k=k)
        else:
            raise NotInMachine(op)


def cast_kernel(node: Node) -> str:
    """The kernel of a conversion (which the machine may lack)."""
    source, target = node.args[0].dtype, node.dtype
    if source.kind in "mM" and target.kind == source.kind:
        units = np.datetime_data(source)[0] + np.datetime_data(target)[0]
        return f"{'date' if source.kind == 'M' else 'span'}_{units}_i8"
    return f"cast_{code(target)}_{code(source)}"


def _marginal_table(scale: Scale) -> NDArray[np.float64]:
    bounds = [*scale.thresholds, np.inf]
    brackets = [
        value
        for low, high, rate in zip(bounds[:-1], bounds[1:], scale.rates, strict=True)
        if rate != 0
        for value in (low, high, rate)
    ]
    return np.array([_power(scale.decimals), *brackets])


def _bracket_table(attr: tuple[tuple[float, ...], int | None]) -> NDArray[np.float64]:
    return np.array([_power(attr[1]), *attr[0]])


def _power(decimals: int | None) -> float:
    return float("nan") if decimals is None else 10.0**decimals


def is_in_machine(node: Node, kernels: Mapping[str, int]) -> bool:
    """True when the machine can compute the node: it has the kernel, for these types and these constants."""
    constants = [a.is_const for a in node.args]
    if all(constants) or (constants[0] and node.op not in (*_BINARY, "date_add", "date_sub")):
        return False
    if node.op in ("marginal", "bracket") and not _fits(node):
        return False
    if node.op == "digitize" and list(node.attr[0]) != sorted(node.attr[0]):
        return False
    if node.op in ("group_max", "group_min", "rank") and node.args[0].dtype.itemsize != 8:
        return False
    name = _kernel(node)
    return name is not None and name in kernels


def _fits(node: Node) -> bool:
    decimals = node.attr.decimals if node.op == "marginal" else node.attr[1]
    return decimals is None or decimals >= 0


def _kernel(node: Node) -> str | None:
    """A kernel that the node needs, None when no kernel has this operation."""
    op = {"date_add": "add", "date_sub": "sub"}.get(node.op, node.op)
    if op in _BINARY:
        return f"{op}_{code(node.args[0].dtype)}_vv"
    if op in _UNARY or op == "round":
        return f"{op}_{code(node.args[0].dtype)}"
    if op == "cast":
        return cast_kernel(node)
    if op in ("where", "project", "of_role", "nth"):
        return f"{op}_w{width_of(node)}" + ("_vv" if op == "where" else "")
    if op in ("take", "text"):
        return f"take_w{width_of(node)}"
    known = {"sum": "sum_f8", "marginal": "marginal", "bracket": "bracket", "digitize": "digitize"}
    return known.get(op) or (op if op in ("group_max", "group_min", "group_all", "rank") else None)
