"""From households to persons: the slots that hold someone become rows, with dates of birth and twins.

Nothing here depends on how many households are made at once: each block has its own random stream.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allervers.foundation.periods import Month
from allervers.population.inputs import HISTORY_MONTHS
from allervers.population.synthetic.shapes import (
    CHILDREN,
    EXPECTED,
    HOSTED,
    HOSTED_CHILDREN,
    PARTNER,
    REFERENCE,
    SLOTS,
    TENURE_CODES,
    Bools,
    Floats,
    Hosting,
    Households,
    Ints,
    State,
)

Days = npt.NDArray[np.datetime64]

STUDENTS_ATTACHED_SHARE = 0.45
"""Students living alone who stay on their parents' tax return (assumption, confidence C)."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Months that are made: January of N-2 to the reference month. The last HISTORY_MONTHS are shown month by month."""

    month: Month

    @property
    def first(self) -> Month:
        """January of the year N-2."""
        return Month(self.month.year - 2, 1)

    @property
    def length(self) -> int:
        """Number of months made."""
        return self.month.months_since(self.first) + 1

    @property
    def history(self) -> tuple[Month, ...]:
        """Months M-14 to M."""
        return tuple(self.month - back for back in range(HISTORY_MONTHS - 1, -1, -1))

    @property
    def years(self) -> tuple[int, int]:
        """Tax years N-2 and N-1."""
        return self.month.year - 2, self.month.year - 1

    @property
    def last_day(self) -> np.datetime64:
        """Last day of the reference month."""
        return np.datetime64(self.month.last_day, "D")

    def month_ends(self) -> Days:
        """Last day of each month of history."""
        return np.array([month.last_day for month in self.history], dtype="datetime64[D]")


@dataclass(frozen=True, slots=True)
class People:
    """The persons of a block, household after household. Each array has one value per person.

    household: row in the block. famille, foyer: (household row * SLOTS + slot) of the demandeur and of the declarant;
    `mother`: row of the person who expects the child, -1 when not an expected child.
    """

    homes: Households
    household: Ints
    slot: Ints
    age: Ints
    female: Bools
    state: Ints
    level_eur: Floats
    foreign: Ints
    birth: Days
    famille: Ints
    foyer: Ints
    mother: Ints

    def __len__(self) -> int:
        return len(self.slot)

    @property
    def key(self) -> Ints:
        """Number of each person in the block: household row * SLOTS + slot."""
        return self.household * SLOTS + self.slot

    @property
    def expected(self) -> Bools:
        """True for a child who is not born yet."""
        return np.asarray(self.slot == EXPECTED, dtype=np.bool_)

    @property
    def adult(self) -> Bools:
        """True from 18 years."""
        return np.asarray((self.age >= 18) & ~self.expected, dtype=np.bool_)

    @property
    def partnered(self) -> Bools:
        """True for the two members of the household's couple."""
        return np.asarray((self.slot <= PARTNER) & self.homes.present[self.household, PARTNER], dtype=np.bool_)

    @property
    def hosted_couple(self) -> Bools:
        """True for the two members of a couple that the household hosts."""
        homes = self.homes
        pair = homes.present[:, HOSTED].all(axis=1) & (homes.hosting != Hosting.COLOCATION)
        return np.asarray(((self.slot == 8) | (self.slot == 9)) & pair[self.household], dtype=np.bool_)

    @property
    def origin(self) -> Ints:
        """List of names of the household."""
        return self.homes.origin[self.household]

    @property
    def tenure(self) -> Ints:
        """Tenure of the household."""
        return self.homes.tenure[self.household]


def settle(rng: np.random.Generator, homes: Households, calendar: Calendar) -> People:
    """Persons of these households, with an expected child in some of them, in the order of households and slots."""
    mother_slot = _expecting(rng, homes)
    n = len(homes)
    rows = np.arange(n)
    present, famille, foyer = homes.present.copy(), homes.famille.copy(), homes.foyer.copy()
    expects = mother_slot >= 0
    present[:, EXPECTED] = expects
    famille[:, EXPECTED] = np.where(expects, famille[rows, mother_slot], 0)
    foyer[:, EXPECTED] = np.where(expects, foyer[rows, mother_slot], 0)
    household, slot = np.nonzero(present)
    birth = _births(rng, homes, calendar)[household, slot]
    age = np.where(slot == EXPECTED, 0, homes.age[household, slot])
    rank = np.cumsum(present.ravel()) - 1
    mother = np.where(slot == EXPECTED, rank[household * SLOTS + np.clip(mother_slot, 0, None)[household]], -1)
    state = np.where(slot == EXPECTED, State.ENFANT, homes.state[household, slot])
    level = np.where(slot == EXPECTED, 0.0, homes.level_eur[household, slot])
    level = level * np.exp(rng.normal(0, 0.04, len(level)))
    return People(
        homes=homes, household=household, slot=slot, age=age, female=homes.female[household, slot], state=state,
        level_eur=level, foreign=homes.foreign[household, slot], birth=birth,
        famille=household * SLOTS + famille[household, slot],
        foyer=_attach_students(rng, homes, household, household * SLOTS + foyer[household, slot]),
        mother=mother,
    )  # fmt: skip


def _expecting(rng: np.random.Generator, homes: Households) -> Ints:
    """Slot of the woman who expects a child, -1 for none: about 24,000 births a year in the 93 (Insee, 2022)."""
    n = len(homes)
    chosen = np.full(n, -1, dtype=np.int64)
    for slot, share in ((8, 0.03), (REFERENCE, 0.05), (PARTNER, 0.055)):
        woman = homes.present[:, slot] & homes.female[:, slot]
        fertile = np.interp(homes.age[:, slot], [17, 19, 28, 34, 40, 44], [0.0, 0.3, 1.6, 1.6, 0.6, 0.0])
        alone = np.where((slot == REFERENCE) & ~homes.present[:, PARTNER], 0.35, 1.0)
        chosen = np.where(woman & (rng.random(n) < share * fertile * alone), slot, chosen)
    return chosen


def _births(rng: np.random.Generator, homes: Households, calendar: Calendar) -> Days:
    """Dates of birth (n, SLOTS): brothers and sisters of the same age are twins, others months apart."""
    n = len(homes)
    part = rng.uniform(0.01, 0.98, (n, SLOTS))
    siblings = np.clip(rng.uniform(0.15, 0.85, n)[:, None] + rng.uniform(-0.13, 0.13, (n, 6)), 0.01, 0.98)
    newest = homes.age[:, CHILDREN] == 0
    part[:, CHILDREN] = np.where(newest, part[:, 2:3], siblings)
    for child in range(3, 8):
        twin = homes.age[:, child] == homes.age[:, child - 1]
        part[twin, child] = part[twin, child - 1]
    part[:, HOSTED_CHILDREN.start + 1] = np.clip(part[:, HOSTED_CHILDREN.start], 0.1, 0.9)
    days = np.floor((homes.age + part) * 365.2425).astype("timedelta64[D]")
    birth = calendar.last_day - days
    abroad = (homes.foreign == 2) & (homes.age >= 18) & (rng.random((n, SLOTS)) < 0.12)
    new_year = birth.astype("datetime64[Y]").astype("datetime64[D]")
    birth = np.where(abroad, new_year, birth)
    birth[:, EXPECTED] = calendar.last_day + rng.integers(1, 211, n).astype("timedelta64[D]")
    return birth


def _attach_students(rng: np.random.Generator, homes: Households, household: Ints, foyer: Ints) -> Ints:
    """Some students who live alone stay in the foyer fiscal of parents who live elsewhere in the block."""
    alone = (homes.size == 1) & (homes.state[:, REFERENCE] == State.ETUDIANT) & (homes.age[:, REFERENCE] < 25)
    alone &= rng.random(len(homes)) < STUDENTS_ATTACHED_SHARE
    head = homes.age[:, REFERENCE]
    parents = np.flatnonzero((head >= 43) & (head <= 60) & ~np.isin(homes.state[:, REFERENCE], (State.ETUDIANT,)))
    students = np.flatnonzero(alone)
    if not len(parents) or not len(students):
        return foyer
    chosen = rng.choice(parents, len(students), replace=len(students) > len(parents))
    home = np.full(len(homes), -1, dtype=np.int64)
    home[students] = chosen * SLOTS
    moved = home[household] >= 0  # with the child that a student may expect
    return np.where(moved, home[household], foyer)


def tenure_names(homes: Households) -> npt.NDArray[np.object_]:
    """Enum name of each household's tenure."""
    return np.array(TENURE_CODES, dtype=object)[homes.tenure]
