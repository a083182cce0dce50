"""Declared local formulas: what is read of savings for the AAH, of the other parent for the family support."""

from __future__ import annotations

import warnings
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from openfisca_core.reforms import Reform
    from openfisca_france.model.base import (
        ETERNITY,
        MONTH,
        Individu,
        Variable,
        set_input_dispatch_by_period,
        set_input_divide_by_period,
    )
    from openfisca_france.model.prestations.minima_sociaux import aah as unmodified_aah
    from openfisca_france.model.prestations.prestations_familiales import asf as unmodified_asf


class aah_base_ressources_hors_activite_eval_trimestrielle(Variable):  # noqa: N801
    """Other income than from work of who has the AAH and works, of three months, by the year. Euros, individu."""

    value_type = float
    entity = Individu
    label = "Base de ressources de l'AAH hors activité, évaluation trimestrielle : ce qui est imposé"
    definition_period = MONTH
    set_input = set_input_divide_by_period
    reference = "Code de la sécurité sociale, art. R. 821-4, R. 821-4-1 (revenus nets catégoriels ; à confirmer)"

    def formula(individu, period, parameters) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        """OpenFisca-France's, less the 3 % of savings, that only the RSA and the old-age minimum count."""
        stock = unmodified_aah.aah_base_ressources_hors_activite_eval_trimestrielle
        counted = stock.formula(individu, period)
        for back in (1, 2, 3):
            month = period.first_month.offset(-back, "month")
            minima = parameters(month).prestations_sociales.solidarite_insertion.minima_sociaux
            rate = minima.rsa.rsa_cond.patrimoine.taux_interet_forfaitaire_epargne_non_imposable
            counted = counted - individu("epargne_revenus_non_imposables", month) * rate / 12 * 4
        return counted


class aah_without_savings(Reform):  # noqa: N801
    """OpenFisca-France where the AAH does not count savings whose interest is not taxed."""

    name = "AAH : l'épargne non imposable ne compte pas"

    def apply(self) -> None:
        """Replace one formula."""
        self.update_variable(aah_base_ressources_hors_activite_eval_trimestrielle)


class asf_autre_parent(Variable):  # noqa: N801
    """Whether the other parent of a child has died, did not recognise it, or does not pay. True or false, individu.

    True unless said otherwise, as OpenFisca-France supposes: interviews ask it, detection does not know it.
    """

    value_type = bool
    default_value = True
    entity = Individu
    label = "L'autre parent est décédé, inconnu, ou ne paie pas de pension"
    definition_period = ETERNITY


class asf_elig_enfant(Variable):  # noqa: N801
    """Whether a child opens the right to the family support. True or false, individu."""

    value_type = bool
    entity = Individu
    label = "Enfant pouvant ouvrir droit à l'ASF, d'après l'autre parent aussi"
    definition_period = MONTH
    set_input = set_input_dispatch_by_period
    reference = "Code de la sécurité sociale, art. L. 523-1"

    def formula(individu, period, parameters) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        """OpenFisca-France's, that asks nothing of the other parent, for the children of whom it is said."""
        stock = unmodified_asf.asf_elig_enfant.formula(individu, period, parameters)
        return stock * individu("asf_autre_parent", period)


class asf_by_other_parent(Reform):  # noqa: N801
    """OpenFisca-France where the family support, and what the RSA counts of it, depend on the other parent."""

    name = "ASF : l'autre parent"

    def apply(self) -> None:
        """Add one input, replace one formula."""
        self.add_variable(asf_autre_parent)
        self.update_variable(asf_elig_enfant)
