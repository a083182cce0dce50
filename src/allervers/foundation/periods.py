"""Months and years as the law counts them. No clock: the current date is always passed in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from allervers.foundation.errors import InvalidInput

_MONTH = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A civil month. `str()` gives `YYYY-MM`, the period syntax of OpenFisca."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.month <= 12 and 1900 <= self.year <= 2200):
            raise InvalidInput(f"Mois invalide : {self.year}-{self.month:02d}. Exemple attendu : 2026-11.")

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read `YYYY-MM`; raises InvalidInput for anything else."""
        match = _MONTH.fullmatch(text)
        if match is None:
            raise InvalidInput(f"Mois invalide : {text!r}. Exemple attendu : 2026-11.")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Month:
        """The month that holds a day."""
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        """First day of the month."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """Last day of the month."""
        return date.fromordinal((self + 1).first_day.toordinal() - 1)

    def __add__(self, months: int) -> Month:
        index = self.year * 12 + self.month - 1 + months
        return Month(index // 12, index % 12 + 1)

    def __sub__(self, months: int) -> Month:
        return self + -months

    def months_since(self, other: Month) -> int:
        """Number of months from `other` to this month (negative when `other` is later)."""
        return (self.year - other.year) * 12 + self.month - other.month

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


def months_between(first: Month, last: Month) -> Iterator[Month]:
    """Every month from `first` to `last`, both included."""
    for offset in range(last.months_since(first) + 1):
        yield first + offset
