"""Every number that an explanation shows is a value of the engine, a parameter of the law, or a difference of two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from allervers.engine.block import Block
from allervers.engine.explain.explaining import explained
from allervers.engine.explain.french import day, duration, money, period, shown
from allervers.engine.explain.household import explained_situation
from allervers.engine.explain.naming import named_program
from allervers.engine.explain.quantities import whole_months
from allervers.engine.explain.reading import Reading
from allervers.engine.explain.record import Condition, Explanation, Quantity, Step
from allervers.engine.explain.sentences import as_text, lines_of
from allervers.engine.explain.words import Words
from allervers.engine.facts import facts_of
from allervers.engine.law import Wanted
from allervers.engine.structure import Structure
from allervers.foundation.errors import InvalidInput
from allervers.foundation.periods import Month
from household_situations import Household, Person, block_of, income

pytestmark = pytest.mark.law

MONTH = Month(2026, 1)
RIGHTS = (
    "rsa", "ppa", "af", "aspa", "aah", "aide_logement", "cmu_c", "css_participation_forfaitaire", "asf", "paje_base",
)  # fmt: skip
KEPT = {
    "date_naissance", "salaire_net", "salaire_imposable", "retraite_nette", "retraite_imposable", "retraite_brute",
    "taux_incapacite", "activite", "scolarite", "loyer", "statut_occupation_logement", "depcom",
}  # fmt: skip
HOUSEHOLDS = 12
Every = list[tuple[str, int, Explanation]]


@pytest.fixture(scope="module")
def reading(openfisca: Any) -> Reading:
    law = stock(openfisca)
    block = random_block(7)
    facts = facts_of([block], law.variable, is_general=True)
    wanted = [*(Wanted(right, str(MONTH)) for right in RIGHTS), Wanted("ars", "2026")]
    named = named_program(law, facts, wanted)
    words = Words(law.variable, law.system)
    return Reading.of(named, block, words, str(MONTH), lambda entity, row: f"p{row}" if entity == "individu" else "")


def stock(law: Any) -> Any:
    """The law as OpenFisca holds it."""
    return getattr(law, "stock", law)


def random_block(seed: int) -> Block:
    """Households around the thresholds: young adults, couples, children, pensioners, disabled persons, tenants."""
    rng = np.random.default_rng(seed)
    block = block_of([_household(rng) for _ in range(HOUSEHOLDS)], MONTH)
    kept = {c: v for c, v in block.columns.items() if c[0] in KEPT and (len(c[1]) != 7 or c[1] >= "2024-12")}
    return Block(block.persons, block.membership, kept, {c: block.entity_of[c] for c in kept})


def _household(rng: np.random.Generator) -> Household:
    adults = [_adult(rng, role) for role in ("demandeur", "conjoint")[: int(rng.integers(1, 3))]]
    births = [f"{int(rng.integers(2008, 2026))}-0{int(rng.integers(1, 10))}-11" for _ in range(int(rng.integers(0, 4)))]
    children = [Person("enfant", {"date_naissance": birth, "scolarite": "college"}) for birth in births]
    rent = {"loyer": float(rng.integers(200, 800)), "statut_occupation_logement": "locataire_vide"}
    return Household([*adults, *children], menage=rent if rng.random() < 0.6 else {})


def _adult(rng: np.random.Generator, role: str) -> Person:
    born = f"{int(rng.choice([1956, 1960, 1961, 1975, 1990, 2001, 2004]))}-{int(rng.integers(1, 13)):02d}-15"
    values: dict[str, Any] = {"date_naissance": born, "taux_incapacite": float(rng.choice([0.0, 0.0, 0.6, 0.85]))}
    if rng.random() < 0.7:
        nature = "retraite" if born < "1962" else "salaire"
        values |= income(nature, float(np.round(rng.uniform(100, 2400), 2)))
    return Person(role, values)


@pytest.fixture(scope="module")
def every(reading: Reading) -> list[tuple[str, int, Explanation]]:
    """Right, row and explanation at the fullest level, over all the households."""
    return list(all_of(reading))


def all_of(reading: Reading) -> Iterator[tuple[str, int, Explanation]]:
    for right in (*RIGHTS, "ars"):
        when = "2026" if right == "ars" else str(MONTH)
        entity = reading.words.variable_of(right).entity
        rows = Structure.count(reading.structure, entity)
        for row in range(0, rows, 1 if entity == "famille" else 3):
            yield right, row, explained(reading, right, when, row, detail=3)


def steps(step: Step) -> Iterator[Step]:
    yield step
    for below in step.steps:
        yield from steps(below)


def conditions(explanation: Explanation) -> Iterator[Condition]:
    for step in steps(explanation.step):
        yield from step.conditions
    yield from explanation.missing


def opened(quantity: Quantity) -> Iterator[Quantity]:
    yield quantity
    for _sign, part in quantity.parts:
        yield from opened(part)


def quantities(explanation: Explanation) -> Iterator[Quantity]:
    shown_ones: list[Quantity] = []
    for step in steps(explanation.step):
        shown_ones += [step.amount, *(q for _sign, q in step.terms)]
        shown_ones += [q for limit in step.limits for q in (limit.bound, limit.without)]
    for condition in conditions(explanation):
        shown_ones += [q for q in (condition.left, condition.right) if q is not None]
        shown_ones += [q for _sign, q in condition.terms]
    for quantity in shown_ones:
        yield from opened(quantity)


def raw(reading: Reading, node: int, row: int) -> Any:
    values = reading.values[node]
    return values[0] if len(values) == 1 else values[row]


def test_values_are_the_engine_s(reading: Reading, every: Every) -> None:
    checked = 0
    for right, row, explanation in every:
        assert explanation.step.amount.variable == right
        for quantity in quantities(explanation):
            value = raw(reading, quantity.node, quantity.place.row)
            if quantity.unit == "item":
                names = [quantity.value]
                if quantity.variable:
                    names = [reading.words.item(quantity.variable, int(value))]
                assert quantity.value in names, (right, row, quantity)
            elif isinstance(value, np.datetime64 | np.timedelta64 | str | bytes):
                assert quantity.value in (str(value), value), (right, row, quantity)
            else:
                assert float(quantity.value) == float(value), (right, row, quantity)
            checked += 1
    assert checked > 2_000


def test_parameters_are_the_law_s(every: Every, openfisca: Any) -> None:
    found = {q.parameter for _right, _row, e in every for q in quantities(e) if q.parameter is not None}
    assert len(found) > 20
    for parameter in found:
        assert stock(openfisca).parameter(parameter.path, parameter.instant) == pytest.approx(parameter.value), (
            parameter.path
        )
        assert parameter.label, parameter.path
    for _right, _row, explanation in every:
        for quantity in quantities(explanation):
            if quantity.parameter is not None:
                assert float(quantity.value) == pytest.approx(float(quantity.parameter.value))


def test_conditions_gaps_and_ages(reading: Reading, every: Every) -> None:
    gaps = ages = 0
    for right, row, explanation in every:
        for condition in conditions(explanation):
            if condition.relation != "above_zero":
                value = raw(reading, condition.node, condition.place.row)
                assert bool(value) is condition.holds, (right, row, condition)
            if condition.gap is not None:
                gaps += 1
                if condition.relation == "above_zero":
                    assert condition.gap == -float(raw(reading, condition.node, condition.place.row))
                    assert not condition.holds
                else:
                    apart = abs(float(condition.left.value) - float(condition.right.value))
                    assert condition.gap - apart in (0, 1), (right, row, condition)
            if condition.age is not None:
                ages += 1
                birth = raw(reading, condition.age.node, condition.age.place.row)
                assert condition.age.months == whole_months(birth, condition.age.on)
                assert condition.age.birth == str(birth)
    assert gaps > 50
    assert ages > 5


def test_terms_add_up(reading: Reading, every: Every) -> None:
    for right, row, explanation in every:
        for step in steps(explanation.step):
            if step.terms:
                total = sum(float(q.value) * (1 if sign == "+" else -1) for sign, q in step.terms)
                assert total == pytest.approx(float(step.amount.value), abs=1 if step.is_rounded else 0.011), (
                    right,
                    row,
                    step.amount.label,
                )


def test_what_is_missing_fails_and_a_zero_has_a_reason(reading: Reading, every: Every) -> None:
    zeros = reasoned = 0
    for right, row, explanation in every:
        assert all(c.holds is not c.wanted for c in explanation.missing), (right, row)
        if not explanation.step.amount.value:
            zeros += 1
            reasoned += bool(explanation.missing)
            assert explanation.missing or explanation.notes, (right, row)
    assert reasoned / zeros > 0.9


def said(explanation: Explanation) -> set[str]:
    """Every text with a figure that may be shown."""
    texts: set[str] = set()
    for quantity in quantities(explanation):
        texts |= {shown(quantity.value, quantity.unit), quantity.label, quantity.label[:1].lower() + quantity.label[1:]}
        texts |= {period(quantity.period), quantity.place.name}
        if quantity.parameter is not None:
            parameter = quantity.parameter
            texts |= {day(parameter.instant)}
            texts |= {
                form for name in (parameter.label, parameter.short) for form in (name, name[:1].lower() + name[1:])
            }
    for condition in conditions(explanation):
        texts |= {f"{condition.file}, ligne {condition.line}", condition.place.name}
        if condition.gap is not None:
            texts |= {shown(condition.gap, condition.unit), money(condition.gap)}
        if condition.age is not None:
            texts |= {duration(condition.age.months), day(condition.age.on), condition.age.place.name}
            years = {"years": 12, "months": 1}.get(condition.left.unit, 0)
            texts |= {duration(int(condition.right.value) * years)}
    return texts | {a for step in steps(explanation.step) for a in step.article}


FIGURE = "(?<!\\d)(?<!\\d[,\u202f]){}(?!\\d|[,\u202f]\\d)"
"""A whole number, not a part of another."""


def test_no_figure_is_shown_that_is_not_a_value(reading: Reading, every: Every) -> None:
    for right, row, explanation in every:
        text = re.sub(r"et \d+ autres?", " ", "\n".join(lines_of(explanation)))
        known = sorted(said(explanation) - {""}, key=len, reverse=True)
        text = re.sub("|".join(FIGURE.format(re.escape(k)) for k in known), " ", text)
        assert not re.search(r"\d", text), (right, row, re.findall(r".{0,60}\d.{0,40}", text)[:3])


def test_a_right_is_told_in_fifteen_lines(reading: Reading) -> None:
    for right in RIGHTS:
        for row in range(3):
            text = as_text(explained(reading, right, str(MONTH), row))
            assert 1 <= len(text.splitlines()) <= 16, text


def test_rows_do_not_depend_on_what_was_told_before(reading: Reading) -> None:
    first = [explained(reading, "rsa", str(MONTH), row) for row in range(4)]
    assert [explained(reading, "rsa", str(MONTH), row) for row in reversed(range(4))] == first[::-1]


SITUATION = {
    "individus": {"a": {"date_naissance": {"ETERNITY": "1980-05-02"}, "taux_incapacite": {"2026-01": 0.6},
                        "aah": {"2026-01": None}}},
    "familles": {"f": {"parents": ["a"]}},
    "foyers_fiscaux": {"d": {"declarants": ["a"]}},
    "menages": {"m": {"personne_de_reference": ["a"]}},
}  # fmt: skip


def test_a_situation_is_explained_for_each_null_that_asks(openfisca: Any) -> None:
    law = stock(openfisca)
    ((cell, explanation),) = explained_situation(law, SITUATION, "aah")
    assert (cell.identifier, cell.period, explanation.step.amount.place.name) == ("a", "2026-01", "a")
    filled = law.calculate_situation(SITUATION)
    assert explanation.step.amount.value == filled["individus"]["a"]["aah"]["2026-01"]
    assert "taux d'incapacité" in as_text(explanation)
    with pytest.raises(InvalidInput, match="null"):
        explained_situation(law, SITUATION, "rsa")
