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
from allervers.engine.texts import TextFunction
from allervers.engine.variables import Variable

MONTH = "2026-01"
TYPES: dict[str, Any] = {"loyer": "float", "plafond": "float", "boursier": "bool", "enfants": "float", "commune": "str"}
STATED: Domains = {"loyer": Range(0, 1_500), "plafond": Range(-100, 500), "boursier": Choice((False, True)),
                   "enfants": Range(0, 9), "commune": Choice(("75056", "93066", "33063"))}  # fmt: skip


class Small:
    """A graph of families' columns: loyer, plafond, boursier, enfants, commune."""

    def __init__(self) -> None:
        self.builder = Builder(Graph())
        dtypes = {"float": "<f4", "bool": "|b1", "str": "|O"}
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


def families(count: int = 1, **values: Any) -> Block:
    """Families of one person, who share a dwelling."""
    roles = {"famille": "demandeur", "foyer_fiscal": "declarant_principal"}
    members = {g: Membership(count, np.arange(count), np.array([role] * count)) for g, role in roles.items()}
    dwelling = np.array(["personne_de_reference", *["autre"] * (count - 1)])
    members["menage"] = Membership(1, np.zeros(count, np.int64), dwelling)
    given = {"loyer": 600.0, "plafond": 300.0, "boursier": False, "enfants": 1.0, "commune": "75056"} | values
    columns = {(name, MONTH): np.array([value] * count) for name, value in given.items()}
    return Block(count, members, columns, dict.fromkeys(columns, "famille"))


def blank(block: Block, *names: str) -> Block:
    return replace(block, unknown={(name, MONTH): np.ones(block.persons, bool) for name in names})


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
    block = families(plafond=plafond, boursier=boursier)
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
    block = families(plafond=0.0)
    interview, _asked = ended(program, block)
    assert interview.open_rights() == []
    assert interview.current[Asked("aide", MONTH)].high == 50
    (row,) = HouseholdBounds(BoundsProgram(program), block, {}).rows()
    assert (row.low, row.high, row.low_is_exact, row.high_is_exact) == (50, 50, True, True)


def test_what_the_law_gives_no_number_for_is_never_a_number() -> None:
    small = Small()
    block = families(plafond=0.0, loyer=0.0)
    program = small.program(aide=small.ratio())
    interview, _asked = ended(program, block)
    assert interview.open_rights() == [(Asked("aide", MONTH), 0)]
    (row,) = HouseholdBounds(BoundsProgram(program), block, {}).rows()
    assert (row.low, row.high, row.verdict) == (None, None, "possible")


def test_a_right_that_is_not_wanted_is_not_settled_by_chance() -> None:
    small = Small()
    limit = small.builder.const(50.0, np.dtype("<f4"))
    program = small.program(aide=small.make("min", small.ratio(), limit), prime=small.input["enfants"])
    block = families(plafond=0.0)
    wanted = {Asked("aide", MONTH): np.ones(1, bool)}
    interview = Interview(BoundsProgram(program), blank(block, "enfants"), STATED, wanted)
    assert interview.next_question() is None
    assert interview.open_rights() == []
    prime = interview.current[Asked("prime", MONTH)]
    assert (prime.low[0], prime.high[0]) == (0, 9)


def test_questions_are_ranked_as_if_the_answers_had_always_been_known() -> None:
    small = Small()
    rates = TextFunction("table", "<f8", ("75056", "93066", "13055"), (1.0, 0.5, 2.0), 0.25)
    rate = small.make("text", small.input["commune"], attr=rates)
    rent = small.make("mul", rate, small.make("cast", small.input["loyer"], attr="<f8"))
    aide = small.make("where", small.input["boursier"], rent, small.make("cast", small.input["enfants"], attr="<f8"))
    bounds, block = BoundsProgram(small.program(aide=aide)), families(count=2)
    interview = Interview(bounds, blank(block, *TYPES), STATED)
    known: dict[tuple[str, str], Any] = {c: np.zeros(2, bool) for c in block.columns}
    # A commune that was not among the values looked for, then what it is multiplied by.
    for name, row, value in (("commune", 0, "13055"), ("loyer", 1, 700.0), ("boursier", 0, True), ("loyer", 0, 800.0)):
        interview.ranked()
        question = next(q for q in interview.open_questions() if (q.variable, q.row) == (name, row))
        interview.answer(question, value)
        column = block.columns[name, MONTH].copy()
        column[row] = value
        known[name, MONTH][row] = True
        block = replace(block, columns={**block.columns, (name, MONTH): column})
        fresh = Interview(bounds, replace(block, unknown={c: ~mask for c, mask in known.items()}), STATED)
        ranked, expected = ({(r.question, r.effects) for r in one.ranked()} for one in (interview, fresh))
        assert ranked == expected
