"""The order in which nodes are computed and the registers that hold them: printable, hashable, memory known before."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from allervers.engine.node import Node, depth_first
from allervers.engine.ops import TEXT

Class = tuple[str, int]
"""Entity and width in bytes of a register."""

FIXED = ("has_role", "position", "size")
"""Nodes that are columns of the structure: no register of ours."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Nodes in the order of computation (constants left out), and the register of each.

    `registers[r]`: entity and width; a register serves several nodes, one after the other. `stored[r]` none: an output
    is written where it is computed.
    """

    order: tuple[Node, ...]
    register: Mapping[int, int]
    registers: tuple[Class, ...]
    outputs: frozenset[int] = field(default_factory=frozenset)

    def bytes_for(self, rows: Mapping[str, int]) -> int:
        """Memory of the registers for a block of these numbers of rows."""
        return sum(rows[entity] * width for entity, width in self.registers)

    def text(self) -> str:
        """The schedule, a line a step."""
        lines = []
        for node in self.order:
            operands = ", ".join(_operand(a, self.register) for a in node.args)
            attr = f" {_short(node.attr)}" if node.attr is not None else ""
            where = f"r{self.register[node.id]}" if node.id in self.register else "-"
            lines.append(f"{where} = {node.op}({operands}){attr} : {node.entity} {node.dtype.str}")
        return "\n".join(lines)

    def digest(self) -> str:
        """A short text that differs when the schedule differs."""
        return hashlib.sha256(self.text().encode()).hexdigest()[:24]


def width_of(node: Node) -> int:
    """Bytes of one value; a text is held as the 64-bit number of a word."""
    return 8 if node.dtype == TEXT else node.dtype.itemsize


def scheduled(roots: Iterable[Node], given: frozenset[int] = frozenset()) -> Schedule:
    """The schedule of these roots. Each root is written as soon as computed, so its register serves again.

    `given`: nodes whose values come from elsewhere, like inputs.
    """
    wanted = [r for r in dict.fromkeys(roots) if not r.is_const]
    order = [n for n in depth_first(wanted, given) if not n.is_const]
    last = _last_uses([n for n in order if n.id not in given])
    free: defaultdict[Class, list[int]] = defaultdict(list)
    registers: list[Class] = []
    register: dict[int, int] = {}
    for node in order:
        kind = (node.entity, width_of(node))
        if node.op in FIXED:
            register[node.id] = len(registers)
            registers.append((node.entity, 0))
            continue
        # The result never lies where an operand lies: operands are freed after it has its place.
        if free[kind]:
            register[node.id] = free[kind].pop()
        else:
            register[node.id] = len(registers)
            registers.append(kind)
        operands = () if node.id in given else node.args
        ended = {a.id: a for a in operands if last.get(a.id) == node.id}
        if node.id not in last:
            ended[node.id] = node
        for done in ended.values():
            if not done.is_const and done.op not in FIXED:
                free[done.entity, width_of(done)].append(register[done.id])
    return Schedule(tuple(order), register, tuple(registers), frozenset(r.id for r in wanted))


def _last_uses(order: Sequence[Node]) -> dict[int, int]:
    """The node that reads each node last, by number."""
    return {a.id: node.id for node in order for a in node.args}


def _operand(node: Node, register: Mapping[int, int]) -> str:
    return repr(node.value) if node.is_const else f"r{register[node.id]}"


def _short(attr: object) -> str:
    text = repr(attr)
    return text if len(text) <= 200 else f"{text[:80]}…{hashlib.sha256(text.encode()).hexdigest()[:12]}"
