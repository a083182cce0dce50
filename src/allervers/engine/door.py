"""What the symbolic simulation needs of OpenFisca, imported in one place. See also openfisca.py, the law itself."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from openfisca_core import periods
    from openfisca_core.errors import CycleError, ParameterNotFoundError, SpiralError
    from openfisca_core.holders import Holder
    from openfisca_core.indexed_enums import Enum
    from openfisca_core.parameters import ParameterNodeAtInstant
    from openfisca_core.populations import GroupPopulation, Population
    from openfisca_core.projectors import projectable
    from openfisca_core.simulations import Simulation
    from openfisca_core.taxscales import (
        LinearAverageRateTaxScale,
        MarginalAmountTaxScale,
        MarginalRateTaxScale,
        SingleAmountTaxScale,
    )

__all__ = [
    "CycleError",
    "Enum",
    "GroupPopulation",
    "Holder",
    "LinearAverageRateTaxScale",
    "MarginalAmountTaxScale",
    "MarginalRateTaxScale",
    "ParameterNodeAtInstant",
    "ParameterNotFoundError",
    "Population",
    "Simulation",
    "SingleAmountTaxScale",
    "SpiralError",
    "periods",
    "projectable",
]
