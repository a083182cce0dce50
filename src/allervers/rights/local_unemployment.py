"""Declared local formulas: housing aid of who has no work any more, from the months that are known."""

from __future__ import annotations

import warnings
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from openfisca_core.reforms import Reform
    from openfisca_france.model.base import (
        MONTH,
        Famille,
        Individu,
        TypesActivite,
        Variable,
        min_,
        set_input_dispatch_by_period,
        set_input_divide_by_period,
    )
    from openfisca_france.model.revenus.activite.salarie import TypesConges

MONTHS_WITHOUT_WORK = 2
"""Whole months without work after which the housing aid looks at the resources otherwise (CCH R. 822-14, R. 822-15)."""


def _without_work(individu: Any, period: Any) -> Any:
    """Unemployed now and for the two months before."""
    found = individu("activite", period) == TypesActivite.chomeur
    for back in range(1, MONTHS_WITHOUT_WORK + 1):
        found = found * (individu("activite", period.offset(-back, "month")) == TypesActivite.chomeur)
    return found


class aide_logement_abattement_revenus_activite_professionnelle(Variable):  # noqa: N801
    """Whether 30 % of the income from work are left out: unemployed and paid for it, retired, disabled. Individu.

    OpenFisca-France waits for a date on which unemployment began, that nobody gives: it never applied.
    """

    value_type = float
    entity = Individu
    label = "Abattement sur les revenus d'activité : chômage depuis deux mois, retraite, AAH"
    definition_period = MONTH
    set_input = set_input_divide_by_period
    reference = "Code de la construction et de l'habitation, art. R. 822-13, R. 822-14 (articles à confirmer)"

    def formula(individu, period) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        """One or zero."""
        works = individu("salaire_imposable", period)
        for yearly in ("rpns_imposables", "rpns_pvce", "rpns_exon"):
            works = works + individu(yearly, period.n_2)
        retired = (individu("activite", period) == TypesActivite.retraite) * (works == 0)
        disabled = (individu("aah", period) > 0) * (works == 0)
        return min_(1, _without_work(individu, period) + retired + disabled)


class aide_logement_condition_neutralisation(Variable):  # noqa: N801
    """Whether the income from work and unemployment is not counted at all. True or false, individu.

    As OpenFisca-France has it, with the months of unemployment in the place of a date that nobody gives; and who works
    beside an unemployed spouse keeps their own income counted.
    """

    value_type = bool
    entity = Individu
    label = "Neutralisation des revenus d'activité : chômage non indemnisé depuis deux mois, congé parental, RSA"
    definition_period = MONTH
    set_input = set_input_dispatch_by_period
    reference = "Code de la construction et de l'habitation, art. R. 822-15, R. 822-17 (articles à confirmer)"

    def formula(individu, period) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        """The person is unemployed without benefit, or on parental leave, or the famille received the RSA."""
        paid = individu("chomage_imposable", period)
        solidarity = (paid > 0) * (individu("ass", period) > 0)
        unpaid = _without_work(individu, period) * (paid == 0) + solidarity
        on_leave = individu("type_conges", period) == TypesConges.conge_parental
        had_rsa = individu.famille("rsa", period.last_month) > 0
        return min_((unpaid + on_leave + had_rsa) * individu.has_role(Famille.PARENT), 1)


class housing_aid_without_work(Reform):  # noqa: N801
    """OpenFisca-France where two months of unemployment change the resources of the housing aid."""

    name = "Aide au logement : deux mois de chômage"

    def apply(self) -> None:
        """Replace two formulas."""
        self.update_variable(aide_logement_abattement_revenus_activite_professionnelle)
        self.update_variable(aide_logement_condition_neutralisation)
