"""What if: a wage from nothing to much, a child who is born, another rent. Between bounds where answers are unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.copies import repeated
from allervers.engine.enclosure.columns import possible_values
from allervers.engine.enclosure.seat import Households
from allervers.foundation.errors import InvalidInput
from allervers.population.ranges import stated_ranges
from allervers.rights.interview.answers import DWELLING, Answers, history
from allervers.rights.interview.conversation import Conversation, conversation
from allervers.rights.interview.live_law import LiveLaw
from allervers.rights.interview.results import Result, Total, results_of
from allervers.rights.interview.wording import SOURCES, subjects

Floats = NDArray[np.float64]
MOST_WAGE, STEP = 3_000.0, 50.0


@dataclass(frozen=True, slots=True)
class WageCurve:
    """By net wage of a month: what the rights paid by the month add up to. Shape of the three: (steps,)."""

    wages: Floats
    low: Floats
    high: Floats

    @property
    def income_low(self) -> Floats:
        """Wage and rights together, at least."""
        return self.wages + self.low

    @property
    def income_high(self) -> Floats:
        """Wage and rights together, at most."""
        return self.wages + self.high


@dataclass(frozen=True, slots=True)
class Change:
    """A right before and after."""

    right: str
    label: str
    period: str
    before: Total
    after: Total


def wage_curve(known: Conversation, person: str, wages: Sequence[float] = ()) -> WageCurve:
    """Rights of the family for each net wage of somebody, every month of the history: one run over as many copies.

    What is still unknown stays unknown: the curve is then a band. Raises InvalidInput for somebody who cannot earn.
    """
    live, answers = known.live, known.answers
    if person not in [p.id for p in answers.household.family(0) if p.role != "child"]:
        raise InvalidInput("Choisissez une personne adulte de votre famille.")
    values = np.asarray(wages or np.arange(0.0, MOST_WAGE + 1, STEP), dtype=np.float64)
    told = _working(answers, person)
    household = live.household(told)
    copies = len(values)
    many = repeated(household.block, copies)
    columns = dict(many.columns)
    row, count = household.identifiers["individu"].index(person), household.block.persons
    # Daily allowances share what is taxed of a wage: what they bring is kept.
    for name, factor in subjects()["salaire"].carries.items():
        for month in history(answers.month):
            changed = np.array(columns[name, str(month)], dtype=np.float64)
            changed[row::count] += values * factor
            columns[name, str(month)] = changed
    block = replace(many, columns=columns)
    households = Households(block)
    stated = stated_ranges(block.columns, towns=live.towns, last_birth=live.month.first_day)
    found = live.bounds.run(households, possible_values(live.program, block, stated))
    low, high = np.zeros(copies), np.zeros(copies)
    for asked, bound in found.items():
        right = live.rights[asked]
        if right.computation is None or right.computation.amount_period != "month":
            continue
        mine = known.wanted[asked]
        low += np.maximum(bound.low.reshape(copies, -1)[:, mine].astype(float), 0).sum(axis=1)
        top = np.where(bound.is_unbounded, np.inf, bound.high.astype(float)).reshape(copies, -1)[:, mine]
        high += np.maximum(top, 0).sum(axis=1)
    return WageCurve(values, low, high)


def _working(answers: Answers, person: str) -> Answers:
    """The same household where somebody works, for nothing yet: the wage of each copy is added."""
    ticked = answers.value(SOURCES, person)
    kinds = ticked if isinstance(ticked, tuple) else ()
    told = answers.with_answer("salaire", person, 0.0)
    if isinstance(ticked, tuple) and "salaire" not in kinds:
        # The wage is new: nothing was taxed of it in the years before.
        told = told.with_answer(SOURCES, person, (*(str(k) for k in kinds), "salaire"))
        told = told.with_answer("salaire_an", person, (0.0, 0.0))
    return told


def with_child(answers: Answers, name: str) -> Answers:
    """The same household, a child born on the first day of the month, whose pregnancy is over."""
    household = answers.household.with_child(name, answers.month.first_day)
    told = replace(answers, household=household)
    child = household.persons[-1].id
    told = told.with_answer("nationalite", child, _nationality(answers)).with_answer("handicap", child, "0.0")
    for parent in answers.household.family(0):
        if answers.value("grossesse", parent.id) is True:
            told = told.with_answer("grossesse", parent.id, (*[True] * (len(history(answers.month)) - 1), False))
    return told


def _nationality(answers: Answers) -> Any:
    """That of the first adult: what is not known of them is not known of the child."""
    return answers.value("nationalite", answers.household.family(0)[0].id)


def with_rent(answers: Answers, rent: float | None, town: str = "", lodged: str = "") -> Answers:
    """The same household elsewhere: rent, commune, way of being lodged; what is not given stays."""
    told = answers
    if lodged:
        told = told.with_answer("occupation", DWELLING, lodged)
    if rent is not None:
        told = told.with_answer("loyer", DWELLING, rent)
    return told.with_answer("commune", DWELLING, town) if town else told


def compared(live: LiveLaw, before: Answers, after: Answers) -> list[Change]:
    """Rights that change, the greatest change first."""
    sides = [_by_right(_results(live, one)) for one in (before, after)]
    found = []
    for right in dict.fromkeys([*sides[0], *sides[1]]):
        one, other = (side.get(right, []) for side in sides)
        known = (one or other)[0]
        changed = Change(right, known.right.label, known.period, _summed(one), _summed(other))
        if changed.before != changed.after:
            found.append(changed)
    return sorted(found, key=lambda change: -abs((change.after.high or 0) - (change.before.high or 0)))


def _results(live: LiveLaw, answers: Answers) -> list[Result]:
    with conversation(live, answers) as known:
        return results_of(known)


def _by_right(results: Sequence[Result]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {}
    for one in results:
        found.setdefault(one.right.id, []).append(one)
    return found


def _summed(results: Sequence[Result]) -> Total:
    highs = [one.high for one in results]
    low = sum(one.low or 0.0 for one in results)
    return Total(low, None if None in highs else sum(high or 0.0 for high in highs))
