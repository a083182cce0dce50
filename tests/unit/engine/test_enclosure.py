"""Bounds of small graphs: every completion is inside, exact ones are reached, what cannot matter is not live."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allervers.engine.backends import reference
from allervers.engine.block import Block, Membership
from allervers.engine.build import Builder
from allervers.engine.domains import Cell, Choice, Days, Range, domain_of, engine_range
from allervers.engine.enclosure.columns import Among, Answers, Between, Possible, derived_column
from allervers.engine.enclosure.enclosed import Enclosure
from allervers.engine.enclosure.live import SEED, live_inputs
from allervers.engine.enclosure.seat import Households
from allervers.engine.enclosure.trials import parts_of_cell
from allervers.engine.node import Graph, Node
from allervers.engine.ops import BOOL, InputKey, Scale, Table
from allervers.engine.texts import TextFunction
from allervers.engine.variables import Variable
from allervers.foundation.errors import InvalidInput

PERSONS = 4
GROUP = np.array([0, 0, 0, 1])


def one_block() -> Block:
    roles = np.array(["demandeur", "conjoint", "enfant", "demandeur"])
    foyer = np.array(["declarant_principal", "conjoint", "personne_a_charge", "declarant_principal"])
    menage = np.array(["personne_de_reference", "conjoint", "enfant", "personne_de_reference"])
    members = {"famille": roles, "foyer_fiscal": foyer, "menage": menage}
    return Block(PERSONS, {name: Membership(2, GROUP, role) for name, role in members.items()}, {}, {})


def number(name: str, dtype: str = "<f4") -> InputKey:
    return InputKey(name, "2026-01", dtype)


class Small:
    """A small graph of persons' columns: numbers a, b, whole number n, truth t, item e, text w, day d."""

    def __init__(self) -> None:
        self.builder = Builder(Graph())
        dtypes = {"a": "<f4", "b": "<f8", "n": "<i4", "t": "|b1", "e": "<i2", "w": "|O", "d": "<M8[D]"}
        self.keys = {name: number(name, dtype) for name, dtype in dtypes.items()}
        self.input = {name: self.builder.make("input", (), key, "individu") for name, key in self.keys.items()}

    def make(self, op: str, *args: Node, attr: Any = None, entity: str | None = None) -> Node:
        return self.builder.make(op, args, attr, entity)

    def const(self, value: Any, dtype: Any = None) -> Node:
        return self.builder.const(value, dtype)

    def wide(self, name: str) -> Node:
        return self.make("cast", self.input[name], attr="<f8")


def outputs(g: Small) -> dict[str, Node]:
    """One output by family of operations."""
    b, n, t, e, w, d = (g.input[name] for name in "bntewd")
    wa, wn = g.wide("a"), g.wide("n")
    scale = Scale((0.0, 10.0, 40.0), (0.1, 0.3, 0.05))
    falling = Scale((0.0, 10.0, 40.0), (0.5, -0.2, 0.0), 2)
    table = Table.of(np.array([3.0, -1.0, 7.0, 2.0]))
    age = g.make("date_sub", g.const(np.datetime64("2026-01-01", "D")), d, attr="<m8[D]")
    years = g.make("cast", g.make("cast", age, attr="<m8[Y]"), attr="<i4")
    is_y = TextFunction("isin", "|b1", ("y",))
    index = g.make("digitize", wa, attr=((-20.0, 5.0, 30.0), False))
    return {
        "arithmetic": g.make("sub", g.make("mul", wa, b), g.make("abs", b)),
        "ratio": g.make("div", wa, g.make("add", g.make("abs", b), g.const(1.0))),
        "ratio_of_zero": g.make("div", wa, b),
        "ratio_for_some": g.make("mul", g.make("div", wa, b), g.make("cast", t, attr="<f8")),
        "nothing_of_a_ratio": g.make("max", g.make("mul", g.make("cast", t, attr="<f8"), g.make("div", b, wa)),
                                     g.const(0.0)),
        "is_later": g.make("lt", g.make("date_add", d, g.make("cast", g.make("div", wn, b), attr="<m8[D]"),
                                        attr="<M8[D]"), g.const(np.datetime64("1970-01-01", "D"))),
        "item_of_ratio": g.make("eq", g.make("of_role", g.make("cast", g.make("div", wa, b), attr="<i2"),
                                             attr=("famille", "conjoint", 0), entity="famille"), g.const(np.int16(1))),
        "guarded": g.make("where", g.make("gt", b, g.const(0.0)), g.make("min", wa, b), g.const(-1.0)),
        "limits": g.make("max", g.make("min", wa, g.const(12.0)), g.make("neg", b)),
        "logic": g.make("or", g.make("and", t, g.make("gt", wa, b)), g.make("eq", n, g.const(np.int32(2)))),
        "exclusive": g.make("xor", t, g.make("le", wa, g.const(3.0))),
        "rounding": g.make("round", g.make("add", g.make("floor", wa), b), attr=1),
        "scale": g.make("marginal", wa, g.const(1.0), attr=scale),
        "falling_scale": g.make("marginal", wa, g.make("add", g.make("abs", b), g.const(0.5)), attr=falling),
        "bracket": g.make("cast", g.make("bracket", wa, g.const(1.0), attr=((0.0, 10.0, 40.0), None)), attr="<f8"),
        "table": g.make("take", index, attr=table),
        "whole": g.make("cast", g.make("cast", wa, attr="<i4"), attr="<f8"),
        "is_item": g.make("eq", e, g.const(np.int16(1))),
        "item_table": g.make("take", g.make("cast", e, attr="<i8"), attr=table),
        "is_text": g.make("text", w, attr=TextFunction("isin", "|b1", ("x", "z"))),
        "text_table": g.make("text", w, attr=TextFunction("table", "<f8", ("x", "y"), (4.0, 5.0), 1.0)),
        "text_chosen": g.make("text", g.make("where", t, w, g.const("y", object)), attr=is_y),
        "years": g.make("cast", years, attr="<f8"),
        "sum": g.make("sum", wa, attr=("famille", None), entity="famille"),
        "sum_of_role": g.make("sum", wn, attr=("famille", "enfant"), entity="famille"),
        "greatest": g.make("group_max", b, attr="famille", entity="famille"),
        "everybody": g.make("group_all", t, attr="famille", entity="famille"),
        "of_partner": g.make("of_role", wa, attr=("famille", "conjoint", 0), entity="famille"),
        "second": g.make("nth", b, attr=("famille", 1, 0), entity="famille"),
        "item_of_partner": g.make("eq", g.make("of_role", e, attr=("famille", "conjoint", 0), entity="famille"),
                                  g.const(np.int16(0))),
        "rank": g.make("cast", g.make("rank", b, attr="famille", entity="individu"), attr="<f8"),
        "given_back": g.make("add", g.make("project", g.make("sum", b, attr=("famille", None), entity="famille"),
                                           attr="famille", entity="individu"), wa),
    }  # fmt: skip


def possible(rng: np.random.Generator, g: Small) -> dict[InputKey, Possible]:
    """Random domains: some cells known, others in a range or among some values."""
    found: dict[InputKey, Possible] = {}
    for name, key in g.keys.items():
        is_known = rng.random(PERSONS) < 0.4
        if name in "ew":
            values = np.array([0, 1, 2, 3], np.int16) if name == "e" else np.array(["x", "y", "z"], object)
            may = rng.random((PERSONS, len(values))) < 0.5
            may[np.arange(PERSONS), rng.integers(0, len(values), PERSONS)] = True
            may[is_known] = np.arange(len(values)) == 0
            found[key] = Among(values, may)
            continue
        if name == "t":
            low: Any = rng.random(PERSONS) < 0.5
            high: Any = low | (rng.random(PERSONS) < 0.5)
        elif name == "d":
            low = np.datetime64("1950-01-01") + rng.integers(0, 25_000, PERSONS).astype("m8[D]")
            high = low + rng.integers(0, 4_000, PERSONS).astype("m8[D]")
        else:
            low = rng.uniform(-50, 50, PERSONS).round(1).astype(key.dtype)
            high = (low + rng.uniform(0, 40, PERSONS)).astype(key.dtype)
        found[key] = Between(low, np.where(is_known, low, np.maximum(low, high)).astype(low.dtype))
    return found


def completion(rng: np.random.Generator, possible: dict[InputKey, Possible]) -> dict[InputKey, Any]:
    from allervers.engine.bounds import drawn

    return {key: drawn(rng, one, int(rng.integers(0, 6))) for key, one in possible.items()}


def enclosed(
    g: Small, roots: dict[str, Node], domains: dict[InputKey, Possible]
) -> tuple[dict[str, Any], Enclosure, Any]:
    enclosure = Enclosure(Builder(Graph()))
    enclosure.add(roots)
    home = Households(one_block())
    answers = Answers()

    def run(nodes: dict[Any, Node], extra: dict[InputKey, Any]) -> dict[Any, Any]:
        columns = {k: derived_column(d, domains[d.source], answers) for k, d in enclosure.columns.items()} | extra
        values = reference.computed(nodes.values(), home.structure, columns)
        return {key: values[node.id] for key, node in nodes.items()}

    spans = {name: enclosure.of[root.id] for name, root in roots.items()}
    sides = {(name, side): getattr(span, side) or enclosure.spans.no
             for name, span in spans.items() for side in ("low", "high", "odd")}  # fmt: skip
    found = run(sides, {})
    return {name: tuple(found[name, side] for side in ("low", "high", "odd")) for name in roots}, enclosure, run


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_completion_is_inside(seed: int) -> None:
    rng = np.random.default_rng(seed)
    g = Small()
    roots = outputs(g)
    domains = possible(rng, g)
    bounds, _enclosure, _run = enclosed(g, roots, domains)
    home = Households(one_block())
    for _ in range(20):
        values = reference.computed(roots.values(), home.structure, completion(rng, domains))
        for name, root in roots.items():
            low, high, odd = bounds[name]
            assert ((values[root.id] >= low) & (values[root.id] <= high) | odd).all(), name


def test_known_values_are_bounded_by_themselves() -> None:
    rng = np.random.default_rng(1)
    g = Small()
    roots = outputs(g)
    known = completion(rng, possible(rng, g))
    domains: dict[InputKey, Possible] = {}
    for key, values in known.items():
        if key.dtype in ("|O", "<i2"):
            every = np.array(sorted(set(values.tolist())), dtype=values.dtype)
            domains[key] = Among(every, values[:, None] == every[None, :])
        else:
            domains[key] = Between(values, values)
    bounds, _enclosure, _run = enclosed(g, roots, domains)
    values = reference.computed(roots.values(), Households(one_block()).structure, known)
    for name, root in roots.items():
        low, high, odd = bounds[name]
        assert not odd.any(), name
        np.testing.assert_array_equal(np.broadcast_to(low, values[root.id].shape), values[root.id], name)
        np.testing.assert_array_equal(np.broadcast_to(high, values[root.id].shape), values[root.id], name)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_is_not_live_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    g = Small()
    roots = outputs(g)
    domains = possible(rng, g)
    _bounds, enclosure, run = enclosed(g, roots, domains)
    names = {name: f"{SEED}{number}" for number, name in enumerate(roots)}
    live = live_inputs(enclosure, roots, names)
    home = Households(one_block())
    for wanted in rng.choice(sorted(roots), 4, replace=False):
        seeds = {InputKey(n, "", BOOL.str): np.full(home.count(roots[name].entity), name == wanted)
                 for name, n in names.items()}  # fmt: skip
        alive = run(live, seeds)
        first, second = completion(rng, domains), completion(rng, domains)
        mixed = {}
        for key, values in first.items():
            dead = ~np.broadcast_to(alive[key], (PERSONS,)) if key in alive else np.ones(PERSONS, bool)
            mixed[key] = np.where(dead, second[key], values).astype(values.dtype)
        one, other = (reference.computed([roots[wanted]], home.structure, c)[roots[wanted].id] for c in (first, mixed))
        np.testing.assert_array_equal(one, other, wanted)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_is_open_has_something_to_ask(seed: int) -> None:
    rng = np.random.default_rng(seed)
    g = Small()
    roots = outputs(g)
    domains = possible(rng, g)
    bounds, enclosure, run = enclosed(g, roots, domains)
    names = {name: f"{SEED}{number}" for number, name in enumerate(roots)}
    live = live_inputs(enclosure, roots, names)
    home = Households(one_block())
    for name, root in roots.items():
        low, high, odd = (np.broadcast_to(side, (home.count(root.entity),)) for side in bounds[name])
        for row in np.flatnonzero((low != high) | odd):
            seeds = {InputKey(n, "", BOOL.str): np.zeros(home.count(roots[other].entity), bool)
                     for other, n in names.items()}  # fmt: skip
            seeds[InputKey(names[name], "", BOOL.str)][row] = True
            assert any(rows.any() for rows in run(live, seeds).values()), (name, row)


def test_zero_of_what_may_be_infinite_is_not_zero() -> None:
    g = Small()
    root = g.make("mul", g.make("div", g.wide("a"), g.input["b"]), g.make("cast", g.input["t"], attr="<f8"))
    ones = np.ones(PERSONS)
    no = np.zeros(PERSONS, bool)
    domains: dict[InputKey, Possible] = {
        g.keys["a"]: Between(ones.astype("f4"), ones.astype("f4")),
        g.keys["b"]: Between(np.array([0.0, 1.0, -1.0, 2.0]), np.array([5.0, 5.0, 5.0, 2.0])),
        g.keys["t"]: Between(no, no),
    }
    bounds, enclosure, run = enclosed(g, {"x": root}, domains)
    assert bounds["x"][2].tolist() == [True, False, True, False]
    live = run(live_inputs(enclosure, {"x": root}, {"x": SEED}), {InputKey(SEED, "", BOOL.str): np.ones(PERSONS, bool)})
    assert live[g.keys["b"]].tolist() == [True, False, True, False]


def test_a_settled_choice_cuts_the_other_side() -> None:
    g = Small()
    root = g.make("where", g.input["t"], g.wide("a"), g.input["b"])
    zeros = np.zeros(PERSONS)
    domains: dict[InputKey, Possible] = {
        g.keys["t"]: Between(np.array([True, False, False, True]), np.array([True, False, True, True])),
        g.keys["a"]: Between(zeros.astype("f4"), (zeros + 5).astype("f4")),
        g.keys["b"]: Between(zeros, zeros + 9),
    }
    _bounds, enclosure, run = enclosed(g, {"x": root}, domains)
    live = run(live_inputs(enclosure, {"x": root}, {"x": SEED}), {InputKey(SEED, "", BOOL.str): np.ones(PERSONS, bool)})
    assert live[g.keys["a"]].tolist() == [True, False, True, True]
    assert live[g.keys["b"]].tolist() == [False, True, True, False]
    assert live[g.keys["t"]].tolist() == [False, False, True, False]


def variable(kind: Any, items: tuple[str, ...] = ()) -> Variable:
    return Variable("loyer", "Loyer", "menage", kind, "month", None, items, True, False)


def test_no_domain_is_guessed() -> None:
    cell = Cell("loyer", "2026-01", 0)
    with pytest.raises(InvalidInput, match="rien ne dit entre quelles valeurs"):
        domain_of(variable("float"), cell, {})
    assert domain_of(variable("bool"), cell, {}) == Choice((False, True))
    assert domain_of(variable("enum", ("vide", "meuble")), cell, {}) == Choice(("vide", "meuble"))
    stated = {"loyer": Range(0, 900), ("loyer", "2026-01"): Range(0, 500), cell: Range(1, 2)}
    assert domain_of(variable("float"), cell, stated) == Range(1, 2)
    assert domain_of(variable("float"), Cell("loyer", "2026-01", 1), stated) == Range(0, 500)
    assert domain_of(variable("float"), Cell("loyer", "2026-02", 0), stated) == Range(0, 900)


@pytest.mark.parametrize(
    "domain",
    [Range(5, 1), Range(0, 1e15), Range(0, float("nan")), Days(date(2026, 1, 1), date(2026, 1, 2)), Choice(())],
)
def test_a_domain_that_does_not_fit_is_refused(domain: Any) -> None:
    with pytest.raises(InvalidInput, match="deux nombres"):
        engine_range(variable("float"), domain)


def test_parts_cover_the_domain() -> None:
    amounts = Between(np.zeros(1, "f4"), np.full(1, 100, "f4"))
    assert [tuple(map(float, part)) for part in parts_of_cell(amounts, 0)] == [(0, 0), (0, 50), (50, 100)]
    days = Between(np.array(["2020-01-01"], "M8[D]"), np.array(["2020-01-02"], "M8[D]"))
    assert [tuple(map(str, part)) for part in parts_of_cell(days, 0)] == [("2020-01-01",) * 2, ("2020-01-02",) * 2]
    texts = Among(np.array(["x", "y", "z"], object), np.array([[True, False, True]]))
    assert [part.tolist() for part in parts_of_cell(texts, 0)] == [[True, False, False], [False, False, True]]
