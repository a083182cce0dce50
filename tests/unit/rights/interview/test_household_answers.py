"""Answers of a household: what is refused, what is forgotten, what a situation of the law is made of."""

from dataclasses import replace
from datetime import date

import pytest

from allervers.foundation.errors import InvalidInput
from allervers.foundation.periods import Month
from allervers.population.inputs import INCOMES
from allervers.rights.interview.answers import Answers
from allervers.rights.interview.facts import situations_said
from allervers.rights.interview.household import Household, Person, checked, named
from allervers.rights.interview.portable import as_document, as_text, from_text
from allervers.rights.interview.situation import groups_of, inputs_said
from allervers.rights.interview.wording import SOURCES, THEMES, pages, sources, subjects

MONTH = Month(2026, 11)
NADIA = Person("p1", "Nadia", "adult", 0, date(1988, 3, 1))
LINA = Person("p2", "Lina", "child", 0, date(2014, 5, 5), shared=True)


def answers(*persons: Person, bonds: tuple = ("none",)) -> Answers:
    return Answers(checked(Household(persons or (NADIA, LINA), bonds), MONTH), MONTH)


def person_of(found: Answers, identifier: str = "p1") -> dict:
    rows = [p.id for p in found.household.persons]
    return said_of(found, "individu", rows.index(identifier))


def said_of(found: Answers, entity: str, row: int = 0) -> dict:
    """Variable -> period -> value."""
    told: dict = {}
    for said in inputs_said(found):
        if said.item.entity == entity:
            values = said.by_row[row]
            values = values if isinstance(values, tuple) else (values,) * len(said.periods)
            told.setdefault(said.item.variable, {}).update(zip(said.periods, values, strict=True))
    return told


def test_what_is_not_answered_is_null_never_zero():
    found = person_of(answers())
    assert set(found["salaire_net"].values()) == {None}
    assert found["date_naissance"] == {"ETERNITY": date(1988, 3, 1)}


def test_a_net_wage_fills_its_three_forms_with_the_shares_of_the_house():
    told = answers().with_answer(SOURCES, "p1", ("salaire",)).with_answer("salaire", "p1", 780.0)
    found = person_of(told)
    assert found["salaire_net"]["2026-11"] == 780
    assert found["salaire_de_base"]["2026-11"] == pytest.approx(1_000)
    assert found["salaire_imposable"]["2026-11"] == pytest.approx(810)
    assert found["salaire_imposable"]["2025"] is None


@pytest.mark.parametrize("income", [i for i in INCOMES if i.net and i.nature != "maladie"], ids=lambda i: i.nature)
def test_factors_are_those_of_the_incomes(income):
    carries = subjects()[income.nature].carries
    low, high = income.spared
    assert subjects()[income.nature].spared == pytest.approx((low, high * income.net_share_of_gross))
    if income.gross in carries:
        assert carries[income.gross] == pytest.approx(1 / income.net_share_of_gross)
    if income.taxable in carries:
        share = income.taxable_share_of_gross / income.net_share_of_gross
        assert carries[income.taxable] == pytest.approx(share)


def test_a_small_pension_is_the_same_gross_and_net():
    pension = subjects()["retraite"]
    assert pension.carried("retraite_brute", 690.0) == 690.0
    assert pension.carried("retraite_brute", 1_860.0) == pytest.approx(2_000.0)
    between = [pension.carried("retraite_brute", float(net)) for net in range(1_200, 1_480)]
    assert all(1.0 <= gross / net <= 1 / 0.93 + 1e-9 for net, gross in zip(range(1_200, 1_480), between, strict=True))
    assert between == sorted(between)


def test_what_is_not_ticked_is_zero_for_months_and_years_because_the_person_said_so():
    found = person_of(answers().with_answer(SOURCES, "p1", ("chomage",)))
    assert set(found["salaire_net"].values()) == {0.0}
    assert found["salaire_imposable"]["2025"] == 0.0
    assert set(found["chomage_net"].values()) == {None}
    assert found["chomage_imposable"]["2025"] is None


def test_wages_and_daily_allowances_share_what_is_taxed():
    told = answers().with_answer(SOURCES, "p1", ("salaire", "maladie")).with_answer("salaire", "p1", 780.0)
    assert person_of(told)["salaire_imposable"]["2026-11"] is None
    told = told.with_answer("maladie", "p1", 100.0)
    assert person_of(told)["salaire_imposable"]["2026-11"] == pytest.approx(910)


def test_i_do_not_know_is_an_answer_and_stays_unknown():
    told = answers().with_answer(SOURCES, "p1", None).with_answer("occupation", "m", None)
    assert told.is_given("occupation", "m")
    assert set(said_of(told, "menage")["statut_occupation_logement"].values()) == {None}
    assert set(person_of(told)["salaire_net"].values()) == {None}


def test_what_the_composition_tells_is_not_asked():
    child = person_of(answers(), "p2")
    assert child["garde_alternee"]["2026-11"] is True
    assert set(child["salaire_net"].values()) == {0.0}
    assert child["activite"]["2026-11"] == "etudiant"
    assert person_of(answers())["garde_alternee"]["2026-11"] is False
    couple = answers(NADIA, Person("p3", "Karim", "partner", 0, date(1990, 1, 1)), bonds=("civil",))
    assert person_of(couple, "p3")["statut_marital"]["2026-11"] == "pacse"


def test_who_has_no_home_pays_no_rent():
    told = answers().with_answer("occupation", "m", "sans_domicile")
    assert set(said_of(told, "menage")["loyer"].values()) == {0.0}
    assert "sans_domicile" in situations_said(told)


def test_tax_units_follow_the_bond():
    karim = Person("p3", "Karim", "partner", 0, date(1990, 1, 1))
    grown = Person("p4", "Sam", "child", 0, date(2005, 1, 1), taxed_apart=True)
    units = {
        b: groups_of(answers(NADIA, karim, LINA, grown, bonds=(b,)).household)["foyers_fiscaux"]
        for b in ("married", "free")
    }
    assert [u["declarants"] for u in units["married"].values()] == [["p1", "p3"], ["p4"]]
    assert [u["declarants"] for u in units["free"].values()] == [["p1"], ["p3"], ["p4"]]
    assert units["free"]["i0"]["personnes_a_charge"] == ["p2"]


def test_answers_about_who_left_are_forgotten():
    told = answers().with_answer("activite", "p1", "actif").with_answer("nationalite", "p2", "FR")
    assert list(told.with_household(Household((NADIA,))).given) == ["activite:p1"]


def test_another_month_keeps_what_was_said_of_each_month():
    by_month = tuple(float(n) for n in range(15))
    told = answers().with_answer("salaire", "p1", by_month).with_answer("salaire_an", "p1", (1.0, 2.0))
    later = told.as_of(MONTH + 2)
    assert later.value("salaire", "p1") == (*by_month[2:], None, None)
    assert told.as_of(Month(2027, 1)).value("salaire_an", "p1") == (2.0, None)


@pytest.mark.parametrize(
    ("subject", "value"),
    [("salaire", -1.0), ("salaire", float("nan")), ("salaire", True), ("salaire", "12"), ("activite", "rentier"),
     ("grossesse", 1.0), ("salaire", (1.0, 2.0)), ("salaire_an", 3.0), ("rien", 1.0), ("sources", ("lingots",)),
     ("commune", "93066; DROP"), ("salaire", 1e9)],
)  # fmt: skip
def test_an_answer_that_does_not_fit_is_refused(subject, value):
    with pytest.raises(InvalidInput):
        answers().with_answer(subject, "p1", value)


@pytest.mark.parametrize(
    ("persons", "bonds"),
    [((), ("none",)), ((NADIA, NADIA), ("none",)), ((NADIA,), ("married",)), ((LINA,), ("none",)),
     ((NADIA, Person("p2", "Leo", "child", 0, date(1999, 1, 1))), ("none",)),
     ((NADIA, Person("p2", "Leo", "child", 0, date(2027, 1, 1))), ("none",)),
     ((Person("p1", "Leo", "adult", 0, date(2015, 1, 1)),), ("none",)),
     ((NADIA, Person("p2", "Leo", "child", 3, date(2015, 1, 1))), ("none",))],
)  # fmt: skip
def test_a_household_that_does_not_hold_together_is_refused(persons, bonds):
    with pytest.raises(InvalidInput):
        checked(Household(persons, bonds), MONTH)


def test_names_are_told_apart():
    twins = (NADIA, Person("p2", "Nadia", "child", 0, None), Person("p3", "Nadia", "child", 0, None))
    assert list(named(twins).values()) == ["Nadia", "Nadia 2", "Nadia 3"]


def test_a_document_comes_back_as_it_left():
    told = answers().with_answer("salaire", "p1", 700.5).with_answer("occupation", "m", None)
    told = told.with_answer(SOURCES, "p1", ("salaire",)).with_answer("salaire_an", "p1", (1.0, None))
    assert from_text(as_text(told)) == told


@pytest.mark.parametrize(
    "change",
    [{"allervers": 2}, {"month": "hier"}, {"persons": []}, {"persons": [["p1"]]}, {"bonds": ["amis"]}, {"bonds": []},
     {"answers": {"salaire:p9": 1}}, {"answers": {"salaire:p1": {"a": 1}}}, {"answers": {"salaire:p1": [[1]]}},
     {"answers": [1]}, {"persons": [["p1", "x" * 41, "adult", 0, None, 0, 0]]},
     {"persons": [["<b>", "x", "adult", 0, None, 0, 0]]}, {"answers": {f"a{n}:p1": 1 for n in range(700)}}],
)  # fmt: skip
def test_a_hostile_document_is_refused(change):
    import json

    with pytest.raises(InvalidInput):
        from_text(json.dumps(as_document(answers()) | change))


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", "[" * 50_000, "x" * 70_000])
def test_what_is_no_document_is_refused(text):
    with pytest.raises(InvalidInput):
        from_text(text)


def test_the_table_of_words_is_whole():
    with_amount = {s.source for s in subjects().values()} - {""}
    assert with_amount == {one.id for one in sources().values() if not one.question}
    for subject in subjects().values():
        assert subject.title.endswith("?"), subject.id
        assert subject.kind != "choice" or subject.choices or subject.id == "commune", subject.id
        assert subject.kind not in ("amount", "yes_no") or subject.label, subject.id
        assert not subject.after or subject.after in subjects(), subject.id
    assert all(len({s.theme for s in of}) == 1 for of in pages().values())
    assert {of[0].theme for of in pages().values()} == set(THEMES)


def test_who_takes_the_place_of_somebody_has_none_of_their_answers():
    told = answers().with_answer("activite", "p1", "retraite").with_answer("epargne", "f", 5.0)
    first = told.household.persons[0]
    renamed = replace(first, name="Autre nom")
    other = replace(renamed, born=date(1995, 5, 5))
    for person, kept in ((renamed, True), (replace(first, born=date(1995, 5, 5)), True), (other, False)):
        household = replace(told.household, persons=(person, *told.household.persons[1:]))
        assert told.with_household(household).is_given("activite", "p1") is kept
