"""A rough model of benefits and income tax, only to know who is poor once benefits are counted.

It serves the fit to FiLoSoFi and its table, and nothing else: entitlements come from the law (OpenFisca), never from
here. Amounts: openfisca-france 176.1.8 at 2026-11, rounded; housing aid in zone 1. Take-up is taken as an average.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allervers.population.synthetic.shapes import Bools, Floats, Ints

_RENT_RATE = 0.0035
"""Part of the rate of personal contribution that follows the rent (CCH D. 823-17), at usual rents."""


@dataclass(frozen=True, slots=True)
class HouseholdIncome:
    """What the model needs on n households (or familles); amounts in euros a month, net, averaged over twelve months.

    work: wages and self-employment; replacement: jobless benefit, pensions, sick pay, maintenance; workers: persons
    with a wage; tenants: pays a rent; aah: persons with a rate of disability that opens the AAH.
    """

    work_eur: Floats
    replacement_eur: Floats
    workers: Ints
    adults: Ints
    couple: Bools
    children: Ints
    children_under_3: Ints
    children_over_14: Ints
    aah: Ints
    seniors: Ints
    students: Bools
    rent_eur: Floats


def consumption_units(persons_over_14: Ints, persons_under_14: Ints) -> Floats:
    """Consumption units of the modified OECD scale: 1, 0.5 per other person of 14 or more, 0.3 per child."""
    return np.asarray(1 + 0.5 * (persons_over_14 - 1) + 0.3 * persons_under_14, dtype=np.float64)


def disposable_eur_month(h: HouseholdIncome) -> Floats:
    """Disposable income of each household, euros a month: income, less income tax, plus benefits."""
    income = h.work_eur + h.replacement_eur
    aah = 0.9 * h.aah * np.clip(1033 - 0.5 * np.maximum(h.replacement_eur, 0) / np.maximum(h.aah, 1), 0, None)
    family = family_benefits_eur(h, income) + _school_allowance(h, income)
    housing = 0.94 * housing_aid_eur(h, income)
    persons = 1 + 0.5 * (h.adults - 1) + 0.3 * h.children + 0.1 * np.clip(h.children - 2, 0, None)
    flat = 651.7 * persons
    base = income + aah + family
    rsa = np.where((h.seniors == 0) & ~h.students, 0.75 * np.clip(flat - 75 * persons - base, 0, None), 0.0)
    bonus = np.clip((h.work_eur / np.maximum(h.workers, 1) - 720) / 720, 0, 1) * 240 * h.workers
    activity = 638.3 * persons + 0.5985 * h.work_eur + bonus - np.maximum(base + 0.1 * housing, 638.3 * persons)
    ppa = np.where(h.work_eur > 300, 0.75 * np.clip(activity, 0, None), 0.0)
    aspa = np.where(h.seniors > 0, 0.5 * np.clip(np.where(h.seniors > 1, 1620, 1043) - base, 0, None), 0.0)
    return np.asarray(income - _income_tax(h, income) + family + housing + aah + rsa + ppa + aspa, dtype=np.float64)


def family_benefits_eur(h: HouseholdIncome, income: Floats) -> Floats:
    """Monthly family benefits (AF, CF, PAJE, ASF), euros a month. income: what the means tests read."""
    two = (h.children >= 2) * 151.0 + np.clip(h.children - 2, 0, None) * 194.0 + h.children_over_14 * 30.0
    modest = income < 3400 + 350 * h.children
    third = np.where(modest & (h.children >= 3), 240.0, 0.0)
    small = np.where(modest & (h.children_under_3 > 0), 194.0, 0.0)
    support = np.where(~h.couple, 0.45 * 200.0 * h.children, 0.0)
    return np.asarray((h.children > 0) * (two + third + small + support), dtype=np.float64)


def _school_allowance(h: HouseholdIncome, income: Floats) -> Floats:
    pupils = np.clip(h.children - h.children_under_3, 0, None)
    return np.where(income < 2300 + 500 * h.children, 30.0 * pupils, 0.0)


def housing_aid_eur(h: HouseholdIncome, income: Floats) -> Floats:
    """Housing aid in zone 1, euros a month, for those who ask for it. income: taxable, mean of twelve months."""
    dependants = h.children
    ceiling = np.where(dependants > 0, 453 + 66 * (dependants - 1), np.where(h.couple, 402, 333))
    rent = np.minimum(h.rent_eur, ceiling) + 58 + 13.2 * dependants
    family = np.where(dependants > 0, 1 + np.clip(dependants, 1, 4), h.couple)
    rate = np.array([0.0283, 0.0315, 0.0270, 0.0238, 0.0201, 0.0185])[family] + _RENT_RATE
    free = np.array([5235.0, 7501.0, 8947.0, 9148.0, 9498.0, 9851.0])[family]
    aid = rent - np.maximum(0.085 * rent, 40) - rate * np.clip(12 * 0.9 * income - free, 0, None) - 5
    return np.where((h.rent_eur > 0) & (aid > 10), aid, 0.0)


def _income_tax(h: HouseholdIncome, income: Floats) -> Floats:
    parts = h.adults + 0.5 * h.children + 0.5 * np.clip(h.children - 2, 0, None) + 0.5 * (~h.couple & (h.children > 0))
    share = 12 * 0.9 * income / parts
    tax = 0.11 * np.clip(share - 11497, 0, 17818) + 0.30 * np.clip(share - 29315, 0, None)
    tax *= parts
    relief = np.clip(np.where(h.couple, 1470, 889) - 0.4525 * tax, 0, None)
    return np.asarray(np.clip(tax - relief, 0, None) / 12, dtype=np.float64)
