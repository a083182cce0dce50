"""Months of income of each person, from January of N-2 to the reference month, drawn from their state.

Stable jobs, short contracts with gaps, loss and return of a job, jobless benefit that falls then ends, retirement,
sick leave, turnover of the self-employed, maintenance that stops. Years are sums of the same months: they always agree.
"""

from __future__ import annotations

import numpy as np

from allervers.population.synthetic.people import Calendar, People
from allervers.population.synthetic.shapes import PARTNER, REFERENCE, Bools, Floats, Ints, State

JOBLESS_SHARE = 0.57
"""Gross jobless benefit as a share of the gross wage that opened it (Unédic's usual rate)."""

DEGRESSIVE_SHARE = 0.7
"""What is left of the jobless benefit after the degressive step (règlement d'assurance chômage, art. 17 bis)."""

RAISE_A_YEAR = 1.018

Months = np.ndarray[tuple[int, int], np.dtype[np.float32]]


def incomes(rng: np.random.Generator, people: People, calendar: Calendar) -> dict[str, Months]:
    """Nature of income (population.inputs.INCOMES) -> euros a month (persons, months), gross where it exists."""
    shape = (len(people), calendar.length)
    out = {
        nature: np.zeros(shape, dtype=np.float32)
        for nature in ("salaire", "chomage", "retraite", "invalidite", "maladie", "alimentaire", "independant")
    }
    t = np.arange(calendar.length)
    raised = RAISE_A_YEAR ** ((t - t[-1]) / 12)
    _jobs(rng, people, t, raised, out)
    _jobless(rng, people, t, raised, out)
    _short_contracts(rng, people, t, raised, out)
    _self_employed(rng, people, t, out)
    _pensions(rng, people, t, raised, out)
    _sick(rng, people, t, raised, out)
    _students(rng, people, calendar, out)
    _small_jobs(rng, people, t, out)
    _maintenance(rng, people, t, out)
    for values in out.values():
        np.round(values, 2, out=values)
    return out


def _of(people: People, *states: State) -> Ints:
    """Rows of the persons in one of these states."""
    return np.flatnonzero(np.isin(people.state, states))


def _after(t: Ints, start: Ints) -> Bools:
    """(persons, months) true from the start month on."""
    return np.asarray(t[None, :] >= start[:, None], dtype=np.bool_)


def _paid(rng: np.random.Generator, level: Floats, raised: Floats) -> Floats:
    """Monthly pay at this level: raises, small variation, a thirteenth month for some in December or not at all."""
    noise = 1 + np.where(rng.random(len(level)) < 0.3, 0.06, 0.008)[:, None] * rng.standard_normal(
        (len(level), len(raised))
    )
    return np.asarray(level[:, None] * raised * np.clip(noise, 0.7, 1.5), dtype=np.float64)


def _jobs(rng: np.random.Generator, people: People, t: Ints, raised: Floats, out: dict[str, Months]) -> None:
    rows = _of(people, State.EMPLOI, State.APPRENTI)
    level = people.level_eur[rows]
    late = rng.random(len(rows)) < np.where(people.state[rows] == State.APPRENTI, 1.0, 0.14)
    start = np.where(late, t[-1] - rng.integers(2, 26, len(rows)), 0)
    works = _after(t, start)
    out["salaire"][rows] = _paid(rng, level, raised) * works
    assisted = late & (people.state[rows] == State.EMPLOI) & (rng.random(len(rows)) < 0.5)
    out["chomage"][rows] = ~works * (assisted * JOBLESS_SHARE * level)[:, None]


def _jobless(rng: np.random.Generator, people: People, t: Ints, raised: Floats, out: dict[str, Months]) -> None:
    """Wage, then jobless benefit that may fall, then for some its end: or the way back to work."""
    last = int(t[-1])
    for state, lost, ended in (
        (State.CHOMAGE_INDEMNISE, (2, 18), None),
        (State.CHOMAGE_FINI, (19, 32), (1, 11)),
        (State.PERTE, (1, 6), None),
        (State.REPRISE, (10, 24), (1, 9)),
    ):
        rows = _of(people, state)
        n = len(rows)
        jobless_level = state in (State.CHOMAGE_INDEMNISE, State.CHOMAGE_FINI)
        wage = people.level_eur[rows] / (JOBLESS_SHARE if jobless_level else 1.0)
        begin = last - rng.integers(*lost, n)
        end = np.full(n, last + 1) if ended is None else last - rng.integers(*ended, n)
        falls = np.where(rng.random(n) < 0.35, np.minimum(begin + 6, end - 2), last + 1)
        share = np.where(_after(t, falls), DEGRESSIVE_SHARE, 1.0) * JOBLESS_SHARE
        on_benefit = _after(t, begin) & ~_after(t, end)
        works = ~_after(t, begin) | (_after(t, end) & (state == State.REPRISE))
        out["salaire"][rows] = _paid(rng, wage, raised) * works
        out["chomage"][rows] = share * wage[:, None] * on_benefit
    rows = _of(people, State.CHOMAGE_SANS, State.INACTIF)
    before = (rng.random(len(rows)) < 0.25) * rng.uniform(600, 1700, len(rows))
    out["salaire"][rows] = before[:, None] * ~_after(t, last - rng.integers(16, 30, len(rows)))


def _short_contracts(rng: np.random.Generator, people: People, t: Ints, raised: Floats, out: dict[str, Months]) -> None:
    rows = _of(people, State.CONTRATS_COURTS)
    n = len(rows)
    works = np.zeros((n, len(t)), dtype=np.bool_)
    current = rng.random(n) < 0.6
    for month in range(len(t)):
        u = rng.random(n)
        current = np.where(current, u > 0.2, u < 0.3)
        works[:, month] = current
    part = rng.uniform(0.45, 1.1, works.shape)
    level = people.level_eur[rows]
    out["salaire"][rows] = level[:, None] * raised * part * works
    helped = (rng.random(n) < 0.45) * 0.4 * level
    out["chomage"][rows] = helped[:, None] * ~works


def _self_employed(rng: np.random.Generator, people: People, t: Ints, out: dict[str, Months]) -> None:
    rows = _of(people, State.INDEPENDANT)
    n = len(rows)
    start = np.where(rng.random(n) < 0.2, t[-1] - rng.integers(2, 20, n), 0)
    busy = rng.lognormal(-0.06, 0.35, (n, len(t)))
    out["independant"][rows] = people.level_eur[rows][:, None] * busy * _after(t, start)


def _pensions(rng: np.random.Generator, people: People, t: Ints, raised: Floats, out: dict[str, Months]) -> None:
    rows = _of(people, State.RETRAITE)
    n = len(rows)
    new = (people.age[rows] < 68) & (rng.random(n) < 0.3)
    start = np.where(new, t[-1] - rng.integers(1, 30, n), 0)
    retired = _after(t, start)
    level = people.level_eur[rows]
    out["retraite"][rows] = level[:, None] * raised * retired
    out["salaire"][rows] = (new * 1.4 * level)[:, None] * raised * ~retired
    rows = _of(people, State.INVALIDITE)
    out["invalidite"][rows] = people.level_eur[rows][:, None] * raised


def _sick(rng: np.random.Generator, people: People, t: Ints, raised: Floats, out: dict[str, Months]) -> None:
    rows = _of(people, State.MALADIE)
    away = _after(t, t[-1] - rng.integers(1, 14, len(rows)))
    level = people.level_eur[rows]
    out["salaire"][rows] = _paid(rng, level, raised) * ~away
    out["maladie"][rows] = (0.5 * np.minimum(level, 3280))[:, None] * away


def _students(rng: np.random.Generator, people: People, calendar: Calendar, out: dict[str, Months]) -> None:
    """A job beside studies for some, a summer job for others."""
    rows = _of(people, State.ETUDIANT)
    months = np.array([(calendar.first + i).month for i in range(calendar.length)])
    summer = np.isin(months, (7, 8))
    term = people.level_eur[rows][:, None] * (rng.random((len(rows), len(months))) < 0.85)
    job = (rng.random(len(rows)) < 0.3) * rng.uniform(700, 1500, len(rows))
    old_enough = people.age[rows] >= 20
    out["salaire"][rows] = np.where(summer, np.maximum(term, (job * old_enough)[:, None]), term)


def _small_jobs(rng: np.random.Generator, people: People, t: Ints, out: dict[str, Months]) -> None:
    """Some disabled persons work a few hours, in ordinary or sheltered work."""
    rows = _of(people, State.HANDICAP_80, State.HANDICAP_50)
    wage = (rng.random(len(rows)) < 0.18) * rng.uniform(250, 1100, len(rows))
    out["salaire"][rows] = wage[:, None] * (rng.random((len(rows), len(t))) < 0.95)


def _maintenance(rng: np.random.Generator, people: People, t: Ints, out: dict[str, Months]) -> None:
    """Child support received by a third of lone parents; in one case in six it has stopped."""
    homes = people.homes
    lone = (people.slot == REFERENCE) & ~homes.present[people.household, PARTNER]
    kids = homes.young_children[people.household]
    rows = np.flatnonzero(lone & (kids > 0) & (people.age < 62) & (rng.random(len(people)) < 0.34))
    n = len(rows)
    amount = kids[rows] * rng.choice([80.0, 100.0, 120.0, 150.0, 190.0, 250.0], n)
    stop = np.where(rng.random(n) < 0.17, t[-1] - rng.integers(1, 12, n), t[-1] + 1)
    out["alimentaire"][rows] = amount[:, None] * ~_after(t, stop)
