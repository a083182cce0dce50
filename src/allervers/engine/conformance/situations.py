"""From what a case gives, in any of OpenFisca's three forms, to a situation in full, and from its output to values.

A situation in full: every person is in one group of each kind, every value under its period, texts that compute are
numbers, dates are texts. What OpenFisca would drop or misread in silence is refused.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from allervers.engine.conformance.cases import Case, Expected, period_text
from allervers.engine.conformance.expressions import number_in
from allervers.engine.situation import Situation
from allervers.engine.variables import Variable
from allervers.foundation.errors import InvalidInput

PERSONS = "individus"
PLURALS: Mapping[str, str] = {
    "individu": PERSONS,
    "famille": "familles",
    "foyer_fiscal": "foyers_fiscaux",
    "menage": "menages",
}
ROLES: Mapping[str, tuple[str, ...]] = {
    "familles": ("parents", "enfants"),
    "foyers_fiscaux": ("declarants", "personnes_a_charge"),
    "menages": ("personne_de_reference", "conjoint", "enfants", "autres"),
}
"""Keys that hold persons in each group. A person that no group names is alone in one, in its first role."""

MAX_PERSONS = 1_000
_PERIOD = re.compile(r"([a-z]+:)?[0-9]{4}|ETERNITY")


class Vocabulary(Protocol):
    """What is needed of a law: its variables."""

    def variable(self, name: str) -> Variable:
        """The variable of that name; raises InvalidInput when there is none."""
        ...


def situation_of(case: Case, law: Vocabulary) -> Situation:
    """The situation in full that a case gives. Raises InvalidInput, in French, for what does not hold together."""
    given = case.given
    named = {str(key) for key in given}
    if not named & {*PLURALS, *PLURALS.values()}:
        return _in_full(_of_variables(case, law), case, law)
    unknown = sorted(named - {*PLURALS, *PLURALS.values()})
    if unknown:
        raise InvalidInput(
            f"« {unknown[0][:80]} » n'est pas une entité (individus, familles, foyers_fiscaux, menages)."
        )
    entities: Situation = {}
    for key, value in given.items():
        instances = {key: value} if key in PLURALS else value
        plural = PLURALS.get(key, key)
        if plural in entities:
            raise InvalidInput(f"« {key} » et « {plural} » sont donnés tous les deux.")
        entities[plural] = _dictionary(instances, plural)
    if not entities.get(PERSONS):
        raise InvalidInput("Aucun individu : un cas en décrit au moins un.")
    return _in_full(entities, case, law)


def expected_in(case: Case, law: Vocabulary) -> list[Expected]:
    """The values that a case expects, in its order, those of variables left aside by the case removed."""
    found: list[Expected] = []
    for key, value in case.output.items():
        if key in PLURALS and not _is_value(value):
            for name, at in _dictionary(value, key).items():
                found += _expected(case, law, name, at)
        elif key in PLURALS.values():
            for instance, values in _dictionary(value, key).items():
                for name, at in _dictionary(values, f"{key}/{instance}").items():
                    if PLURALS[law.variable(str(name)).entity] != key:
                        raise InvalidInput(f"« {name} » n'est pas une variable de « {key} ».")
                    found += _expected(case, law, name, at, (key, str(instance)))
        else:
            found += _expected(case, law, key, value)
    wanted = case.only_variables
    kept = (expected for expected in found if expected.variable not in case.ignore_variables)
    return [expected for expected in kept if wanted is None or expected.variable in wanted]


def _is_value(value: Any) -> bool:
    """True for a value, or values by period: « famille » is a variable of the law too (a contribution)."""
    keys = value if isinstance(value, dict) else ()
    return all(isinstance(key, int | datetime.date) or _PERIOD.match(str(key)) for key in keys)


def _expected(
    case: Case, law: Vocabulary, key: Any, value: Any, where: tuple[str, str] | tuple[None, None] = (None, None)
) -> Iterator[Expected]:
    variable = law.variable(str(key))
    for period, at in value.items() if isinstance(value, dict) else [(None, value)]:
        if isinstance(at, dict):
            # OpenFisca reads periods at any depth, and ignores the key above them (`year`, say).
            yield from _expected(case, law, key, at, where)
        else:
            yield Expected(variable.name, _period(case, variable, period), _named(at, variable), *where)


def _named(value: Any, variable: Variable) -> Any:
    """The value; the name of an item of an enumeration that a case gives by its position."""
    if isinstance(value, list):
        return [_named(item, variable) for item in value]
    position = variable.value_type == "enum" and isinstance(value, int) and not isinstance(value, bool)
    return variable.items[value] if position and 0 <= value < len(variable.items) else value


def _period(case: Case, variable: Variable, period: Any) -> str:
    if period is not None:
        return period_text(period)
    if case.period is None and variable.rhythm != "eternity":
        raise InvalidInput(f"« {variable.name} » : aucune période, ni pour le cas ni pour la valeur.")
    return case.period or "ETERNITY"


def _of_variables(case: Case, law: Vocabulary) -> Situation:
    """Persons each alone in their groups, from lists of values by variable (a value stands for a list of one)."""
    count = _count(next(iter(case.given.values()), None))
    situation: Situation = {plural: {str(i): {} for i in range(count)} for plural in PLURALS.values()}
    for plural, roles in ROLES.items():
        for i in range(count):
            situation[plural][str(i)][roles[0]] = [str(i)]
    for key, value in case.given.items():
        variable = law.variable(str(key))
        for period, at in value.items() if isinstance(value, dict) else [(None, value)]:
            values = at if isinstance(at, list) else [at]
            if len(values) != count:
                raise InvalidInput(f"« {variable.name} » : {len(values)} valeurs pour {count} personnes.")
            for i, one in enumerate(values):
                cell = situation[PLURALS[variable.entity]][str(i)].setdefault(variable.name, {})
                cell[_period(case, variable, period)] = one
    return situation


def _count(first: Any) -> int:
    while isinstance(first, dict) and first:
        first = next(iter(first.values()))
    count = len(first) if isinstance(first, list) else 1
    if not 1 <= count <= MAX_PERSONS:
        raise InvalidInput(f"Un cas décrit de 1 à {MAX_PERSONS} personnes.")
    return count


def _in_full(entities: Situation, case: Case, law: Vocabulary) -> Situation:
    persons = [str(key) for key in entities[PERSONS]]
    if len(persons) > MAX_PERSONS:
        raise InvalidInput(f"Un cas décrit de 1 à {MAX_PERSONS} personnes.")
    full: Situation = {PERSONS: {}}
    for key, values in entities[PERSONS].items():
        full[PERSONS][str(key)] = _values(values, PERSONS, case, law)
    for plural in ROLES:
        full[plural] = _groups(entities.get(plural, {}), plural, persons, case, law)
        _leave_nobody_out(full[plural], plural, persons)
    return full


def _leave_nobody_out(groups: dict[str, Any], plural: str, persons: list[str]) -> None:
    """Puts each person that no group holds alone in one, in the order of the persons.

    As OpenFisca does, these groups take the values of those that were described, each in turn: cases rely on it.
    """
    roles = ROLES[plural]
    held = {person for group in groups.values() for role in roles for person in group.get(role, ())}
    # When a group has the very name of a person that no group holds, OpenFisca puts them together: left to it.
    alone = [person for person in persons if person not in held and person not in groups]
    described = [{name: at for name, at in group.items() if name not in roles} for group in groups.values()]
    if any(described) and len(alone) % len(described):
        raise InvalidInput(f"« {plural} » : {len(described)} décrits, mais {len(alone)} personnes n'y sont pas.")
    for position, person in enumerate(alone):
        values = described[position % len(described)] if described else {}
        groups[person] = {roles[0]: [person], **{name: dict(at) for name, at in values.items()}}


def _groups(instances: Any, plural: str, persons: list[str], case: Case, law: Vocabulary) -> dict[str, Any]:
    groups: dict[str, Any] = {}
    held: set[str] = set()
    for key, instance in _dictionary(instances, plural).items():
        group = dict(_dictionary(instance, f"{plural}/{key}"))
        members: dict[str, list[str]] = {}
        for role in ROLES[plural]:
            named = group.pop(role, None)
            for person in [] if named is None else named if isinstance(named, list) else [named]:
                if isinstance(person, bool) or str(person) not in persons:
                    raise InvalidInput(f"{plural}/{key}/{role} : personne inconnue des individus.")
                if str(person) in held:
                    raise InvalidInput(f"{plural}/{key}/{role} : une personne est dans deux {plural}.")
                held.add(str(person))
                members.setdefault(role, []).append(str(person))
        groups[str(key)] = {**members, **_values(group, plural, case, law)}
    return groups


def _values(values: Any, plural: str, case: Case, law: Vocabulary) -> dict[str, Any]:
    full: dict[str, Any] = {}
    for key, value in _dictionary(values, plural).items():
        variable = law.variable(str(key))
        if PLURALS[variable.entity] != plural:
            raise InvalidInput(f"« {variable.name} » n'est pas une variable de « {plural} ».")
        for period, at in value.items() if isinstance(value, dict) else [(None, value)]:
            if at is not None:
                full.setdefault(variable.name, {})[_period(case, variable, period)] = _plain(at, variable)
    return full


def _plain(value: Any, variable: Variable) -> bool | float | str:
    """The value in its plain type. Raises InvalidInput for a value of another type than the variable's."""
    kind = variable.value_type
    if kind in ("float", "int"):
        number = number_in(value) if isinstance(value, str) else value
        if isinstance(number, bool | int | float):
            return number
    elif kind == "bool" and isinstance(value, bool | int | float):
        return bool(value)
    elif kind == "enum" and isinstance(value, str) and value in variable.items:
        return value
    elif kind == "enum" and isinstance(value, int) and 0 <= value < len(variable.items):
        return variable.items[value]
    elif kind == "date" and isinstance(value, str | datetime.date):
        return value if isinstance(value, str) else period_text(value)
    elif kind == "str" and isinstance(value, str | bool | int):
        return str(value)
    raise InvalidInput(f"« {variable.name} » : valeur d'un autre type que {kind}, ou hors de la liste de ses valeurs.")


def _dictionary(value: Any, where: str) -> Mapping[Any, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInput(f"« {where[:80]} » doit être un dictionnaire.")
    return value
