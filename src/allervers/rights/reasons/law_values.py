"""Values of the law for one unit, as reasons read them: from a computation that keeps the name of every value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from allervers.engine.explain.naming import NamedProgram
from allervers.engine.explain.quantities import natural, whole_months
from allervers.engine.explain.reading import Reading, Spot
from allervers.engine.explain.record import Condition, Explanation, Step, Unit
from allervers.engine.node import SCALAR, Node
from allervers.rights.reasons.table import PARAMETERS

_PARENTS: Mapping[str, tuple[str, ...]] = {"famille": ("demandeur", "conjoint")}
_HOLDERS = ("personne_de_reference", "conjoint")
_HEADS: Mapping[str, str] = {
    "famille": "demandeur", "menage": "personne_de_reference", "foyer_fiscal": "declarant_principal",
}  # fmt: skip
Index = Mapping[str, Mapping[str, Node]]
"""Variable -> period -> its node."""


def index_of(named: NamedProgram) -> Index:
    """The node of every variable of a program, inputs included: made once a program."""
    found: dict[str, dict[str, Node]] = {}
    for node in named.program.nodes():
        for variable, period in named.names.get(node.id, ()):
            found.setdefault(variable, {})[period] = node
        if node.op == "input":
            found.setdefault(node.attr.variable, {}).setdefault(node.attr.period, node)
    return found


@dataclass(frozen=True)
class LawValues:
    """The unit is row `row` of `entity`. `copies`: how many times the household lies in the reading, each with other
    possible values of what is not known: what is said must hold in all of them.

    `explanation`: why, condition by condition; asked only when a reason needs a limit that has no name.
    """

    reading: Reading
    index: Index
    entity: str
    row: int
    parameter: Callable[[str], float | None]
    explanation: Callable[[], Explanation]
    copies: int = 1

    def persons(self, whom: str) -> Sequence[int] | None:
        """The parents, the children or the members of the unit."""
        if self.entity == "individu":
            return [self.row] if whom != "children" else None
        groups = self.reading.structure.groups[self.entity]
        members = np.flatnonzero(groups.index == self.row)
        if whom == "members":
            return [int(person) for person in members]
        is_parent = np.isin(groups.role[members], _PARENTS.get(self.entity, ()))
        return [int(person) for person in members[is_parent if whom == "parents" else ~is_parent]]

    def values(self, name: str, person: int | None) -> Sequence[Any]:
        """The possible values of a variable for the period explained, else for every period that is computed."""
        if name.startswith("@"):
            value = self.parameter(PARAMETERS + name[1:])
            return () if value is None else (value,)
        if name == "is_guest":
            return (self._is_guest(),)
        found: list[Any] = []
        for node in self._nodes(name):
            for copy in range(self.copies):
                row = self._row(node.entity, person, copy)
                if row is None:
                    return ()
                found.append(self._natural(name, node, row))
        return found

    def unit(self, name: str) -> Unit:
        """The unit of a variable or a parameter."""
        if name.startswith("@"):
            return self.reading.words.parameter_unit(PARAMETERS + name[1:]) or "number"
        return self.reading.words.unit(name)

    def limit(self, name: str) -> float | None:
        """What a condition of the computation compares a variable to."""
        for condition in _conditions(self.explanation()):
            left, right = condition.left, condition.right
            if left is not None and right is not None and left.variable == name:
                return float(right.value)
            added = [q for sign, q in condition.terms if sign == "+"]
            taken = [q.variable for sign, q in condition.terms if sign == "-"]
            if taken == [name] and len(added) == 1:
                return float(added[0].value)
        return None

    def name(self, person: int | None) -> str:
        """What a person is called."""
        if person is None:
            person = self._head()
        return self.reading.whose("individu", person)

    def months(self, person: int | None) -> int | None:
        """Whole months lived at the month explained."""
        births = self.reading.births
        if births is None:
            return None
        at = self._head() if person is None else person
        several = {str(self.reading.value(Spot(births, row))) for row in self._copies_of(at, "individu")}
        return whole_months(several.pop(), np.datetime64(f"{self.reading.period}-01")) if len(several) == 1 else None

    def _nodes(self, name: str) -> list[Node]:
        known = self.index.get(name, {})
        month = self.reading.period
        for period in (month, month[:4], "ETERNITY"):
            if period in known:
                return [known[period]]
        return [known[period] for period in sorted(known, reverse=True)]

    def _row(self, entity: str, person: int | None, copy: int) -> int | None:
        if entity == SCALAR:
            return 0
        if person is None and entity == self.entity:
            return self._copies_of(self.row, entity)[copy]
        if person is None and entity == "individu":
            members = self.persons("members") or ()
            if len(members) != 1:
                return None  # whose, among several, is not said
        at = self._head() if person is None else person
        row = at if entity == "individu" else int(self.reading.structure.groups[entity].index[at])
        return self._copies_of(row, entity)[copy]

    def _copies_of(self, row: int, entity: str) -> list[int]:
        each = self.reading.structure.count(entity) // self.copies
        return [row + copy * each for copy in range(self.copies)]

    def _head(self) -> int:
        if self.entity == "individu":
            return self.row
        groups = self.reading.structure.groups[self.entity]
        members = np.flatnonzero(groups.index == self.row)
        heads = members[groups.role[members] == _HEADS[self.entity]]
        return int((heads if len(heads) else members)[0])

    def _is_guest(self) -> bool:
        """Whether no parent holds the lease of the dwelling."""
        roles = self.reading.structure.groups["menage"].role
        return not any(str(roles[person]) in _HOLDERS for person in self.persons("parents") or ())

    def _natural(self, name: str, node: Node, row: int) -> Any:
        value = natural(self.reading.value(Spot(node, row)))
        words = self.reading.words
        return words.variable_of(name).items[int(value)] if words.unit(name) == "item" else value


def _conditions(explanation: Explanation) -> Iterator[Condition]:
    yield from explanation.missing
    yield from _of_step(explanation.step)


def _of_step(step: Step) -> Iterator[Condition]:
    yield from step.conditions
    for below in step.steps:
        yield from _of_step(below)
