"""From a graph to the steps of the native machine: an ordered list of passes, each checked before the next reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from allervers.engine.backends.assembly import Assembler, Code, is_in_machine
from allervers.engine.backends.check import check_code, check_graph, check_schedule
from allervers.engine.node import Node, reachable
from allervers.engine.schedule import FIXED, Schedule, scheduled


@dataclass(frozen=True)
class Lowered:
    """What the passes have made so far. `kernels`: number by name, those of the machine. `hosted`: nodes that numpy
    computes before the machine runs."""

    roots: Sequence[Node]
    kernels: Mapping[str, int]
    hosted: frozenset[int] = frozenset()
    schedule: Schedule | None = None
    code: Code | None = None


class Pass(NamedTuple):
    """A step of the lowering and what must hold after it. Raises IllFormed when it does not."""

    name: str
    run: Callable[[Lowered], Lowered]
    check: Callable[[Lowered], None]


def _hosted(given: Lowered) -> Lowered:
    """Nodes without a kernel are left to numpy."""
    left = (
        n.id
        for n in reachable(given.roots)
        if not n.is_const and n.op != "input" and n.op not in FIXED and not is_in_machine(n, given.kernels)
    )
    return replace(given, hosted=frozenset(left))


def _scheduled(given: Lowered) -> Lowered:
    """Nodes in order, registers shared."""
    return replace(given, schedule=scheduled(given.roots, given.hosted))


def _check_schedule(given: Lowered) -> None:
    assert given.schedule is not None
    check_schedule(given.schedule, given.hosted)


def _assembled(given: Lowered) -> Lowered:
    """Steps, constants, tables."""
    assert given.schedule is not None
    return replace(given, code=Assembler(given.schedule, given.kernels, given.hosted).code())


def _check_code(given: Lowered) -> None:
    assert given.code is not None
    check_code(given.code, given.kernels)


PASSES: tuple[Pass, ...] = (
    # Rules have run at the making of each node: a graph is simplified as far as it will be (a test asks it).
    Pass("simplified", lambda given: given, lambda given: check_graph(given.roots)),
    Pass("hosted", _hosted, lambda _given: None),
    Pass("scheduled", _scheduled, _check_schedule),
    Pass("assembled", _assembled, _check_code),
)


def lowered(roots: Sequence[Node], kernels: Mapping[str, int]) -> Code:
    """The code of these outputs, for a machine that has these kernels. Raises IllFormed for a defect of ours."""
    state = Lowered(roots, kernels)
    for one in PASSES:
        state = one.run(state)
        one.check(state)
    assert state.code is not None
    return state.code
