"""What partners know, as answers: null is not asked, never zero; some months are a proposal; no couple is guessed."""

from __future__ import annotations

from datetime import date

import pytest

from allervers.foundation.periods import Month
from allervers.rights.interview.answers import history
from allervers.rights.interview.prefilled import differs, prefilled
from allervers.rights.interview.wording import sources, subjects

MONTH = Month(2026, 11)


def person(name, role="demandeur", born=date(1980, 5, 3), family="f", **cells):
    return {"id": name, "famille_id": family, "famille_role": role, "date_naissance": born} | cells


def monthly(variable, *values):
    values = values * 15 if len(values) == 1 else values
    return {f"{variable}@{month}": value for month, value in zip(history(MONTH), values, strict=True)}


def filled(*people, home=None):
    return prefilled(people, {}, home or {}, MONTH, names={}, union=("PT",))


def incomes(*, zero=()):
    """Every column of these kinds of income, at zero."""
    found = {}
    for subject in subjects().values():
        if subject.source in zero:
            variable = subject.variables[0]
            found |= {f"{variable}@2024": 0.0, f"{variable}@2025": 0.0} if subject.yearly else monthly(variable, 0.0)
    return found


def test_null_is_not_asked_and_zero_is_zero():
    given = filled(person("a"), home=monthly("loyer", 0.0) | monthly("coloc", None)).answers.given
    assert given == {"loyer:m": 0.0}


def test_some_months_are_a_proposal():
    found = filled(person("a", **monthly("activite", *[None] * 14, "actif")))
    assert "activite:p1" not in found.answers.given
    assert found.partial["activite:p1"] == (None,) * 14 + ("actif",)


def test_a_kind_of_income_is_not_had_only_when_each_amount_is_zero():
    every = filled(person("a", **incomes(zero=sources())))
    assert every.answers.given == {"sources:p1": ()}
    but_one = filled(person("a", **incomes(zero=set(sources()) - {"chomage"})))
    assert not but_one.answers.given
    assert not but_one.partial
    wage = filled(person("a", **{**incomes(zero=set(sources()) - {"chomage"}), **monthly("salaire_net", 900.0)}))
    assert wage.answers.given == {"salaire:p1": 900.0, "salaire_an:p1": (0.0, 0.0)}
    assert wage.partial == {"sources:p1": ("salaire",)}


@pytest.mark.parametrize(("cell", "answer"), [("FR", "FR"), ("PT", "PT"), ("DZ", "MA")])
def test_nationality_as_the_law_tells_them_apart(cell, answer):
    assert filled(person("a", **monthly("nationalite", cell))).answers.given["nationalite:p1"] == answer


@pytest.mark.parametrize(("cell", "answer"), [(0.0, "0.0"), (0.49, "0.0"), (0.5, "0.5"), (0.79, "0.5"), (0.95, "0.8")])
def test_a_rate_of_disability_as_its_class(cell, answer):
    assert filled(person("a", **monthly("taux_incapacite", cell))).answers.given["handicap:p1"] == answer


def test_a_value_that_is_no_answer_is_not_known():
    assert "occupation:m" not in filled(person("a"), home=monthly("statut_occupation_logement", "x")).answers.given


@pytest.mark.parametrize(
    ("status", "bond", "is_unsure"),
    [("marie", "married", False), ("pacse", "civil", False), ("celibataire", "free", False), (None, "free", True)],
)
def test_a_couple_is_not_guessed(status, bond, is_unsure):
    found = filled(*(person(n, r, statut_marital=1, **{f"statut_marital@{MONTH}": status})
                     for n, r in (("a", "demandeur"), ("b", "conjoint"))))  # fmt: skip
    assert [p.role for p in found.answers.household.persons] == ["adult", "partner"]
    assert found.answers.household.bonds == (bond,)
    assert (0 in found.unsure) == is_unsure


def test_the_family_of_the_dwelling_comes_first_and_a_child_to_come_is_nobody_yet():
    found = filled(
        person("host", family="g", menage_role="autre"),
        person("a", menage_role="personne_de_reference"),
        person("c", "enfant", date(2020, 1, 1)),
        person("d", "enfant", date(2027, 1, 1)),
    )
    assert found.rows == {"a": "p1", "c": "p2", "host": "p3"}


def test_the_rent_stays_that_of_who_rents_when_another_family_is_seen_first():
    host = person("host", menage_role="personne_de_reference", **monthly("nationalite", "FR"))
    found = filled(host, person("guest", family="g", menage_role="autre"), home=monthly("loyer", 500.0)).seen_by(1)
    assert [one.id for one in found.answers.household.family(0)] == ["p2"]
    assert found.answers.given == {"loyer:m1": 500.0, "nationalite:p1": "FR"}
    assert found.seen_by(1).answers.given["loyer:m"] == 500.0


def test_persons_that_are_not_open_give_nothing():
    assert filled({"id": "a"}, home=monthly("loyer", 500.0)) is None


@pytest.mark.parametrize(
    ("value", "datum", "is_partial", "told"),
    [(600.0, 600.2, False, False), (600.0, 650.0, False, True), (None, 650.0, False, False),
     (650.0, (600.0,) * 15, False, True), ("actif", (None,) * 14 + ("actif",), True, False),
     (("salaire",), ("salaire", "chomage"), False, True), (("salaire", "chomage"), ("salaire",), True, False),
     ((), ("salaire",), True, True), (True, False, False, True)],
)  # fmt: skip
def test_what_differs(value, datum, is_partial, told):
    assert differs(value, datum, is_partial=is_partial) is told


def test_children_without_a_name_are_numbered_as_in_the_form():
    found = filled(person("a"), person("c", "enfant", date(2014, 1, 1)), person("d", "enfant", date(2020, 1, 1)))
    assert [one.name for one in found.answers.household.persons] == ["Personne 1", "Enfant 1", "Enfant 2"]
