"""What answers say of each input of the law, known or None, and who is in which group. Nothing is made up here.

What the composition of the household already tells is not asked: see `deduced`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from allervers.foundation.periods import Month
from allervers.population.inputs import INCOMES, INPUTS, Input
from allervers.rights.interview.answers import DWELLING, FAMILY, Answers, Value, history, tax_years
from allervers.rights.interview.household import MARITAL, Household, Person
from allervers.rights.interview.wording import Subject, subjects_of

NO_INCOME_BEFORE = 14
"""Age under which nobody has an income of their own (see population.ranges.WORKING_AGE)."""
OF_AGE = 18
FERTILE = (12, 60)
"""Ages between which a pregnancy is asked about."""
SCHOOL_UNTIL = 16
"""Age until which school is compulsory (Code de l'éducation, art. L. 131-1): a child under it studies."""
_OF_CHILDREN: Mapping[str, tuple[int, Value]] = {
    "activite": (SCHOOL_UNTIL, "etudiant"),
    "inapte_travail": (SCHOOL_UNTIL, False),
}
"""Variable -> the age under which it is this, for everybody."""
_OF_SCHOOL = frozenset({"scolarite", "statuts_etablissement_scolaire"})
WITHOUT_RENT = frozenset({"loge_gratuitement", "sans_domicile"})
"""Ways to be lodged without rent."""
SAVINGS = "epargne_revenus_non_imposables"
"""Variable of the savings, asked of a family at once: its first adult carries them. The law reads them as 3 % a year in
the RSA, the Aspa and the CSS (CASF R. 132-1; CSS R. 815-25, to be confirmed), above 30,000 euros in the housing aids
(CCH R. 822-22, to be confirmed)."""
STAY = "duree_possession_titre_sejour"
PROTECTED = 10.0
"""Years of stay at which no right asks for more: so it is for who is a refugee, stateless or protected, whatever their
years (CASF L. 262-4, 2°; CSS L. 842-2, L. 816-1; as the opener `protection_internationale`)."""
COLLECTED: tuple[Input, ...] = (
    *INPUTS,
    Input(SAVINGS, "individu", "monthly", "Épargne et placements, euros"),
    Input("asf_autre_parent", "individu", "once", "Autre parent décédé, inconnu ou qui ne paie pas (ASF)"),
    Input("minima_recus_depuis_un_an", "famille", "once", "Aspa, ASI, AAH, ASF reçues depuis un an (CSS)"),
)
"""Inputs that an interview may settle: those of partners' files, and what only the person can say."""
_INCOME_VARIABLES = frozenset(
    name
    for income in INCOMES
    for name in (income.gross, income.net, income.taxable, income.assessed)
    if name is not None
)


@dataclass(frozen=True, slots=True)
class Said:
    """An input of the law. `by_row`: for each row of its entity, in order, the value of every period, or a tuple with
    one by period. None: not known."""

    item: Input
    periods: tuple[str, ...]
    by_row: tuple[Value | tuple[Value, ...], ...]


def inputs_said(answers: Answers) -> Iterator[Said]:
    """Every input: what the answers, or the composition of the household, say of it."""
    rows = {
        "individu": [p.id for p in answers.household.persons],
        "famille": [f"f{number}" for number in range(answers.household.families)],
        "menage": [DWELLING],
    }
    for item in COLLECTED:
        of = subjects_of(item.variable, yearly=item.rhythm == "yearly")
        by_row = tuple(_said(answers, item, of, row) for row in rows[item.entity])
        yield Said(item, _periods(answers.month, item.rhythm), by_row)


@cache
def _periods(month: Month, rhythm: str) -> tuple[str, ...]:
    asked = {"once": ("ETERNITY",), "yearly": tax_years(month), "monthly": history(month)}[rhythm]
    return tuple(str(period) for period in asked)


def groups_of(household: Household) -> dict[str, dict[str, dict[str, Any]]]:
    """Persons and their groups, without any value."""
    return {
        "individus": {p.id: {} for p in household.persons},
        "familles": {
            f"f{number}": {
                "parents": [p.id for p in household.family(number) if p.role != "child"],
                "enfants": [p.id for p in household.family(number) if p.role == "child"],
            }
            for number in range(household.families)
        },
        "foyers_fiscaux": {f"i{number}": group for number, group in enumerate(_tax_units(household))},
        "menages": {DWELLING: _dwelling(household)},
    }


def _tax_units(household: Household) -> Iterator[dict[str, list[str]]]:
    """Who files a tax return: a married couple or one in a civil union together, children with the first adult."""
    for number, bond in enumerate(household.bonds):
        adults = [p.id for p in household.family(number) if p.role != "child"]
        children = [p for p in household.family(number) if p.role == "child"]
        filing = [adults] if bond in ("married", "civil") else [[adult] for adult in adults]
        for rank, declarants in enumerate(filing):
            held = [child.id for child in children if not child.taxed_apart] if rank == 0 else []
            yield {"declarants": declarants, "personnes_a_charge": held}
        yield from ({"declarants": [child.id], "personnes_a_charge": []} for child in children if child.taxed_apart)


def _dwelling(household: Household) -> dict[str, list[str]]:
    first = household.family(0)
    return {
        "personne_de_reference": [p.id for p in first if p.role == "adult"],
        "conjoint": [p.id for p in first if p.role == "partner"],
        "enfants": [p.id for p in first if p.role == "child"],
        "autres": [p.id for p in household.persons if p.family != 0],
    }


def _said(answers: Answers, item: Input, of: tuple[Subject, ...], row: str) -> Any:
    if item.variable == "date_naissance":
        return answers.household.person(row).born
    known = deduced(answers, item, row)
    if known is not None:
        return known
    if item.variable == STAY:
        return stay_said(answers, row)
    asked_of = FAMILY if row == "f0" or item.variable == SAVINGS else row
    if not any(isinstance(answers.value(subject.id, asked_of), tuple) for subject in of):
        return _summed(answers, of, item.variable, asked_of, 0)
    count = len(_periods(answers.month, item.rhythm))
    return tuple(_summed(answers, of, item.variable, asked_of, position) for position in range(count))


def _summed(answers: Answers, of: tuple[Subject, ...], variable: str, row: str, position: int) -> Any:
    """The value of a variable for a period: None as soon as one of its parts is not known."""
    parts = [_part(answers, subject, variable, row, position) for subject in of]
    if not parts or any(part is None for part in parts):
        return None
    if len(parts) == 1:
        return parts[0]
    return sum(float(part) for part in parts if part is not None)


def _part(answers: Answers, subject: Subject, variable: str, row: str, position: int) -> Value:
    if subject.source and answers.had(subject.source, row) is False:
        return 0.0
    value = answers.at(subject, row, position)
    if value is None:
        return None
    if subject.kind in ("amount", "years"):
        return subject.carried(variable, float(value))
    return float(value) if subject.numeric else value


def deduced(answers: Answers, item: Input, row: str) -> Value:
    """What the composition of the household tells of an input, for who is asked nothing of it; None: nothing.

    Children under 14 have no income; a child is single and, until 16, studies; under 18 it has stayed as long as the
    first adult; nobody is pregnant before 12 nor from 60; custody and the bond of a couple were said with the
    household; nobody of a couple is alone; who is lodged for free pays no rent; the savings of a family are said at
    once, as its first adult's, and those of another family are its own affair.
    """
    if item.entity == "menage":
        return _deduced_of_dwelling(answers, item.variable)
    if item.entity == "famille":
        is_couple = answers.household.bonds[int(row[1:])] != "none"
        return False if item.variable == "rsa_isolement_recent" and is_couple else None
    if item.variable == SAVINGS:
        return None if row == answers.household.family(0)[0].id else 0.0
    person = answers.household.person(row)
    bond = answers.household.bonds[person.family]
    if item.variable == "garde_alternee":
        return person.shared
    if item.variable == "statut_marital":
        return "celibataire" if person.role == "child" else MARITAL.get(bond)
    return _deduced_of_age(person, item.variable, answers)


def _deduced_of_age(person: Person, variable: str, answers: Answers) -> Value:
    age = person.age(answers.month.first_day)
    if age is None:
        return None
    if variable in _INCOME_VARIABLES:
        return 0.0 if age < NO_INCOME_BEFORE else None
    if variable == "enceinte":
        return None if may_be_pregnant(person, answers) else False
    if variable in _OF_CHILDREN:
        until, value = _OF_CHILDREN[variable]
        return value if age < until else None
    if variable in _OF_SCHOOL:
        return _deduced_of_school(variable, age, elsewhere=_does_not_study(person, answers))
    return _stay(person, variable, age, answers)


def _does_not_study(person: Person, answers: Answers) -> bool:
    """Whether it is known, for every month, that somebody does something else than study."""
    said = answers.value("activite", person.id)
    return not {None, "etudiant"} & set(said if isinstance(said, tuple) else (said,))


def may_be_pregnant(person: Person, answers: Answers) -> bool:
    """Whether somebody is of an age at which a pregnancy is asked about."""
    age = person.age(answers.month.first_day)
    return age is None or FERTILE[0] <= age < FERTILE[1]


def _stay(person: Person, variable: str, age: int, answers: Answers) -> Value:
    """A minor needs no permit (Ceseda, art. L. 411-1, to be confirmed): its stay follows the first adult's."""
    if variable != STAY or age >= OF_AGE:
        return None
    return stay_said(answers, answers.household.family(person.family)[0].id)


def stay_said(answers: Answers, row: str) -> float | None:
    """Years of stay that count: those said, or as many as any right asks for who is protected. None: not known."""
    years, protected = answers.value("sejour", row), answers.value("protection", row)
    known = years if isinstance(years, float) else None
    if protected is True:
        return max(PROTECTED, known or 0.0)
    return known if protected is False or (known or 0.0) >= PROTECTED else None


def _deduced_of_school(variable: str, age: int, *, elsewhere: bool) -> Value:
    """Before ten, no grant of the law is at stake, whatever the class; from 30, nobody known not to study is."""
    if age < 3 or (age >= 30 and elsewhere):
        return "inconnue" if variable == "scolarite" else "inconnu"
    if age < 10 and variable == "scolarite":
        return "maternelle" if age < 6 else "primaire"
    return None


def _deduced_of_dwelling(answers: Answers, variable: str) -> Value:
    lodged = answers.value("occupation", DWELLING)
    if variable == "loyer" and isinstance(lodged, str) and lodged in WITHOUT_RENT:
        return 0.0
    if variable in ("coloc", "logement_chambre") and lodged == "sans_domicile":
        return False
    return None
