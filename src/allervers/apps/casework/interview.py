"""What a meeting keeps of its interview: answers, what partners gave and when, what the person confirmed. Plain values.

Written as one text, which the meeting seals; read back with care.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

from allervers.foundation.errors import AllerVersError, InvalidInput
from allervers.foundation.periods import Month
from allervers.rights.interview.answers import Answers, Given, is_of_another, seen
from allervers.rights.interview.household import Household
from allervers.rights.interview.portable import as_document, from_document, from_text
from allervers.rights.interview.prefilled import Prefilled, differs
from allervers.rights.interview.wording import SOURCES

T = TypeVar("T")
VERSION = 1
COMPOSITION = "composition"
"""Name under which the household itself is confirmed, or differs."""


@dataclass(frozen=True, slots=True)
class Provided:
    """Where a value comes from: the group of data, the partner (None: not known), as of when."""

    group: str
    partner: str | None
    on: date | None


@dataclass(frozen=True, slots=True)
class Told:
    """A result as it stood: the verdict and the bounds."""

    label: str
    verdict: str
    words: str


@dataclass(frozen=True, slots=True)
class Change:
    """What the last answer changed of a right, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Interview:
    """An interview under way. `answers` None: the household is not confirmed yet.

    `given`: what partners say; `provided`: from whom, by name of answer; `confirmed`: names that the person confirmed
    or said otherwise.
    """

    answers: Answers | None = None
    given: Prefilled | None = None
    provided: Mapping[str, Provided] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    theme: str = ""
    results: Mapping[str, Told] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    units: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Person -> their id and that of their family in the files; nobody whom no file knows."""

    def as_of(self, month: Month) -> Interview:
        """The same, read in another month."""
        given = self.given and replace(self.given, answers=self.given.answers.as_of(month))
        return replace(self, answers=self.answers and self.answers.as_of(month), given=given)

    def begun(self, answers: Answers) -> Interview:
        """The household was confirmed: the answers are those."""
        before = {p.id: p for p in self.given.answers.household.persons} if self.given is not None else {}
        # Somebody who takes the place of another is not the one whom the files know.
        others = {p.id for p in answers.household.persons if p.id in before and p.is_other(before[p.id])}
        units = {row: ids for row, ids in self.units.items() if row not in others}
        return replace(self, answers=answers, confirmed=self.confirmed | {COMPOSITION}, units=units)

    def answered(self, answers: Answers, names: Sequence[str], theme: str) -> Interview:
        """With what the person said: it needs no confirmation any more."""
        left = _left_known(answers, self, names)
        kept = _with_history(replace(answers, given={**answers.given, **left}), self, names)
        return replace(self, answers=kept, confirmed=self.confirmed | (set(names) - set(left)), theme=theme)

    def seen_by(self, answers: Answers, number: int) -> Interview:
        """The same interview for another family of the household, whose answers are these (see `Answers.seen_by`)."""
        families = answers.household.families

        def moved(names: Mapping[str, T]) -> dict[str, T]:
            return {seen(name, number, families): value for name, value in names.items()}

        given = self.given and replace(
            self.given, partial=moved(self.given.partial),
            answers=replace(self.given.answers, given=moved(self.given.answers.given)),
        )  # fmt: skip
        confirmed = frozenset(seen(name, number, families) for name in self.confirmed)
        return Interview(answers, given, moved(self.provided), confirmed, units=self.units)

    def to_confirm(self) -> tuple[str, ...]:
        """Names of the answers that partners gave and that nobody confirmed, in order."""
        if self.answers is None or self.given is None:
            return ()
        return tuple(
            name
            for name in self.answers.given
            if name in self.given.answers.given and name not in self.confirmed and _is_told_now(name)
        )

    def corrections(self) -> tuple[str, ...]:
        """Names of the answers that say otherwise than a partner (`composition`: the household)."""
        if self.answers is None or self.given is None:
            return ()
        told = self.answers.given
        whole = [name for name, datum in self.given.answers.given.items() if differs(told.get(name), datum)]
        part = [n for n, datum in self.given.partial.items() if differs(told.get(n), datum, is_partial=True)]
        home = [COMPOSITION] if _is_other(self.answers.household, self.given.answers.household) else []
        return (*home, *filter(_is_told_now, (*whole, *part)))

    def datum(self, name: str) -> Given:
        """What partners say of an answer."""
        if self.given is None:
            return None
        return self.given.answers.given.get(name, self.given.partial.get(name))


def _is_told_now(name: str) -> bool:
    """Whether an answer is shown: not one of another family, whose turn is not come."""
    return not is_of_another(name.partition(":")[2])


def _is_other(told: Household, datum: Household) -> bool:
    """Whether somebody came, left, or is described otherwise. A date of birth that no partner gave is no difference."""
    now, before = {p.id: p for p in told.persons}, {p.id: p for p in datum.persons}
    return set(now) != set(before) or any(
        (one.role, one.shared) != (now[name].role, now[name].shared) or one.born not in (None, now[name].born)
        for name, one in before.items()
    )


def _left_known(answers: Answers, before: Interview, names: Sequence[str]) -> Mapping[str, Given]:
    """What partners know of somebody, when « je ne sais pas » was said of several persons at once: it may be about the
    others, and stays to be confirmed.
    """
    if before.given is None or before.answers is None or len({name.partition(":")[2] for name in names}) == 1:
        return {}
    known, told = before.given.answers.given, before.answers.given
    return {
        name: told[name] for name in names
        if answers.given.get(name, "") is None and known.get(name) is not None and told.get(name) == known[name]
    }  # fmt: skip


def _with_history(answers: Answers, before: Interview, names: Sequence[str]) -> Answers:
    """A page that shows one value for all months must not flatten, when it is confirmed, what is known by month."""
    if before.given is None:
        return answers
    given = dict(answers.given)
    for name in names:
        datum = before.given.answers.given.get(name)
        if not isinstance(datum, tuple) or name.partition(":")[0] == SOURCES:
            continue  # kinds of income that were ticked are no months
        if name in given and given[name] == datum[-1] and datum[-1] is not None:
            given[name] = datum
    return replace(answers, given=given)


# --- as a text ---


def written(interview: Interview) -> str:
    """The interview as text."""
    given = interview.given
    document = {
        "interview": VERSION,
        "answers": interview.answers and as_document(interview.answers),
        "given": given and as_document(given.answers),
        "partial": {
            name: list(v) if isinstance(v, tuple) else v for name, v in (given.partial if given else {}).items()
        },
        "unsure": sorted(given.unsure) if given else [],
        "provided": {n: [p.group, p.partner, p.on and p.on.isoformat()] for n, p in interview.provided.items()},
        "confirmed": sorted(interview.confirmed),
        "theme": interview.theme,
        "results": {name: [one.label, one.verdict, one.words] for name, one in interview.results.items()},
        "units": {row: list(ids) for row, ids in interview.units.items()},
        "changes": [[one.label, one.before, one.after] for one in interview.changes],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> Interview:
    """The interview in a text. Raises InvalidInput."""
    try:
        return _read(json.loads(text))
    except AllerVersError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidInput("Cet entretien ne peut pas être relu.") from error


def _read(document: dict[str, Any]) -> Interview:
    if document["interview"] != VERSION:
        raise InvalidInput("Cet entretien est d'une autre version.")
    given = None
    if document["given"]:
        partial = {name: tuple(v) if isinstance(v, list) else v for name, v in document["partial"].items()}
        given = Prefilled(from_document(document["given"]), {}, partial, frozenset(document["unsure"]))
    return Interview(
        answers=from_text(json.dumps(document["answers"])) if document["answers"] else None,
        given=given,
        provided={
            name: Provided(group, partner, date.fromisoformat(on) if on else None)
            for name, (group, partner, on) in document["provided"].items()
        },
        confirmed=frozenset(document["confirmed"]),
        theme=document["theme"],
        results={name: Told(*one) for name, one in document["results"].items()},
        changes=tuple(Change(*one) for one in document["changes"]),
        units={row: (person, family) for row, (person, family) in document.get("units", {}).items()},
    )
