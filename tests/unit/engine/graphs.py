"""Random typed graphs and random populations, for the tests of back-ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import ENTITIES, GROUPS, ROLES, Block, Membership
from allervers.engine.node import Graph, Node
from allervers.engine.ops import BOOL, DAY, F8, I8, TEXT, InputKey, Scale, Table
from allervers.engine.texts import TextFunction

F4, I2, I4 = np.dtype(np.float32), np.dtype(np.int16), np.dtype(np.int32)
MONTH, YEAR, DAYS = np.dtype("datetime64[M]"), np.dtype("datetime64[Y]"), np.dtype("timedelta64[D]")
NUMBERS, REALS = (I4, I8, F4, F8), (F4, F8)
MOVED = (BOOL, I2, I4, I8, F4, F8, DAY, TEXT)
WORDS = ("", "75056", "33063", "13055", "Bègles")

Array = NDArray[Any]
Columns = dict[InputKey, Array]


@dataclass
class Household:
    """Persons of a household: for each kind of groups, the group of each (from 0) and its role."""

    group: dict[str, list[int]]
    role: dict[str, list[str]]


def household(rng: np.random.Generator, *, aligned: bool) -> Household:
    """One household of 1 to 12 persons; not aligned: several families, tax households across dwellings."""
    size = int(rng.choice([1, 1, 2, 2, 3, 4, 5, 12]))
    group, role = {}, {}
    for kind in GROUPS:
        count = 1 if aligned else int(rng.integers(1, min(size, 3) + 1))
        members = rng.integers(0, count, size) if count > 1 else np.zeros(size, int)
        group[kind] = np.unique(members, return_inverse=True)[1].tolist()
        role[kind] = _roles(rng, kind, group[kind])
    return Household(group, role)


def _roles(rng: np.random.Generator, kind: str, groups: list[int]) -> list[str]:
    """The first two roles are held by one person at most; a role may be held by nobody."""
    roles: list[str] = [""] * len(groups)
    for g in set(groups):
        members = [i for i, other in enumerate(groups) if other == g]
        rng.shuffle(members)
        others = ROLES[kind][2:]
        for i in members:
            roles[i] = str(rng.choice(others))
        if rng.random() < 0.9:
            roles[members[0]] = ROLES[kind][0]
        if len(members) > 1 and rng.random() < 0.5:
            roles[members[1]] = ROLES[kind][1]
    return roles


def population(households: list[Household]) -> Block:
    """The block of these households, without columns."""
    membership = {}
    for kind in GROUPS:
        index: list[int] = []
        count = 0
        for h in households:
            index += [count + g for g in h.group[kind]]
            count += max(h.group[kind]) + 1
        role = np.array([r for h in households for r in h.role[kind]], dtype=str)
        membership[kind] = Membership(count, np.array(index, dtype=np.int64), role)
    return Block(sum(len(h.group[GROUPS[0]]) for h in households), membership, {}, {})


def rows_of(households: list[Household], order: list[int]) -> dict[str, NDArray[np.int64]]:
    """For each entity, the rows of households laid in another order: `new[e] = old[rows_of(...)[e]]`."""
    found = {}
    for entity in ENTITIES:
        sizes = [len(h.group[GROUPS[0]]) if entity == "individu" else max(h.group[entity]) + 1 for h in households]
        first = np.cumsum([0, *sizes])
        found[entity] = np.concatenate([np.arange(first[i], first[i] + sizes[i]) for i in order])
    return found


def values(rng: np.random.Generator, dtype: np.dtype[Any], count: int) -> Array:
    """A column: small numbers that meet each other, now and then a special one."""
    if dtype == TEXT:
        return np.array([WORDS[i] for i in rng.integers(0, len(WORDS), count)], dtype=object)
    if dtype.kind == "M":
        return (np.datetime64("1969-11-20") + rng.integers(-20000, 30000, count)).astype(dtype)
    if dtype == BOOL:
        return rng.random(count) < 0.5
    if dtype.kind == "i":
        return rng.integers(-5, 40, count).astype(dtype)
    found = np.round(rng.normal(0, 900, count), int(rng.integers(0, 4))).astype(dtype)
    special = np.array([0.0, -0.0, 0.5, 2.5, -1.5, np.inf, -np.inf, np.nan], dtype=dtype)
    return np.where(rng.random(count) < 0.2, rng.choice(special, count), found)


@dataclass
class Maker:
    """Makes random nodes, each from nodes made before: `pool[entity, dtype]`."""

    rng: np.random.Generator
    graph: Graph = field(default_factory=Graph)
    pool: dict[tuple[str, np.dtype[Any]], list[Node]] = field(default_factory=dict)
    inputs: dict[InputKey, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for entity in ENTITIES:
            for dtype in MOVED:
                for number in range(2):
                    key = InputKey(f"{entity}{number}", "2026-01", dtype.str)
                    self.inputs[key] = entity
                    self._made("input", (), key, entity)

    def columns(self, block: Block) -> Columns:
        """Values of the inputs."""
        return {k: values(self.rng, np.dtype(k.dtype), block.count(e)) for k, e in self.inputs.items()}

    def grow(self, count: int) -> list[Node]:
        """Nodes of every kind of operations, in random order."""
        makers: list[Callable[[], Node]] = [
            self.number, self.number, self.real, self.compared, self.truth, self.choice, self.choice, self.converted,
            self.dated, self.read, self.scaled, self.worded, self.up, self.up, self.down, self.fixed,
        ]  # fmt: skip
        return [makers[int(self.rng.integers(len(makers)))]() for _ in range(count)]

    # --- parts ---

    def _made(self, op: str, args: tuple[Node, ...], attr: Any, entity: str) -> Node:
        node = self.graph.node(op, args, attr, entity)
        self.pool.setdefault((entity, node.dtype), []).append(node)
        return node

    def _one(self, options: Any) -> Any:
        return options[int(self.rng.integers(len(options)))]

    def _entity(self) -> str:
        return str(self._one(("individu", "individu", *GROUPS)))

    def _any(self, entity: str, dtype: np.dtype[Any]) -> Node:
        return self._one(self.pool[entity, dtype])  # type: ignore[no-any-return]

    def _operand(self, entity: str, dtype: np.dtype[Any]) -> Node:
        """A node, or a constant."""
        if self.rng.random() < 0.7:
            return self._any(entity, dtype)
        return self.graph.const(values(self.rng, dtype, 1)[0], dtype)

    def _pair(self, entity: str, dtype: np.dtype[Any]) -> tuple[Node, Node]:
        """Two operands, one of which is no constant."""
        pair = [self._any(entity, dtype), self._operand(entity, dtype)]
        self.rng.shuffle(pair)  # type: ignore[arg-type]
        return pair[0], pair[1]

    def _finite(self, node: Node) -> Node:
        """A real number without NaN, between -20,000 and 20,000."""
        graph, entity = self.graph, node.entity
        zero, low, high = (graph.const(x, node.dtype) for x in (0.0, -2e4, 2e4))
        known = graph.node("where", (graph.node("isnan", (node,), None, entity), zero, node), None, entity)
        return graph.node("min", (graph.node("max", (known, low), None, entity), high), None, entity)

    # --- operations ---

    def number(self) -> Node:
        entity, dtype = self._entity(), self._one(NUMBERS)
        bitwise = ("bitand", "bitor") if dtype.kind == "i" else ()
        op = self._one(("add", "sub", "mul", "floordiv", "mod", "min", "max", "neg", "abs", *bitwise))
        args = (self._any(entity, dtype),) if op in ("neg", "abs") else self._pair(entity, dtype)
        return self._made(op, args, None, entity)

    def real(self) -> Node:
        entity, dtype = self._entity(), self._one(REALS)
        op = self._one(("div", "rint", "floor", "ceil", "trunc", "sqrt", "exp", "log", "pow", "round", "round"))
        args = self._pair(entity, dtype) if op in ("div", "pow") else (self._any(entity, dtype),)
        return self._made(op, args, int(self._one((0, 1, 2, 4, -1))) if op == "round" else None, entity)

    def compared(self) -> Node:
        entity, dtype = self._entity(), self._one((BOOL, I2, I4, I8, F4, F8, DAY))
        return self._made(self._one(("lt", "le", "gt", "ge", "eq", "ne")), self._pair(entity, dtype), None, entity)

    def truth(self) -> Node:
        entity, op = self._entity(), self._one(("and", "or", "xor", "not", "isnan"))
        if op == "isnan":
            return self._made(op, (self._any(entity, self._one(REALS)),), None, entity)
        args = (self._any(entity, BOOL),) if op == "not" else self._pair(entity, BOOL)
        return self._made(op, args, None, entity)

    def choice(self) -> Node:
        entity, dtype = self._entity(), self._one(MOVED)
        args = (self._any(entity, BOOL), self._operand(entity, dtype), self._operand(entity, dtype))
        return self._made("where", args, None, entity)

    def converted(self) -> Node:
        entity, source, target = self._entity(), self._one(MOVED[:-2]), self._one(MOVED[:-2])
        node = self._any(entity, source)
        if source.kind == "f" and target.kind == "i":
            node = self._finite(node)
        return self._made("cast", (node,), target.str, entity)

    def dated(self) -> Node:
        entity = self._entity()
        day, other = self._any(entity, DAY), self._operand(entity, DAY)
        kind = int(self.rng.integers(6))
        if kind == 0:
            return self._made("busdays", (day, other), "1111100", entity)
        if kind == 1:
            part = self.graph.node("cast", (day,), self._one((MONTH, YEAR)).str, entity)
            return self._made("cast", (part,), DAY.str, entity)
        if kind == 2:
            return self._made("cast", (self.graph.node("cast", (day,), MONTH.str, entity),), I8.str, entity)
        span = self.graph.node("date_sub", (day, other), DAYS.str, entity)
        if kind == 3:
            span = self.graph.node("cast", (span,), self._one(("<m8[M]", "<m8[Y]")), entity)
            return self._made("cast", (span,), I8.str, entity)
        if kind == 4:
            return self._made("cast", (span,), I8.str, entity)
        few = self.graph.node("mod", (self._any(entity, I8), self.graph.const(400, I8)), None, entity)
        return self._made("date_add", (day, self.graph.node("cast", (few,), DAYS.str, entity)), DAY.str, entity)

    def read(self) -> Node:
        entity, length = self._entity(), int(self.rng.integers(1, 6))
        table = Table.of(values(self.rng, self._one(MOVED[:-1]), length))
        index = self.graph.node("mod", (self._any(entity, I8), self.graph.const(length, I8)), None, entity)
        if self.rng.random() < 0.3:
            index = self.graph.node("sub", (index, self.graph.const(length, I8)), None, entity)
        return self._made("take", (index,), table, entity)

    def scaled(self) -> Node:
        entity, op = self._entity(), self._one(("marginal", "marginal", "bracket", "digitize"))
        base = self._any(entity, F8)
        thresholds = tuple(np.unique(np.round(self.rng.uniform(-200, 900, int(self.rng.integers(1, 5))), 1)).tolist())
        if self.rng.random() < 0.5:
            thresholds = (0.0, *[t for t in thresholds if t > 0])
        if op == "digitize":
            return self._made(op, (base,), (thresholds, bool(self.rng.random() < 0.5)), entity)
        factor = self.graph.const(self._one((1.0, 3925.0, 0.25)), F8)
        if self.rng.random() < 0.5:
            positive = self.graph.node("abs", (self._finite(self._any(entity, F8)),), None, entity)
            factor = self.graph.node("add", (positive, self.graph.const(0.5, F8)), None, entity)
        decimals = self._one((None, 0, 2))
        rates = tuple(self.rng.choice([0.0, 0.0175, 0.069, 0.11, -0.05], len(thresholds)).tolist())
        attr: Any = Scale(thresholds, rates, decimals) if op == "marginal" else (thresholds, decimals)
        return self._made(op, (base, factor), attr, entity)

    def worded(self) -> Node:
        entity = self._entity()
        function = self._one((
            TextFunction("isin", "|b1", ("75056", "Bègles")), TextFunction("startswith", "|b1", ("3",)),
            TextFunction("table", "<i8", ("75056", ""), (3, 7), 9), TextFunction("table", "<f4", ("13055",), (0.5,), 0),
        ))  # fmt: skip
        return self._made("text", (self._any(entity, TEXT),), function, entity)

    def up(self) -> Node:
        """From persons to a group."""
        group, op = (
            self._one(GROUPS),
            self._one(("sum", "sum", "of_role", "nth", "group_max", "group_min", "group_all")),
        )
        if op == "sum":
            role = self._one((None, *ROLES[group]))
            return self._made(op, (self._any("individu", F8),), (group, role), group)
        if op in ("group_max", "group_min", "group_all"):
            return self._made(op, (self._any("individu", BOOL if op == "group_all" else F8),), group, group)
        dtype = self._one(MOVED)
        default: Any = values(self.rng, dtype, 1)[0]
        who = self._one(ROLES[group][:2]) if op == "of_role" else int(self._one((0, 1, 3, 11, 14)))
        return self._made(op, (self._any("individu", dtype),), (group, who, default), group)

    def down(self) -> Node:
        """From a group to persons; ranks."""
        group = self._one(GROUPS)
        if self.rng.random() < 0.2:
            return self._made("rank", (self._any("individu", F8),), group, "individu")
        return self._made("project", (self._any(group, self._one(MOVED)),), group, "individu")

    def fixed(self) -> Node:
        group, op = self._one(GROUPS), self._one(("has_role", "position", "size"))
        if op == "has_role":
            return self._made(op, (), (group, self._one(ROLES[group])), "individu")
        return self._made(op, (), group, group if op == "size" else "individu")
