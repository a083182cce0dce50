"""What a household answered, by subject. Left out: not asked yet. None: « je ne sais pas ». Never a silent zero."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from allervers.foundation.errors import InvalidInput
from allervers.foundation.periods import Month, months_between
from allervers.population.inputs import HISTORY_MONTHS
from allervers.rights.interview.household import Household
from allervers.rights.interview.wording import SOURCES, Subject, sources, subjects

DWELLING = "m"
"""Row of what is asked of the dwelling."""
FAMILY = "f"
"""Row of what is asked of the family of who answers."""
_OF_ANOTHER = re.compile(rf"[{DWELLING}{FAMILY}][1-9]")
"""Rows of what another family said of itself, and of the dwelling as it lives there: its number after the letter."""
_COMMON = frozenset({"commune"})
"""What every family of a dwelling says alike."""
Value = float | str | bool | None
Given = Value | tuple[Value, ...] | tuple[str, ...]
"""One value for every period, or one by month (or by tax year); of the page of sources, the kinds that were ticked."""
_LARGEST_TEXT = 40


def history(month: Month) -> tuple[Month, ...]:
    """The months that are asked, the reference month last."""
    return tuple(months_between(month - (HISTORY_MONTHS - 1), month))


def tax_years(month: Month) -> tuple[int, int]:
    """The years that are asked: N-2 and N-1."""
    return month.year - 2, month.year - 1


def key(subject: str, row: str) -> str:
    """Name of an answer: a subject (or `sources`) and who it is about."""
    return f"{subject}:{row}"


@dataclass(frozen=True, slots=True)
class Answers:
    """The household and its answers, by name (see `key`), as of a month."""

    household: Household
    month: Month
    given: Mapping[str, Given] = field(default_factory=dict)

    def is_given(self, subject: str, row: str) -> bool:
        """Whether it was answered, be it by « je ne sais pas »."""
        return key(subject, row) in self.given

    def value(self, subject: str, row: str) -> Given:
        """The answer; None when there is none, or when it is not known."""
        return self.given.get(key(subject, row))

    def at(self, subject: Subject, row: str, position: int) -> Value:
        """The answer for a period (its position among the months, or the years); None when it is not known."""
        found = self.value(subject.id, row)
        if isinstance(found, tuple):
            return found[position]
        return found

    def had(self, source: str, row: str) -> bool | None:
        """Whether somebody had a kind of income, as said on the page of sources; None when it is not known."""
        ticked = self.value(SOURCES, row)
        return source in ticked if isinstance(ticked, tuple) else None

    def with_answer(self, subject: str, row: str, value: Given) -> Answers:
        """With one more answer. Raises InvalidInput for one that does not fit."""
        return replace(self, given={**self.given, key(subject, row): _checked(subject, value)})

    def without(self, subject: str, row: str) -> Answers:
        """Without an answer: its question may be asked again."""
        return replace(self, given={name: v for name, v in self.given.items() if name != key(subject, row)})

    def with_household(self, household: Household) -> Answers:
        """With another household; the answers about who is no longer there are forgotten. Another name and another
        birth in somebody's place are somebody else."""
        before = {p.id: p for p in self.household.persons}
        replaced = {p.id for p in household.persons if p.id in before and before[p.id].is_other(p)}
        is_same = household.families == self.household.families
        kept = {
            name: value
            for name, value in self.given.items()
            if is_row(household, row := name.partition(":")[2])
            and row not in replaced
            and (is_same or not is_of_another(row))
        }
        return replace(self, household=household, given=kept)

    def seen_by(self, number: int) -> Answers:
        """The same answers for another family of the household: what the first one said of itself waits until its turn
        comes again. Raises InvalidInput for a family that is not there."""
        if not 0 <= number < self.household.families:
            raise InvalidInput("Cette famille n'est pas dans le foyer décrit.")
        given = {seen(name, number, self.household.families): value for name, value in self.given.items()}
        return replace(self, household=self.household.seen_by(number), given=given)

    def as_of(self, month: Month) -> Answers:
        """The same answers read in another month: what was said month by month stays at its month, new ones unknown."""
        if month == self.month:
            return self
        moved = {name: _moved(name, value, self.month, month) for name, value in self.given.items()}
        return replace(self, month=month, given=moved)


def is_row(household: Household, row: str) -> bool:
    """Whether an answer may be about that row."""
    return row in (DWELLING, FAMILY) or is_of_another(row) or any(p.id == row for p in household.persons)


def is_of_another(row: str) -> bool:
    """Whether what was said there waits for the turn of another family."""
    return _OF_ANOTHER.fullmatch(row) is not None


def seen(name: str, number: int, families: int) -> str:
    """The name of an answer once that family comes first."""
    subject, _, row = name.partition(":")
    if subject in _COMMON or not (row in (DWELLING, FAMILY) or is_of_another(row)):
        return name
    turn = (int(row[1:] or 0) - number) % families
    return key(subject, f"{row[0]}{turn or ''}")


def _moved(name: str, value: Given, before: Month, after: Month) -> Given:
    subject = subjects().get(name.partition(":")[0])
    if subject is None or not isinstance(value, tuple):
        return value
    old: tuple[Any, ...] = tax_years(before) if subject.yearly else history(before)
    new: tuple[Any, ...] = tax_years(after) if subject.yearly else history(after)
    known = dict(zip(old, value, strict=True))
    return tuple(known.get(period) for period in new)


def _checked(name: str, value: Given) -> Given:
    if name == SOURCES:
        if value is None or (isinstance(value, tuple) and set(value) <= set(sources())):
            return value
        raise InvalidInput("Une ressource cochée n'est pas dans la liste.")
    subject = subjects().get(name)
    if subject is None:
        raise InvalidInput("Cette question n'existe pas.")
    if isinstance(value, tuple):
        if len(value) != (2 if subject.yearly else HISTORY_MONTHS):
            raise InvalidInput("Il faut une réponse par mois, ou par an.")
        return tuple(_checked_value(subject, one) for one in value)
    if subject.yearly and value is not None:
        raise InvalidInput("Il faut une réponse par an.")
    return _checked_value(subject, value)


def _checked_value(subject: Subject, value: Value) -> Value:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    fits = (
        value is None
        or {
            "amount": is_number and 0 <= float(value) <= subject.most,
            "years": is_number and 0 <= float(value) <= subject.most,
            "yes_no": isinstance(value, bool),
            "choice": isinstance(value, str) and (value in subject.choices or _is_open(subject, value)),
        }[subject.kind]
    )
    if not fits:
        raise InvalidInput(f"Cette réponse ne convient pas à la question « {subject.title_you} ».")
    return float(value) if is_number and value is not None else value


def _is_open(subject: Subject, value: str) -> bool:
    """A choice whose list is not in the table (communes): a short code."""
    return not subject.choices and len(value) <= _LARGEST_TEXT and value.isalnum()
