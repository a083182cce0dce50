"""The law as OpenFisca computes it: OpenFisca-France, unmodified or with declared changes, behind `engine.law.Law`."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import GROUPS, Block, Column
from allervers.engine.door import (
    CycleError,
    Enum,
    FranceTaxBenefitSystem,
    ParameterNotFoundError,
    Reform,
    Simulation,
    SimulationBuilder,
    SituationParsingError,
    SpiralError,
    periods,
)
from allervers.engine.law import Answer, Changes, Wanted, aligned
from allervers.engine.situation import Situation, SituationError, asked_in, copied, months_asked, with_year_moved
from allervers.engine.variables import Rhythm, ValueType, Variable, unknown_variable
from allervers.engine.versions import LAW_VERSION
from allervers.foundation.errors import InvalidInput, Unavailable
from allervers.foundation.periods import Month, months_between

_NOT_COMPUTED = (ValueError, ParameterNotFoundError, CycleError, SpiralError)
"""What OpenFisca raises when a variable cannot be computed for a period."""

T = TypeVar("T")

_TYPES: Mapping[Any, ValueType] = {float: "float", int: "int", bool: "bool", str: "str", date: "date", Enum: "enum"}


class RecordingSimulation(Simulation):
    """A simulation that remembers which given columns were read."""

    def start_recording(self, given: frozenset[Column]) -> None:
        """Remember, from now on, the reads among these columns."""
        self.given = given
        self.reads: set[Column] = set()

    def release(self) -> None:
        """Let go of every array at once. Simulation and populations hold each other: left alone, gigabytes would wait
        for the garbage collector, one simulation a right."""
        for population in self.populations.values():
            population._holders.clear()
            population.simulation = None

    def _calculate(self, variable_name: str, period: Any) -> Any:
        text = str(period)
        # A month that is given hides the year that holds it: the year's value went to the other months only.
        for key in ((variable_name, text), (variable_name, text[:4]), (variable_name, "ETERNITY")):
            if key in self.given:
                self.reads.add(key)
                break
        return super()._calculate(variable_name, period)


class OpenFiscaLaw:
    """OpenFisca-France as a Law. `changes` are the declared differences (none: the law as OpenFisca codes it)."""

    version = LAW_VERSION

    def __init__(self, name: str = "openfisca", changes: Changes | None = None) -> None:
        self.name = name
        self.changes = changes or Changes()
        self._system = _system(self.changes)
        self._prepared: tuple[Block, dict[Column, Any]] | None = None

    def names(self) -> frozenset[str]:
        """Names of every variable of the law."""
        return frozenset(self._system.variables)

    def variable(self, name: str) -> Variable:
        """The variable of that name. Raises InvalidInput, with the nearest name, when there is none."""
        found = self._system.variables.get(name)
        if found is None:
            raise unknown_variable(name, self._system.variables)
        kind = _TYPES[found.value_type]
        return Variable(
            name=name,
            label=str(found.label or name),
            entity=found.entity.key,
            value_type=kind,
            rhythm=cast(Rhythm, str(found.definition_period).lower()),
            end=found.end,
            items=tuple(item.name for item in found.possible_values) if kind == "enum" else (),
            splits_year=found.set_input is not None,
            is_computed=bool(found.formulas),
            reference=tuple(found.reference or ()),
            default=_plain(found.default_value),
            max_length=found.max_length if kind == "str" else None,
        )

    def parameter(self, path: str, on: str) -> float | None:
        """Value of a parameter at a date; None where it has none. Raises InvalidInput for an unknown path."""
        node: Any = self._system.parameters
        for name in path.split("."):
            node = getattr(node, name, None)
            if node is None:
                raise InvalidInput(f"« {path} » n'est pas un paramètre de la loi.", parameter=path)
        value = node(on)
        return None if value is None else float(value)

    def evaluate(self, block: Block, output: str, period: str, side: Sequence[str] = ()) -> Answer:
        """Amounts of `output` for `period` over the block, in a fresh simulation (see engine.law.Law)."""
        columns, _moved = self.shifted(self._columns(block) | self._forced(block, period), output, period)
        simulation = self._simulation(block, columns)
        variable = self.variable(output)
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                values = simulation.calculate(output, variable.period_for(period))
            except _NOT_COMPUTED as error:
                # The original message may hold values of persons: it stays in the chain, out of ours.
                raise InvalidInput(
                    f"« {output} » n'a pas pu être calculée pour {period} (hors des dates que la loi codée connaît ?).",
                    variable=output,
                    period=period,
                ) from error
            reads = self._unshifted(frozenset(simulation.reads), output, period) & block.columns.keys()
            beside = {name: self._side(simulation, block, name, period, variable.entity) for name in side}
        simulation.release()
        return Answer(_natural(values), variable.entity, reads, beside)

    def evaluate_all(self, block: Block, wanted: Sequence[Wanted], *, threads: int = 1) -> list[Answer]:
        """An answer for each output, each in a simulation of its own. Nothing to gain from `threads`."""
        del threads
        return [self.evaluate(block, *one) for one in wanted]

    def calculate_situation(self, situation: Situation) -> Situation:
        """Fill the nulls of a situation, as `/calculate` of OpenFisca's web API does: one simulation, in their order.

        Raises SituationError, in the form of that API.
        """
        simulation = self._built(situation)
        filled: Situation = copied(situation)
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for asked in asked_in(situation):
                years = self.shift_of(asked.variable, asked.period)
                run = self._built(with_year_moved(situation, *years)) if years else simulation
                try:
                    values = run.calculate(asked.variable, asked.period)
                    position = run.get_population(asked.plural).get_index(asked.identifier)
                    value = _json_value(values, position)
                except _NOT_COMPUTED as error:
                    raise asked.error(str(error)) from error
                filled[asked.plural][asked.identifier][asked.variable][asked.period] = value
        return filled

    @property
    def system(self) -> Any:
        """OpenFisca's own object, to be read (see engine.description), never changed."""
        return self._system

    def trace_situation(self, situation: Situation) -> dict[str, Any]:
        """Every step of the computation of the nulls, as `/trace` of OpenFisca's web API gives it.

        Raises SituationError, in the form of that API.
        """
        asked, common = asked_in(situation), self._built(situation)
        common.trace = True
        traces: dict[str, Any] = {}
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for cell in asked:
                years = self.shift_of(cell.variable, cell.period)
                run = self._built(with_year_moved(situation, *years)) if years else common
                if years:
                    run.trace = True
                try:
                    run.calculate(cell.variable, cell.period)
                except _NOT_COMPUTED as error:
                    raise cell.error(str(error)) from error
                if years:
                    traces |= run.tracer.get_serialized_flat_trace()
        return {
            "trace": common.tracer.get_serialized_flat_trace() | traces,
            "entitiesDescription": common.describe_entities(),
            "requestedCalculations": [f"{cell.variable}<{cell.period}>" for cell in asked],
        }

    def _built(self, situation: Situation) -> Any:
        try:
            simulation = SimulationBuilder().build_from_entities(self._system, situation)
        except SituationParsingError as error:
            raise SituationError(cast("dict[str, Any]", error.error), int(error.code or 400)) from error
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            # What OpenFisca's own checks let through: its web API would answer 500.
            raise SituationError({"error": str(error)}) from error
        self._force_inputs(simulation, months_asked(situation))
        return simulation

    # --- how a simulation is made ---

    def _columns(self, block: Block) -> dict[Column, Any]:
        """Columns of the block in OpenFisca's own types. Converted once for all the outputs asked of a block."""
        if self._prepared is None or self._prepared[0] is not block:
            self._prepared = (
                block,
                {column: self._convert(column[0], values) for column, values in block.columns.items()},
            )
        return self._prepared[1]

    def _forced(self, block: Block, period: str) -> dict[Column, Any]:
        return {
            column: self._convert(column[0], np.full(block.count(entity), value))
            for column, (entity, value) in self.forced_values(period).items()
            if column not in block.columns
        }

    def _convert(self, name: str, values: NDArray[Any]) -> Any:
        variable = self._system.variables[name]
        if variable.value_type is Enum:
            return variable.possible_values.encode(values.astype(str))
        if variable.value_type is str:
            return values.astype(object)
        if variable.value_type is date:
            return values.astype("datetime64[D]")
        return values.astype(variable.dtype)

    def forced_values(self, period: str) -> dict[Column, tuple[str, Any]]:
        """The inputs set for everybody until the end of the year: entity, value. Months given keep their values."""
        if not self.changes.inputs or not period[:4].isdigit():
            return {}
        return {
            (change.variable, str(month)): (self._system.variables[change.variable].entity.key, change.value)
            for change in self.changes.inputs
            for month in months_between(Month.parse(change.start), Month(int(period[:4]), 12))
        }

    def shifted(
        self, columns: Mapping[Column, T], output: str, period: str
    ) -> tuple[dict[Column, T], dict[Column, Column]]:
        """The columns as `output` reads them for this period, and those whose year was moved (as read -> as given)."""
        years = self.shift_of(output, period)
        if years is None:
            return dict(columns), {}
        known, read = years
        kept = {column: values for column, values in columns.items() if column[1][:4] not in (known, read)}
        moved = {(name, read + p[4:]): (name, p) for name, p in columns if p[:4] == known}
        return kept | {column: columns[given] for column, given in moved.items()}, moved

    def _unshifted(self, reads: frozenset[Column], output: str, period: str) -> frozenset[Column]:
        years = self.shift_of(output, period)
        if years is None:
            return reads
        known, read = years
        return frozenset((name, known + p[4:] if p[:4] == read else p) for name, p in reads)

    def shift_of(self, output: str, period: str) -> tuple[str, str] | None:
        """Year known and year read in its place, for an output whose tax year this law shifts; else None."""
        for shift in self.changes.tax_year_shifts:
            if output in shift.outputs and len(period) == 7 and int(period[5:]) in shift.months:
                year = int(period[:4])
                return str(year - 1), str(year - 2)
        return None

    def _simulation(self, block: Block, columns: Mapping[Column, Any]) -> RecordingSimulation:
        builder = SimulationBuilder()
        builder.create_entities(self._system)
        builder.declare_person_entity("individu", np.arange(block.persons))
        for group in GROUPS:
            members = block.membership[group]
            population = builder.declare_entity(group, np.arange(members.count))
            builder.join_with_persons(population, members.group, members.role)
        simulation = RecordingSimulation(self._system, builder.populations)
        # Months before years: a year's value is spread over the months that are not given.
        for (name, period), values in sorted(columns.items(), key=lambda item: -len(item[0][1])):
            # Twelve months given say all about their year: OpenFisca would refuse the year for a cent of rounding.
            if not all((name, f"{period}-{month:02d}") in columns for month in range(1, 13)):
                simulation.set_input(name, period, values)
        simulation.start_recording(frozenset(columns))
        return simulation

    def _force_inputs(self, simulation: Any, months: list[str]) -> None:
        for forced in self.changes.inputs:
            entity = self._system.variables[forced.variable].entity.key
            full = np.full(simulation.populations[entity].count, forced.value)
            holder = simulation.get_holder(forced.variable)
            for month in months:
                if month >= forced.start and holder.get_array(periods.period(month)) is None:
                    simulation.set_input(forced.variable, month, self._convert(forced.variable, full))

    def _side(self, simulation: Any, block: Block, name: str, period: str, entity: str) -> NDArray[Any]:
        variable = self.variable(name)
        monthly_sum = variable.rhythm == "month" and len(period) == 4
        asked = period if monthly_sum else variable.period_for(period)
        values = _natural(simulation.calculate_add(name, asked) if monthly_sum else simulation.calculate(name, asked))
        return aligned(block, values, variable.entity, entity)


@cache
def _bare_system() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return FranceTaxBenefitSystem()


def _system(changes: Changes) -> Any:
    system = _bare_system()
    for path in changes.formulas:
        module, _, name = path.partition(":")
        system = getattr(importlib.import_module(module), name)(system)
    return _with_parameters(system, changes) if changes.parameters else system


def _with_parameters(base: Any, changes: Changes) -> Any:
    def changed(parameters: Any) -> Any:
        for change in changes.parameters:
            node = parameters
            for name in change.path.split("."):
                node = getattr(node, name, None)
                if node is None:
                    raise Unavailable(
                        f"Le paramètre « {change.path} » n'existe plus dans OpenFisca-France : registre à revoir.",
                        parameter=change.path,
                    )
            node.update(start=periods.instant(change.start_on), value=change.value)
        return parameters

    class ParametersReform(Reform):
        def apply(self) -> None:
            self.modify_parameters(modifier_function=changed)

    return ParametersReform(base)


def _plain(value: Any) -> Any:
    """A default value as JSON holds it."""
    if isinstance(value, Enum):
        return value.name
    return value.isoformat() if isinstance(value, date) else value


def _natural(values: Any) -> NDArray[Any]:
    if hasattr(values, "decode_to_str"):
        return np.asarray(values.decode_to_str())
    array = np.asarray(values)
    return array.astype(str) if array.dtype.kind in "SO" else array


def _json_value(values: Any, position: int) -> Any:
    if hasattr(values, "decode"):
        return values.decode()[position].name
    array = np.asarray(values)
    if array.dtype.kind == "f":
        # Through text: a 32-bit float then shows no decimals that it does not hold.
        number = float(str(array[position]))
        if not np.isfinite(number):
            raise ValueError("The result is not a finite number.")
        return number
    if array.dtype.kind in "SO":
        return str(array.astype(str)[position])
    if array.dtype.kind == "M":
        return str(array[position])
    return array.tolist()[position]


def calculated_arrays(
    law: OpenFiscaLaw, situation: Situation, asked: Sequence[Column], max_spiral_loops: int | None = None
) -> dict[Column, NDArray[Any]]:
    """Every (variable, period) asked, in this order, in ONE simulation of a situation: natural values, one a row of the
    variable's entity in the order of the situation. Raises InvalidInput or what a formula of OpenFisca raises.

    Parameters and formulas that the law changes are applied; a law that forces inputs or shifts years is refused.
    """
    if law.changes.inputs or law.changes.tax_year_shifts:
        raise InvalidInput("Cette version de la loi force des données : un cas de test donne les siennes.")
    simulation = law._built(situation)
    if max_spiral_loops is not None:
        simulation.max_spiral_loops = max_spiral_loops
    found: dict[Column, NDArray[Any]] = {}
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for variable, period in asked:
            try:
                found[variable, period] = _natural(simulation.calculate(variable, period))
            except _NOT_COMPUTED as error:
                raise InvalidInput(
                    f"« {variable} » n'a pas pu être calculée pour {period} ({type(error).__name__}).",
                    variable=variable,
                    period=period,
                ) from error
    return found
