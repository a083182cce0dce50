"""OpenFisca's populations and holders on symbols: each method has the meaning of the one that it stands for."""

from __future__ import annotations

from typing import Any

import numpy as np

from allervers.engine.door import Enum, GroupPopulation, Holder, Population, projectable
from allervers.engine.node import Node
from allervers.engine.ops import BOOL, F8, I8, TEXT
from allervers.engine.symbol import CannotTrace, Symbol, converted, operand, plain
from allervers.engine.symbol_functions import chosen
from allervers.engine.trace import Trace


class SymbolicHolder(Holder):
    """Values of a variable by period, as symbols."""

    def _to_array(self, value: Any) -> Any:
        return value if isinstance(value, Symbol) else super()._to_array(value)

    def default_array(self) -> Symbol:
        """The default value of the variable, for every row."""
        return self.population.symbol_of(self.variable, self.variable.default_value)

    def get_known_periods(self) -> Any:
        """Periods whose value is known. What is known depends on what was asked before: the reader is marked."""
        known = super().get_known_periods()
        simulation = self.population.simulation
        if simulation.started and not (self._eternal and known):
            simulation.mark_dependent_on_order()
        return known


class _Symbolic:
    """What both kinds of population share: holders and arrays are symbols."""

    def get_holder(self, variable_name: str) -> Any:
        self.entity.check_variable_defined_for_entity(variable_name)  # type: ignore[attr-defined]
        held = self._holders.get(variable_name)  # type: ignore[attr-defined]
        if held is None:
            variable = self.entity.get_variable(variable_name)  # type: ignore[attr-defined]
            held = self._holders[variable_name] = SymbolicHolder(variable, self)  # type: ignore[attr-defined]
        return held

    @property
    def trace(self) -> Trace:
        """The trace under way."""
        found: Trace = self.simulation.recorder  # type: ignore[attr-defined]
        return found

    def symbol(self, node: Node, entity: str, enum: Any = None) -> Symbol:
        """The symbol of a node."""
        return Symbol(self.trace, node, entity, enum)

    def check_array_compatible_with_entity(self, array: Any) -> None:
        if isinstance(array, Symbol) and (array.entity != self.entity.key or array.mask is not None):  # type: ignore[attr-defined]
            raise CannotTrace(f"rows of {array.entity} where {self.entity.key} is meant")  # type: ignore[attr-defined]

    def symbol_of(self, variable: Any, value: Any) -> Symbol:
        """A constant of a variable, in the type of the variable."""
        key = variable.entity.key
        if isinstance(value, Enum):
            return self.symbol(self.trace.builder.const(value.index, np.int16), key, variable.possible_values)
        dtype = TEXT if variable.value_type is str else np.dtype(variable.dtype)
        constant = value if dtype == TEXT else np.array([value], dtype)[0]
        return self.symbol(self.trace.builder.const(constant, dtype), key, kind_of(variable))

    def filled_array(self, value: Any, dtype: Any = None) -> Symbol:
        key = self.entity.key  # type: ignore[attr-defined]
        if isinstance(value, Enum):
            return self.symbol(self.trace.builder.const(value.index, np.int16), key, type(value))
        if isinstance(value, str):
            return self.symbol(self.trace.builder.const(value, TEXT), key)
        target = np.dtype(dtype) if dtype is not None else np.asarray(value).dtype
        return self.symbol(self.trace.builder.const(value, target), key)

    def empty_array(self) -> Symbol:
        return self.filled_array(0, np.float32)


class Persons(_Symbolic, Population):
    """Persons, as symbols."""

    @projectable
    def has_role(self, role: Any) -> Symbol:
        self.entity.check_role_validity(role)
        return role_symbol(self, role)

    @projectable
    def get_rank(self, entity: Any, criteria: Any, condition: Any = True) -> Any:
        group = getattr(entity, "reference_entity", None) or entity
        counted = chosen(condition, criteria, np.inf) if isinstance(condition, Symbol) else criteria
        node = self.trace.builder.make("rank", (operand(counted, counted, F8),), group.entity.key, self.entity.key)
        rank = self.symbol(node, self.entity.key)
        return chosen(condition, rank, -1) if isinstance(condition, Symbol) else rank


class Groups(_Symbolic, GroupPopulation):
    """Groups of persons, as symbols. Each method has the meaning of openfisca_core GroupPopulation's."""

    def _given(self, array: Any) -> Symbol:
        self.members.check_array_compatible_with_entity(array)
        if isinstance(array, Symbol):
            return array
        if isinstance(array, np.ndarray):
            raise CannotTrace("a real array where a symbol is meant")
        return self.members.filled_array(array)

    def _made(self, op: str, array: Symbol, attr: Any, enum: Any = None) -> Symbol:
        node = self.trace.builder.make(op, (array.node,), attr, self.entity.key)
        self.trace.note(node, (array,))
        return self.symbol(node, self.entity.key, enum)

    @projectable
    def sum(self, array: Any, role: Any = None) -> Symbol:
        self.entity.check_role_validity(role)
        values = converted(plain(self._given(array)), F8)
        # A role of another kind of group, or one that has subroles, is a condition on the persons.
        if role is not None and (role.subroles or role.entity.key != self.entity.key):
            values, role = chosen(role_symbol(self.members, role), values, np.float64(0)), None
        return self._made("sum", values, (self.entity.key, role.key if role is not None else None))

    @projectable
    def any(self, array: Any, role: Any = None) -> Any:
        return self.sum(array, role=role) > 0

    @projectable
    def nb_persons(self, role: Any = None) -> Symbol:
        key = self.entity.key
        if role is None:
            return self.symbol(self.trace.builder.make("size", (), key, key), key)
        return self.sum(role_symbol(self.members, role))

    @projectable
    def reduce(self, array: Any, reducer: Any, neutral_element: Any, role: Any = None) -> Symbol:
        given = self._given(array)
        names = {np.maximum: "group_max", np.minimum: "group_min", np.logical_and: "group_all"}
        if reducer not in names:
            raise CannotTrace(f"a reduction by {getattr(reducer, '__name__', reducer)}")
        if role is not None:
            given = chosen(role_symbol(self.members, role), given, neutral_element)
        if given.dtype.kind == "M":
            return self._reduced_dates(plain(given), names[reducer], reducer, neutral_element)
        target = BOOL if reducer is np.logical_and else F8
        result = self._made(names[reducer], converted(plain(given), target), self.entity.key)
        # The neutral element takes part, as in openfisca_core: it is not always neutral.
        is_neutral = target == BOOL or np.isinf(neutral_element)
        return result if is_neutral else reducer(result, neutral_element)

    def _reduced_dates(self, dates: Symbol, op: str, reducer: Any, neutral_element: Any) -> Symbol:
        """The extreme of dates, through their days: a date that is missing makes the result missing."""
        days = converted(dates, I8)
        known = chosen(days == np.iinfo(I8).min, np.nan, converted(days, F8))
        extreme = converted(converted(self._made(op, known, self.entity.key), I8), dates.dtype)
        return reducer(extreme, neutral_element)

    @projectable
    def all(self, array: Any, role: Any = None) -> Symbol:
        return self.reduce(array, np.logical_and, True, role=role)

    @projectable
    def max(self, array: Any, role: Any = None) -> Symbol:
        return self.reduce(array, np.maximum, -np.inf, role=role)

    @projectable
    def min(self, array: Any, role: Any = None) -> Symbol:
        return self.reduce(array, np.minimum, np.inf, role=role)

    @projectable
    def value_from_person(self, array: Any, role: Any, default: Any = 0) -> Symbol:
        self.entity.check_role_validity(role)
        if role.max != 1 or role.entity.key != self.entity.key:
            raise CannotTrace(f"the role {role.key} may be held by several persons")
        given = self._given(array)
        return self._made("of_role", plain(given), (self.entity.key, role.key, default), given.enum)

    @projectable
    def value_nth_person(self, n: int, array: Any, default: Any = 0) -> Symbol:
        given = self._given(array)
        return self._made("nth", plain(given), (self.entity.key, n, default), given.enum)

    @projectable
    def value_from_first_person(self, array: Any) -> Symbol:
        return self.value_nth_person(0, array)

    def project(self, array: Any, role: Any = None) -> Any:
        if not isinstance(array, Symbol):
            raise CannotTrace("a real array given to the members of a group")
        self.check_array_compatible_with_entity(array)
        person = self.members.entity.key
        node = self.trace.builder.make("project", (array.node,), self.entity.key, person)
        self.trace.note(node, (array,))
        projected = self.symbol(node, person, array.enum)
        return projected if role is None else chosen(role_symbol(self.members, role), projected, 0)

    @property
    def members_position(self) -> Symbol:
        person = self.members.entity.key
        return self.symbol(self.trace.builder.make("position", (), self.entity.key, person), person)

    @property
    def members_entity_id(self) -> Any:
        raise CannotTrace("the formula reads the numbers of groups")

    @property
    def members_role(self) -> Any:
        raise CannotTrace("the formula reads the roles as an array")


def role_symbol(persons: Any, role: Any) -> Symbol:
    """Whether each person holds a role, or one of its subroles."""
    builder = persons.trace.builder
    key = persons.entity.key
    held = [builder.make("has_role", (), (role.entity.key, r.key), key) for r in role.subroles or (role,)]
    node = held[0]
    for other in held[1:]:
        node = builder.make("or", (node, other))
    return Symbol(persons.trace, node, key)


def kind_of(variable: Any) -> Any:
    """What a symbol of this variable says of its items: an enumeration, `bytes` for a text held as bytes, or None."""
    if variable.value_type is Enum:
        return variable.possible_values
    return bytes if variable.value_type is str and np.dtype(variable.dtype).kind == "S" else None
