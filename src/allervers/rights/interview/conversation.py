"""The interview under way: which page to ask now and why, how many rights are settled, and between which amounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from allervers.engine.bounds import RowBounds
from allervers.engine.program import Asked
from allervers.engine.questions import Interview, Question, Ranked
from allervers.engine.situation_block import SituationBlock
from allervers.rights.closers import Closer, closers
from allervers.rights.interview.answers import DWELLING, FAMILY, Answers
from allervers.rights.interview.live_law import LiveLaw
from allervers.rights.interview.situation import SAVINGS, may_be_pregnant
from allervers.rights.interview.wording import (
    EVERYBODY,
    SOURCES,
    THEMES,
    PageAsked,
    Subject,
    pages,
    subjects,
    subjects_of,
)
from allervers.rights.openers import Opener, openers

CENT = 0.005
NOTHING = 1e-6
"""Score under which a question changes nothing by itself: it counts with others."""
MOST_REASONS = 4


@dataclass(frozen=True, slots=True)
class Step:
    """What to ask now. `rows`: the persons it is about; `reasons`: rights that it can change, most first; `settled`
    rights out of `total`."""

    page: PageAsked | None
    rows: tuple[str, ...]
    reasons: tuple[str, ...]
    settled: int
    total: int


@contextmanager
def conversation(live: LiveLaw, answers: Answers) -> Iterator[Conversation]:
    """One household as it is known now, for the time of a request."""
    household = live.household(answers)
    stated, wanted = live.stated(household.block, answers), live.wanted(household, answers)
    with live.places.lent(live.bounds, household.block, stated, wanted) as interview:
        yield Conversation(live, answers, household, wanted, interview)


@dataclass
class Conversation:
    """One household as it is known now. Made by `conversation`, good until its end."""

    live: LiveLaw
    answers: Answers
    household: SituationBlock
    wanted: Mapping[Asked, NDArray[np.bool_]]
    interview: Interview

    # --- what is settled ---

    @cached_property
    def open_rights(self) -> frozenset[str]:
        """Ids of the rights whose result is not settled for somebody of the family."""
        return frozenset(self.live.rights[asked].id for asked, _row in self.interview.open_rights())

    @property
    def settled(self) -> int:
        """How many rights are settled."""
        return len(self.live.rights) - len(self.open_rights)

    def bounds(self) -> list[RowBounds]:
        """The bounds of each right and row that matter."""
        found = []
        for asked, bound in self.interview.current.items():
            for row in self.wanted[asked].nonzero()[0].tolist():
                if bound.is_unbounded[row]:
                    found.append(RowBounds(asked, row, None, None, False, False))
                else:
                    low, high = float(bound.low[row]), float(bound.high[row])
                    found.append(RowBounds(asked, row, low, high, low == high, low == high))
        return found

    # --- what to ask ---

    def step(self, theme: str = "") -> Step:
        """What to ask now: the most useful page of the theme under way, else of the most useful theme."""
        mine = self._best(theme) if theme else None
        best = mine or self._best("") or next(((page, why) for page, why in self.beside.items()), None)
        page, reasons = best if best is not None else (None, ())
        rows = tuple(self.rows_of(page)) if page is not None else ()
        return Step(page, rows, tuple(reasons), self.settled, len(self.live.rights))

    def open_pages(self) -> list[PageAsked]:
        """Every page that can still change a right and was not answered, in the order of the table."""
        found = dict.fromkeys(page for question in self.interview.open_questions() for page in self._pages(question))
        found |= dict.fromkeys(self.beside)
        order = [SOURCES, *pages()]
        return sorted(found, key=lambda one: (THEMES.index(one.theme), order.index(one.page), one.row))

    @cached_property
    def beside(self) -> dict[PageAsked, list[str]]:
        """Pages that the law does not read now, but that settle what a published fact opens or closes (rights.openers,
        rights.closers), with the rights: asked last."""
        found: dict[PageAsked, list[str]] = {}
        for question, rights in self._hanging:
            for page in self._pages(question):
                found.setdefault(page, rights)
        return found

    @cached_property
    def _hanging(self) -> list[tuple[Question, list[str]]]:
        possible = {self.live.rights[one.asked].id for one in self.bounds() if one.high is None or one.high >= CENT}
        every = {right.id for right in self.live.rights.values()}
        found = []
        facts: list[tuple[Opener | Closer, Set[str]]] = []
        facts += [(one, every - possible) for one in openers() if one.lift is None]
        facts += [(one, possible) for one in closers()]
        for fact, concerned in facts:
            rights = [right for right in fact.rights if right in concerned]
            if rights:
                found += [(question, rights) for question in self._unsaid_of(fact)]
        return found

    def _unsaid_of(self, fact: Opener | Closer) -> Iterator[Question]:
        """What is not known of the adults of the family that a fact may concern, and that decides whether it does."""
        block, month = self.household.block, self.live.month
        persons = self.answers.household.persons
        ours = np.array([person.family == 0 and person.role != "child" for person in persons])
        rows = fact.persons(block, month) & ours
        for when in fact.when:
            column = (when.variable, str(month))
            unknown = block.unknown.get(column)
            if when.or_unknown and unknown is not None:
                for row in np.flatnonzero(unknown & rows).tolist():
                    yield Question(when.variable, "individu", row, "month", (str(month),))

    def _best(self, theme: str) -> tuple[PageAsked, list[str]] | None:
        """The page to ask in a theme (any theme: ""), and the rights it changes. None: nothing useful is left there."""
        known = {question: list(self._pages(question)) for question in self.interview.open_questions()}
        if theme:
            known = {q: [p for p in found if p.theme == theme] for q, found in known.items()}
        if not any(known.values()):
            return None
        ranked = self.interview.ranked(among=lambda question: bool(known.get(question)))
        score: dict[PageAsked, float] = {}
        for one in ranked:
            for page in known[one.question]:
                score[page] = max(score.get(page, 0.0), one.score)
        order = {page: number for number, page in enumerate(self.open_pages())}
        first = min(score, key=lambda page: (-round(score[page], 6), order[page]))
        if theme and score[first] <= NOTHING:
            return None
        if not theme and score[first] <= NOTHING:
            first = min(score, key=order.__getitem__)
        first = _months_before_years(first, score, order)
        return first, self._reasons(ranked, known, first)

    def _reasons(self, ranked: Iterable[Ranked], known: dict[Question, list[PageAsked]], page: PageAsked) -> list[str]:
        gain: dict[str, float] = {}
        for one in ranked:
            if page in known[one.question]:
                for effect in one.effects:
                    right = self.live.rights[effect.asked].id
                    gain[right] = max(gain.get(right, 0.0), effect.amount)
        if not gain:
            readers = self.live.readers_of(page)
            return ([right for right in readers if right in self.open_rights] or readers)[:MOST_REASONS]
        return sorted(gain, key=lambda right: -gain[right])[:MOST_REASONS]

    def _pages(self, question: Question) -> Iterator[PageAsked]:
        """The pages that ask a question and were not answered."""
        if question.variable == "date_naissance":
            return  # said with the household
        for subject in subjects_of(question.variable, yearly=question.rhythm == "year"):
            row = self._row(question)
            if row is None or self.answers.is_given(subject.id, row):
                continue
            if subject.source:
                if not self.answers.is_given(SOURCES, row):
                    yield PageAsked(SOURCES, row)
                    continue
                if self.answers.had(subject.source, row) is False:
                    continue
            first = subjects().get(subject.after)
            asked = first if first is not None and self._before(first, row) else subject
            yield PageAsked(asked.page, EVERYBODY if asked.together else row)

    def _before(self, first: Subject, row: str) -> list[str]:
        """Whose answer to a subject is to be had before the one that comes after it is asked."""
        rows = [row]
        if row == FAMILY:
            family = self.answers.household.family(0)
            rows = [p.id for p in family if p.role != "child" and may_be_pregnant(p, self.answers)]
        return [one for one in rows if not self.answers.is_given(first.id, one)]

    def _row(self, question: Question) -> str | None:
        """Who a question is about, as answers name it; None for another family's own affairs."""
        if question.entity == "menage":
            return DWELLING
        if question.entity == "famille":
            return FAMILY if question.row == 0 else None
        if question.variable == SAVINGS:
            return FAMILY
        return self.household.identifiers["individu"][question.row]

    def rows_of(self, page: PageAsked) -> list[str]:
        """The persons to show on a page asked for everybody: those concerned, and those already answered."""
        if page.row != EVERYBODY:
            return [page.row]
        found: set[str] = set()
        for question in (*self.interview.open_questions(), *(one for one, _rights in self._hanging)):
            for subject in subjects_of(question.variable, yearly=question.rhythm == "year"):
                row, first = self._row(question), subjects().get(subject.after)
                if row is not None and subject.page == page.page:
                    found.add(row)
                if row is not None and first is not None and first.page == page.page:
                    found |= set(self._before(first, row))
        given = {p.id for p in self.answers.household.family(0) for subject in pages()[page.page]
                 if self.answers.is_given(subject.id, p.id)}  # fmt: skip
        return [p.id for p in self.answers.household.persons if p.id in found | given]


def _months_before_years(
    page: PageAsked, score: Mapping[PageAsked, float], order: Mapping[PageAsked, int]
) -> PageAsked:
    """What somebody receives now comes before what they declared for the years before, when both are useful."""
    if not pages().get(page.page, (None,))[0] or not pages()[page.page][0].yearly:
        return page
    now = [one for one in score if one.row == page.row and one.page != SOURCES and pages()[one.page][0].source
           and not pages()[one.page][0].yearly]  # fmt: skip
    return min(now, key=order.__getitem__, default=page)
