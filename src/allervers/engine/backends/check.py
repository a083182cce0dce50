"""What must hold of a graph, of a schedule and of steps: checked after each pass, so that a defect names its pass.

A defect here is ours, never the user's: IllFormed is raised, and no result is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from allervers.engine.backends.assembly import LOAD, STORE, Code
from allervers.engine.block import ENTITIES, GROUPS
from allervers.engine.node import SCALAR, Node, reachable
from allervers.engine.ops import OPS, TEXT, IllFormed
from allervers.engine.schedule import FIXED, Schedule, width_of

_PERSON = ENTITIES[0]
_TO_GROUP = {"sum", "of_role", "nth", "group_max", "group_min", "group_all"}
_OF_PERSONS = {"has_role", "position", "rank"}
_WIDTH = re.compile(r"_(?:[uif]|w)([1248])(?=_|$)")
"""Widths that the name of a kernel tells: `add_f8_vv` computes with 8 bytes, `take_w4` moves 4."""


def check_graph(roots: Iterable[Node]) -> None:
    """Operands come before what uses them, types and entities are those that the table of operations gives."""
    for node in reachable(roots):
        if node.is_const:
            continue
        definition = OPS.get(node.op)
        if definition is None or len(node.args) != definition.arity:
            raise IllFormed(f"{node!r}: no such operation over {len(node.args)} operands")
        if any(a.id >= node.id for a in node.args):
            raise IllFormed(f"{node!r} comes before an operand")
        if definition.dtype([a.dtype for a in node.args], node.attr) != node.dtype:
            raise IllFormed(f"{node!r} is no {node.dtype}")
        if node.entity not in ENTITIES or not _has_entity(node):
            raise IllFormed(f"{node!r} of {node.entity} over {[a.entity for a in node.args]}")


def _has_entity(node: Node) -> bool:
    entities = {a.entity for a in node.args} - {SCALAR}
    if node.op in _TO_GROUP:
        return entities <= {_PERSON} and node.entity == _group(node)
    if node.op == "project":
        return entities <= {_group(node)} and node.entity == _PERSON
    if node.op in _OF_PERSONS:
        return entities <= {_PERSON} and node.entity == _PERSON
    if node.op == "size":
        return node.entity == _group(node)
    return entities <= {node.entity}


def _group(node: Node) -> str:
    group: str = node.attr if isinstance(node.attr, str) else node.attr[0]
    return group if group in GROUPS else ""


def check_schedule(schedule: Schedule, given: frozenset[int] = frozenset()) -> None:
    """When a node reads a register, its operand is what lies there; widths and entities are those of the register."""
    holds: dict[int, int] = {}
    for node in schedule.order:
        register = schedule.register[node.id]
        for a in () if node.id in given else node.args:
            if not a.is_const and holds.get(schedule.register[a.id]) != a.id:
                raise IllFormed(f"{node!r} reads {a!r}, which is no more in its register")
        entity, width = schedule.registers[register]
        if entity != node.entity or width != (0 if node.op in FIXED else width_of(node)):
            raise IllFormed(f"{node!r} does not fit its register")
        holds[register] = node.id
    missing = schedule.outputs - {node.id for node in schedule.order}
    if missing:
        raise IllFormed(f"{len(missing)} outputs are never computed")


def check_code(code: Code, kernels: Mapping[str, int]) -> None:
    """Steps name registers, columns and tables that are there; what a kernel writes is as wide as its register."""
    registers, widths = len(code.registers), [width for _entity, width in code.registers]
    for step in code.steps:
        kernel = int(step["kernel"])
        if any(int(step[r]) >= registers for r in ("d", "a", "b", "c")):
            raise IllFormed("a step names a register that is not there")
        if kernel in (LOAD, STORE):
            slots = code.inputs if kernel == LOAD else code.outputs
            moved = int(step["d" if kernel == LOAD else "a"])
            dtype = slots[int(step["k"])].dtype
            if widths[moved] not in (0, _width_of(dtype)):
                raise IllFormed("a column is not as wide as its register")
            continue
        name = code.kernels[kernel]
        if name not in kernels:
            raise IllFormed(f"the machine has no {name}")
        if name.startswith("take_") and not 0 <= int(step["k"]) < len(code.tables):
            raise IllFormed("a step reads a table that is not there")
        told = _written_width(name)
        if told and widths[int(step["d"])] != told:
            raise IllFormed(f"{name} writes into a register of {widths[int(step['d'])]} bytes")


def _width_of(dtype: Any) -> int:
    return 8 if np.dtype(dtype) == TEXT else np.dtype(dtype).itemsize


def _written_width(name: str) -> int:
    """Bytes of what a kernel writes, when its name tells; 0 otherwise."""
    if name.split("_", maxsplit=1)[0] in ("lt", "le", "gt", "ge", "eq", "ne", "isnan", "and", "or", "xor", "not"):
        return 1
    found = _WIDTH.search(name)
    return int(found[1]) if found else 0
