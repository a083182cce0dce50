"""Random households and true answers to every subject, for tests of the interview: synthetic, of any shape."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from allervers.foundation.periods import Month
from allervers.population.inputs import HISTORY_MONTHS
from allervers.rights.interview.answers import DWELLING, FAMILY, Answers
from allervers.rights.interview.household import Bond, Household, Person, checked
from allervers.rights.interview.wording import OF_FAMILY, SOURCES, Subject, sources, subjects

BONDS: tuple[Bond, ...] = ("none", "none", "married", "civil", "free")


def random_household(rng: Random, month: Month) -> Household:
    persons: list[Person] = []
    bonds: list[Bond] = []
    for family in range(1 if rng.random() < 0.8 else 2):
        bonds.append(rng.choice(BONDS))
        roles = ["adult", *(["partner"] if bonds[-1] != "none" else []), *["child"] * rng.choice([0, 0, 1, 2, 3])]
        for role in roles:
            age = rng.randrange(0, 25) if role == "child" else rng.randrange(18, 90)
            born = date(month.year - age - 1, rng.randrange(1, 13), rng.randrange(1, 28))
            number = len(persons) + 1
            shared, apart = (
                role == "child" and rng.random() < 0.15,
                role == "child" and age >= 18 and rng.random() < 0.3,
            )
            persons.append(Person(f"p{number}", f"Personne {number}", role, family, born, shared, apart))
    return checked(Household(tuple(persons), tuple(bonds)), month)


def true_answers(rng: Random, household: Household, month: Month, towns: tuple[str, ...]) -> Answers:
    """Every subject answered, for everybody."""
    answers = Answers(household, month)
    for person in household.persons:
        ticked = tuple(name for name in sources() if rng.random() < 0.25)
        answers = answers.with_answer(SOURCES, person.id, ticked)
    for subject in subjects().values():
        for row in rows_of(subject, household):
            answers = answers.with_answer(subject.id, row, _value(rng, subject, towns))
    return answers


def rows_of(subject: Subject, household: Household) -> list[str]:
    if subject.theme == "logement":
        return [DWELLING]
    return [FAMILY] if subject.id in OF_FAMILY else [p.id for p in household.persons]


def _value(rng: Random, subject: Subject, towns: tuple[str, ...]) -> Any:
    if subject.yearly:
        return tuple(_one(rng, subject, towns) * 12 for _ in range(2))
    if rng.random() < 0.2:
        return tuple(_one(rng, subject, towns) for _ in range(HISTORY_MONTHS))
    return _one(rng, subject, towns)


def _one(rng: Random, subject: Subject, towns: tuple[str, ...]) -> Any:
    if subject.kind == "amount":
        most = {"loyer": 900, "epargne": 120_000}.get(subject.id, 2_500)
        return float(rng.choice([0, rng.randrange(0, most), rng.randrange(0, most)]))
    if subject.kind == "years":
        return float(rng.randrange(0, 15))
    if subject.kind == "yes_no":
        return rng.random() < 0.2
    return rng.choice(list(subject.choices) or list(towns))
