"""Declared local formulas: what the product needs of the law and OpenFisca-France does not name. No other rule."""

from __future__ import annotations

import warnings
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from openfisca_core.reforms import Reform
    from openfisca_france.model.base import ADD, MONTH, Famille, Variable, max_


class rsa_avant_seuil(Variable):  # noqa: N801 - names of the law
    """RSA before the rule of CASF R. 262-39: under 6 euros a month nothing is paid. Euros a month, famille."""

    value_type = float
    entity = Famille
    label = "RSA avant application du montant minimum versé"
    definition_period = MONTH
    reference = "Code de l'action sociale et des familles, art. R. 262-39"

    def formula(famille, period) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        """Flat amount less housing lump sum and resources, never under zero."""
        flat = max_(famille("rsa_socle", period), famille("rsa_socle_majore", period))
        resources = famille("rsa_base_ressources", period) - famille("rsa_revenu_activite", period)
        return max_(flat - famille("rsa_forfait_logement", period) - resources, 0)


class ppa_avant_seuil(Variable):  # noqa: N801
    """Prime d'activité before the 15-euro minimum payment rule. Euros a month, famille."""

    value_type = float
    entity = Famille
    label = "Prime d'activité avant application du montant minimum versé"
    definition_period = MONTH
    reference = "Code de la sécurité sociale, livre VIII, titre IV (montant minimum versé ; article à confirmer)"

    def formula(famille, period) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        """Mean of the three reference months M-4 to M-2 (CSS R. 843-1)."""
        three_months = period.last_month.last_3_months
        mean = famille("ppa_fictive", three_months, options=[ADD]) / 3
        return mean * famille("ppa_eligibilite_apprenants", period)


class amounts_before_threshold(Reform):  # noqa: N801
    """OpenFisca-France with the two variables above."""

    name = "Montants avant seuil de versement"

    def apply(self) -> None:
        """Add the variables; change none."""
        self.add_variable(rsa_avant_seuil)
        self.add_variable(ppa_avant_seuil)
