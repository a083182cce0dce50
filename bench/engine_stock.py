"""OpenFisca-France as it is, in its best configuration: one simulation for all the outputs, chunk after chunk.

Columns are in OpenFisca's own types before the clock starts.
"""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from allervers.engine.block import GROUPS, Block
from bench.engine_data import OUTPUTS, cut, made
from bench.engine_programs import rich_columns

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from openfisca_core.indexed_enums import Enum
    from openfisca_core.simulations import SimulationBuilder
    from openfisca_france import FranceTaxBenefitSystem


class Stock:
    """The law and a population."""

    def __init__(self, kind: str, households: int, folder: Path) -> None:
        warnings.simplefilter("ignore")
        logging.disable()  # formulas tell what they think of random data
        self._system = FranceTaxBenefitSystem()
        block = made(kind, households, rich=rich_columns(folder))
        # Months before years, as OpenFisca wants: a year's value goes to the months that are not given.
        columns = sorted(block.columns.items(), key=lambda item: -len(item[0][1]))
        self._block = Block(
            block.persons, block.membership, {c: self._converted(c[0], v) for c, v in columns}, block.entity_of
        )

    def run(self, households: int) -> None:
        """The outputs over the whole population, that many households at once."""
        with np.errstate(all="ignore"):
            for chunk in cut(self._block, households):
                simulation = self._simulation(chunk)
                for output, period in OUTPUTS:
                    simulation.calculate(output, period)
                for population in simulation.populations.values():
                    population._holders.clear()
                    population.simulation = None

    def _converted(self, name: str, values: Any) -> Any:
        variable = self._system.variables[name]
        if variable.value_type is Enum:
            return variable.possible_values.encode(values.astype(str))
        return values.astype(object) if variable.value_type is str else values.astype(variable.dtype)

    def _simulation(self, block: Block) -> Any:
        builder = SimulationBuilder()
        builder.create_entities(self._system)
        builder.declare_person_entity("individu", np.arange(block.persons))
        for group in GROUPS:
            members = block.membership[group]
            population = builder.declare_entity(group, np.arange(members.count))
            builder.join_with_persons(population, members.group, members.role)
        simulation = builder.build(self._system)
        for (name, period), values in block.columns.items():
            simulation.set_input(name, period, values)
        return simulation
