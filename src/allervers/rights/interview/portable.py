"""Answers as a small JSON document, to keep or to take along, and back: what comes back is checked as hostile."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, get_args

from allervers.foundation.errors import AllerVersError, InvalidInput
from allervers.foundation.periods import Month
from allervers.rights.interview.answers import Answers, Given, is_row
from allervers.rights.interview.household import Bond, Household, Person, checked

VERSION = 1
MOST_BYTES = 64_000
MOST_ANSWERS = 600
MOST_NAME = 40


def as_document(answers: Answers) -> dict[str, Any]:
    """The answers as plain JSON values."""
    return {
        "allervers": VERSION,
        "month": str(answers.month),
        "bonds": list(answers.household.bonds),
        "persons": [
            [p.id, p.name, p.role, p.family, p.born.isoformat() if p.born else None, int(p.shared), int(p.taxed_apart)]
            for p in answers.household.persons
        ],
        "answers": {name: list(v) if isinstance(v, tuple) else v for name, v in answers.given.items()},
    }


def as_text(answers: Answers) -> str:
    """The document as text, as short as can be."""
    return json.dumps(as_document(answers), ensure_ascii=False, separators=(",", ":"))


def from_text(text: str | bytes) -> Answers:
    """The answers of a document. Raises InvalidInput for anything else than what `as_text` writes."""
    if len(text) > MOST_BYTES:
        raise InvalidInput(f"Ce fichier est trop grand : {MOST_BYTES // 1000} ko au plus.")
    try:
        return _read(json.loads(text))
    except AllerVersError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, IndexError) as error:
        raise InvalidInput("Ce fichier n'est pas une simulation d'AllerVers, ou il est abîmé.") from error


def from_document(document: Any) -> Answers:
    """The answers of a document of ours, read again by who wrote it: a household that partners describe may be wrong,
    and is checked once somebody has confirmed it. Raises InvalidInput."""
    try:
        return _read(document, is_checked=False)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise InvalidInput("Cet entretien ne peut pas être relu.") from error


def _read(document: Any, *, is_checked: bool = True) -> Answers:
    if not isinstance(document, dict) or document["allervers"] != VERSION:
        raise InvalidInput("Ce fichier n'est pas une simulation d'AllerVers, ou il est d'une autre version.")
    month = Month.parse(str(document["month"]))
    persons = tuple(_person(*one) for one in list(document["persons"])[:100])
    bonds = tuple(document["bonds"])
    if not bonds or len(bonds) > len(persons) or not set(bonds) <= set(get_args(Bond)):
        raise ValueError("bonds")
    household = Household(persons, bonds)
    answers = Answers(checked(household, month) if is_checked else household, month)
    given = dict(document["answers"])
    if len(given) > MOST_ANSWERS:
        raise ValueError("answers")
    for name, value in given.items():
        subject, _, row = str(name).partition(":")
        if not is_row(household, row):
            raise ValueError("row")
        answers = answers.with_answer(subject, row, _given(value))
    return answers


def _person(*fields: Any) -> Person:
    identifier, name, role, family, born, shared, apart = fields
    if role not in ("adult", "partner", "child") or not isinstance(family, int) or not isinstance(identifier, str):
        raise ValueError("person")
    if len(identifier) > 6 or not isinstance(name, str) or not name.strip() or len(name) > MOST_NAME:
        raise ValueError("name")
    return Person(identifier, name, role, family, date.fromisoformat(born) if born else None, bool(shared), bool(apart))


def _given(value: Any) -> Given:
    if isinstance(value, list):
        if any(isinstance(one, list | dict) for one in value):
            raise ValueError("value")
        return tuple(value)
    if isinstance(value, dict):
        raise ValueError("value")
    return value  # type: ignore[no-any-return]
