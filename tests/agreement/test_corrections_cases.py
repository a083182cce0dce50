"""One case per entry of the register of corrections: what OpenFisca answers, what the corrected law answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from allervers.engine.block import Block, Membership
from allervers.engine.law import Law
from allervers.foundation.periods import Month, months_between
from allervers.population.inputs import INPUTS
from allervers.rights.catalogue import catalogue, computed_rights
from allervers.rights.corrections import corrections_of, register
from household_situations import Household, Person, block_of, income

pytestmark = pytest.mark.law

NOVEMBER, DECEMBER = Month(2026, 11), Month(2026, 12)
FREE_TENANT = {"statut_occupation_logement": "locataire_vide"}
PUPIL = {"date_naissance": "2010-02-01", "scolarite": "lycee", "statuts_etablissement_scolaire": "public"}
STUDENT = {
    "date_naissance": "2007-02-01", "activite": "etudiant", "scolarite": "enseignement_superieur",
    "statuts_etablissement_scolaire": "public",
}  # fmt: skip
Case = Callable[[Law, Law], None]


def _amount(law: Law, household: Household, output: str, month: Month = NOVEMBER) -> Any:
    return law.evaluate(block_of([household], month), output, str(month)).values[0].item()


def _alone(menage: dict[str, Any] | None = None, **values: Any) -> Household:
    return Household([Person("demandeur", {"activite": "actif", **values})], menage or {})


def _wage_until(last: Month, month: Month, net: float = 1_400.0) -> Household:
    """A person alone, housed free, paid until `last`, then without anything."""
    paid = {f"salaire_net@{m}": net for m in months_between(month - 14, last)}
    return _alone({"statut_occupation_logement": "sans_domicile"}, **paid)


def _reference_months(openfisca: Law, corrected: Law) -> None:
    household = _wage_until(Month(2026, 9), DECEMBER)
    # 651.69 less one month of 1,400 euros out of three: OpenFisca reads September, October, November.
    assert _amount(openfisca, household, "rsa", DECEMBER) == pytest.approx(651.69 - 1_400 / 3, abs=0.01)
    # The law reads August, September, October: 651.69 less 2 x 1,400 / 3 is under zero.
    assert _amount(corrected, household, "rsa", DECEMBER) == 0


def _held_three_months(openfisca: Law, corrected: Law) -> None:
    household = _wage_until(Month(2026, 9), DECEMBER)
    # The interruption counts in the very month that follows it, and no more the next: hence the claim month is held.
    october, november = (_amount(corrected, household, "rsa", month) for month in (Month(2026, 10), NOVEMBER))
    assert october == pytest.approx(651.69, abs=0.01)
    assert november == 0
    computation = catalogue()["rsa"].computation
    assert computation is not None
    assert computation.hold_months == 3


def _css_ceiling(openfisca: Law, corrected: Law) -> None:
    household = _alone(FREE_TENANT, **income("salaire", 850))
    assert _amount(openfisca, household, "css_participation_forfaitaire") == 14
    assert _amount(openfisca, household, "cmu_c") is False
    assert _amount(corrected, household, "css_participation_forfaitaire") == 0
    assert _amount(corrected, household, "cmu_c") is True


def _school_year_of_income(openfisca: Law, corrected: Law) -> None:
    def family(year: int) -> Household:
        return Household([Person("demandeur", {f"salaire_imposable@{year}": 60_000.0}), Person("enfant", PUPIL)])

    rich_2024, rich_2025 = family(2024), family(2025)
    assert _amount(openfisca, rich_2024, "bourse_lycee") == 0 < _amount(openfisca, rich_2025, "bourse_lycee")
    assert _amount(corrected, rich_2025, "bourse_lycee") == 0 < _amount(corrected, rich_2024, "bourse_lycee")
    # From January on, the year N-2 is the one of the school year's notice again.
    march = Month(2026, 3)
    assert _amount(corrected, rich_2024, "bourse_lycee", march) == 0


def _student_grant(openfisca: Law, corrected: Law) -> None:
    rich = Household([Person("demandeur", {"salaire_imposable@2024": 90_000.0}), Person("enfant", STUDENT)])
    modest = Household([Person("demandeur", {"salaire_imposable@2024": 9_000.0}), Person("enfant", STUDENT)])
    for household, expected in ((rich, False), (modest, True)):
        block = block_of([household], NOVEMBER)
        as_coded = openfisca.evaluate(block, "bourse_criteres_sociaux", str(NOVEMBER)).values[1]
        as_corrected = corrected.evaluate(block, "bourse_criteres_sociaux", str(NOVEMBER)).values[1]
        assert as_coded > 600  # the highest grant, whatever the parents earn
        assert bool(as_corrected > 0) is expected


def _residence_permit(openfisca: Law, corrected: Law) -> None:
    def person(years: float) -> Household:
        return _alone(date_naissance="1950-01-01", nationalite="CN", duree_possession_titre_sejour=years)

    assert _amount(openfisca, person(12), "aspa") == 0
    assert _amount(corrected, person(12), "aspa") == pytest.approx(12_523.14 / 12, abs=0.01)
    assert _amount(corrected, person(9), "aspa") == 0


def _unfit_for_work(openfisca: Law, corrected: Law) -> None:
    unfit = {"date_naissance": "1963-03-01", "inapte_travail": True}
    household = Household([Person("demandeur", unfit)])
    assert _amount(openfisca, household, "aspa") == 0
    assert _amount(corrected, household, "aspa") == pytest.approx(1043.6, abs=0.0101)


def _minima_not_received(openfisca: Law, corrected: Law) -> None:
    old = Person("demandeur", {"date_naissance": "1950-04-01", "activite": "retraite"})
    at_home = {"statut_occupation_logement": "loge_gratuitement"}
    for law in (openfisca, corrected):
        assert _amount(law, Household([old], at_home), "cmu_c") == 0
    never_asked = Household([old], at_home, {"minima_recus_depuis_un_an": False})
    assert _amount(corrected, never_asked, "cmu_c")


def _two_months_without_work(openfisca: Law, corrected: Law) -> None:
    tenant = {"statut_occupation_logement": "locataire_vide", "loyer": 650.0}
    worked = months_between(NOVEMBER - 14, Month(2026, 7))
    paid = {f"{name}@{m}": amount for m in worked for name, amount in (
        ("salaire_net", 1_500.0), ("salaire_imposable", 1_560.0), ("activite", "actif"))}  # fmt: skip
    # Not paid for it: the wages of that person are set aside, those of the spouse count.
    spouse = Person("conjoint", {"activite": "actif", **income("salaire", 1_500)})
    couple = Household([Person("demandeur", {"activite": "chomeur", **paid}), spouse], tenant)
    alone_paid = Household([Person("demandeur", {"activite": "inactif"}), spouse], tenant)
    read = [_amount(law, one, "aide_logement_base_ressources") for law, one in (
        (openfisca, couple), (corrected, couple), (corrected, alone_paid))]  # fmt: skip
    assert read[0] > read[1] + 10_000
    assert read[1] == read[2] > 0
    # Paid for it: 30 % of the ten months of wages are left out, and nothing yet after one month without work.
    jobless = {f"chomage_imposable@{m}": 1_000.0 for m in months_between(Month(2026, 8), NOVEMBER)}
    recent = {f"activite@{m}": "actif" for m in months_between(Month(2026, 8), Month(2026, 9))}
    for beside, left_out in (({}, 0.3 * 0.9 * 1_560.0 * 10), (recent, 0.0)):
        home = Household([Person("demandeur", {"activite": "chomeur", **paid, **jobless, **beside}), spouse], tenant)
        read = [_amount(law, home, "aide_logement_base_ressources") for law in (openfisca, corrected)]
        assert read[0] - read[1] == pytest.approx(left_out, abs=150)


def _energy_cheque(openfisca: Law, corrected: Law) -> None:
    # The former logic still answers: nothing for who has no home, whatever the delivery point.
    homeless = _alone({"statut_occupation_logement": "sans_domicile"})
    assert (
        _amount(openfisca, homeless, "cheque_energie") == 0 < _amount(openfisca, _alone(FREE_TENANT), "cheque_energie")
    )


def _asi_ceiling(openfisca: Law, corrected: Law) -> None:
    path = "prestations_sociales.prestations_etat_de_sante.invalidite.asi.plafond_ressource_seul"
    assert openfisca.parameter(path, "2025-04-01") == openfisca.parameter(path, "2026-11-01") == 10_978.30


def _foreign_student(openfisca: Law, corrected: Law) -> None:
    home = {"statut_occupation_logement": "locataire_vide", "loyer": 500.0}
    student = {**STUDENT, "date_naissance": "2004-02-01"}
    abroad = _alone(home, **student, nationalite="CN", duree_possession_titre_sejour=2.0)
    # Without a grant (it is refused to them) the law gives nothing since July 2026; OpenFisca still pays.
    assert _amount(openfisca, abroad, "aide_logement") > 0
    assert _amount(corrected, abroad, "aide_logement") > 0


def _young_adult(openfisca: Law, corrected: Law) -> None:
    worker = {"date_naissance": "2004-02-01", **income("salaire", 1_400)}
    together = Household([Person("demandeur", {}), Person("enfant", worker)], FREE_TENANT)
    apart = Household([Person("demandeur", {})], FREE_TENANT)
    # Counted as a child of the famille or left out of it, the young adult does not give the parent the same ceiling.
    assert _amount(corrected, together, "cmu_c_plafond") != _amount(corrected, apart, "cmu_c_plafond")


def _self_employed(openfisca: Law, corrected: Law) -> None:
    # Micro-BNC: 34 % off the turnover, month by month; the yearly declared profit is not what the Caf takes.
    household = _alone(FREE_TENANT, **income("independant", 1_000))
    assert _amount(corrected, household, "rsa_base_ressources") == pytest.approx(660, abs=0.01)


def _hostel(openfisca: Law, corrected: Law) -> None:
    hostel = _alone({"statut_occupation_logement": "locataire_foyer", "loyer": 400.0})
    assert _amount(openfisca, hostel, "aide_logement_non_calculable") == "locataire_foyer"


def _nine_months(openfisca: Law, corrected: Law) -> None:
    entry = next(entry for entry in register() if entry.id == "avantages_residence_neuf_mois")
    # Nothing collected says how long the person was in France: supposed, said, and asked.
    assert not [item for item in INPUTS if "presence" in item.variable or "residence" in item.variable]
    assert entry.question


def _under_one_roof() -> Block:
    rent = {"statut_occupation_logement": "locataire_vide", "loyer": 500.0}
    apart = block_of([_alone(rent), _alone(rent)], NOVEMBER)
    roof = Membership(1, np.zeros(2, dtype=np.int64), np.array(["personne_de_reference", "autre"]))
    columns = {c: v[:1] if apart.entity_of[c] == "menage" else v for c, v in apart.columns.items()}
    return replace(apart, membership={**apart.membership, "menage": roof}, columns=columns)


def _hosted(openfisca: Law, corrected: Law) -> None:
    """Two people alone under one roof, each their own famille: the tenant, and a guest who pays no rent."""
    together = _under_one_roof()
    both = openfisca.evaluate(together, "aide_logement", str(NOVEMBER)).values
    assert both[0] == both[1] > 0
    tenant, guest = corrected.evaluate(together, "aide_logement", str(NOVEMBER)).values
    assert (tenant, guest) == (both[0], 0)
    sharing = {column: values.copy() for column, values in together.columns.items()}
    sharing["coloc", str(NOVEMBER)] = np.array([True])
    flat_share = corrected.evaluate(replace(together, columns=sharing), "aide_logement", str(NOVEMBER)).values
    assert flat_share[1] > 0


def _micro_enterprise(openfisca: Law, corrected: Law) -> None:
    """Two people alone, neighbours: one sells as a micro-enterprise, the other does nothing."""
    apart = block_of([_alone(), _alone()], NOVEMBER)
    sales = ("ebic_impv", "2026")
    block = replace(
        apart,
        columns={**apart.columns, sales: np.array([20_000.0, 0.0])},
        entity_of={**apart.entity_of, sales: "individu"},
    )
    both = openfisca.evaluate(block, "revenus_non_salarie_nets", "2026").values
    assert both[0] == both[1] > 0
    seller, neighbour = corrected.evaluate(block, "revenus_non_salarie_nets", "2026").values
    assert (seller, neighbour) == (both[0], 0)


def _student_on_their_own(openfisca: Law, corrected: Law) -> None:
    # Parents' income cannot be known: the law as coded gives the highest grant, so a person must check.
    assert _amount(corrected, _alone(**STUDENT), "bourse_criteres_sociaux") > 0
    (entry,) = corrections_of("bourse_crous", ("to_check",))
    assert entry.condition == "etudiant_autonome"
    assert entry.question


def _hosted_lump_sum(openfisca: Law, corrected: Law) -> None:
    """A tenant and a guest who pays no rent, both without income: the lump sum is taken off both RSA."""
    together = _under_one_roof()
    for law in (openfisca, corrected):
        assert law.evaluate(together, "rsa", str(NOVEMBER)).values == pytest.approx([573.49, 573.49], abs=0.01)
    low_pay = {
        ("salaire_net", str(month)): np.array([900.0, 900.0]) for month in months_between(NOVEMBER - 14, NOVEMBER)
    }
    paid = replace(together, columns={**together.columns, **low_pay})
    for law in (openfisca, corrected):
        tenant, guest = law.evaluate(paid, "ppa_forfait_logement", str(NOVEMBER)).values
        assert tenant == guest > 0


def _disabled_saver(openfisca: Law, corrected: Law) -> None:
    def saver(euros: float) -> Household:
        disabled = {"taux_incapacite": 0.85, "date_naissance": "1985-03-01", **income("salaire", 700)}
        return _alone(FREE_TENANT, **disabled, epargne_revenus_non_imposables=euros)

    without, with_savings = saver(0.0), saver(40_000.0)
    assert _amount(openfisca, with_savings, "aah") < _amount(openfisca, without, "aah")
    assert _amount(corrected, with_savings, "aah") == _amount(corrected, without, "aah") > 0
    # 3 % a year of 40,000 euros stay counted in the base of the RSA.
    bases = [_amount(corrected, one, "rsa_base_ressources") for one in (without, with_savings)]
    assert bases[1] - bases[0] == pytest.approx(40_000 * 0.03 / 12, abs=0.01)


def _other_parent(openfisca: Law, corrected: Law) -> None:
    def alone(**said: Any) -> Household:
        child = Person("enfant", {"date_naissance": "2018-02-01", **said})
        return Household([Person("demandeur", {"activite": "actif"}), child], FREE_TENANT)

    unsaid, paying = alone(), alone(asf_autre_parent=False)
    for law in (openfisca, corrected):
        assert _amount(law, unsaid, "asf") > 0
    assert _amount(corrected, paying, "asf") == 0
    # What the RSA took off for the allowance comes back.
    assert _amount(corrected, paying, "rsa") - _amount(corrected, unsaid, "rsa") == pytest.approx(
        _amount(corrected, unsaid, "rsa_forfait_asf"), abs=0.01
    )


def _twins(openfisca: Law, corrected: Law) -> None:
    def family(*births: str) -> Household:
        children = [Person("enfant", {"date_naissance": born}) for born in births]
        return Household([Person("demandeur", {"activite": "actif"}), *children], FREE_TENANT)

    alone, twins = family("2025-05-20"), family("2025-05-20", "2025-05-20")
    one = _amount(corrected, alone, "paje_base")
    assert one > 0
    assert _amount(openfisca, alone, "paje_base") == one
    assert _amount(openfisca, twins, "paje_base") == one
    assert _amount(corrected, twins, "paje_base") == pytest.approx(2 * one)
    # One allowance for children of several births; the next birth takes the place of the twins.
    assert _amount(corrected, family("2024-02-01", "2025-05-20"), "paje_base") == one
    assert _amount(corrected, family("2024-02-01", "2024-02-01", "2025-05-20"), "paje_base") == one
    assert _amount(corrected, family("2015-05-20", "2015-05-20"), "paje_base") == 0
    # The second one is a resource of the RSA, as the first.
    taken = _amount(corrected, alone, "rsa") - _amount(corrected, twins, "rsa")
    assert taken != 0


def _alternating_child(openfisca: Law, corrected: Law) -> None:
    child = Person("enfant", {"date_naissance": "2018-02-01", "garde_alternee": True})
    parent = Person("demandeur", {"activite": "actif"})
    # The allowance is not due, and the child counts whole in the RSA: nothing is told without a person's look.
    assert _amount(corrected, Household([parent, child]), "asf") > 0
    for right in ("rsa", "ppa", "asf"):
        assert "residence_alternee" in {entry.condition for entry in corrections_of(right, ("to_check",))}


def _not_computed(right: str) -> Case:
    def case(openfisca: Law, corrected: Law) -> None:
        assert right not in {computed.id for computed in computed_rights()}

    return case


CASES: dict[str, Case] = {
    "rsa_mois_de_reference": _reference_months,
    "rsa_trimestre": _held_three_months,
    "css_plafond_2025": _css_ceiling,
    "paje_cmg_ancien_bareme": _not_computed("paje_cmg"),
    "cheque_energie_regles_2025": _energy_cheque,
    "prime_noel_sans_enfant": _not_computed("prime_noel"),
    "asi_plafonds_2025": _asi_ceiling,
    "al_etudiant_hors_union": _foreign_student,
    "bourses_annee_des_revenus": _school_year_of_income,
    "css_jeune_adulte_au_foyer": _young_adult,
    "revenus_non_salarie_nets": _micro_enterprise,
    "avantages_residence_neuf_mois": _nine_months,
    "aide_logement_foyer": _hostel,
    "ppa_independants": _self_employed,
    "bourse_crous_ressources_parents": _student_grant,
    "aspa_asi_titre_de_sejour": _residence_permit,
    "aspa_inaptitude": _unfit_for_work,
    "css_minima_non_recus": _minima_not_received,
    "aide_logement_chomage": _two_months_without_work,
    "aide_logement_familles_hebergees": _hosted,
    "forfait_logement_familles_hebergees": _hosted_lump_sum,
    "aah_epargne": _disabled_saver,
    "asf_autre_parent": _other_parent,
    "paje_naissances_multiples": _twins,
    "residence_alternee": _alternating_child,
    "bourse_crous_etudiant_autonome": _student_on_their_own,
}


def test_every_entry_has_a_case() -> None:
    assert set(CASES) == {entry.id for entry in register()}


@pytest.mark.parametrize("identifier", CASES)
def test_case(identifier: str, openfisca: Law, corrected: Law) -> None:
    CASES[identifier](openfisca, corrected)
