"""Programs that keep the name of every value: which node is which variable, for which period.

A program's `results` leave out what depends on the order of requests (RSA, its resources): here nothing is left out.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from allervers.engine.compile import _DEEP, Session, Wanted, _Compiler
from allervers.engine.facts import Facts
from allervers.engine.openfisca import OpenFiscaLaw
from allervers.engine.program import Asked, Program
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
    if sys.getrecursionlimit() < _DEEP:
        sys.setrecursionlimit(_DEEP)
    compiler = _NamingCompiler(law, facts, Session.new(facts.always_held), None)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for one in wanted:
            compiler.add(one)
    names = {node: tuple(found) for node, found in compiler.names.items()}
    return NamedProgram(compiler.program(), names)


class _NamingCompiler(_Compiler):
    """The compiler, which keeps the name of everything that each simulation computed. `names`: in order, each once."""

    def __init__(self, law: OpenFiscaLaw, facts: Facts, session: Session, spirals: int | None) -> None:
        super().__init__(law, facts, session, spirals)
        self.names: dict[int, dict[Name, None]] = {}

    def _calculate(self, simulation: SymbolicSimulation, asked: Asked, period: str, adds: bool = False) -> None:
        super()._calculate(simulation, asked, period, adds)
        for (variable, when), node in simulation._nodes.items():
            if not node.is_const:
                self.names.setdefault(node.id, {})[variable, str(when)] = None
