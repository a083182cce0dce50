"""What the household is entitled to, as far as its answers tell: yes, no or to check, between which amounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from typing import Literal

from allervers.engine.bounds import RowBounds
from allervers.engine.program import Asked
from allervers.rights.catalogue import Right
from allervers.rights.closers import closers
from allervers.rights.interview.conversation import Conversation
from allervers.rights.interview.wording import SOURCES, PageAsked, sources
from allervers.rights.openers import openers

Verdict = Literal["yes", "check", "no"]
VERDICTS: tuple[Verdict, ...] = ("yes", "check", "no")
CENT = 0.005


@dataclass(frozen=True, slots=True)
class Result:
    """A right for a row of its entity. `low`, `high`: euros by `period` of the right; None: not bounded, or no amount.

    `who`: id of the person, for a right of each person; "" for a right of the family or of the dwelling.
    """

    right: Right
    row: int
    who: str
    verdict: Verdict
    low: float | None
    high: float | None
    question: str = ""
    """What settles a right that a fact that nobody was asked opens, or closes (see rights.openers, rights.closers)."""

    @property
    def is_settled(self) -> bool:
        """Whether no answer can change it any more."""
        return self.low is not None and self.low == self.high

    @property
    def has_amount(self) -> bool:
        """Whether it is paid: some rights cost nothing and pay nothing, one is paid by the person."""
        return self.right.computation is not None and self.right.computation.amount_period != "none"

    @property
    def period(self) -> str:
        """month, year, once or none."""
        return self.right.computation.amount_period if self.right.computation is not None else "none"


@dataclass(frozen=True, slots=True)
class Total:
    """Euros by month, from the least to the greatest possible; `high` None: not bounded."""

    low: float
    high: float | None


def results_of(conversation: Conversation) -> list[Result]:
    """A result a right; of a right of each person, one for each person who has or may have it. Yes first."""
    found: dict[str, list[Result]] = {}
    each = [(one, _result(conversation, conversation.live.rights[one.asked], one)) for one in conversation.bounds()]
    waiting = _opened(conversation, {(one.asked, one.row) for one, result in each if result.verdict == "no"})
    for one, result in each:
        found.setdefault(result.right.id, []).append(waiting.get((one.asked, one.row), result))
    kept = [result for results in found.values() for result in _telling(results)]
    told = _closed(conversation, _excluded(kept))
    return sorted(told, key=lambda r: (VERDICTS.index(r.verdict), -(r.high or r.low or 0.0), r.right.label))


def _result(conversation: Conversation, right: Right, one: RowBounds) -> Result:
    # An enclosure may go under zero, no right does.
    low = None if one.low is None else max(0.0, one.low)
    high = None if one.high is None else max(0.0, one.high)
    verdict: Verdict = "check"
    if high is not None and high < CENT:
        verdict = "no"
    elif low is not None and low >= CENT:
        verdict = "yes"
    return Result(right, one.row, _who(conversation, one.asked, one.row), verdict, low, high)


def _who(conversation: Conversation, asked: Asked, row: int) -> str:
    entity = conversation.live.program.entities[asked]
    return conversation.household.identifiers["individu"][row] if entity == "individu" else ""


def _closed(conversation: Conversation, results: list[Result]) -> list[Result]:
    """Those that a fact that nobody was asked would make nil: to check, from nothing, with the question."""
    live, block = conversation.live, conversation.household.block
    entities = {right.id: live.program.entities[asked] for asked, right in live.rights.items()}
    found = list(results)
    for closer in closers():
        for number, one in enumerate(found):
            if one.verdict == "no" or one.question or one.right.id not in closer.rights:
                continue
            if closer.rows(block, live.month, entities[one.right.id])[one.row]:
                found[number] = replace(one, verdict="check", low=0.0, question=closer.question)
    told = [_lowered(conversation, one) for one in found]
    by_income = {one.question for one in sources().values() if one.question}
    by_income |= {one.question for one in closers() if one.is_income}
    doubtful = {one.right.id: one.question for one in told if one.question in by_income}
    return [_instead(one, doubtful) for one in told]


def _instead(one: Result, doubtful: Mapping[str, str]) -> Result:
    """A right refused because a better one is open is to check when an income not known may close that one."""
    question = next((doubtful[right] for right in one.right.excluded_by if right in doubtful), "")
    if one.verdict != "no" or not question:
        return one
    return replace(one, verdict="check", low=None, high=None, question=question)


def _lowered(conversation: Conversation, one: Result) -> Result:
    """To check, from nothing, when somebody has a kind of income without amount and the right reads incomes."""
    if one.verdict == "no" or one.question:
        return one
    answers = conversation.answers
    for source in (source for source in sources().values() if source.question):
        having = [p for p in answers.household.family(0) if answers.had(source.id, p.id)]
        if having and one.right.id in conversation.live.readers_of(PageAsked(SOURCES, having[0].id)):
            return replace(one, verdict="check", low=0.0, question=source.question)
    return one


def _opened(conversation: Conversation, refused: Set[tuple[Asked, int]]) -> dict[tuple[Asked, int], Result]:
    """The refused rights that would not be if a fact that nobody was asked held: to check, with the question.

    The household is seated once more for each fact that may hold for somebody: rare, and nothing is traced.
    """
    live, block = conversation.live, conversation.household.block
    found: dict[tuple[Asked, int], Result] = {}
    for opener in (one for one in openers() if not one.is_asked):
        wanted = {key for key in refused if live.rights[key[0]].id in opener.rights}
        if not wanted or not opener.persons(block, live.month).any():
            continue
        if opener.lift is None:
            for asked, row in wanted:
                if opener.rows(block, live.month, live.program.entities[asked])[row]:
                    result = Result(live.rights[asked], row, _who(conversation, asked, row), "check", None, None)
                    found.setdefault((asked, row), replace(result, question=opener.question))
            continue
        lifted = opener.lifted(block, live.month)
        stated = live.stated(lifted, conversation.answers)
        with live.places.lent(live.bounds, lifted, stated, conversation.wanted) as interview:
            other = replace(conversation, interview=interview)
            for one in other.bounds():
                if (one.asked, one.row) in wanted:
                    result = _result(conversation, live.rights[one.asked], one)
                    if result.verdict != "no":
                        found.setdefault(
                            (one.asked, one.row), replace(result, verdict="check", low=0.0, question=opener.question)
                        )
    return found


def _telling(results: list[Result]) -> list[Result]:
    """Of the results of one right: those that are not « no », else one « no » for all."""
    return [r for r in results if r.verdict != "no"] or results[:1]


def _excluded(results: list[Result]) -> list[Result]:
    """Without a right made pointless by another that is certain (the free cover, and the one with a contribution)."""
    certain = {r.right.id for r in results if r.verdict == "yes"}
    return [r for r in results if not certain & set(r.right.excluded_by) or r.verdict == "no"]


def total_by_month(results: Iterable[Result]) -> Total:
    """The rights paid by the month, added up; what is paid by the year or once is not in it."""
    low, high = 0.0, 0.0
    bounded = True
    for one in results:
        if one.period != "month" or one.verdict == "no":
            continue
        # Of amounts to the cent, as each is shown.
        low += round(one.low or 0.0, 2)
        bounded = bounded and one.high is not None
        high += round(one.high or 0.0, 2)
    return Total(low, high if bounded else None)


def counts(results: Iterable[Result]) -> Mapping[Verdict, int]:
    """How many results of each kind."""
    found = dict.fromkeys(VERDICTS, 0)
    for one in results:
        found[one.verdict] += 1
    return found
