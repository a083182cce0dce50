"""The sentences of a right for a household: the reasons that hold, in words, with the article of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from allervers.engine.explain.french import number, shown
from allervers.engine.explain.record import Unit
from allervers.rights.reasons.speech import FRENCH, Speech
from allervers.rights.reasons.table import SLOT, Condition, Outcome, Reason, reasons

MOST = 4
"""Sentences said of an amount."""
YOU = "Vous"
"""What the person who answers is called: they are spoken to."""
_EITHER = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")
_VERBS = {"Avoir": ("Vous avez", "{who} a"), "Être": ("Vous êtes", "{who} est")}


class Facts(Protocol):
    """Values of the law for one unit (a family, a person, a dwelling).

    `person` None: the unit itself, or the only person. Several values: what is not known may be any of these, and a
    variable of other months than the one explained has one a month.
    """

    def persons(self, whom: str) -> Sequence[int] | None:
        """The parents, the children or the members of the unit; None when that is not known."""

    def values(self, name: str, person: int | None) -> Sequence[Any]:
        """The possible values of a variable or a parameter (`@path`); none when it is not known."""

    def unit(self, name: str) -> Unit:
        """The unit of a variable or a parameter."""

    def limit(self, name: str) -> float | None:
        """What the computation compares a variable to; None when it does not tell."""

    def name(self, person: int | None) -> str:
        """What a person is called."""

    def months(self, person: int | None) -> int | None:
        """Whole months lived at the month explained; None when the date of birth is not known."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence and the article that it rests on."""

    text: str
    article: str


@dataclass(slots=True)
class _Found:
    """What the conditions of a reason found: the last person, how many."""

    person: int | None = None
    count: int = 0


class _Untold(Exception):
    """A value of the sentence is not known."""


def told(
    right: str, outcome: Outcome, facts: Facts, *, spoken: bool, speech: Speech = FRENCH
) -> tuple[Said, ...]:  # fmt: skip
    """Why: the first reason that holds for a zero, all of those that hold for an amount. `spoken`: to the person."""
    said: list[Said] = []
    for reason in reasons(right, outcome):
        text = _sentence(reason, facts, speech, spoken=spoken)
        if text is not None:
            said.append(Said(text, reason.article))
        if said and (outcome == "no" or len(said) == MOST):
            break
    return tuple(said)


def _sentence(reason: Reason, facts: Facts, speech: Speech, *, spoken: bool) -> str | None:
    found = _Found()
    if not all(_holds(condition, facts, found) for condition in reason.conditions):
        return None
    try:
        text = SLOT.sub(lambda slot: _slot(slot[1], facts, found, speech), speech.say(reason.say))
    except _Untold:
        return None
    return _EITHER.sub(lambda either: either[1 if spoken else 2], text)


def _holds(condition: Condition, facts: Facts, found: _Found) -> bool:
    if not condition.how:
        return _truth(condition, facts, None) is True
    persons = facts.persons(condition.whom)
    if persons is None:
        return False
    if not condition.left:
        return not persons
    truths = [_truth(condition, facts, person) for person in persons] if condition.how != "count" else []
    if condition.how == "count":
        counted_truths = [_truth(_each(condition), facts, person) for person in persons]
        found.count = counted_truths.count(True)
        return None not in counted_truths and _compared(found.count, condition.sign, float(condition.right[0]))
    if condition.how == "no":
        return all(truth is False for truth in truths)
    holding = [person for person, truth in zip(persons, truths, strict=True) if truth]
    if holding:
        found.person = _nearest(condition, facts, holding)
    return bool(holding) and (condition.how == "some" or len(holding) == len(persons))


def _each(condition: Condition) -> Condition:
    """The truth value that a condition counts."""
    return Condition("", "", condition.negated, condition.left, "", ())


def _nearest(condition: Condition, facts: Facts, persons: Sequence[int]) -> int:
    """Of those who meet a condition, the one who is nearest to not meeting it."""
    if condition.sign not in ("<", "≤", ">", "≥") or len(condition.left) != 1:
        return persons[0]
    best = max if condition.sign in ("<", "≤") else min
    return best(persons, key=lambda person: float(facts.values(condition.left[0], person)[0]))


def _truth(condition: Condition, facts: Facts, person: int | None) -> bool | None:
    """Whether a condition holds for every possible value; None when it is not known, or not the same for all."""
    left = _added(condition.left, facts, person)
    if condition.sign == "in":
        found = {str(value) in condition.right for value in left}
    elif not condition.sign:
        found = {bool(value) for value in left}
    else:
        limit = facts.limit(condition.left[0]) if condition.right == ("limit",) else None
        right = [limit] if limit is not None else _added(condition.right, facts, person)
        if len(right) == 1:
            right = right * len(left)
        if len(right) != len(left):
            return None
        found = {_compared(a, condition.sign, b) for a, b in zip(left, right, strict=True)}
    return (found.pop() is not condition.negated) if len(found) == 1 else None


def _added(names: Sequence[str], facts: Facts, person: int | None) -> list[Any]:
    """The possible values of a sum; none when one of its terms is not known."""
    terms = [[float(name)] if name.replace(".", "").isdigit() else list(facts.values(name, person)) for name in names]
    if len(terms) == 1:
        return terms[0]
    most = max((len(term) for term in terms), default=0)
    terms = [term * most if len(term) == 1 else term for term in terms]
    return [sum(at) for at in zip(*terms, strict=True)] if all(len(term) == most for term in terms) else []


def _compared(left: Any, sign: str, right: Any) -> bool:
    return bool(
        left < right if sign == "<" else left <= right if sign == "≤" else left > right if sign == ">"
        else left >= right if sign == "≥" else left == right
    )  # fmt: skip


def _slot(name: str, facts: Facts, found: _Found, speech: Speech) -> str:
    if name in _VERBS:
        return _of_whom(name, facts.name(found.person), speech)
    if name == "age":
        months = facts.months(found.person)
        if months is None:
            raise _Untold
        return speech.duration(months)
    if name == "count":
        return speech.counted(found.count, "enfant") if found.count else speech.say("aucun")
    if name.startswith("ans "):
        values = set(facts.values(name.removeprefix("ans "), found.person))
        if len(values) != 1:
            raise _Untold
        return speech.counted(float(values.pop()), "an")
    if name.startswith("limit "):
        limit = facts.limit(name.removeprefix("limit "))
        if limit is None:
            raise _Untold
        return shown(limit, "euros")
    is_most, name = name.startswith("most "), name.removeprefix("most ")
    return _value(name, facts, found.person, speech, is_most=is_most)


def _of_whom(verb: str, who: str, speech: Speech) -> str:
    spoken, of_another = _VERBS[verb]
    if who == YOU:
        return speech.say(spoken)
    return speech.say(of_another).format(who=speech.called(who) if who else speech.say("La personne"))


def _value(name: str, facts: Facts, person: int | None, speech: Speech, *, is_most: bool) -> str:
    """A value in words; a value that is not known is said by the bound that the reason rests on."""
    values, unit = list(facts.values(name, person)), facts.unit(name)
    if not values:
        raise _Untold
    first, least, most = values[0], min(values), max(values)
    if name.startswith("@") or unit in ("number", "years", "months"):
        if least != most:
            raise _Untold
        return shown(first, "rate") if unit == "rate" else number(float(first))
    if least == most:
        return shown(first, unit)
    bound = "au plus {amount}" if is_most else "au moins {amount}"
    return speech.say(bound).format(amount=shown(most if is_most else least, unit))
