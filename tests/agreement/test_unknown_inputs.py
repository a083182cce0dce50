"""Unknown inputs on the formulas of OpenFisca-France: bounds enclose, questions end at the truth, curves are right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from general_population import MONTH, write_general

from allervers.engine.births import by_births, with_births
from allervers.engine.block import Block, components
from allervers.engine.bounds import HouseholdBounds, drawn
from allervers.engine.compiled_law import chosen_engine
from allervers.engine.copies import repeated
from allervers.engine.domains import Choice, Domains
from allervers.engine.enclosure.columns import possible_values
from allervers.engine.enclosure.program import BoundsProgram
from allervers.engine.enclosure.seat import Households
from allervers.engine.law import Law, Wanted
from allervers.engine.necessary import candidate_facts, necessary_columns
from allervers.engine.program import Asked, Program
from allervers.engine.questions import Interview
from allervers.engine.what_if import Varied, curves, turns
from allervers.foundation.errors import InvalidInput
from allervers.population.checks import read_population
from allervers.population.folder import Population
from allervers.population.ranges import stated_ranges

pytestmark = pytest.mark.law

OUTPUTS = ("rsa", "ppa", "aide_logement", "af", "aspa", "aah", "cmu_c")
NEWBORN = {"date_naissance": date(2025, 12, 20), "activite": "inactif", "scolarite": "inconnue"}


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory, openfisca: Law) -> Population:
    folder = write_general(tmp_path_factory.mktemp("unknown") / "population", seed=7, communities=60)
    return read_population(folder, openfisca.variable)


@pytest.fixture(scope="module")
def block(population: Population) -> Block:
    return next(iter(population.blocks(1_000)))[0]


@pytest.fixture(scope="module")
def program(block: Block) -> Program:
    from allervers.engine.compile import compiled
    from allervers.engine.openfisca import OpenFiscaLaw

    law = OpenFiscaLaw()
    return compiled(law, candidate_facts(block.columns, law.variable), [Wanted(name, MONTH) for name in OUTPUTS])


@pytest.fixture(scope="module")
def bounds(program: Program) -> BoundsProgram:
    return BoundsProgram(program)


@pytest.fixture(scope="module")
def stated(block: Block) -> Domains:
    return stated_ranges(block.columns, towns=("93066", "75056", "23096"), last_birth=date(2025, 12, 31))


def households(population: Population, count: int) -> Iterator[Block]:
    labels = population.component()
    for label in np.unique(labels)[:count]:
        yield population.block(np.flatnonzero(labels == label))[0]


def with_unknown(rng: np.random.Generator, household: Block, share: float) -> Block:
    names = sorted({name for name, _period in household.columns})
    hidden = set(rng.choice(names, max(1, int(share * len(names))), replace=False))
    unknown = {c: rng.random(len(v)) < 0.7 for c, v in household.columns.items() if c[0] in hidden}
    return replace(household, unknown=unknown)


def test_bounds_of_known_values_are_the_values(block: Block, program: Program, bounds: BoundsProgram) -> None:
    found = bounds.run(Households(block), possible_values(program, block, {}))
    for asked, values in program.run_reference(block).items():
        np.testing.assert_array_equal(found[asked].low, values)
        np.testing.assert_array_equal(found[asked].high, values)
        assert not found[asked].is_unbounded.any()


def test_every_completion_is_inside_the_bounds(
    population: Population, program: Program, bounds: BoundsProgram, stated: Domains
) -> None:
    rng = np.random.default_rng(3)
    completions = 0
    for household in households(population, 25):
        case = with_unknown(rng, household, float(rng.choice([0.1, 0.3, 1.0])))
        told = HouseholdBounds(bounds, case, stated, seed=1).rows()
        possible = possible_values(program, case, stated)
        copies = 40
        many = {key: one.repeated(copies) for key, one in possible.items()}
        columns = {key: drawn(rng, one, 5) for key, one in many.items()}
        values = bounds.outputs.run(Households(repeated(case, copies)), columns)
        completions += copies
        for one in told:
            shape = (copies, case.count(program.entities[one.asked]))
            column = np.broadcast_to(values[one.asked], (shape[0] * shape[1],)).reshape(shape)[:, one.row]
            if one.low is not None and one.high is not None:
                assert one.low <= column.min(), one.asked
                assert column.max() <= one.high, one.asked
    assert completions >= 1_000


def test_what_is_still_open_has_a_question(
    block: Block, program: Program, bounds: BoundsProgram, stated: Domains
) -> None:
    rng = np.random.default_rng(5)
    home, entity_of = Households(block), dict(program.inputs())
    household = {"individu": components(block.membership, block.persons)}
    for group, members in block.membership.items():
        household[group] = np.zeros(members.count, np.int64)
        household[group][members.group] = household["individu"]
    wanted = {asked: np.ones(block.count(e), bool) for asked, e in program.entities.items()}
    open_in_all = 0
    for share in (0.01, *[0.03] * 7, *[0.1] * 6, 0.3):
        case = with_unknown(rng, block, share)
        found, live = bounds.run_live(home, possible_values(program, case, stated), wanted)
        asked_of = np.zeros(block.persons, bool)
        for key, rows in live.items():
            entity = entity_of[key]
            asked_of[household[entity][np.broadcast_to(rows, (block.count(entity),))]] = True
        for asked, bound in found.items():
            still = household[program.entities[asked]][bound.is_open]
            assert asked_of[still].all(), asked
            open_in_all += len(still)
    assert open_in_all


def test_few_choices_are_enumerated_and_exact(population: Population, bounds: BoundsProgram, stated: Domains) -> None:
    household = next(households(population, 1))
    hidden = {("statut_occupation_logement", MONTH), ("enceinte", MONTH), ("activite", MONTH)}
    unknown = {c: np.arange(len(household.columns[c])) == 0 for c in hidden}
    domains = {**stated, "activite": Choice(("actif", "chomeur", "etudiant"))}
    told = HouseholdBounds(bounds, replace(household, unknown=unknown), domains).rows()
    assert all(one.low_is_exact and one.high_is_exact for one in told)


def test_an_unknown_number_without_a_range_is_refused(population: Population, bounds: BoundsProgram) -> None:
    household = next(households(population, 1))
    column = ("loyer", MONTH)
    case = replace(household, unknown={column: np.ones(len(household.columns[column]), bool)})
    with pytest.raises(InvalidInput, match="donnez-lui une étendue"):
        HouseholdBounds(bounds, case, {})


def test_an_interview_ends_at_the_truth_with_fewer_questions(
    population: Population, program: Program, bounds: BoundsProgram, stated: Domains
) -> None:
    asked_in_all = questions_in_all = 0
    for household in households(population, 4):
        blank = {c: np.ones(len(v), bool) for c, v in household.columns.items() if c[0] != "date_naissance"}
        interview = Interview(bounds, replace(household, unknown=blank), stated)
        questions_in_all += len({(key.variable, int(row), len(key.period)) for key, one in interview.possible.items()
                                 for row in np.flatnonzero(one.is_open)})  # fmt: skip
        while (question := interview.next_question()) is not None:
            asked_in_all += 1
            column = {p: household.columns[question.variable, p][question.row] for p in interview.periods_of(question)}
            interview.answer(question, column)
        assert interview.open_rights() == []
        for asked, values in program.run_reference(household).items():
            np.testing.assert_array_equal(interview.current[asked].low, values)
    assert asked_in_all < questions_in_all


def test_a_curve_is_what_the_law_says_at_each_value(population: Population, program: Program, openfisca: Law) -> None:
    household = next(households(population, 1))
    months = tuple(p for name, p in household.columns if name == "salaire_net")
    varied = [Varied("salaire_net", 0, months)]
    found = curves(program, household, varied, np.linspace(0, 3_000, 61), engine=chosen_engine(""))
    for step in (0, 20, 60):
        changed = dict(household.columns)
        for month in months:
            column = np.array(changed["salaire_net", month])
            column[0] = found.values[step]
            changed["salaire_net", month] = column
        answer = openfisca.evaluate(replace(household, columns=changed), "rsa", MONTH)
        np.testing.assert_array_equal(found.results[Asked("rsa", MONTH)][step], answer.values.astype(float))
    told, left_out = turns(program, household, varied, found, engine=chosen_engine(""))
    assert left_out == 0
    for turn in told:
        assert turn.within < 1
        assert (turn.kind == "stop") == (turn.after <= 0 < turn.before)


def test_a_birth_is_one_more_person(population: Population, program: Program, openfisca: Law) -> None:
    household = next(households(population, 1))
    found = by_births(program, household, 0, [0, 1, 2], NEWBORN, engine=chosen_engine(""))
    larger = with_births(household, 0, 2, NEWBORN)
    assert larger.persons == household.persons + 2
    answer = openfisca.evaluate(larger, "af", MONTH)
    np.testing.assert_array_equal(found.results[Asked("af", MONTH)][2], answer.values.astype(float))
    with pytest.raises(InvalidInput, match="enfant à naître"):
        with_births(household, 0, 1, {"date_naissance": date(2026, 1, 1)})


def test_what_is_not_necessary_changes_nothing(block: Block, program: Program, openfisca: Law) -> None:
    by_column = {column: needs for (column, _entity), needs in necessary_columns(program).items()}
    asked = Asked("af", MONTH)
    needed = {column for column, needs in by_column.items() if asked in needs}
    assert needed < block.columns.keys()
    before: Any = openfisca.evaluate(block, "af", MONTH).values
    rng = np.random.default_rng(2)
    shuffled = {c: v if c in needed else rng.permutation(v) for c, v in block.columns.items()}
    after = openfisca.evaluate(replace(block, columns=shuffled), "af", MONTH).values
    np.testing.assert_array_equal(before, after)
