"""Who lives with whom: draws candidate households by simulating births, departures of children and hosting.

The shares drawn here are only a start that covers every case well: fit.rake brings them to the public figures. Orders
of magnitude of the fertility and of unions: Insee, civil register and census of Seine-Saint-Denis (confidence C).
"""

from __future__ import annotations

import numpy as np

from allervers.population.synthetic.shapes import (
    CHILDREN,
    HORS_UNION,
    HOSTED_CHILDREN,
    PARTNER,
    REFERENCE,
    SLOTS,
    UNION_EUROPEENNE,
    Bools,
    Floats,
    Hosting,
    Ints,
    Union,
)

BIRTHS_PER_WOMAN = (0.10, 0.18, 0.32, 0.22, 0.11, 0.045, 0.025)
"""Shares of women by number of children at the end of their life as a mother: 0, 1, 2... 6."""

ORIGIN_SHARES = (0.46, 0.22, 0.14, 0.07, 0.05, 0.06)
"""Shares of households by name list (names.ORIGINS): French, Maghreb, Africa, Portugal and Spain, Turkey and East of
Europe, Asia. An invention of ours that only serves the variety of names: no statistic on origin exists."""

FOREIGN_SHARES = ((0.01, 0.02), (0.02, 0.38), (0.01, 0.42), (0.42, 0.03), (0.30, 0.30), (0.01, 0.42))
"""By name list: share of adults who are citizens of another State of the Union, of another State."""


def draw_structure(rng: np.random.Generator, n: int) -> dict[str, Bools | Ints | Floats]:
    """Arrays `present, age, female, famille, foyer, union, hosting, origin, foreign` of n candidate households."""
    present = np.zeros((n, SLOTS), dtype=np.bool_)
    age = np.zeros((n, SLOTS), dtype=np.int64)
    female = rng.random((n, SLOTS)) < 0.49
    present[:, REFERENCE] = True
    age[:, REFERENCE] = np.where(rng.random(n) < 0.08, rng.integers(18, 25, n), rng.integers(22, 97, n))
    age[:, REFERENCE] = np.where(rng.random(n) < 0.5, np.clip(rng.normal(45, 15, n), 18, 96), age[:, REFERENCE])
    couple_share = np.interp(age[:, REFERENCE], [18, 24, 32, 60, 75, 95], [0.03, 0.28, 0.66, 0.68, 0.52, 0.15])
    couple = rng.random(n) < couple_share
    _partners(rng, present, age, female, couple)
    union = _unions(rng, age[:, REFERENCE], couple)
    _children(rng, present, age, female, couple)
    hosting = _hosted(rng, present, age, female)
    origin = rng.choice(len(ORIGIN_SHARES), n, p=ORIGIN_SHARES)
    foreign = _nationality(rng, age, origin)
    famille, foyer = _groups(rng, age, union, hosting)
    return {
        "present": present, "age": age, "female": female, "famille": famille, "foyer": foyer, "union": union,
        "hosting": hosting, "origin": origin, "foreign": foreign,
    }  # fmt: skip


def _partners(rng: np.random.Generator, present: Bools, age: Ints, female: Bools, couple: Bools) -> None:
    n = len(couple)
    present[:, PARTNER] = couple
    gap = np.rint(rng.normal(-2, 4, n)).astype(np.int64)
    female[:, PARTNER] = ~female[:, REFERENCE]
    same_sex = rng.random(n) < 0.015
    female[same_sex, PARTNER] = female[same_sex, REFERENCE]
    age[:, PARTNER] = np.clip(age[:, REFERENCE] + np.where(female[:, PARTNER], gap, -gap), 18, 98)


def _unions(rng: np.random.Generator, age: Ints, couple: Bools) -> Ints:
    married = np.interp(age, [20, 30, 40, 60, 80], [0.15, 0.42, 0.60, 0.80, 0.93])
    pacs = np.interp(age, [20, 30, 40, 60, 80], [0.12, 0.20, 0.15, 0.05, 0.01])
    u = rng.random(len(age))
    kind = np.where(u < married, Union.MARIAGE, np.where(u < married + pacs, Union.PACS, Union.CONCUBINAGE))
    return np.where(couple, kind, Union.AUCUNE).astype(np.int64)


def _children(rng: np.random.Generator, present: Bools, age: Ints, female: Bools, couple: Bools) -> None:
    """Births of the mother (or of the lone father's former partner), less the children who left home."""
    n, most = len(couple), CHILDREN.stop - CHILDREN.start
    mother_age = np.where(couple & female[:, PARTNER], age[:, PARTNER], age[:, REFERENCE])
    births = rng.choice(len(BIRTHS_PER_WOMAN), n, p=BIRTHS_PER_WOMAN)
    alone_with = np.where(female[:, REFERENCE], 0.85, 0.16)
    births = np.where(couple | (rng.random(n) < alone_with), births, 0)
    first = np.clip(rng.normal(27, 5, n), 16, 42)
    gaps = 1 + rng.gamma(2.2, 1.1, (n, most)).astype(np.int64)
    gaps[:, 0] = 0
    twins = rng.random((n, most)) < 0.017
    twins[:, 0] = False
    gaps[twins] = 0
    years = (mother_age - first)[:, None].astype(np.int64) - gaps.cumsum(axis=1)
    leaves = np.clip(rng.normal(25, 4.5, (n, most)), 18, 40)
    latest_birth = mother_age[:, None] - years
    home = (np.arange(most) < births[:, None]) & (years >= 0) & (years < leaves) & (latest_birth <= 46)
    present[:, CHILDREN] = home
    age[:, CHILDREN] = np.where(home, years, 0)


def _hosted(rng: np.random.Generator, present: Bools, age: Ints, female: Bools) -> Ints:
    """Second families under the same roof, in one household in twelve."""
    n = len(age)
    head = age[:, REFERENCE]
    shares = (0.92, 0.014, 0.018, 0.016, 0.012, 0.02)
    hosting = rng.choice(len(Hosting), n, p=shares)
    hosting[(hosting == Hosting.ENFANT_PARENT) & ((head < 42) | (head > 75))] = Hosting.PERSONNE
    hosting[(hosting == Hosting.ASCENDANT) & ((head < 28) | (head > 68))] = Hosting.PERSONNE
    hosting[(hosting == Hosting.COLOCATION) & ((head > 40) | present[:, PARTNER] | present[:, 2])] = Hosting.PERSONNE
    some = hosting != Hosting.PERSONNE
    present[:, 8] = some
    present[:, 9] = (hosting == Hosting.FAMILLE) | (
        np.isin(hosting, (Hosting.ASCENDANT, Hosting.COLOCATION)) & (rng.random(n) < 0.35)
    )
    child_age, parent_age = head - rng.integers(19, 28, n), np.clip(head + rng.integers(20, 30, n), 50, 96)
    near = np.clip(head + rng.integers(-6, 7, n), 18, 80)
    for slot in (8, 9):
        jitter = rng.integers(-2, 3, n) if slot == 9 else 0
        of_kind = np.select(
            [hosting == Hosting.ENFANT_PARENT, hosting == Hosting.ASCENDANT], [child_age, parent_age], near
        )
        age[:, slot] = np.clip(of_kind + jitter, 18, 97)
    female[hosting == Hosting.ENFANT_PARENT, 8] = True
    female[:, 9] = np.where(hosting == Hosting.COLOCATION, female[:, 9], ~female[:, 8])
    with_kids = np.isin(hosting, (Hosting.ENFANT_PARENT, Hosting.FAMILLE))
    present[:, 10] = with_kids
    present[:, 11] = (hosting == Hosting.FAMILLE) & (rng.random(n) < 0.4)
    age[:, HOSTED_CHILDREN] = rng.integers(0, 3, n)[:, None] + np.array([3, 0]) * (hosting == Hosting.FAMILLE)[:, None]
    return hosting


def _nationality(rng: np.random.Generator, age: Ints, origin: Ints) -> Ints:
    """Group of nationality: the adults of a household mostly share it; children born in France often are French."""
    shares = np.array(FOREIGN_SHARES)[origin]
    u = np.where(rng.random(age.shape) < 0.8, rng.random(len(age))[:, None], rng.random(age.shape))
    group = np.where(u < shares[:, :1], UNION_EUROPEENNE, 0)
    group = np.where((u >= shares[:, :1]) & (u < shares.sum(axis=1)[:, None]), HORS_UNION, group)
    french_child = (age < 18) & (rng.random(age.shape) < 0.55)
    return np.where(french_child, 0, group)


def _groups(rng: np.random.Generator, age: Ints, union: Ints, hosting: Ints) -> tuple[Ints, Ints]:
    """Slot of the demandeur (famille) and of the declarant (foyer fiscal) of each person.

    Children of 21 or more with their own life, and all from 25, are a famille of their own (CSS L. 512-3, R. 512-2:
    a child is in charge until 20; CASF R. 262-3: until 25). Cohabiting partners declare apart (CGI 6).
    """
    n = len(union)
    slots = np.broadcast_to(np.arange(SLOTS), (n, SLOTS))
    famille, foyer = np.zeros((n, SLOTS), dtype=np.int64), np.zeros((n, SLOTS), dtype=np.int64)
    joint = np.isin(union, (Union.MARIAGE, Union.PACS))
    foyer[:, PARTNER] = np.where(joint, REFERENCE, PARTNER)
    by_partner = ~joint & (union == Union.CONCUBINAGE) & (rng.random(n) < 0.5)
    child_foyer = np.where(by_partner, PARTNER, REFERENCE)
    kid_age = age[:, CHILDREN]
    u = rng.random(kid_age.shape)
    own_famille = (kid_age >= 25) | ((kid_age >= 21) & (u < 0.4))
    own_foyer = (kid_age >= 25) | ((kid_age >= 21) & (u < 0.5)) | ((kid_age >= 18) & (u < 0.15))
    famille[:, CHILDREN] = np.where(own_famille, slots[:, CHILDREN], REFERENCE)
    foyer[:, CHILDREN] = np.where(own_foyer, slots[:, CHILDREN], child_foyer[:, None])
    apart = hosting == Hosting.COLOCATION
    together_taxed = ~apart & (rng.random(n) < 0.6)
    famille[:, 8:12], foyer[:, 8:12] = 8, 8
    famille[:, 9] = np.where(apart, 9, 8)
    foyer[:, 9] = np.where(together_taxed, 8, 9)
    return famille, foyer
