"""What partners know of a household, as answers: a value that is not known stays not asked, never zero.

Known for every period: an answer, to be confirmed. Known for some of them: shown in the question, which is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from allervers.foundation.errors import InvalidInput
from allervers.foundation.periods import Month
from allervers.rights.interview.answers import DWELLING, FAMILY, Answers, Given, Value, history, key, seen, tax_years
from allervers.rights.interview.household import Bond, Household, Person
from allervers.rights.interview.situation import COLLECTED, deduced
from allervers.rights.interview.wording import OF_FAMILY, ONE_VALUE, SOURCES, Subject, sources, subjects

Row = Mapping[str, Any]
"""Cells by name of column, `variable@period`, as the assembled population has them. Absent or null: not known."""

_BONDS: Mapping[str, Bond] = {"marie": "married", "pacse": "civil"}
_INPUTS = {(item.variable, item.rhythm == "yearly"): item for item in COLLECTED}


@dataclass(frozen=True, slots=True)
class Prefilled:
    """Answers that partners give. `rows`: id of a person in the files -> here. `partial`: known for some periods only.

    `unsure`: families whose couple is known, but not how it is bound.
    """

    answers: Answers
    rows: Mapping[str, str]
    partial: Mapping[str, Given] = field(default_factory=dict)
    unsure: frozenset[int] = frozenset()

    def seen_by(self, number: int) -> Prefilled:
        """The same for another family of the household: what is known of the dwelling stays that of who rents it."""
        families = self.answers.household.families
        return replace(
            self, answers=self.answers.seen_by(number),
            partial={seen(name, number, families): value for name, value in self.partial.items()},
            unsure=frozenset((one - number) % families for one in self.unsure),
        )  # fmt: skip


def prefilled(
    people: Sequence[Row], families: Mapping[str, Row], home: Row, month: Month, *,
    names: Mapping[str, str], union: Collection[str],
) -> Prefilled | None:  # fmt: skip
    """The answers of a household of the assembled population; None when its persons are not open to the reader.

    people: with id, famille_id, famille_role and what else is known. names: person -> name, where it may be read.
    union: codes of countries whose nationals have the rights of the European Union.
    """
    born = [row for row in people if not _is_to_be_born(row, month)]
    if not born or any("famille_role" not in row for row in born):
        return None
    household, rows, unsure = _household(born, month, names)
    answers = Answers(household, month)
    partial: dict[str, Given] = {}
    by_row: dict[str, Row] = {rows[row["id"]]: row for row in born}
    by_row |= {DWELLING: home, FAMILY: families.get(_families(born)[0], {})}
    # No partner says who is protected: their years of stay say something else.
    for subject in (s for s in subjects().values() if not s.source and s.id != "protection"):
        for row, cells in by_row.items():
            if _is_about(subject, row):
                answers = _told(answers, partial, subject, row, _read(subject, cells, month, union))
    for person in household.persons:
        answers = _incomes(answers, partial, person, by_row[person.id], month)
    return Prefilled(answers, rows, partial, frozenset(unsure))


def differs(value: Given, datum: Given, *, is_partial: bool = False) -> bool:
    """Whether an answer says otherwise than a partner. « Je ne sais pas » says nothing, nor does a month not known."""
    if value is None or datum is None:
        return False
    if _is_list(value) or _is_list(datum):
        ticked, held = set(value if isinstance(value, tuple) else ()), set(datum if isinstance(datum, tuple) else ())
        return not held <= ticked if is_partial else held != ticked
    size = len(value) if isinstance(value, tuple) else len(datum) if isinstance(datum, tuple) else 1
    pairs = zip(_spread(value, size), _spread(datum, size), strict=True)
    return any(one is not None and other is not None and not _is_same(one, other) for one, other in pairs)


def _is_list(value: Given) -> bool:
    """Kinds of income that were ticked, not values by period."""
    return isinstance(value, tuple) and all(isinstance(one, str) and one in sources() for one in value)


def _spread(value: Given, size: int) -> tuple[Value, ...]:
    return value if isinstance(value, tuple) else (value,) * size


def _is_same(one: Value, other: Value) -> bool:
    if isinstance(one, float | int) and isinstance(other, float | int):
        return abs(float(one) - float(other)) < 0.5
    return one == other


# --- who lives together ---


def _is_to_be_born(row: Row, month: Month) -> bool:
    """A child to come is a person in the files; here the pregnancy says it."""
    born = row.get("date_naissance")
    return isinstance(born, date) and born > month.last_day


def _families(people: Sequence[Row]) -> list[str]:
    """The families, that of the person of reference of the dwelling first."""
    first = [row["famille_id"] for row in people if row.get("menage_role") == "personne_de_reference"]
    return list(dict.fromkeys([*first, *(row["famille_id"] for row in people)]))


def _household(
    people: Sequence[Row], month: Month, names: Mapping[str, str]
) -> tuple[Household, dict[str, str], list[int]]:
    persons: list[Person] = []
    bonds: list[Bond] = []
    unsure: list[int] = []
    rows: dict[str, str] = {}
    for number, family in enumerate(_families(people)):
        members = sorted((row for row in people if row["famille_id"] == family), key=_rank)
        adults = [row for row in members if row["famille_role"] != "enfant"][:2]
        bond = _bond(adults, month)
        if bond is None:
            unsure.append(number)
        bonds.append(bond or "free")
        for row in members:
            rows[row["id"]] = f"p{len(persons) + 1}"
            name = names.get(row["id"], "")[:40] or _default_name(row, persons)
            persons.append(_person(row, rows[row["id"]], name, number, adults, month))
    return Household(tuple(persons), tuple(bonds)), rows, unsure


def _rank(row: Row) -> tuple[int, str]:
    roles = ("demandeur", "conjoint", "enfant")
    role = row["famille_role"]
    return roles.index(role) if role in roles else len(roles), str(row.get("date_naissance") or "9999")


def _bond(adults: Sequence[Row], month: Month) -> Bond | None:
    """How the adults of a family are bound; None: they are two, and it is not known."""
    if len(adults) < 2:
        return "none"
    said = {row.get(f"statut_marital@{month}") for row in adults} - {None}
    if not said:
        return None
    return next((bond for status, bond in _BONDS.items() if said == {status}), "free")


def _default_name(row: Row, before: Sequence[Person]) -> str:
    """Who has no name: a child by its number among the children, as in the form; else by its number in the home."""
    if row["famille_role"] == "enfant":
        return f"Enfant {1 + sum(one.role == 'child' for one in before)}"
    return f"Personne {len(before) + 1}"


def _person(row: Row, identifier: str, name: str, family: int, adults: Sequence[Row], month: Month) -> Person:
    is_child = row["famille_role"] == "enfant"
    filed = {adult.get("foyer_fiscal_id") for adult in adults} - {None}
    apart = is_child and row.get("foyer_fiscal_id") is not None and bool(filed)
    return Person(
        identifier, name,
        "child" if is_child else "partner" if len(adults) > 1 and row is adults[1] else "adult",
        family, row.get("date_naissance"),
        shared=is_child and row.get(f"garde_alternee@{month}") is True,
        taxed_apart=apart and row["foyer_fiscal_id"] not in filed,
    )  # fmt: skip


# --- what is known of each ---


def _is_about(subject: Subject, row: str) -> bool:
    if subject.theme == "logement":
        return row == DWELLING
    if subject.id in OF_FAMILY:
        return row == FAMILY
    return row not in (DWELLING, FAMILY)


def _read(subject: Subject, cells: Row, month: Month, union: Collection[str]) -> list[Value]:
    """The values that a partner gives, period by period."""
    periods: Sequence[object] = tax_years(month) if subject.yearly else history(month)
    variable = subject.variables[0]
    return [_value(subject, cells.get(f"{variable}@{period}"), union) for period in periods]


def _value(subject: Subject, cell: Any, union: Collection[str]) -> Value:
    """A cell as the question has it; None when it is not known, or is not one of its answers."""
    if cell is None:
        return None
    if subject.kind in ("amount", "years"):
        return round(float(cell), 2) if 0 <= float(cell) <= subject.most else None
    if subject.kind == "yes_no":
        return bool(cell)
    if subject.id == "nationalite":
        return "FR" if cell == "FR" else "PT" if cell in union else "MA"
    if subject.numeric:
        steps = sorted((float(one), one) for one in subject.choices)
        return next((text for least, text in reversed(steps) if float(cell) >= least), None)
    return str(cell) if not subject.choices or cell in subject.choices else None


def _whole(subject: Subject, values: Sequence[Value]) -> tuple[Given, bool]:
    """The answer of these values, and whether it is known for every period."""
    if subject.id in ONE_VALUE:
        return values[-1], values[-1] is not None
    if all(value == values[0] for value in values) and not subject.yearly:
        return values[0], values[0] is not None
    return tuple(values), None not in values


def _told(answers: Answers, partial: dict[str, Given], subject: Subject, row: str, values: Sequence[Value]) -> Answers:
    """With what a partner says of a subject, unless the household already tells it."""
    item = _INPUTS[subject.variables[0], subject.yearly]
    about = "f0" if row == FAMILY else row
    if all(value is None for value in values) or deduced(answers, item, about) is not None:
        return answers
    given, is_whole = _whole(subject, values)
    try:
        told = answers.with_answer(subject.id, row, given)
    except InvalidInput:
        return answers
    if is_whole:
        return told
    partial[key(subject.id, row)] = given
    return answers


def _incomes(answers: Answers, partial: dict[str, Given], person: Person, cells: Row, month: Month) -> Answers:
    """With the incomes of a person: a kind is had when one of its amounts is not zero, not had when each is zero."""
    age = person.age(month.first_day)
    if age is not None and age < 14:
        return answers
    known: dict[str, list[tuple[Subject, list[Value]]]] = {name: [] for name in sources()}
    for subject in subjects().values():
        if subject.source:
            known[subject.source].append((subject, _read(subject, cells, month, ())))
    # No partner knows a kind of income without amounts: it says nothing of the others.
    had = {name: _had(list(_flat(of))) for name, of in known.items() if of}
    ticked = tuple(name for name, one in had.items() if one)
    if None not in had.values():
        answers = answers.with_answer(SOURCES, person.id, ticked)
    elif ticked:
        partial[key(SOURCES, person.id)] = ticked
    for name in ticked:
        for subject, values in known[name]:
            answers = _told(answers, partial, subject, person.id, values)
    return answers


def _flat(of: Sequence[tuple[Subject, list[Value]]]) -> Iterator[Value]:
    for _subject, values in of:
        yield from values


def _had(values: Sequence[Value]) -> bool | None:
    if any(value for value in values):
        return True
    return None if None in values else False
