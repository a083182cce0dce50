"""Programs that keep the name of every value: which node is which variable, for which period.

A program's `results` leave out what depends on the order of requests (RSA, its resources): here nothing is left out.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from allervers.engine.compile import _DEEP, Wanted, _Compiler
from allervers.engine.facts import Facts
from allervers.engine.openfisca import OpenFiscaLaw
from allervers.engine.program import Asked, Program
from allervers.engine.symbolic import SymbolicSimulation

Name = tuple[str, str]
"""A variable and a period."""


@dataclass(frozen=True)
class NamedProgram:
    """A program and the names of its nodes. `names[node id]`: every (variable, period) that the node is the value of, in
    the order in which they were computed: the innermost formula first. Constants have none."""

    program: Program
    names: Mapping[int, Sequence[Name]]


def named_program(law: OpenFiscaLaw, facts: Facts, wanted: Iterable[Wanted]) -> NamedProgram:
    """The program of these outputs, with names. Raises as compile.compiled does."""
    if sys.getrecursionlimit() < _DEEP:
        sys.setrecursionlimit(_DEEP)
    compiler = _NamingCompiler(law, facts)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for one in wanted:
            compiler.add(one)
    return NamedProgram(compiler.program(), names_of(compiler.names))


def names_of(results: Iterable[tuple[Name, int]]) -> dict[int, list[Name]]:
    """Names by node, from (name, node) in the order of computation."""
    found: dict[int, dict[Name, None]] = {}
    for name, node in results:
        found.setdefault(node, {})[name] = None
    return {node: list(names) for node, names in found.items()}


class _NamingCompiler(_Compiler):
    """The compiler, which keeps what each simulation computed."""

    def __init__(self, law: OpenFiscaLaw, facts: Facts) -> None:
        super().__init__(law, facts)
        self.names: list[tuple[Name, int]] = []

    def _calculate(self, simulation: SymbolicSimulation, asked: Asked, period: str, adds: bool = False) -> None:
        super()._calculate(simulation, asked, period, adds)
        everything = {key: node for key, node in self.trace.results.items()}
        everything |= {(name, str(when)): node for (name, when), node in simulation._nodes.items()}
        self.names += [(name, node.id) for name, node in everything.items() if not node.is_const]
