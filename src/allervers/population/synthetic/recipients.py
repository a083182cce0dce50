"""How many Caf recipients each candidate household is likely to hold: what the fit by commune to the Caf figures needs.

A rough model by famille of the RSA, the prime d'activité, the housing aid and the AAH, on a few drawn careers of each
candidate. Like transfers.py it serves the fit and nothing else: entitlements come from the law (OpenFisca). Its
agreement with the law is measured in tests/agreement/test_synthetic_agreement.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allervers.population.inputs import INCOMES
from allervers.population.synthetic.careers import Months, incomes
from allervers.population.synthetic.housing import expected_rent_eur
from allervers.population.synthetic.people import Calendar, People, settle
from allervers.population.synthetic.rates import published_rate
from allervers.population.synthetic.shapes import (
    EXPECTED,
    HORS_UNION,
    PARTNER,
    REFERENCE,
    SLOTS,
    Bools,
    Floats,
    Hosting,
    Households,
    Ints,
    State,
)
from allervers.population.synthetic.transfers import HouseholdIncome, family_benefits_eur, housing_aid_eur

RIGHTS = ("rsa", "ppa", "aides_logement", "aah")
"""Rights counted here, in the order of the columns of `expected_recipients`."""

DRAWS = 16
"""Careers drawn for each candidate: a right that depends on the months just past is then a probability. With fewer, the
fit leans on lucky draws that the population does not repeat (six: 1.5 % of RSA recipients lost)."""

READ_MONTHS = slice(-5, -2)
"""Months that the RSA and the prime d'activité read: M-4 to M-2 (CSS R. 843-1, CASF R. 262-7)."""

PERMIT_SHARE = 0.76
"""Adults from outside the Union who have held a permit for five years (situation.permits). Citizens of the Union have
a right of residence after three months (CASF L. 262-6): all are counted."""

SELF_EMPLOYED_KEPT = 0.6
"""Of a turnover, what the RSA and the prime d'activité count, about: less the costs and the contributions."""

Series = dict[str, Months]

_RSA_EUR, _PPA_EUR, _FLAT_HOUSING_EUR = 651.7, 638.3, (78.2, 156.4, 193.6)
"""Amounts of a person alone (2026-11), and what a home counts for: 12 %, 16 % or 16.5 % of the RSA (CASF R. 262-9)."""

_WORK_WITH_AAH_EUR = 350.0
"""Net wages from which the AAH counts as income of work: 29 times the gross hourly minimum wage, about."""

_THRESHOLD_EUR = {right: published_rate(right).threshold_eur for right in RIGHTS}


def expected_recipients(seed: int, homes: Households, calendar: Calendar) -> Floats:
    """Expected recipients of each household (n, len(RIGHTS)): rough entitlement times the published take-up.

    Same seed, same numbers. The random stream is apart from those that make the population.
    """
    rng = np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=(3,)))
    drawn = np.mean([entitled(rng, homes, calendar) for _ in range(DRAWS)], axis=0)
    return np.asarray(drawn * published_take_up(), dtype=np.float64)


def published_take_up() -> Floats:
    """Published take-up of each of RIGHTS, between 0 and 1."""
    return np.array([1 - published_rate(right).rate for right in RIGHTS])


def entitled(rng: np.random.Generator, homes: Households, calendar: Calendar) -> Floats:
    """Units entitled to each of RIGHTS in each household (n, len(RIGHTS)) for one draw of their careers."""
    people = settle(rng, homes, calendar)
    settled = (people.foreign != HORS_UNION) | (rng.random(len(people)) < PERMIT_SHARE)
    family = _families(people, settled, incomes(rng, people, calendar))
    amounts = _amounts(family)
    out = np.zeros((len(homes), len(RIGHTS)))
    for column, right in enumerate(RIGHTS):
        if right == "aah":
            out[:, column] = np.bincount(people.household, weights=_disabled(people), minlength=len(homes))
        else:
            paid = amounts[right] >= max(_THRESHOLD_EUR[right], 1e-6)
            out[:, column] = np.bincount(family.household, weights=paid, minlength=len(homes))
    return out


@dataclass(frozen=True, slots=True)
class _Families:
    """Familles of the candidates: their household, what the transfer model needs, and the conditions of the RSA.

    unit: income of the months that the RSA reads; year_eur: mean taxable income of the twelve months that the housing
    aid reads; stopped_eur: wages that the RSA leaves out; bonus_eur: bonus of the prime d'activité; charged: children
    in charge for the RSA; holds_dwelling: not hosted by another famille, or in a flat share.
    """

    household: Ints
    unit: HouseholdIncome
    year_eur: Floats
    stopped_eur: Floats
    bonus_eur: Floats
    may_have_rsa: Bools
    may_have_ppa: Bools
    young_lone_parent: Bools
    charged: Ints
    holds_dwelling: Bools


def _families(people: People, settled: Bools, series: Series) -> _Families:
    heads, of = np.unique(people.famille, return_inverse=True)

    def total(values: Floats | Bools) -> Floats:
        return np.asarray(np.bincount(of, weights=values, minlength=len(heads)), dtype=np.float64)

    living = people.slot != EXPECTED
    paired = (people.slot == PARTNER) | ((people.slot == 9) & (people.famille % SLOTS == 8))
    adult = living & ((people.famille == people.key) | paired)
    child = living & ~adult
    year = _taxable(series)
    work, stopped, other = _read_by_the_rsa(series)
    student = people.state == State.ETUDIANT
    works = adult & (work > 0)
    children, couple = total(child & (people.age < 20)), total(adult & paired) > 0
    parent = total(child | (people.slot == EXPECTED)) > 0
    of_age = total(adult & (people.age >= 25)) > 0
    disabled = adult & _disabled(people)
    household = heads // SLOTS
    unit = HouseholdIncome(
        work_eur=total(work * adult), replacement_eur=total(other * adult), workers=_int(total(works)),
        adults=_int(total(adult)), couple=couple, children=_int(children),
        children_under_3=_int(total(child & (people.age < 3))),
        children_over_14=_int(total(child & (people.age >= 14) & (people.age < 20))),
        aah=_int(total(disabled)), seniors=_int(total(adult & (people.age >= 65))),
        students=total(adult & student) >= total(adult),
        rent_eur=expected_rent_eur(people.homes.tenure, people.homes.size)[household]
        * np.where(people.homes.hosting == Hosting.COLOCATION, 0.75, 1.0)[household],
    )  # fmt: skip
    return _Families(
        household=household, unit=unit, year_eur=total(year * adult), stopped_eur=total(stopped * adult),
        bonus_eur=total(240 * np.clip((work - 720) / 720, 0, 1) * works),
        may_have_rsa=(of_age | parent) & (total(adult & settled) > 0) & (~unit.students | parent) & (unit.seniors == 0),
        may_have_ppa=total(works & (~student | (work > 1100)) & settled) > 0,
        young_lone_parent=~couple & (total(child & (people.age < 3)) > 0), charged=_int(total(child)),
        holds_dwelling=(heads % SLOTS == REFERENCE) | (people.homes.hosting == Hosting.COLOCATION)[household],
    )  # fmt: skip


def _read_by_the_rsa(series: Series) -> tuple[Floats, Floats, Floats]:
    """Net income of work, wages left out by the RSA, and other net income of each person: means of READ_MONTHS.

    Daily allowances count as work (CSS R. 844-1). The RSA leaves out wages that have just stopped without a jobless or
    sick benefit after them (CASF R. 262-13).
    """
    net = {
        income.nature: income.net_of(series[income.nature][:, READ_MONTHS].mean(axis=1, dtype=np.float64))
        for income in INCOMES
    }
    net["independant"] = SELF_EMPLOYED_KEPT * series["independant"][:, READ_MONTHS].mean(axis=1, dtype=np.float64)
    wages = series["salaire"]
    replaced = series["chomage"][:, -1] + series["maladie"][:, -1] > 0
    stopped = (wages[:, -1] == 0) & (wages[:, -2] > 0) & ~replaced
    work = net["salaire"] + net["independant"] + net["maladie"]
    return work, np.where(stopped, net["salaire"], 0.0), np.sum(list(net.values()), axis=0) - work


def _taxable(series: Series) -> Floats:
    """Taxable income of each person, mean of the twelve months that the housing aid reads (M-13 to M-2)."""
    parts = [i.taxable_of(series[i.nature][:, -14:-2].mean(axis=1, dtype=np.float64)) for i in INCOMES]
    return np.asarray(np.sum(parts, axis=0), dtype=np.float64)


def _int(values: Floats) -> Ints:
    return np.asarray(values, dtype=np.int64)


def _disabled(people: People) -> Bools:
    """Persons whose rate of incapacity opens the AAH (80 %, or 50 % with a lasting restriction), from 20 years on."""
    return np.isin(people.state, (State.HANDICAP_80, State.HANDICAP_50)) & (people.age >= 20)


def _amounts(family: _Families) -> dict[str, Floats]:
    """Monthly amount of the RSA, the prime d'activité and the housing aid of each famille, euros."""
    unit = family.unit
    aah = unit.aah * np.clip(1033 - 0.5 * unit.replacement_eur / np.maximum(unit.aah, 1), 0, None)
    given = family_benefits_eur(unit, family.year_eur)
    housing = housing_aid_eur(unit, family.year_eur) * family.holds_dwelling
    kids = family.charged
    persons = 1 + 0.5 * (unit.adults > 1) + np.where(
        unit.adults > 1, 0.3 * np.minimum(kids, 2), 0.5 * (kids > 0) + 0.3 * (kids > 1)
    ) + 0.4 * np.clip(kids - 2, 0, None)  # fmt: skip
    persons = np.where(family.young_lone_parent, 1.28412 + 0.42804 * kids, persons)
    lodged = np.array(_FLAT_HOUSING_EUR)[np.clip(unit.adults + kids, 1, 3) - 1]
    flat = np.where((housing > 0) | (unit.rent_eur == 0), lodged, 0.0)
    base = unit.work_eur + unit.replacement_eur + aah + given + flat
    rsa = np.where(family.may_have_rsa, np.clip(_RSA_EUR * persons - base + family.stopped_eur, 0, None), 0.0)
    floor = _PPA_EUR * persons
    # The AAH of those who work counts as income of work (CSS L. 842-8).
    earned = unit.work_eur + np.where(unit.work_eur > _WORK_WITH_AAH_EUR, aah, 0.0)
    ppa = np.clip(floor + 0.5985 * earned + family.bonus_eur - np.maximum(base, floor), 0, None)
    return {"rsa": rsa, "ppa": np.where(family.may_have_ppa, ppa, 0.0), "aides_logement": housing}
