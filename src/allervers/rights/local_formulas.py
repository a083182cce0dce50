"""Declared local formulas: what OpenFisca-France does not name, and what the register of corrections replaces."""

from __future__ import annotations

import warnings
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from openfisca_core.reforms import Reform
    from openfisca_france.model.base import (
        ADD,
        ETERNITY,
        MONTH,
        YEAR,
        Famille,
        FoyerFiscal,
        Individu,
        Menage,
        Variable,
        max_,
        not_,
        set_input_divide_by_period,
    )
    from openfisca_france.model.prestations import aides_logement as unmodified
    from openfisca_france.model.prestations.education import TypesScolarite
    from openfisca_france.model.prestations.minima_sociaux import ppa as unmodified_ppa
    from openfisca_france.model.prestations.minima_sociaux import rsa as unmodified_rsa
    from openfisca_france.model.prestations.minima_sociaux.cs import ressources as unmodified_css


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
        return max_(flat - famille("rsa_forfait_logement", period) - famille("rsa_base_ressources", period), 0)


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


class bourse_criteres_sociaux_base_ressources_parentale(Variable):  # noqa: N801
    """Parents' income for the student grant: gross total income of year N-2. Euros a year, individu.

    An input without formula in OpenFisca-France, hence zero for everybody and the highest grant. Only a student who is
    in the parents' foyer fiscal has it here; for another the parents' income stays unknown (see the register).
    """

    value_type = float
    entity = Individu
    label = "Ressources des parents retenues pour la bourse sur critères sociaux"
    definition_period = MONTH
    reference = "Code de l'éducation, art. D. 821-4 ; circulaire annuelle, annexe 3"

    def formula(individu, period) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        """Revenu brut global of the foyer fiscal, for its dependants."""
        is_attached = individu.has_role(FoyerFiscal.PERSONNE_A_CHARGE)
        return is_attached * individu.foyer_fiscal("rbg", period.n_2)


class bourse_criteres_sociaux_nombre_enfants_a_charge(Variable):  # noqa: N801
    """Children of the famille, whom the points of charge count. Famille."""

    value_type = int
    entity = Famille
    label = "Enfants à charge de la famille pour la bourse sur critères sociaux"
    definition_period = MONTH
    reference = "Circulaire annuelle des bourses, annexe 3, point 2.2"

    def formula(famille, period) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805, ARG002
        """Number of persons with the role of child."""
        return famille.nb_persons(Famille.ENFANT)


class bourse_criteres_sociaux_nombre_enfants_a_charge_dans_enseignement_superieur(Variable):  # noqa: N801
    """Children of the famille who study in higher education. Famille."""

    value_type = int
    entity = Famille
    label = "Enfants à charge étudiants pour la bourse sur critères sociaux"
    definition_period = MONTH
    reference = "Circulaire annuelle des bourses, annexe 3, point 2.2"

    def formula(famille, period) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        """Number of persons with the role of child whose schooling is higher education."""
        studies = famille.members("scolarite", period) == TypesScolarite.enseignement_superieur
        return famille.sum(studies, role=Famille.ENFANT)


class student_grant_resources(Reform):  # noqa: N801
    """OpenFisca-France where the parents' income and children of the student grant come from the household."""

    name = "Bourse sur critères sociaux : ressources des parents"

    def apply(self) -> None:
        """Give a formula to three variables that have none."""
        self.update_variable(bourse_criteres_sociaux_base_ressources_parentale)
        self.update_variable(bourse_criteres_sociaux_nombre_enfants_a_charge)
        self.update_variable(bourse_criteres_sociaux_nombre_enfants_a_charge_dans_enseignement_superieur)


class asi_aspa_condition_nationalite(Variable):  # noqa: N801
    """Nationality or ten years of residence permit, for the ASPA and the ASI. True or false, individu.

    OpenFisca-France gives the years of permit as third argument of numpy's `logical_or`, which is where to write the
    result, not a condition: every person from outside Europe is refused whatever the years.
    """

    value_type = bool
    default_value = True
    entity = Individu
    label = "Condition de nationalité et de titre de séjour pour l'ASPA ou l'ASI"
    definition_period = MONTH
    reference = "Code de la sécurité sociale, art. L. 816-1"

    def formula(individu, period, parameters) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        """European Economic Area, Switzerland, or enough years of permit."""
        years = parameters(period).prestations_sociales.solidarite_insertion.minimum_vieillesse.aspa
        held = individu("duree_possession_titre_sejour", period) >= years.duree_min_titre_sejour
        swiss = individu("nationalite", period) == b"CH"
        return individu("ressortissant_eee", period) + swiss + held


UNFIT_FROM = 62
"""Age from which the ASPA is open to who is unfit for work (CSS R. 815-1, D. 351-1-14)."""


class aspa_eligibilite(Variable):  # noqa: N801
    """Age and residence for the ASPA, earlier for who is unfit for work. True or false, individu.

    OpenFisca-France reads the age at which the AAH stops, 64 years since September 2023.
    """

    value_type = bool
    entity = Individu
    label = "Conditions d'âge et de séjour pour l'allocation de solidarité aux personnes âgées"
    definition_period = MONTH
    reference = "Code de la sécurité sociale, art. L. 815-1, R. 815-1, D. 351-1-14"

    def formula(individu, period, parameters) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        """65 years, or 62 for who is unfit or disabled, and the residence condition."""
        aspa = parameters(period).prestations_sociales.solidarite_insertion.minimum_vieillesse.aspa
        disabled = individu("taux_incapacite", period) > aspa.taux_incapacite_aspa_anticipe
        age = individu("age", period)
        early = (age >= UNFIT_FROM) * (disabled + individu("inapte_travail", period))
        return ((age >= aspa.age_min) + early) * individu("asi_aspa_condition_nationalite", period)


class old_age_and_disability_residence(Reform):  # noqa: N801
    """OpenFisca-France where the years of residence permit open the ASPA and the ASI, and 62 years who is unfit."""

    name = "ASPA et ASI : dix ans de titre de séjour, 62 ans en cas d'inaptitude"

    def apply(self) -> None:
        """Replace two formulas."""
        self.update_variable(asi_aspa_condition_nationalite)
        self.update_variable(aspa_eligibilite)


class aide_logement_montant(Variable):  # noqa: N801
    """Housing aid of the famille that holds the lease. Euros a month, famille.

    OpenFisca-France gives every famille of a dwelling an aid on the whole rent, hosted familles included.
    """

    value_type = float
    entity = Famille
    label = "Montant des aides au logement net de CRDS (titulaires du bail)"
    definition_period = MONTH
    set_input = set_input_divide_by_period
    reference = "Code de la construction et de l'habitation, art. L. 822-2 (article à confirmer)"

    def formula(famille, period) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        """OpenFisca-France's amount where an adult of the famille is the reference person, or in a flat share."""
        return unmodified.aide_logement_montant.formula(famille, period) * _holds_lease(famille, period)


def _holds_lease(famille: Any, period: Any) -> Any:
    """An adult of the famille is the ménage's reference person or their partner, or all share the flat."""
    members = famille.members
    holds = famille.any(members.has_role(Menage.PERSONNE_DE_REFERENCE) + members.has_role(Menage.CONJOINT))
    return holds + famille.demandeur.menage("coloc", period) > 0


def _hosted_for_free(famille: Any, period: Any) -> Any:
    return not_(_holds_lease(famille, period)) * not_(famille.demandeur.menage("participation_frais", period))


class rsa_forfait_logement(Variable):  # noqa: N801
    """Housing lump sum taken off the RSA: whole for a famille hosted for free. Euros a month, famille.

    OpenFisca-France reads the ménage's status, the tenant's: nothing would be taken off once the hosted famille has no
    housing aid any more.
    """

    value_type = float
    entity = Famille
    label = "Forfait logement intervenant dans le calcul du RSA (familles hébergées comprises)"
    definition_period = MONTH
    set_input = set_input_divide_by_period
    reference = "Code de l'action sociale et des familles, art. R. 262-9, 2°"

    def formula_2009_06_01(famille, period, parameters) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        """OpenFisca-France's, or the lump sum for as many persons, three at most."""
        persons = famille("nb_parents", period) + famille("rsa_nb_enfants", period)
        rsa = parameters(period).prestations_sociales.solidarite_insertion.minima_sociaux.rsa
        second = rsa.rsa_maj.maj_montant_max.couples_celibataire_avec_enfant
        third = rsa.rsa_maj.maj_montant_max.couple_1_enfant_ou_2e_enfant
        share = (
            (persons == 1) * rsa.rsa_fl.forfait_logement.taux_1_personne
            + (persons == 2) * rsa.rsa_fl.forfait_logement.taux_2_personnes * (1 + second)
            + (persons >= 3) * rsa.rsa_fl.forfait_logement.taux_3_personnes_ou_plus * (1 + second + third)
        )
        lump = rsa.rsa_m.montant_de_base_du_rsa * share * _hosted_for_free(famille, period)
        return max_(unmodified_rsa.rsa_forfait_logement.formula_2009_06_01(famille, period, parameters), lump)


class ppa_forfait_logement(Variable):  # noqa: N801
    """Housing lump sum of the prime d'activité: as for the RSA (CSS R. 844-3). Euros a month, famille."""

    value_type = float
    entity = Famille
    label = "Forfait logement intervenant dans le calcul de la prime d'activité (familles hébergées comprises)"
    definition_period = MONTH
    set_input = set_input_divide_by_period
    reference = "Code de la sécurité sociale, art. R. 844-3 [à confirmer]"

    def formula_2016(famille, period, parameters) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        """OpenFisca-France's, or the lump sum for as many persons, three at most."""
        persons = famille("nb_parents", period) + famille("rsa_nb_enfants", period)
        ppa = parameters(period).prestations_sociales.solidarite_insertion.minima_sociaux.ppa
        second = (persons >= 2) * ppa.pa_m.majoration_montant_maximal.couples_seul_avec_enfant
        third = (persons >= 3) * ppa.pa_m.majoration_montant_maximal.couple_1_enfant_2e_enfant
        rates = ppa.pa_fl.taux_forfait_logement
        share = (
            (persons == 1) * rates.foyer_1_personne
            + (persons == 2) * rates.foyer_2_personnes
            + (persons >= 3) * rates.foyer_3_personnes
        )
        lump = ppa.pa_m.montant_de_base * (1 + second + third) * share * _hosted_for_free(famille, period)
        return max_(unmodified_ppa.ppa_forfait_logement.formula(famille, period, parameters), lump)


class housing_aid_of_lease_holders(Reform):  # noqa: N801
    """OpenFisca-France where a hosted famille has no housing aid, and is housed for free as far as the RSA goes."""

    name = "Aides au logement : titulaires du bail"

    def apply(self) -> None:
        """Housing aid for the familles that hold the lease; the housing lump sum of the others."""
        self.update_variable(aide_logement_montant)
        self.update_variable(rsa_forfait_logement)
        self.update_variable(ppa_forfait_logement)


class revenus_non_salarie_nets(Variable):  # noqa: N801
    """Net income of self-employed work, micro-enterprise included. Euros a year, individu.

    OpenFisca-France adds up, with Python's `sum`, the micro-enterprise income of every foyer of the population and
    gives it to everybody: here each principal declarant has that of their own foyer.
    """

    value_type = float
    entity = Individu
    label = "Revenus du travail non salariaux nets"
    definition_period = YEAR
    reference = "Aucun : défaut de code d'OpenFisca-France"

    def formula(individu, period) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        """Taxable profits less contributions, and the foyer's micro-enterprise income for its principal declarant."""
        declares = individu.has_role(FoyerFiscal.DECLARANT_PRINCIPAL)
        return (
            individu("rpns_imposables", period)
            + individu("csg_imposable_non_salarie", period)
            + individu("crds_non_salarie", period)
            + individu.foyer_fiscal("microentreprise", period) * declares
        )


class self_employed_income_of_each(Reform):  # noqa: N801
    """OpenFisca-France where micro-enterprise income is that of the person alone."""

    name = "Revenus non salariés nets : ceux de la personne"

    def apply(self) -> None:
        """Replace one formula."""
        self.update_variable(revenus_non_salarie_nets)


class minima_recus_depuis_un_an(Variable):  # noqa: N801
    """Whether the minima that the law gives for the last twelve months were received. True or false, famille.

    True unless said otherwise: partners' payments stand for the months that they cover (detection.entitlement).
    """

    value_type = bool
    default_value = True
    entity = Famille
    label = "L'Aspa, l'ASI, l'AAH ou l'ASF sont reçues depuis un an"
    definition_period = ETERNITY


class css_cmu_base_ressources(Variable):  # noqa: N801
    """Resources of the twelve months before that the CSS compares to its ceilings. Euros a year, famille.

    OpenFisca-France counts minima that the famille was entitled to, received or not: who never asked for the ASPA would
    lose the free cover.
    """

    value_type = float
    entity = Famille
    label = "Base de ressources de la CSS : ce qui a été reçu"
    definition_period = MONTH
    set_input = set_input_divide_by_period
    reference = "Code de la sécurité sociale, art. L. 861-2, R. 861-8 (articles à confirmer)"

    def formula(famille, period, parameters) -> Any:  # type: ignore[no-untyped-def]  # noqa: N805
        """OpenFisca-France's, less the minima of adults and the family support where none was received."""
        year = unmodified_css.compute_previous_year(period)
        minima = famille("css_base_ressources_aspa_asv", year, options=[ADD]) + famille("asf", year, options=[ADD])
        for of_adult in ("css_base_ressources_aah_individu", "css_base_ressources_asi_individu"):
            minima += famille.sum(famille.members(of_adult, year, options=[ADD]), role=Famille.PARENT)
        counted = unmodified_css.css_cmu_base_ressources.formula(famille, period, parameters)
        return counted - minima * not_(famille("minima_recus_depuis_un_an", period))


class css_of_what_was_received(Reform):  # noqa: N801
    """OpenFisca-France where the CSS does not count minima that were not received."""

    name = "CSS : les minima non reçus ne comptent pas"

    def apply(self) -> None:
        """Add one input, replace one formula."""
        self.add_variable(minima_recus_depuis_un_an)
        self.update_variable(css_cmu_base_ressources)
