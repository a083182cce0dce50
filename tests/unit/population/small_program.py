"""A law of one small compiled program: sums, texts and items, without OpenFisca."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from folders import VARIABLES, SmallLaw

from allervers.engine.build import Builder
from allervers.engine.facts import Facts
from allervers.engine.law import Wanted
from allervers.engine.node import Graph, Node
from allervers.engine.ops import F8
from allervers.engine.program import Asked, Program, Traced
from allervers.population.evaluation import Request

MONTH = "2026-01"
REQUESTS = [Request(name, MONTH) for name in ("aide", "activite", "depcom", "enceinte")]


class CompiledSmallLaw(SmallLaw):
    """`aide` is the sum of the wages of the famille; other outputs are inputs."""

    engine = "numpy"

    def program(self, facts: Facts, wanted: Sequence[Wanted]) -> Program:
        """The program of these outputs."""
        make = Builder(Graph())
        roots: dict[Asked, Node] = {}
        reads: dict[Asked, Any] = {}
        for name, period, _ in wanted:
            column = ("salaire_net" if name == "aide" else name, period)
            source = facts.sources[column]
            assert source.key is not None
            node = make.make("input", (), source.key, source.entity)
            asked = Asked(name, period)
            if name == "aide":
                wide = make.make("cast", (node,), F8.str)
                node = make.make("sum", (wide,), ("famille", None), "famille")
            roots[asked] = node
            reads[asked] = frozenset({column})
        entities = {asked: VARIABLES[asked.variable].entity for asked in roots}
        return Program.of("1", facts, Traced(roots), entities, reads, VARIABLES)
