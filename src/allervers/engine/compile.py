"""From the law and what is known of the data to a program: one fresh simulation per output, on one graph."""

from __future__ import annotations

import gc
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from allervers.engine.block import Column
from allervers.engine.door import CycleError, ParameterNotFoundError
from allervers.engine.facts import DTYPES, Facts, Source
from allervers.engine.law import Wanted
from allervers.engine.node import Node, reachable
from allervers.engine.openfisca import OpenFiscaLaw
from allervers.engine.ops import TEXT
from allervers.engine.program import Asked, Program, Traced
from allervers.engine.symbolic import BRANCHES, SymbolicSimulation
from allervers.engine.symbolic_parameters import LawParameters
from allervers.engine.symbolic_sharing import SharedResults
from allervers.engine.trace import Trace
from allervers.foundation.errors import InvalidInput

__all__ = ["Wanted", "compiled"]

_DEEP = 50_000
"""Frames that the formulas of the law may nest: one calls the other, over months."""


@dataclass
class Session:
    """What several compilations share: the graph, the results already traced. For one law and one set of held roles."""

    trace: Trace
    shared: SharedResults = field(default_factory=SharedResults)
    _parameters: LawParameters | None = None

    def parameters_of(self, law: OpenFiscaLaw) -> LawParameters:
        """The parameters of the law of the session."""
        self._parameters = self._parameters or LawParameters(law.system)
        return self._parameters

    @classmethod
    def new(cls, always_held: Iterable[tuple[str, str]] = ()) -> Session:
        """A session on an empty graph."""
        return cls(Trace.new(always_held, BRANCHES))


def compiled(
    law: OpenFiscaLaw,
    facts: Facts,
    wanted: Iterable[Wanted],
    session: Session | None = None,
    *,
    together: bool = False,
    spirals: int | None = None,
) -> Program:
    """The program of these outputs. Raises InvalidInput, or Untraceable for a formula that no graph can say.

    `session`: what earlier compilations of this law traced, with the same roles held in every group. `together`: the
    outputs are asked in this order in one simulation, as OpenFisca's web API does, periods as they are. `spirals`: how
    often a variable may ask for itself at other periods (None: as OpenFisca).
    """
    compiler = Compiler(law, facts, session or Session.new(facts.always_held), spirals)
    with recording():
        for one in wanted:
            if together:
                compiler.add_in_one(one)
            else:
                compiler.add(one)
    return compiler.program()


@contextmanager
def recording() -> Iterator[None]:
    """What formulas need while they run on symbols: deep calls, silent warnings, no collection of cycles meanwhile (a
    trace only adds objects, and each pass would walk all of the law again)."""
    if sys.getrecursionlimit() < _DEEP:
        sys.setrecursionlimit(_DEEP)
    was_collected = gc.isenabled()
    gc.disable()
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if was_collected:
            gc.enable()


class Compiler:
    """A compilation under way: outputs are added, then the program is asked.

    `computed`: called with each simulation when an output of it is computed (its `nodes` hold all that it computed).
    """

    def __init__(
        self,
        law: OpenFiscaLaw,
        facts: Facts,
        session: Session,
        spirals: int | None = None,
        computed: Callable[[SymbolicSimulation], None] | None = None,
    ) -> None:
        self.computed = computed
        self.spirals = spirals
        self.one: SymbolicSimulation | None = None
        self.law = law
        self.facts = facts
        self.trace = session.trace
        self.shared = session.shared
        self.parameters = session.parameters_of(law)
        self.roots: dict[Asked, Node] = {}
        self.entities: dict[Asked, str] = {}
        self.reads: dict[Asked, frozenset[Column]] = {}

    def add(self, wanted: Wanted) -> None:
        """Add an output and what is asked beside it, in a simulation of its own."""
        output, period = wanted.output, wanted.period
        simulation, moved = self._simulation(output, period)
        variable = self.law.variable(output)
        asked = Asked(output, period)
        self._calculate(simulation, asked, variable.period_for(period))
        read = simulation.shared.columns_of(simulation.reads)
        self.reads[asked] = frozenset(moved.get(c, c) for c in read) & self.facts.sources.keys()
        for name in wanted.side:
            beside = self.law.variable(name)
            adds = beside.rhythm == "month" and len(period) == 4
            self._calculate(
                simulation, Asked(name, period, output), period if adds else beside.period_for(period), adds
            )

    def add_in_one(self, wanted: Wanted) -> None:
        """Add an output to the simulation that all share, but for one whose tax year is shifted."""
        if self.law.shift_of(wanted.output, wanted.period) is not None:
            simulation, _moved = self._simulation(wanted.output, wanted.period)
        else:
            self.one = self.one or self._simulation(wanted.output, wanted.period)[0]
            simulation = self.one
        asked = Asked(wanted.output, wanted.period)
        self._calculate(simulation, asked, wanted.period)
        self.reads[asked] = frozenset(self.facts.sources)

    def _calculate(self, simulation: SymbolicSimulation, asked: Asked, period: str, adds: bool = False) -> None:
        try:
            calculate = simulation.calculate_add if adds else simulation.calculate
            symbol = calculate(asked.variable, period)
        except (ValueError, ParameterNotFoundError, CycleError) as error:
            raise InvalidInput(
                f"« {asked.variable} » n'a pas pu être calculée pour {asked.period} "
                "(hors des dates que la loi codée connaît ?).",
                variable=asked.variable,
                period=asked.period,
            ) from error
        self.roots[asked] = symbol.node
        self.entities[asked] = symbol.entity
        if self.computed is not None:
            self.computed(simulation)

    def _simulation(self, output: str, period: str) -> tuple[SymbolicSimulation, dict[Column, Column]]:
        """A fresh simulation with every column given, and the columns whose year was moved (new -> given)."""
        sources = dict(self.facts.sources)
        for (name, month), (entity, value) in self.law.forced_values(period).items():
            sources.setdefault((name, month), Source(entity, None, (value,)))
        sources, moved = self.law.shifted(sources, output, period)
        given = self.shared.given(sources)
        simulation = SymbolicSimulation(self.law.system, self.trace, self.shared, self.parameters, given)
        if self.spirals is not None:
            simulation.max_spiral_loops = self.spirals
        for column, source in sorted(sources.items(), key=lambda item: (-len(item[0][1]), item[0])):
            name, when = column
            # Twelve months given say all about their year.
            if not all((name, f"{when}-{month:02d}") in sources for month in range(1, 13)):
                simulation.give(name, when, self._node(name, source))
        return simulation, moved

    def _node(self, name: str, source: Source) -> Node:
        if source.key is not None:
            return self.trace.builder.make("input", (), source.key, source.entity)
        kind = self.law.variable(name).value_type
        return self.trace.builder.const(source.constant[0], TEXT if kind == "str" else np.dtype(DTYPES[kind]))

    def program(self) -> Program:
        """The program of what was added."""
        names = {name for name, _ in self.facts.sources} | {asked.variable for asked in self.roots}
        variables = {name: self.law.variable(name) for name in sorted(names)}
        nodes = {node.id: node for node in reachable(self.roots.values())}
        origins = {number: origin for number, origin in self.trace.origins.items() if number in nodes}
        traced = Traced(self.roots, origins, self.shared.results(nodes))
        return Program.of(self.law.version, self.facts, traced, self.entities, self.reads, variables)
