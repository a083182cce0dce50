"""Declared local formulas: savings and the AAH, the other parent and the family support, twins and the Paje."""

from __future__ import annotations

import warnings
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from openfisca_core.reforms import Reform
    from openfisca_france.model.base import (
        ETERNITY,
        MONTH,
        Famille,
        Individu,
        Variable,
        set_input_dispatch_by_period,
        set_input_divide_by_period,
        where,
    )
    from openfisca_france.model.prestations.minima_sociaux import aah as unmodified_aah
    from openfisca_france.model.prestations.prestations_familiales import asf as unmodified_asf
    from openfisca_france.model.prestations.prestations_familiales import paje as unmodified_paje


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


NOT_ELIGIBLE = 10_000
"""Months: more than the age of any child."""


class paje_mois_du_plus_jeune(Variable):  # noqa: N801
    """Age of the youngest child who opens the Paje's basic allowance. Months, famille; NOT_ELIGIBLE without one."""

    value_type = int
    entity = Famille
    label = "Âge en mois du plus jeune enfant ouvrant droit à l'allocation de base"
    definition_period = MONTH
    set_input = set_input_dispatch_by_period

    def formula(famille, period) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        """The least age among the children who open it."""
        opens = famille.members("enfant_eligible_paje", period)
        return famille.min(where(opens, famille.members("age_en_mois", period), NOT_ELIGIBLE))


class paje_de_la_derniere_naissance(Variable):  # noqa: N801
    """Whether a child opens the basic allowance and was born with the youngest who does. True or false, individu."""

    value_type = bool
    entity = Individu
    label = "Enfant de la dernière naissance ouvrant droit à l'allocation de base"
    definition_period = MONTH
    set_input = set_input_dispatch_by_period

    def formula(individu, period) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        """Born together: of one age in months, as no two births of a mother are."""
        youngest = individu.famille("paje_mois_du_plus_jeune", period)
        return individu("enfant_eligible_paje", period) * (individu("age_en_mois", period) == youngest)


class paje_base(Variable):  # noqa: N801
    """Basic allowance of the Paje: one a child of the last birth. Euros a month, famille."""

    value_type = float
    entity = Famille
    label = "Allocation de base de la PAJE, une par enfant né ensemble"
    definition_period = MONTH
    set_input = set_input_divide_by_period
    reference = "Code de la sécurité sociale, art. L. 531-3, L. 532-1 (naissances multiples ; à confirmer)"

    def formula_2021_05_01(famille, period, parameters) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        """OpenFisca-France's, which gives one a family, for each child born with the youngest."""
        stock = unmodified_paje.paje_base.formula_2021_05_01(famille, period, parameters)
        return stock * famille.sum(famille.members("paje_de_la_derniere_naissance", period))


class paje_of_multiple_births(Reform):  # noqa: N801
    """OpenFisca-France where twins have two basic allowances."""

    name = "Paje : naissances multiples"

    def apply(self) -> None:
        """Add what tells children born together, replace one formula."""
        self.add_variable(paje_mois_du_plus_jeune)
        self.add_variable(paje_de_la_derniere_naissance)
        self.update_variable(paje_base)
