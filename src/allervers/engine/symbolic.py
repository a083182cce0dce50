"""OpenFisca's simulation on symbols: its own machinery, fed with symbols, calls its own formulas, unmodified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from allervers.engine.door import (
    Enum,
    Simulation,
    SpiralError,
    periods,
)
from allervers.engine.errors import Untraceable
from allervers.engine.node import Node
from allervers.engine.ops import TEXT
from allervers.engine.symbol import CannotTrace, Symbol, converted, lifted, plain
from allervers.engine.symbolic_dictionary import DICTIONARY_FORMULAS, dictionary_result, words_of
from allervers.engine.symbolic_parameters import LawParameters, NamedNode, install
from allervers.engine.symbolic_populations import Groups, Persons, kind_of
from allervers.engine.symbolic_sharing import Frame, Shared, SharedResults
from allervers.engine.trace import Trace

BRANCHES: Mapping[str, str] = {
    "exoneration_cotisations_employeur_jei": "writes, under the condition, only the rows that meet it",
    "exoneration_cotisations_employeur_zfu": "writes, under the condition, only the rows that meet it",
    "exoneration_cotisations_employeur_zrd": "writes, under the condition, only the rows that meet it",
    "exoneration_cotisations_employeur_tode": "writes, under the condition, only the rows that meet it",
    "revenu_categoriel_foncier": "logs a message",
}
"""Formulas that ask `any()` as a mere shortcut. Checked at each upgrade of OpenFisca-France."""


class SymbolicSimulation(Simulation):
    """A fresh simulation on symbols. Several share one trace, hence one graph.

    `given`: number of what is given to it (see symbolic_sharing: results of former simulations are taken again).
    """

    def __init__(
        self, system: Any, recorder: Trace, shared: SharedResults, parameters: LawParameters, given: int
    ) -> None:
        self.recorder = recorder
        self.shared = shared
        self.parameters = parameters
        self.given = given
        self.started = False
        self._frames: list[Frame] = []
        self._dependent: set[tuple[str, Any]] = set()
        self._known: dict[tuple[str, Any], tuple[int, int]] = {}
        self.nodes: dict[tuple[str, Any], Node] = {}
        self._given: dict[tuple[str, str], int] = {}
        self._given_names: set[str] = set()
        self.reads = 0
        """Columns read so far, as bits of `shared.columns`."""
        persons = Persons(system.person_entity)
        populations: dict[str, Any] = {system.person_entity.key: persons}
        for entity in system.group_entities:
            populations[entity.key] = Groups(entity, persons)
        super().__init__(system, populations)
        install()

    def give(self, name: str, period: str, node: Node) -> None:
        """Give a column, in the variable's type. A year given to a monthly variable goes to the months not given."""
        variable = self.tax_benefit_system.get_variable(name)
        when = periods.period(period)
        self._given[name, period] = self.shared.column_bit((name, period))
        self._given_names.add(name)
        if variable.end is not None and when.start.date > variable.end:
            return
        symbol = Symbol(self.recorder, node, variable.entity.key, kind_of(variable))
        months = self._months_of(variable, when)
        holder = self.get_holder(name)
        if months is None:
            holder._memory_storage.put(symbol, when)
        elif variable.set_input.__name__ == "set_input_divide_by_period":
            self._divided(holder, months, symbol)
        else:
            for month in months:
                symbol = holder.get_array(month) or symbol
                holder._memory_storage.put(symbol, month)

    @staticmethod
    def _months_of(variable: Any, when: Any) -> list[Any] | None:
        if variable.set_input is None or (when.unit == variable.definition_period and when.size == 1):
            return None
        return list(when.get_subperiods(variable.definition_period))

    @staticmethod
    def _divided(holder: Any, months: Sequence[Any], total: Symbol) -> None:
        """What is left of a year, once the months given are taken away, shared out equally among the others."""
        rest, missing = total, []
        for month in months:
            known = holder.get_array(month)
            if known is None:
                missing.append(month)
            else:
                rest = rest - known
        for month in missing:
            holder._memory_storage.put(rest / len(missing), month)

    def mark_dependent_on_order(self) -> None:
        """What runs now depends on what was asked before."""
        for frame in self._frames:
            frame.is_dependent = True

    def calculate(self, variable_name: str, period: Any) -> Any:
        """The value of a variable. One already computed is given at once: most of what formulas ask is."""
        key = (variable_name, period)
        if self._frames and key in self._known:
            held = self.get_holder(variable_name).get_array(period)
            if held is not None:
                self._read(variable_name, period)
                self._pass_on_held(key, held)
                return held
        return super().calculate(variable_name, period)

    def _calculate(self, variable_name: str, period: Any) -> Any:
        self.started = True
        key = (variable_name, period)
        self._read(variable_name, period)
        holder = self.get_variable_population(variable_name).get_holder(variable_name)
        held = holder.get_array(period)
        if held is not None:
            self._pass_on_held(key, held)
            return held if key in self._known else super()._calculate(variable_name, period)
        reused = self.shared.find(key, self._running(), self.given)
        if reused is not None:
            symbol = reused.symbol.copy()
            self._note(key, (reused.mask, reused.reads), symbol.node, holder)
            self._pass_on(reused.mask, reused.reads, False)
            holder.put_in_cache(symbol, period)
            return symbol
        frame = Frame(self.shared.bit(variable_name))
        self._frames.append(frame)
        try:
            result = super()._calculate(variable_name, period)
        finally:
            self._frames.pop()
            self._pass_on(frame.mask, frame.reads, frame.is_dependent)
        self._note(key, (frame.mask, frame.reads), result.node, holder)
        if frame.is_dependent:
            self._dependent.update((key, (variable_name, None)) if holder._eternal else (key,))
        else:
            self.shared.keep(key, Shared(result.copy(), frame.mask, frame.reads, self.given))
        return result

    def _note(self, key: tuple[str, Any], went_through: tuple[int, int], node: Node, holder: Any) -> None:
        self._known[key], self.nodes[key] = went_through, node
        if holder._eternal:
            self._known[key[0], None] = went_through

    def _read(self, name: str, period: Any) -> None:
        # A month that is given hides the year that holds it: the year's value went to the other months only.
        if name not in self._given_names:
            return
        word = str(period)
        for key in ((name, word), (name, word[:4]), (name, "ETERNITY")):
            bit = self._given.get(key)
            if bit is not None:
                self._pass_on(self.shared.bit(name), bit, False)
                return

    def _pass_on_held(self, key: tuple[str, Any], held: Symbol) -> None:
        if key not in self._known:
            # What is for all time is held under the period that it was first asked for.
            key = (key[0], None)
        mask, reads = self._known.get(key, (self.shared.bit(key[0]), 0))
        # A formula that writes into what it read changes it for those that read it later.
        was_written = held.node is not self.nodes.get(key, held.node)
        self._pass_on(mask, reads, was_written or key in self._dependent)

    def _running(self) -> int:
        running = 0
        for frame in self._frames:
            running |= frame.bit
        return running

    def _pass_on(self, mask: int, reads: int, is_dependent: bool) -> None:
        self.reads |= reads
        if self._frames:
            frame = self._frames[-1]
            frame.mask |= mask
            frame.reads |= reads
            frame.is_dependent |= is_dependent

    def _check_for_cycle(self, variable: str, period: Any) -> None:
        try:
            super()._check_for_cycle(variable, period)
        except SpiralError:
            self.mark_dependent_on_order()
            raise

    def _run_formula(self, variable: Any, population: Any, period: Any) -> Any:
        formula = variable.get_formula(period)
        if formula is None:
            return None
        self.recorder.running.append((variable.name, str(period)))
        words_before = self.recorder.words
        self.recorder.words = words_of(variable.name, formula, period)
        try:
            if variable.name in DICTIONARY_FORMULAS:
                return dictionary_result(variable, population, period)
            if formula.__code__.co_argcount == 2:
                return formula(population, period)
            return formula(population, period, self._parameters_at)
        except CannotTrace as error:
            raise self.recorder.untraceable(str(error), error.__traceback__) from error
        except Untraceable:
            raise
        except (TypeError, AttributeError, IndexError, AssertionError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise self.recorder.untraceable(reason, error.__traceback__) from error
        finally:
            self.recorder.words = words_before
            self.recorder.running.pop()

    def _parameters_at(self, period: Any) -> NamedNode:
        return self.parameters.at(period)

    def _cast_formula_result(self, value: Any, variable: Any) -> Any:
        population = self.get_variable_population(variable.name)
        if not isinstance(value, Symbol):
            if isinstance(value, np.ndarray):
                frame = population.filled_array(0)
                try:
                    value = lifted(value, frame)
                except CannotTrace as error:
                    raise self.recorder.untraceable(str(error)) from error
            if not isinstance(value, Symbol):
                value = population.filled_array(value)
        if value.entity != variable.entity.key and not value.node.is_const:
            raise self.recorder.untraceable(f"a result of {value.entity} for {variable.entity.key}")
        result = Symbol(self.recorder, value.node, variable.entity.key, value.enum)
        if variable.value_type is Enum:
            return Symbol(
                self.recorder, converted(plain(result), np.int16).node, result.entity, variable.possible_values
            )
        target = TEXT if variable.value_type is str else np.dtype(variable.dtype)
        converted_result = converted(plain(result), target)
        return Symbol(self.recorder, converted_result.node, result.entity, kind_of(variable))
