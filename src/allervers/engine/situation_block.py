"""An OpenFisca situation (the JSON of its web API) as a block: a null, or a value left out, is unknown, no default.

What is not understood is refused at its place (SituationError), in French, without the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import ENTITIES, GROUPS, Block, Column, Membership
from allervers.engine.situation import Situation, SituationError
from allervers.engine.variables import Variable
from allervers.foundation.wording import counted

PLURALS: Mapping[str, str] = {
    "individus": "individu",
    "familles": "famille",
    "foyers_fiscaux": "foyer_fiscal",
    "menages": "menage",
}
"""Key of a situation -> entity."""
ROLE_KEYS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "famille": {"parents": ("demandeur", "conjoint"), "enfants": ("enfant",)},
    "foyer_fiscal": {
        "declarants": ("declarant_principal", "conjoint"),
        "personnes_a_charge": ("personne_a_charge",),
    },
    "menage": {
        "personne_de_reference": ("personne_de_reference",),
        "conjoint": ("conjoint",),
        "enfants": ("enfant",),
        "autres": ("autre",),
    },
}
"""Key of a group -> roles of the persons of its list, in order; one role alone is everybody's."""
_SHARED = {"enfant", "personne_a_charge", "autre"}
_MONTH, _YEAR = re.compile(r"(?:month:)?(\d{4}-(?:0[1-9]|1[0-2]))"), re.compile(r"(?:year:)?(\d{4})")
_PLACEHOLDER: Mapping[str, Any] = {"float": 0.0, "int": 0, "bool": False, "str": "", "date": date(1900, 1, 1)}
_DTYPES: Mapping[str, str | None] = {
    "float": "f8",
    "int": "i8",
    "bool": "?",
    "date": "M8[D]",
    "str": None,
    "enum": None,
}


@dataclass(frozen=True, slots=True)
class SituationBlock:
    """A block, and the identifiers of its rows, by entity."""

    block: Block
    identifiers: Mapping[str, tuple[str, ...]]

    def row(self, entity: str, identifier: str) -> int:
        """The row of an identifier. Raises SituationError, with those that exist."""
        known = self.identifiers[entity]
        if identifier not in known:
            plural = next(p for p, e in PLURALS.items() if e == entity)
            raise _error(f"« {identifier} » n'y est pas ; il y a : {', '.join(known)}.", plural)
        return known.index(identifier)


def situation_block(
    situation: Situation, variable_of: Callable[[str], Variable], outputs: Iterable[str] = ()
) -> SituationBlock:
    """The block of a situation. `outputs`: variables that are asked of the law: their nulls are no unknown inputs.

    A person in no group of a kind that is described is alone in a group of that kind, as in OpenFisca.
    Raises SituationError, and InvalidInput for an unknown variable.
    """
    for plural, instances in situation.items():
        if plural not in PLURALS:
            raise _error(f"clé inconnue ; il faut {', '.join(PLURALS)}.", str(plural))
        if not isinstance(instances, dict) or not all(isinstance(i, dict) for i in instances.values()):
            raise _error("il faut des identifiants, chacun avec ses variables.", str(plural))
    persons = tuple(situation.get("individus", {}))
    if not persons:
        raise _error("la situation ne décrit personne.", "individus")
    identifiers: dict[str, tuple[str, ...]] = {"individu": persons}
    membership: dict[str, Membership] = {}
    for plural, entity in PLURALS.items():
        if entity in GROUPS:
            identifiers[entity], membership[entity] = _groups(situation.get(plural, {}), plural, entity, persons)
    cells = _cells(situation, variable_of, frozenset(outputs))
    columns, unknown, entity_of = {}, {}, {}
    for column, given in cells.items():
        variable = variable_of(column[0])
        rows = identifiers[variable.entity]
        values = [given.get(identifier) for identifier in rows]
        columns[column] = natural_column(variable, values)
        entity_of[column] = variable.entity
        missing = np.array([value is None for value in values], dtype=bool)
        if missing.any():
            unknown[column] = missing
    block = Block(len(persons), {g: membership[g] for g in GROUPS}, columns, entity_of, unknown)
    return SituationBlock(block, {entity: identifiers[entity] for entity in ENTITIES})


def _groups(
    instances: Mapping[str, Any], plural: str, entity: str, persons: Sequence[str]
) -> tuple[tuple[str, ...], Membership]:
    """The groups of one kind: their identifiers, and where each person is."""
    place: dict[str, tuple[int, str]] = {}
    names = list(instances)
    for number, (name, instance) in enumerate(instances.items()):
        for key, roles in ROLE_KEYS[entity].items():
            members = instance.get(key, [])
            members = [members] if isinstance(members, str) else members
            if not isinstance(members, list) or not all(isinstance(m, str) for m in members):
                raise _error("il faut une liste d'identifiants de personnes.", plural, name, key)
            if len(members) > len(roles) and roles[0] not in _SHARED:
                raise _error(f"{counted(len(roles), 'personne', 'personnes')} au plus.", plural, name, key)
            for position, member in enumerate(members):
                if member not in persons:
                    raise _error(f"« {member} » n'est pas dans « individus ».", plural, name, key)
                if member in place:
                    raise _error(f"« {member} » est déjà dans un groupe de « {plural} ».", plural, name, key)
                place[member] = (number, roles[min(position, len(roles) - 1)])
        first = ROLE_KEYS[entity][next(iter(ROLE_KEYS[entity]))][0]
        if not any(group == number and role == first for group, role in place.values()):
            raise _error(f"personne n'y tient le premier rôle ({first}).", plural, name)
    for person in persons:
        if person not in place:
            place[person] = (len(names), ROLE_KEYS[entity][next(iter(ROLE_KEYS[entity]))][0])
            names.append(person)
    group = np.array([place[person][0] for person in persons], dtype=np.int64)
    role = np.array([place[person][1] for person in persons])
    return tuple(names), Membership(len(names), group, role)


def _cells(
    situation: Situation, variable_of: Callable[[str], Variable], outputs: frozenset[str]
) -> dict[Column, dict[str, Any]]:
    """Column -> identifier -> value; None where it is null."""
    cells: dict[Column, dict[str, Any]] = {}
    for plural, instances in situation.items():
        entity = PLURALS[plural]
        for identifier, instance in instances.items():
            for name, values in instance.items():
                if name in ROLE_KEYS.get(entity, {}) and not isinstance(values, dict):
                    continue
                variable = variable_of(name)
                if variable.entity != entity:
                    raise _error(f"cette variable est définie pour « {variable.entity} ».", plural, identifier, name)
                if not isinstance(values, dict):
                    raise _error('il faut des périodes : {"2026-01": valeur}.', plural, identifier, name)
                for period, value in values.items():
                    if value is None and name in outputs:
                        continue
                    where = (plural, identifier, name, str(period))
                    column = (name, _period(variable, str(period), where))
                    cells.setdefault(column, {})[identifier] = None if value is None else _value(variable, value, where)
    return cells


@lru_cache(maxsize=1_024)
def _month_or_year(text: str) -> tuple[str, str]:
    """A period as a month, or as a year; the other, or both, empty. The same few come for every cell."""
    month, year = _MONTH.fullmatch(text), _YEAR.fullmatch(text)
    return month[1] if month else "", year[1] if year else ""


def _period(variable: Variable, text: str, where: Sequence[str]) -> str:
    if variable.rhythm == "eternity":
        return "ETERNITY"
    month, year = _month_or_year(text)
    if month and variable.rhythm == "month":
        return month
    if year and (variable.rhythm == "year" or variable.splits_year):
        return year
    expected = {"month": "un mois (2026-01)", "year": "une année (2026)", "day": "une variable d'un autre rythme"}
    raise _error(f"période refusée : il faut {expected[variable.rhythm]}.", *where)


def _value(variable: Variable, value: Any, where: Sequence[str]) -> Any:
    """A value of JSON as a natural value of the variable. Raises SituationError, which does not repeat it."""
    kind = variable.value_type
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "date":
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            raise _error("il faut une date (1980-12-31).", *where) from None
    fits = {
        "float": is_number,
        "int": is_number and float(value) == int(value) if is_number else False,
        "bool": isinstance(value, bool),
        "str": isinstance(value, str),
        "enum": isinstance(value, str) and value in variable.items,
    }[kind]
    if not fits:
        expected = {"float": "un nombre", "int": "un nombre entier", "bool": "true ou false", "str": "un texte",
                    "enum": f"une valeur parmi {', '.join(variable.items)}"}  # fmt: skip
        raise _error(f"il faut {expected[kind]}.", *where)
    return value


def natural_column(variable: Variable, values: Sequence[Any]) -> NDArray[Any]:
    """A column of natural values, with a placeholder where the value is unknown (None)."""
    missing = variable.items[0] if variable.value_type == "enum" else _PLACEHOLDER[variable.value_type]
    return np.array([missing if value is None else value for value in values], dtype=_DTYPES[variable.value_type])


def _error(message: str, *where: str) -> SituationError:
    report: Any = message
    for key in reversed(where):
        report = {key: report}
    return SituationError(report)
