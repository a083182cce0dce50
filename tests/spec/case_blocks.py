"""The written cases of tests/spec/cas as blocks: several familles under a roof, inputs that no partner sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from case_pages import Case, Expected, read_themes

from allervers.engine.block import Block, Membership, components
from allervers.engine.law import Answer, Law, unknown_rows
from allervers.foundation.errors import InvalidInput
from allervers.foundation.periods import Month
from allervers.population.inputs import INCOMES, INPUTS, Input
from allervers.rights.interview.situation import COLLECTED
from household_situations import Household, Person, block_of, income, periods_of

NATURES = {kind.nature for kind in INCOMES}
OF_THE_CASE = {"role", "famille", "inconnu"}
"""Words of a person in a case that are not inputs of the law."""

NOT_COLLECTED: Mapping[str, Any] = {"ass_precondition_remplie": False, "aeeh_niveau_handicap": 0, "handicap": False}
"""Inputs of the law that AllerVers collects from nobody, and their value for who says nothing."""


def _person(facts: Mapping[str, Any]) -> Person:
    values = {name: value for name, value in facts.items() if name not in NATURES | OF_THE_CASE}
    for nature in sorted(NATURES & set(facts)):
        values |= income(nature, float(facts[nature]))
    return Person(facts["role"], values)


def _familles(case: Case) -> list[list[Mapping[str, Any]]]:
    """The persons of a case by famille: they say a number where there are several, the first is that of the lease."""
    numbers = sorted({person.get("famille", 1) for person in case.personnes})
    return [[p for p in case.personnes if p.get("famille", 1) == number] for number in numbers]


def block_of_cases(cases: Sequence[Case], month: Month) -> Block:
    """The cases stacked in one block, each one ménage, whatever its familles; persons in the order of the familles."""
    per_case = [_familles(case) for case in cases]
    households, home = [], []
    for rank, (case, familles) in enumerate(zip(cases, per_case, strict=True)):
        for persons in familles:
            households.append(Household([_person(p) for p in persons], case.menage, case.famille))
            home.append(rank)
    block = block_of(households, month)
    first = np.array([home.index(rank) for rank in range(len(cases))])
    dwelling = block.membership["menage"]
    guests = np.isin(dwelling.group, first, invert=True)
    roof = Membership(len(cases), np.array(home)[dwelling.group], np.where(guests, "autre", dwelling.role))
    columns = {c: values[first] if block.entity_of[c] == "menage" else values for c, values in block.columns.items()}
    people = [person for familles in per_case for persons in familles for person in persons]
    extra: dict[tuple[str, str], Any] = {}
    for name, usual in NOT_COLLECTED.items():
        values = np.array([person.get(name, usual) for person in people])
        extra |= {(name, p): values for p in periods_of(Input(name, "individu", "monthly", ""), month)}
    unknown = {
        column: mask
        for column in columns
        if (mask := np.array([column[0] in person.get("inconnu", ()) for person in people])).any()
    }
    return replace(
        block,
        membership={**block.membership, "menage": roof},
        columns={**columns, **extra},
        entity_of={**block.entity_of, **dict.fromkeys(extra, "individu")},
        unknown=unknown,
    )


@cache
def stacked(month: str) -> tuple[Block, tuple[str, ...]]:
    """Every case of a month in one block, and their identifiers in order."""
    cases = [case for theme in read_themes() for case in theme.cas if case.mois == month]
    return block_of_cases(cases, Month.parse(month)), tuple(case.id for case in cases)


_ANSWERS: dict[tuple[int, str, str], Answer] = {}


def _answer(law: Law, month: str, output: str) -> Answer:
    """One output for every case of a month, computed once: its household never changes another's."""
    key = (id(law), month, output)
    if key not in _ANSWERS:
        period = month[:4] if output == "ars" else month
        _ANSWERS[key] = law.evaluate(_known_to(law, stacked(month)[0]), output, period)
    return _ANSWERS[key]


def _known_to(law: Law, block: Block) -> Block:
    """The block without our own inputs where the law is OpenFisca-France alone."""
    beyond = {item.variable for item in COLLECTED if item not in INPUTS}
    kept = {c: values for c, values in block.columns.items() if c[0] not in beyond or _has(law, c[0])}
    return replace(block, columns=kept)


def _has(law: Law, variable: str) -> bool:
    try:
        law.variable(variable)
    except InvalidInput:
        return False
    return True


def found(law: Law, case: Case, expected: Expected) -> tuple[float, bool]:
    """(amount, whether it depends on what the case leaves unknown) of an expectation of a case under this law."""
    block, identifiers = stacked(case.mois)
    answer = _answer(law, case.mois, expected.output)
    rank = identifiers.index(case.id)
    persons = np.flatnonzero(block.membership["menage"].group == rank)
    person = persons[expected.personne - 1]
    row = person if answer.entity == "individu" else block.membership[answer.entity].group[person]
    doubt = unknown_rows(block, answer, components(block.membership, block.persons))
    return float(answer.values[row]), bool(doubt[row])


def found_if(law: Law, case: Case, expected: Expected) -> float:
    """The amount of an expectation if the fact that it hangs on holds (rights.openers)."""
    assert expected.opener is not None
    month = Month.parse(case.mois)
    block = expected.opener.lifted(block_of_cases([case], month), month)
    answer = law.evaluate(block, expected.output, case.mois)
    row = expected.personne - 1
    return float(answer.values[row if answer.entity == "individu" else block.membership[answer.entity].group[row]])
