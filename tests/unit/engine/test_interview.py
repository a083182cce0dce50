"""Interviews on small graphs: they end with every right settled, at what the law computes on the answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from allervers.engine.block import Block, Membership
from allervers.engine.bounds import HouseholdBounds
from allervers.engine.build import Builder
from allervers.engine.domains import Choice, Domains, Range
from allervers.engine.enclosure.program import BoundsProgram
from allervers.engine.facts import Facts, Source
from allervers.engine.node import Graph, Node
from allervers.engine.ops import InputKey
from allervers.engine.program import Asked, Program, Traced
from allervers.engine.questions import Interview
from allervers.engine.variables import Variable

MONTH = "2026-01"
TYPES: dict[str, Any] = {"loyer": "float", "plafond": "float", "boursier": "bool", "enfants": "float"}
STATED: Domains = {"loyer": Range(0, 1_500), "plafond": Range(-100, 500), "boursier": Choice((False, True)),
                   "enfants": Range(0, 9)}  # fmt: skip


class Small:
    """A graph of one family's columns: loyer, plafond, boursier, enfants."""

    def __init__(self) -> None:
        self.builder = Builder(Graph())
        dtypes = {"float": "<f4", "bool": "|b1"}
        self.keys = {name: InputKey(name, MONTH, dtypes[kind]) for name, kind in TYPES.items()}
        self.input = {name: self.builder.make("input", (), key, "famille") for name, key in self.keys.items()}

    def make(self, op: str, *args: Node, attr: Any = None) -> Node:
        return self.builder.make(op, args, attr)

    def ratio(self) -> Node:
        return self.make("div", self.input["loyer"], self.input["plafond"])

    def program(self, **roots: Node) -> Program:
        sources = {(name, MONTH): Source("famille", key) for name, key in self.keys.items()}
        asked = {Asked(name, MONTH): node for name, node in roots.items()}
        variables = {n: Variable(n, n, "famille", kind, "month", None, (), False, False) for n, kind in TYPES.items()}
        return Program.of(
            "v", Facts(sources, frozenset()), Traced(asked), dict.fromkeys(asked, "famille"), {}, variables
        )


def family(**values: Any) -> Block:
    one = np.zeros(1, np.int64)
    members = {"famille": "demandeur", "foyer_fiscal": "declarant_principal", "menage": "personne_de_reference"}
    given = {"loyer": 600.0, "plafond": 300.0, "boursier": False, "enfants": 1.0} | values
    columns = {(name, MONTH): np.array([value]) for name, value in given.items()}
    return Block(
        1, {g: Membership(1, one, np.array([role])) for g, role in members.items()}, columns,
        dict.fromkeys(columns, "famille"),
    )  # fmt: skip


def blank(block: Block, *names: str) -> Block:
    return replace(block, unknown={(name, MONTH): np.ones(1, bool) for name in names})


def ended(program: Program, block: Block) -> tuple[Interview, list[str]]:
    """The interview once no question is left, and what was asked."""
    interview, asked = Interview(BoundsProgram(program), blank(block, *TYPES), STATED), []
    while (question := interview.next_question()) is not None:
        asked.append(question.variable)
        interview.answer(question, block.columns[question.variable, MONTH][0])
    return interview, asked


@pytest.mark.parametrize("plafond", [300.0, -50.0])
@pytest.mark.parametrize("boursier", [False, True])
def test_a_right_closed_beside_what_may_be_divided_by_zero_ends_settled(plafond: float, boursier: bool) -> None:
    small = Small()
    aide = small.make("mul", small.ratio(), small.make("cast", small.input["boursier"], attr="<f4"))
    block = family(plafond=plafond, boursier=boursier)
    program = small.program(aide=aide)
    interview, asked = ended(program, block)
    assert interview.open_rights() == []
    assert interview.current[Asked("aide", MONTH)].low == program.run_reference(block)[Asked("aide", MONTH)]
    assert ("loyer" in asked) or not boursier
    assert "enfants" not in asked


def test_what_is_known_is_what_the_law_computes_even_through_a_division_by_zero() -> None:
    small = Small()
    limit = small.builder.const(50.0, np.dtype("<f4"))
    program = small.program(aide=small.make("min", small.ratio(), limit))
    block = family(plafond=0.0)
    interview, _asked = ended(program, block)
    assert interview.open_rights() == []
    assert interview.current[Asked("aide", MONTH)].high == 50
    (row,) = HouseholdBounds(BoundsProgram(program), block, {}).rows()
    assert (row.low, row.high, row.low_is_exact, row.high_is_exact) == (50, 50, True, True)


def test_what_the_law_gives_no_number_for_is_never_a_number() -> None:
    small = Small()
    block = family(plafond=0.0, loyer=0.0)
    program = small.program(aide=small.ratio())
    interview, _asked = ended(program, block)
    assert interview.open_rights() == [(Asked("aide", MONTH), 0)]
    (row,) = HouseholdBounds(BoundsProgram(program), block, {}).rows()
    assert (row.low, row.high, row.verdict) == (None, None, "possible")


def test_a_right_that_is_not_wanted_is_not_settled_by_chance() -> None:
    small = Small()
    limit = small.builder.const(50.0, np.dtype("<f4"))
    program = small.program(aide=small.make("min", small.ratio(), limit), prime=small.input["enfants"])
    block = family(plafond=0.0)
    wanted = {Asked("aide", MONTH): np.ones(1, bool)}
    interview = Interview(BoundsProgram(program), blank(block, "enfants"), STATED, wanted)
    assert interview.next_question() is None
    assert interview.open_rights() == []
    prime = interview.current[Asked("prime", MONTH)]
    assert (prime.low[0], prime.high[0]) == (0, 9)
