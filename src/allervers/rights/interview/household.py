"""Who lives together, as people say it: families under a roof, their children. Checked, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from allervers.foundation.errors import InvalidInput
from allervers.foundation.french import of
from allervers.foundation.periods import Month

Role = Literal["adult", "partner", "child"]
Bond = Literal["none", "married", "civil", "free"]
"""How two adults of a family are bound; `free`: they live as a couple, neither married nor in a civil union."""

MOST_PERSONS = 16
MOST_YEARS = 120
OLDEST_BIRTH = 1905
"""Nobody alive was born before."""
ADULT_AT = 25
"""Age in years at which nobody is a child of a family any more (CASF R. 262-3: under 25 for the RSA)."""
ADULT_FROM = 14
"""Age in years under which nobody is described as an adult."""
MARITAL: Mapping[Bond, str] = {"married": "marie", "civil": "pacse", "free": "celibataire"}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the household. `family`: number of the family, 0 is the one of who answers.

    `born` None: not known. `shared`: a child in shared custody. `taxed_apart`: a child who files a tax return alone.
    """

    id: str
    name: str
    role: Role
    family: int
    born: date | None
    shared: bool = False
    taxed_apart: bool = False

    def is_other(self, described: Person) -> bool:
        """Whether who is now described in this place is somebody else."""
        return self.name != described.name and None not in (self.born, described.born) and self.born != described.born

    def age(self, on: date) -> int | None:
        """Whole years on a day; None when the date of birth is not known."""
        if self.born is None:
            return None
        return on.year - self.born.year - ((on.month, on.day) < (self.born.month, self.born.day))


@dataclass(frozen=True, slots=True)
class Household:
    """Who lives under the roof, the family of who answers first. `bonds`: by family, of its two adults."""

    persons: tuple[Person, ...]
    bonds: tuple[Bond, ...] = ("none",)

    def family(self, number: int) -> tuple[Person, ...]:
        """The persons of a family, adults first."""
        return tuple(p for p in self.persons if p.family == number)

    @property
    def families(self) -> int:
        """How many families live together."""
        return len(self.bonds)

    def person(self, identifier: str) -> Person:
        """The person of that id. Raises InvalidInput."""
        for one in self.persons:
            if one.id == identifier:
                return one
        raise InvalidInput("Cette personne n'est pas dans le foyer décrit.")

    def seen_by(self, number: int) -> Household:
        """The same household, that family first: its rights are then the ones that are looked for."""
        moved = [replace(p, family=(p.family - number) % self.families) for p in self.persons]
        ordered = tuple(sorted(moved, key=lambda p: p.family))
        return Household(ordered, (*self.bonds[number:], *self.bonds[:number]))

    def with_child(self, name: str, born: date) -> Household:
        """The same household with one more child in the first family."""
        new = Person(f"p{1 + max(int(p.id[1:]) for p in self.persons)}", name, "child", 0, born)
        return replace(self, persons=(*self.persons, new))


def checked(household: Household, month: Month) -> Household:
    """The household, when it holds together. Raises InvalidInput, with what to do about it."""
    if not household.persons or len(household.persons) > MOST_PERSONS:
        raise InvalidInput(f"Décrivez de 1 à {MOST_PERSONS} personnes.")
    ids = [p.id for p in household.persons]
    if len(set(ids)) != len(ids) or not all(one[:1] == "p" and one[1:].isdigit() for one in ids):
        raise InvalidInput("Chaque personne du foyer doit être décrite une seule fois.")
    for number, bond in enumerate(household.bonds):
        roles = [p.role for p in household.family(number)]
        if roles.count("adult") != 1 or roles.count("partner") != (bond != "none"):
            raise InvalidInput("Chaque famille a une personne adulte, et une deuxième quand elle vit en couple.")
    if any(not 0 <= p.family < household.families for p in household.persons):
        raise InvalidInput("Chaque personne doit être dans une famille du foyer.")
    for person in household.persons:
        _check_age(person, month)
    return household


def _check_age(person: Person, month: Month) -> None:
    if person.born is None:
        return
    if person.born > month.last_day or person.born.year < month.year - MOST_YEARS:
        raise InvalidInput(f"La date de naissance {of(person.name)} n'est pas possible.")
    age = person.age(month.first_day) or 0
    if person.role == "child" and age >= ADULT_AT:
        raise InvalidInput(
            f"{person.name} : {ADULT_AT} ans ou plus, décrivez cette personne comme un autre adulte du logement."
        )
    if person.role != "child" and age < ADULT_FROM:
        raise InvalidInput(f"{person.name} : moins de {ADULT_FROM} ans, décrivez cette personne comme un enfant.")


def named(persons: tuple[Person, ...]) -> Mapping[str, str]:
    """Person -> a name that no other has: what a situation and its explanation call them."""
    found: dict[str, str] = {}
    for person in persons:
        name, number = person.name, 2
        while name in found.values():
            name, number = f"{person.name} {number}", number + 1
        found[person.id] = name
    return found
