"""The passes from a graph to steps: what they make holds, and a broken one is caught by the check that follows it."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from graphs import Maker

from allervers.engine.backends.check import check_code, check_graph, check_schedule
from allervers.engine.backends.library import available, library
from allervers.engine.backends.lowering import PASSES, Lowered, lowered
from allervers.engine.build import Builder
from allervers.engine.node import Graph, Node, reachable
from allervers.engine.ops import TEXT, IllFormed, InputKey
from allervers.engine.schedule import Schedule, scheduled

native = pytest.mark.skipif(available() is not None, reason="no C compiler: no machine to lower to")


def _graph() -> tuple[Node, Node, Node]:
    graph = Graph()
    wage = graph.node(
        "cast", (graph.node("input", (), InputKey("salaire", "2026-01", "<f4"), "individu"),), "<f8", "individu"
    )
    total = graph.node("sum", (wage,), ("famille", None), "famille")
    return wage, total, graph.node("mul", (total, total), None, "famille")


def random_graph(seed: int) -> list[Node]:
    """Nodes of a graph made at random."""
    return list(dict.fromkeys(Maker(np.random.default_rng(seed)).grow(160)))


def _changed(node: Node, **values: Any) -> Node:
    kept = {name: getattr(node, name) for name in ("op", "args", "attr", "entity", "dtype", "finite")}
    return Node(values.pop("id", node.id), **{**kept, **values})


@pytest.mark.parametrize("seed", range(6))
@native
def test_random_graphs_pass_every_check(seed: int) -> None:
    lowered(random_graph(seed), library().kernels)


@pytest.mark.parametrize("seed", range(6))
def test_rules_have_nothing_left_to_do(seed: int) -> None:
    """A graph made again by the same rules is as small: there is no second pass of simplification to make."""
    roots = _made_again(random_graph(seed))
    assert len(reachable(_made_again(roots))) == len(reachable(roots))


def _made_again(roots: list[Node]) -> list[Node]:
    builder, new = Builder(Graph()), {}
    for node in reachable(roots):
        if node.is_const:
            new[node.id] = builder.const(node.value, TEXT if node.dtype == TEXT else node.dtype)
        else:
            new[node.id] = builder.make(node.op, tuple(new[a.id] for a in node.args), node.attr, node.entity)
    return [new[root.id] for root in roots]


@pytest.mark.parametrize(
    "broken",
    [
        lambda wage, total, square: _changed(square, dtype=np.dtype(np.float32)),
        lambda wage, total, square: _changed(square, entity="menage"),
        lambda wage, total, square: _changed(square, args=(total, wage)),
        lambda wage, total, square: _changed(square, args=(total,)),
        lambda wage, total, square: _changed(square, op="multiply"),
        lambda wage, total, square: _changed(square, id=0),
        lambda wage, total, square: _changed(total, entity="foyer_fiscal"),
    ],
)
def test_a_broken_graph_is_caught(broken: Any) -> None:
    wage, total, square = _graph()
    check_graph([square])
    with pytest.raises(IllFormed):
        check_graph([broken(wage, total, square)])


def test_a_broken_schedule_is_caught() -> None:
    wage, _total, square = _graph()
    made = scheduled([square, wage])
    check_schedule(made)
    same = dict.fromkeys(made.register, next(iter(made.register.values())))
    for broken in (
        dataclasses.replace(made, order=made.order[::-1]),
        dataclasses.replace(made, register=same),
        dataclasses.replace(made, outputs=made.outputs | {10_000}),
        Schedule(made.order, made.register, tuple((entity, 1) for entity, _ in made.registers), made.outputs),
    ):
        with pytest.raises(IllFormed):
            check_schedule(broken)
    assert made.bytes_for({"individu": 10, "famille": 4}) > 0


@native
@pytest.mark.parametrize(("field", "value"), [("d", 1_000), ("k", 50)])
def test_broken_steps_are_caught(field: str, value: int) -> None:
    _wage, _total, square = _graph()
    kernels = library().kernels
    code = lowered([square], kernels)
    steps = code.steps.copy()
    steps[field][:] = value
    with pytest.raises((IllFormed, IndexError)):
        check_code(dataclasses.replace(code, steps=steps), kernels)
    with pytest.raises(IllFormed):
        check_code(dataclasses.replace(code, registers=tuple((entity, 2) for entity, _ in code.registers)), kernels)
    with pytest.raises(IllFormed):
        check_code(code, {})


@native
def test_each_pass_is_followed_by_its_check() -> None:
    _wage, _total, square = _graph()
    state = Lowered([square], library().kernels)
    assert [one.name for one in PASSES] == ["simplified", "hosted", "scheduled", "assembled"]
    for one in PASSES:
        state = one.run(state)
        one.check(state)
    assert state.code is not None
