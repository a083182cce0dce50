"""The pool of candidate households and their weights in each commune: where the public figures are met.

A few thousand households are drawn once; raking gives each of them a weight in each commune so that households,
persons, lone parents, large families, owners, social housing, the median income, the poverty rate and the Caf
recipients of the commune, and the ages and kinds of household of the département, all come out. Households are then
drawn by these weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from allervers.foundation.periods import Month
from allervers.population.synthetic.economy import draw_levels, draw_states, draw_tenure
from allervers.population.synthetic.fit import Totals, rake_groups
from allervers.population.synthetic.housing import expected_rent_eur
from allervers.population.synthetic.margins import (
    HOUSEHOLD_SHARES,
    INCOME_GROWTH_SINCE_2021,
    POVERTY_LINE_EUR_MONTH,
    CommuneMargins,
    DepartementMargins,
)
from allervers.population.synthetic.people import Calendar
from allervers.population.synthetic.recipients import RIGHTS, expected_recipients
from allervers.population.synthetic.shapes import (
    CHILDREN,
    EXPECTED,
    PARTNER,
    REFERENCE,
    TENURE_GROUP,
    Floats,
    Hosting,
    Households,
    Ints,
    State,
)
from allervers.population.synthetic.structure import draw_structure
from allervers.population.synthetic.transfers import HouseholdIncome, consumption_units, disposable_eur_month

CANDIDATES = 9_000
"""Households of the pool. More of them: finer fit, longer start (the weights take about two seconds)."""

RIDGE = 1e-8
"""Slack of the fit (fit.rake_groups): figures of different sources and years do not quite agree."""

_MEAN_NET = {
    State.APPRENTI: 0.66, State.EMPLOI: 0.76, State.CONTRATS_COURTS: 0.43, State.INDEPENDANT: 0.505,
    State.CHOMAGE_INDEMNISE: 0.99, State.CHOMAGE_FINI: 0.38, State.RETRAITE: 0.925, State.INVALIDITE: 0.99,
    State.MALADIE: 0.56, State.REPRISE: 0.63, State.PERTE: 0.68, State.ETUDIANT: 0.69,
}  # fmt: skip
"""Net income of the last twelve months, on average, as a share of the level: what careers.py makes of each state."""

_WORK = (
    State.APPRENTI, State.EMPLOI, State.CONTRATS_COURTS, State.INDEPENDANT, State.REPRISE, State.ETUDIANT, State.PERTE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidate households and, by commune (columns), the number of real households that each stands for."""

    households: Households
    weights: Floats
    margins: DepartementMargins


def candidates(seed: int, n: int = CANDIDATES) -> Households:
    """n candidate households, before any fit. Same seed, same households."""
    rng = np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=(0,)))
    parts = draw_structure(rng, n)
    age, female = np.asarray(parts["age"], dtype=np.int64), np.asarray(parts["female"], dtype=np.bool_)
    present, foreign = np.asarray(parts["present"], dtype=np.bool_), np.asarray(parts["foreign"], dtype=np.int64)
    state = draw_states(rng, age, female, foreign, present)
    level = np.where(present, draw_levels(rng, age, female, state), 0.0)
    size = present[:, :EXPECTED].sum(axis=1)
    tenure = draw_tenure(rng, age, state, level, size)
    return Households(
        present=present, age=age, female=female, foreign=foreign, state=state, level_eur=level, tenure=tenure,
        famille=np.asarray(parts["famille"], dtype=np.int64), foyer=np.asarray(parts["foyer"], dtype=np.int64),
        union=np.asarray(parts["union"], dtype=np.int64), hosting=np.asarray(parts["hosting"], dtype=np.int64),
        origin=np.asarray(parts["origin"], dtype=np.int64),
    )  # fmt: skip


def expected_income(pool: Households) -> HouseholdIncome:
    """Mean monthly income of the candidates, from their states and levels, in the form of the transfer model."""
    shares = np.zeros(len(State))
    for code, share in _MEAN_NET.items():
        shares[code] = share
    present, age, state = pool.present[:, :EXPECTED], pool.age[:, :EXPECTED], pool.state[:, :EXPECTED]
    net = pool.level_eur[:, :EXPECTED] * shares[state]
    works = present & np.isin(state, _WORK) & (net > 0)
    child = present & (age < 20) & ~works
    return HouseholdIncome(
        work_eur=(net * works).sum(axis=1),
        replacement_eur=(net * (present & ~works)).sum(axis=1),
        workers=works.sum(axis=1),
        adults=np.maximum((present & ~child).sum(axis=1), 1),
        couple=pool.present[:, PARTNER],
        children=child.sum(axis=1),
        children_under_3=(child & (age < 3)).sum(axis=1),
        children_over_14=(child & (age >= 14)).sum(axis=1),
        aah=(present & np.isin(state, (State.HANDICAP_80, State.HANDICAP_50))).sum(axis=1),
        seniors=(present & (age >= 65)).sum(axis=1),
        students=pool.state[:, REFERENCE] == State.ETUDIANT,
        rent_eur=expected_rent_eur(pool.tenure, pool.size),
    )


def expected_level_eur_month(pool: Households) -> Floats:
    """Disposable income per consumption unit of the candidates, euros a month."""
    present, age = pool.present[:, :EXPECTED], pool.age[:, :EXPECTED]
    units = consumption_units((present & (age >= 14)).sum(axis=1), (present & (age < 14)).sum(axis=1))
    return np.asarray(disposable_eur_month(expected_income(pool)) / units, dtype=np.float64)


def _commune_totals(
    pool: Households, level: Floats, recipients: Floats, commune: CommuneMargins, tenures: Floats
) -> Totals:
    """What each candidate counts for in each known total of a commune. recipients: of each of RIGHTS (columns)."""
    size = pool.size.astype(np.float64)
    couple, kids = pool.present[:, PARTNER], pool.young_children
    group = TENURE_GROUP[pool.tenure]
    median = None if commune.median_eur_year is None else commune.median_eur_year * INCOME_GROWTH_SINCE_2021 / 12
    columns: list[tuple[Floats, float | None]] = [
        (np.ones(len(pool)), commune.households),
        (size, commune.persons),
        ((~couple & (kids > 0)).astype(np.float64), commune.lone_parent_families),
        ((couple & (kids >= 3)).astype(np.float64), commune.couples_with_3_children),
        *((size * (group == g), float(tenures[g])) for g in range(3)),
        *((recipients[:, column], commune.recipients[right]) for column, right in enumerate(RIGHTS)),
    ]
    if commune.poverty_share is not None:
        columns.append((size * (level < POVERTY_LINE_EUR_MONTH), commune.poverty_share * commune.persons))
    if median is not None:
        columns.append((size * (level < median), 0.5 * commune.persons))
    known = [(counts, total) for counts, total in columns if total]
    return Totals(
        np.column_stack([counts for counts, _ in known]), np.array([total for _, total in known], dtype=np.float64)
    )


def _departement_totals(pool: Households, margins: DepartementMargins) -> Totals:
    """Persons by age band, and households by kind, for the whole département."""
    first = np.array([*margins.age_first, 200])
    present, age = pool.present[:, :EXPECTED], pool.age[:, :EXPECTED]
    bands = [(present & (age >= low) & (age < high)).sum(axis=1) for low, high in pairwise(first)]
    size, couple = pool.size, pool.present[:, PARTNER]
    no_child = ~pool.present[:, CHILDREN].any(axis=1)
    kinds = {
        "personne_seule": size == 1,
        "couple_sans_enfant": couple & no_child & (pool.hosting == Hosting.PERSONNE),
        "plusieurs_familles": pool.hosting != Hosting.PERSONNE,
    }
    counts = np.column_stack([*bands, *kinds.values()]).astype(np.float64)
    shares = np.array([HOUSEHOLD_SHARES[kind] for kind in kinds])
    totals = np.concatenate([margins.age_shares() * margins.persons.sum(), shares * margins.households.sum()])
    return Totals(counts, totals)


def fit_weights(pool: Households, recipients: Floats, margins: DepartementMargins) -> Floats:
    """Weights (n, communes) of the candidates that meet the totals of each commune and of the département.

    recipients: expected number by candidate of each of RIGHTS (n, 4), see recipients.expected_recipients.
    """
    level = expected_level_eur_month(pool)
    tenures = margins.tenure_persons()
    communes = [
        _commune_totals(pool, level, recipients, commune, tenures[c]) for c, commune in enumerate(margins.communes)
    ]
    start = np.outer(np.full(len(pool), 1 / len(pool)), margins.households)
    return rake_groups(start, communes, _departement_totals(pool, margins), ridge=RIDGE)


@lru_cache(maxsize=2)
def fitted_pool(seed: int, margins: DepartementMargins, month: Month) -> Pool:
    """The pool of a seed at a month, with its weights by commune."""
    pool = candidates(seed)
    recipients = expected_recipients(seed, pool, Calendar(month))
    return Pool(pool, fit_weights(pool, recipients, margins), margins)


def draw_rows(pool: Pool, households: int) -> tuple[Ints, Ints]:
    """Candidate and commune of each of `households` households, commune by commune (systematic sampling).

    Each commune gets its share within one household, whatever the total; within a commune, candidates are taken in
    the order of their size and income so that small populations stay balanced.
    """
    order = np.lexsort((expected_level_eur_month(pool.households), pool.households.size))
    flat = pool.weights[order].T.ravel()
    steps = flat.cumsum()
    points = (np.arange(households) + 0.5) * (steps[-1] / households)
    cells = np.minimum(np.searchsorted(steps, points), len(flat) - 1)
    commune, position = np.divmod(cells, len(order))
    return order[position], commune
