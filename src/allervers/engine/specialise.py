"""A program rewritten for data of which more is known. No formula runs again, OpenFisca is not loaded."""

from __future__ import annotations

from typing import Any

import numpy as np

from allervers.engine.build import Builder, rebuilt
from allervers.engine.errors import StaleProgram
from allervers.engine.facts import Facts, Source
from allervers.engine.node import Graph, Node
from allervers.engine.ops import TEXT
from allervers.engine.program import Program, Traced


def specialised(program: Program, facts: Facts) -> Program:
    """The program for data of which more is known: columns that are constant or alike. Same columns, no new trace.

    Raises StaleProgram when the columns given are not those of the program.
    """
    if facts.sources.keys() != program.facts.sources.keys():
        raise StaleProgram("les colonnes données ne sont pas les mêmes")
    builder = Builder(Graph(), facts.always_held)
    replaced: dict[int, Node] = {}
    for node in program.nodes():
        if node.op == "input":
            source = facts.sources[node.attr.variable, node.attr.period]
            replaced[node.id] = source_node(builder, source, node.dtype)
    roots, new = rebuilt(builder, program.roots, replaced)
    origins = {new[old].id: origin for old, origin in program.origins.items() if old in new}
    results = {key: new[node.id] for key, node in program.results.items() if node.id in new}
    traced = Traced(roots, origins, results)
    return Program.of(program.version, facts, traced, program.entities, program.reads, program.variables)


def source_node(builder: Builder, source: Source, dtype: np.dtype[Any]) -> Node:
    """The node of a column: an input, or the constant that it is."""
    if source.key is not None:
        return builder.make("input", (), source.key, source.entity)
    value = source.constant[0]
    return builder.const(value, TEXT) if dtype == TEXT else builder.const(value, dtype)
