"""The form of who lives together: rows left empty are nobody, a button adds more. Read into a household, or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count

from django.http import QueryDict
from django.utils.translation import gettext as _

from allervers.apps.catalogue.domain import is_no_day, read_day
from allervers.apps.simulation.names import CHILD, PARTNER, SOMEBODY, YOU, called, kept
from allervers.foundation.errors import InvalidInput
from allervers.foundation.periods import Month
from allervers.rights.interview.answers import DWELLING, Answers
from allervers.rights.interview.household import (
    ADULT_AT,
    ADULT_FROM,
    MOST_PERSONS,
    MOST_YEARS,
    OLDEST_BIRTH,
    Bond,
    Household,
    Person,
    Role,
    checked,
)

MOST_FAMILIES = 4
MOST_CHILDREN = 12
MOST_NAME = 40
BONDS: tuple[Bond, ...] = ("none", "married", "civil", "free")
HOMES = ("home", "hosted", "homeless")
_LODGED = {"homeless": "sans_domicile", "hosted": "loge_gratuitement"}
"""What the form says of the home, as the question on housing has it."""


@dataclass
class Row:
    """A person as typed. `prefix`: of the names of its fields. `id`: of somebody already described."""

    prefix: str
    role: Role
    id: str = ""
    name: str = ""
    born: str = ""
    shared: bool = False
    apart: bool = False
    error: str = ""
    is_new: bool = False
    """A button has just added it: the page opens there."""

    @property
    def is_empty(self) -> bool:
        """Nobody was described there."""
        return not self.name and not self.born


@dataclass
class FamilyTyped:
    """A family as typed."""

    number: int
    adult: Row
    partner: Row
    bond: str
    children: list[Row]
    error: str = ""


@dataclass
class Typed:
    """The whole form as typed; `household` when it could be read."""

    families: list[FamilyTyped]
    home: str = ""
    town: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    household: Household | None = None

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """What is wrong, in the order of the page: id of the field, who or what it is about, what to do."""
        found = []
        for family in self.families:
            for row in _rows(family):
                who = called(kept(row.name) or _default_name(row, family.number, frozenset()))
                found += [(f"{row.prefix}.born", who, row.error)] if row.error else []
                if row is family.adult and family.error:
                    found.append((f"f{family.number}.couple", "", family.error))
        places = (("household", ""), ("home", "home.home"), ("town", "town"))
        return found + [(place, "", self.errors[name]) for name, place in places if name in self.errors]


def blank(households: Household | None = None, home: str = "", town: str = "") -> Typed:
    """The form before it is filled, or with a household already described."""
    if households is None:
        return Typed([_family(0, None)], home, town)
    return Typed([_family(number, households) for number in range(households.families)], home, town)


def described(answers: Answers | None, unsure: frozenset[int] = frozenset()) -> Typed:
    """The form of a household already described. `unsure`: families whose bond is to be said."""
    if answers is None:
        return blank()
    lodged, town = answers.value("occupation", DWELLING), answers.value("commune", DWELLING)
    home = next((home for home, value in _LODGED.items() if value == lodged), "home")
    form = blank(answers.household, home, town if isinstance(town, str) else "")
    for family in form.families:
        family.bond = "" if family.number in unsure else family.bond
    return form


def answers_with(form: Typed, household: Household, before: Answers | None, month: Month) -> Answers:
    """What was answered before about who is still there, and what the form says of the home."""
    answers = before.with_household(household) if before is not None else Answers(household, month)
    lodged = answers.value("occupation", DWELLING)
    if form.home in _LODGED:
        answers = answers.with_answer("occupation", DWELLING, _LODGED[form.home])
    elif lodged in _LODGED.values():
        answers = answers.without("occupation", DWELLING)
    return answers.with_answer("commune", DWELLING, form.town or None)


def _family(number: int, household: Household | None) -> FamilyTyped:
    adult, partner = Row(f"f{number}.adult", "adult"), Row(f"f{number}.partner", "partner")
    children: list[Row] = []
    bond = "" if household is None else household.bonds[number]
    for person in household.family(number) if household is not None else ():
        if person.role == "child":
            row = Row(f"f{number}.c{len(children)}", "child")
            children.append(row)
        else:
            row = adult if person.role == "adult" else partner
        row.id = person.id
        row.name, row.born = called(person.name), f"{person.born:%d/%m/%Y}" if person.born else ""
        row.shared, row.apart = person.shared, person.taxed_apart
    children.append(Row(f"f{number}.c{len(children)}", "child"))
    return FamilyTyped(number, adult, partner, bond, children)


def typed(posted: QueryDict) -> Typed:
    """What was typed, with one more row where a button asked for it."""
    sent = min(MOST_FAMILIES, max(1, sum(1 for n in range(MOST_FAMILIES) if f"f{n}.adult.born" in posted)))
    families = [_typed_family(posted, number) for number in range(sent)]
    asked = posted.get("add", "")
    for family in families:
        if asked == f"child{family.number}" and len(family.children) < MOST_CHILDREN:
            family.children.append(Row(f"f{family.number}.c{len(family.children)}", "child", is_new=True))
    if asked == "family" and sent < MOST_FAMILIES:
        families.append(_family(sent, None))
        families[-1].adult.is_new = True
    return Typed(families, posted.get("home", "")[:10], posted.get("town", "")[:5])


def _typed_family(posted: QueryDict, number: int) -> FamilyTyped:
    children = []
    for rank in range(MOST_CHILDREN):
        if f"f{number}.c{rank}.born" not in posted:
            break
        children.append(_row(posted, f"f{number}.c{rank}", "child"))
    bond = posted.get(f"f{number}.bond", "")
    adult, partner = _row(posted, f"f{number}.adult", "adult"), _row(posted, f"f{number}.partner", "partner")
    return FamilyTyped(number, adult, partner, bond if bond in BONDS else "", children)


def _row(posted: QueryDict, prefix: str, role: Role) -> Row:
    def text(name: str) -> str:
        return "".join(c for c in posted.get(f"{prefix}.{name}", "")[:MOST_NAME] if c.isprintable()).strip()

    return Row(prefix, role, text("id"), text("name"), text("born"), text("shared") == "1", text("apart") == "1")


def read(form: Typed, month: Month, towns: tuple[str, ...], taken: frozenset[str] = frozenset()) -> Typed:
    """The household of a form; what is wrong is written beside its field, and there is then no household.

    `taken`: ids of persons described before, that nobody new may have.
    """
    persons: list[Person] = []
    bonds: list[Bond] = []
    fresh = _fresh(form, taken)
    for family in form.families:
        if family.number and family.adult.is_empty and all(child.is_empty for child in family.children):
            continue
        rows = list(_persons(family))
        if family.bond not in BONDS:
            family.error = _("Dites si cette personne vit en couple.")
        bonds.append(next((bond for bond in BONDS if bond == family.bond), "none"))
        for row in rows:
            name = kept(row.name) or _default_name(row, len(bonds) - 1, {known.name for known in persons})
            persons.append(_person(row, row.id or next(fresh), name, len(bonds) - 1, month))
    if form.home not in HOMES:
        form.errors["home"] = _("Dites où vous vivez.")
    if form.town and form.town not in towns:
        form.errors["town"] = _("Choisissez une commune de la liste.")
    if len(persons) > MOST_PERSONS:
        form.errors["household"] = _("Décrivez %(n)s personnes au plus.") % {"n": MOST_PERSONS}
    wrong = form.errors or any(f.error or any(r.error for r in _rows(f)) for f in form.families)
    if not wrong:
        try:
            form.household = checked(Household(tuple(persons), tuple(bonds)), month)
        except InvalidInput as error:
            form.errors["household"] = error.message
    return form


def _fresh(form: Typed, taken: frozenset[str]) -> Iterator[str]:
    """Identifiers that nobody has. One that was sent twice, or is none of ours, is dropped: answers follow persons."""
    sent: set[str] = set()
    for row in (row for family in form.families for row in _rows(family)):
        row.id = row.id if re.fullmatch(r"p\d{1,3}", row.id) and row.id not in sent else ""
        sent.add(row.id)
    return (name for name in (f"p{number}" for number in range(1, 2_000)) if name not in taken | sent)


def _persons(family: FamilyTyped) -> Iterator[Row]:
    yield family.adult
    if family.bond not in ("", "none"):
        if family.number and family.partner.is_empty:
            family.partner.error = _("Décrivez cette personne, ou choisissez « sans conjoint ».")
        yield family.partner
    elif not family.partner.is_empty and family.bond == "none":
        family.partner.error = _("Vous avez dit « sans conjoint » : effacez cette ligne, ou changez la réponse.")
    yield from (child for child in family.children if not child.is_empty)


def _rows(family: FamilyTyped) -> list[Row]:
    return [family.adult, family.partner, *family.children]


def _person(row: Row, identifier: str, name: str, family: int, month: Month) -> Person:
    born: date | None = read_day(row.born) if row.born else None
    if row.born and is_no_day(row.born):
        row.error = _("Ce jour n'existe pas : vérifiez le jour et le mois.")
    elif row.born and born is None:
        row.error = _("Écrivez la date comme 31/01/1990.")
    elif born is None and family == 0:
        row.error = _("Écrivez la date de naissance, comme 31/01/1990.")
    elif born is not None and born > month.last_day:
        row.error = _("Cette date est dans l'avenir.")
    elif born is not None and born.year < max(OLDEST_BIRTH, month.year - MOST_YEARS):
        row.error = _("Vérifiez l'année : cette personne aurait plus de 120 ans.")
    child = row.role == "child"
    shared, apart = child and row.shared, child and row.apart
    person = Person(identifier, name, row.role, family, born, shared=shared, taxed_apart=apart)
    row.error = row.error or _age_error(person, month)
    return person


def _age_error(person: Person, month: Month) -> str:
    """What an age says of the row that somebody was described in."""
    age = person.age(month.first_day)
    if age is not None and person.role == "child" and age >= ADULT_AT:
        return _("%(n)s ans ou plus : décrivez cette personne comme un autre adulte du logement.") % {"n": ADULT_AT}
    if age is not None and person.role != "child" and age < ADULT_FROM:
        return _("Moins de %(n)s ans : décrivez cette personne comme un enfant.") % {"n": ADULT_FROM}
    return ""


def turn_of(answers: Answers) -> str:
    """Whose turn it is, where several families live together; "" for a family alone. Pages left open carry it."""
    return answers.household.family(0)[0].id if answers.household.families > 1 else ""


def seen_by(answers: Answers, number: int) -> Answers:
    """The same household for another family: « Vous » is not who answers any more. Raises InvalidInput."""
    moved = answers.seen_by(number)
    own = {YOU, PARTNER}
    persons: list[Person] = []
    for person in moved.household.persons:
        taken = {one.name for one in moved.household.persons} | {one.name for one in persons}
        other = next(name for n in count(1) if (name := SOMEBODY % {"n": n}) not in taken)
        persons.append(replace(person, name=other) if person.name in own else person)
    return replace(moved, household=replace(moved.household, persons=tuple(persons)))


def _default_name(row: Row, family: int, taken: Set[str]) -> str:
    """What who gave no name is called: a child by its number in the form, the next one when somebody has that name."""
    if family == 0 and row.role != "child":
        return YOU if row.role == "adult" else PARTNER
    model = CHILD if row.role == "child" else SOMEBODY
    first = int(row.prefix.rpartition(".c")[2]) + 1 if row.role == "child" else len(taken) + 1
    return next(name for n in count(first) if (name := model % {"n": n}) not in taken)
