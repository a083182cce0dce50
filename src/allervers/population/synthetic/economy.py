"""What each adult does and earns, and how the household is housed: the economic half of a candidate household.

Wages: log-normal of median 2,800 euros gross a month at full time, floored at the minimum wage; pensions: log-normal
with a heavy low tail (short careers). Orders of magnitude of Insee for Seine-Saint-Denis, confidence C; the fit to
the medians and poverty rates of FiLoSoFi, commune by commune, corrects their level.
"""

from __future__ import annotations

import numpy as np

from allervers.population.synthetic.shapes import (
    CHILDREN,
    FOYER,
    GRATUIT,
    HLM,
    HORS_UNION,
    MEUBLE,
    PARTNER,
    PRIMO_ACCEDANT,
    PROPRIETAIRE,
    REFERENCE,
    SANS_DOMICILE,
    VIDE,
    Bools,
    Floats,
    Ints,
    State,
)

SMIC_EUR_MONTH = 1823.03
"""Gross minimum wage, 35 hours, since 2026-01-01 (décret 2025-1228)."""

_ADULT_STATES = (
    State.EMPLOI, State.CONTRATS_COURTS, State.INDEPENDANT, State.CHOMAGE_INDEMNISE, State.CHOMAGE_FINI,
    State.CHOMAGE_SANS, State.INACTIF, State.HANDICAP_80, State.HANDICAP_50, State.INVALIDITE, State.MALADIE,
    State.REPRISE, State.PERTE,
)  # fmt: skip
_ADULT_SHARES = np.array([0.593, 0.075, 0.05, 0.05, 0.03, 0.045, 0.07, 0.016, 0.010, 0.012, 0.01, 0.02, 0.019])
_YOUNG_STATES = (
    State.ETUDIANT, State.APPRENTI, State.EMPLOI, State.CONTRATS_COURTS, State.CHOMAGE_INDEMNISE, State.CHOMAGE_SANS,
    State.INACTIF, State.HANDICAP_80,
)  # fmt: skip
_YOUNG_SHARES = np.array([0.44, 0.08, 0.19, 0.10, 0.02, 0.09, 0.065, 0.015])


def draw_states(rng: np.random.Generator, age: Ints, female: Bools, foreign: Ints, present: Bools) -> Ints:
    """State of each person (n, SLOTS), from age, sex, presence of young children and a household factor."""
    n, slots = age.shape
    factor = 0.6 * rng.standard_normal((n, 1)) + 0.8 * rng.standard_normal((n, slots))
    young_child = (present[:, CHILDREN] & (age[:, CHILDREN] < 6)).sum(axis=1)[:, None]
    kids = present[:, CHILDREN].sum(axis=1)[:, None]
    home = np.where(female & (np.arange(slots) < 2), 0.35 * young_child + 0.15 * kids, 0.0)
    pull = np.exp(-0.75 * factor + home + 0.35 * (foreign == HORS_UNION))
    shares = np.repeat(_ADULT_SHARES[None, None, :], n, axis=0) * np.ones((1, slots, 1))
    shares[..., 3:9] *= pull[..., None]
    shares[..., 6] *= 1 + 1.3 * home
    shares[..., 7:9] *= np.interp(age, [25, 60], [0.6, 1.6])[..., None]
    adult = np.array(_ADULT_STATES)[_pick(rng, shares)]
    young = np.repeat(_YOUNG_SHARES[None, None, :], n, axis=0) * np.ones((1, slots, 1))
    young[..., 0] *= np.interp(age, [18, 20, 24, 27], [2.6, 1.6, 0.6, 0.2])
    young_state = np.array(_YOUNG_STATES)[_pick(rng, young)]
    retired_share = np.interp(age, [59, 62, 64, 66, 68, 71], [0.0, 0.25, 0.6, 0.85, 0.95, 1.0])
    state = np.where(age < 26, young_state, adult)
    state = np.where(rng.random(age.shape) < retired_share, State.RETRAITE, state)
    pupil = np.where((age >= 16) & (rng.random(age.shape) < 0.06), State.APPRENTI, State.ENFANT)
    return np.where(age < 18, pupil, state).astype(np.int64)


def _pick(rng: np.random.Generator, shares: Floats) -> Ints:
    """One index of the last axis, drawn with these (not normalised) shares."""
    steps = shares.cumsum(axis=-1)
    u = rng.random(shares.shape[:-1]) * steps[..., -1]
    return np.asarray((steps < u[..., None]).sum(axis=-1), dtype=np.int64)


def draw_levels(rng: np.random.Generator, age: Ints, female: Bools, state: Ints) -> Floats:
    """Gross euros a month of the main income of each person's state, at full rate; 0 where the state gives none."""
    shape = age.shape
    skill = 0.5 * rng.standard_normal((shape[0], 1)) + 0.85 * rng.standard_normal(shape)
    wage = np.exp(np.log(2800) + 0.46 * skill + 0.006 * (np.clip(age, 18, 60) - 40) - 0.09 * female)
    wage = np.maximum(wage, SMIC_EUR_MONTH)
    part_time = rng.random(shape) < np.where(female, 0.25, 0.09)
    wage = np.where(part_time, wage * rng.uniform(0.3, 0.9, shape), wage)
    pension = np.exp(np.log(1700) + 0.48 * skill - 0.22 * female)
    pension = np.where(rng.random(shape) < np.where(female, 0.16, 0.08), rng.uniform(80, 750, shape), pension)
    jobless = np.clip(0.57 * np.maximum(wage, 1200), 0, 4500)
    turnover = np.exp(rng.normal(np.log(1700), 0.75, shape))
    apprentice = SMIC_EUR_MONTH * rng.choice([0.43, 0.51, 0.67, 0.78, 1.0], shape)
    by_state = {
        State.APPRENTI: apprentice, State.EMPLOI: wage, State.CONTRATS_COURTS: np.minimum(wage, 3000),
        State.INDEPENDANT: turnover, State.CHOMAGE_INDEMNISE: jobless, State.CHOMAGE_FINI: jobless,
        State.RETRAITE: pension, State.INVALIDITE: np.clip(0.45 * wage, 335, 1900), State.MALADIE: wage,
        State.REPRISE: wage, State.PERTE: wage,
        State.ETUDIANT: np.where(rng.random(shape) < 0.22, rng.uniform(250, 900, shape), 0.0),
    }  # fmt: skip
    level = np.zeros(shape)
    for code, values in by_state.items():
        level = np.where(state == code, values, level)
    return np.asarray(level.round(2), dtype=np.float64)


def draw_tenure(rng: np.random.Generator, age: Ints, state: Ints, level_eur: Floats, size: Ints) -> Ints:
    """Tenure of each household: the richer and the older own, students rent small, a few have no home."""
    n = len(size)
    income = level_eur[:, REFERENCE] + np.where(level_eur.shape[1] > 1, level_eur[:, PARTNER], 0)
    score = np.log1p(income / 1500) - 0.6 + 0.018 * (np.clip(age[:, REFERENCE], 18, 75) - 45)
    owner = 1 / (1 + np.exp(-2.2 * score)) * 0.8
    shares = np.zeros((n, 8))
    buying = np.interp(age[:, REFERENCE], [25, 35, 50, 65], [0.8, 0.7, 0.35, 0.05])
    shares[:, PROPRIETAIRE], shares[:, PRIMO_ACCEDANT] = owner * (1 - buying), owner * buying
    rest = 1 - owner
    social = np.interp(age[:, REFERENCE], [20, 30, 50, 80], [0.2, 0.42, 0.6, 0.62]) + 0.04 * np.clip(size - 2, 0, 4)
    shares[:, HLM], shares[:, VIDE] = rest * social, rest * (1 - social) * 0.72
    shares[:, MEUBLE], shares[:, GRATUIT] = rest * (1 - social) * 0.22, rest * 0.05
    single = (size == 1) & (state[:, REFERENCE] != State.EMPLOI)
    shares[:, FOYER] = np.where(single, 0.09, 0.004)
    shares[:, SANS_DOMICILE] = np.where(income < 900, 0.025, 0.002)
    student = state[:, REFERENCE] == State.ETUDIANT
    shares[student] *= np.array([0.0, 0.0, 0.5, 1.0, 3.0, 4.0, 1.5, 0.3])
    return _pick(rng, shares)
