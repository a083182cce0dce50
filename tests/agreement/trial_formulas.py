"""Formulas that ask of the tracer what few formulas of the law do. Names of no law."""

from __future__ import annotations

import warnings
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from numpy import datetime64
    from openfisca_core.reforms import Reform
    from openfisca_france.model.base import MONTH, Famille, Individu, Variable
    from openfisca_france.model.base import max_ as maximum


class essai_plus_jeune(Variable):  # noqa: N801
    value_type = bool
    entity = Famille
    label = "Une naissance depuis avril 2018, comptée depuis 2015"
    definition_period = MONTH

    def formula(famille, period) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        births = famille.members("date_naissance", period)
        return famille.reduce(births, maximum, datetime64("2015-01-01")) >= datetime64("2018-04-01")


class essai_plus_haut(Variable):  # noqa: N801
    value_type = float
    entity = Famille
    label = "Le plus haut salaire, 1 500 au moins"
    definition_period = MONTH

    def formula(famille, period) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        return famille.reduce(famille.members("salaire_de_base", period), maximum, 1500)


class essai_tranche(Variable):  # noqa: N801
    value_type = float
    entity = Individu
    label = "Taux de la tranche d'impôt du salaire"
    definition_period = MONTH

    def formula(individu, period, parameters) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        scale = parameters(period).impot_revenu.bareme_ir_depuis_1945.bareme
        return scale.rate_from_bracket_indice(scale.bracket_indices(individu("salaire_de_base", period) * 12))


class essai_texte(Variable):  # noqa: N801
    value_type = bool
    entity = Individu
    label = "Un nombre comparé à un texte"
    definition_period = MONTH

    def formula(individu, period) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        return (individu("age", period) == "vieux") + (individu("age", period) != "vieux") * 0


class trial(Reform):  # noqa: N801
    name = "Formules d'essai"

    def apply(self) -> None:
        for variable in (essai_plus_jeune, essai_plus_haut, essai_tranche, essai_texte):
            self.add_variable(variable)
