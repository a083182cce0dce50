"""The one door to OpenFisca: what we use of it is imported here, and in the declared local formulas."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from openfisca_core import periods
    from openfisca_core.errors import CycleError, ParameterNotFoundError, SituationParsingError, SpiralError
    from openfisca_core.holders import Holder
    from openfisca_core.indexed_enums import Enum
    from openfisca_core.parameters import ParameterNode, ParameterNodeAtInstant
    from openfisca_core.populations import GroupPopulation, Population
    from openfisca_core.projectors import projectable
    from openfisca_core.reforms import Reform
    from openfisca_core.simulations import Simulation, SimulationBuilder
    from openfisca_core.taxscales import (
        LinearAverageRateTaxScale,
        MarginalAmountTaxScale,
        MarginalRateTaxScale,
        SingleAmountTaxScale,
    )
    from openfisca_france import FranceTaxBenefitSystem

__all__ = [
    "CycleError",
    "Enum",
    "FranceTaxBenefitSystem",
    "GroupPopulation",
    "Holder",
    "LinearAverageRateTaxScale",
    "MarginalAmountTaxScale",
    "MarginalRateTaxScale",
    "ParameterNode",
    "ParameterNodeAtInstant",
    "ParameterNotFoundError",
    "Population",
    "Reform",
    "Simulation",
    "SimulationBuilder",
    "SingleAmountTaxScale",
    "SituationParsingError",
    "SpiralError",
    "periods",
    "projectable",
]
