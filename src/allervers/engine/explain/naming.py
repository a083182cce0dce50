"""Programs that keep the name of every value: which node is which variable, for which period.

A program's `results` leave out what depends on the order of requests (RSA, its resources): here nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from allervers.engine.compile import Compiler, Session, Wanted, recording
from allervers.engine.facts import Facts
from allervers.engine.openfisca import OpenFiscaLaw
from allervers.engine.program import Program
from allervers.engine.symbolic import SymbolicSimulation

Name = tuple[str, str]
"""A variable and a period."""


@dataclass(frozen=True)
class NamedProgram:
    """A program and the names of its nodes.

    `names[node id]`: every (variable, period) that the node is the value of, in the order in which they were computed,
    the innermost formula first. Constants have none.
    """

    program: Program
    names: Mapping[int, Sequence[Name]]


def named_program(law: OpenFiscaLaw, facts: Facts, wanted: Iterable[Wanted]) -> NamedProgram:
    """The program of these outputs, with names. Raises as compile.compiled does."""
    names: dict[int, dict[Name, None]] = {}

    def note(simulation: SymbolicSimulation) -> None:
        for (variable, when), node in simulation.nodes.items():
            if not node.is_const:
                names.setdefault(node.id, {})[variable, str(when)] = None

    compiler = Compiler(law, facts, Session.new(facts.always_held), computed=note)
    with recording():
        for one in wanted:
            compiler.add(one)
    return NamedProgram(compiler.program(), {node: tuple(found) for node, found in names.items()})
