"""Random households walked through the interview in random order: the results are those of a direct evaluation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

import numpy as np
import pytest

from allervers.foundation.money import euros
from allervers.foundation.periods import Month
from allervers.rights.interview.answers import FAMILY, Answers, Value
from allervers.rights.interview.conversation import Conversation, conversation
from allervers.rights.interview.explaining import why
from allervers.rights.interview.household import Household, Person
from allervers.rights.interview.live_law import LiveLaw, Places
from allervers.rights.interview.results import Result, results_of
from allervers.rights.interview.wording import SOURCES, PageAsked, pages, subjects, subjects_of
from random_households import random_household, rows_of, true_answers

pytestmark = pytest.mark.law

DEDUCED = {"date_naissance", "garde_alternee"}
"""Said with the household: never a page of their own."""


def test_every_input_that_the_law_may_ask_has_its_words(live_law: LiveLaw):
    for key, _entity in live_law.program.inputs():
        found = subjects_of(key.variable, yearly=len(key.period) == 4)
        assert found or key.variable in DEDUCED, f"wordings.toml: no subject fills {key.variable} for {key.period}"


def told(answers: Answers, truth: Answers, known: Conversation, page: PageAsked) -> Answers:
    if page.page == SOURCES:
        return answers.with_answer(SOURCES, page.row, truth.value(SOURCES, page.row))
    for subject in pages()[page.page]:
        for row in known.rows_of(page):
            answers = answers.with_answer(subject.id, row, truth.value(subject.id, row))
    return answers


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_answers_gives_what_the_law_computes(live_law: LiveLaw, seed: int):
    rng = Random(seed)
    household = random_household(rng, live_law.month)
    truth = true_answers(rng, household, live_law.month, live_law.towns)
    answers = Answers(household, live_law.month)
    asked = set()
    while True:
        with conversation(live_law, answers) as known:
            if not known.open_pages():
                assert known.open_rights == frozenset()
                found = known.bounds()
                break
            page = rng.choice(known.open_pages())
            assert page not in asked, f"{page} is asked again"
            if page.page != SOURCES and page.row != "tous":
                asked.add(page)
            answers = told(answers, truth, known, page)
    exact = live_law.program.run(live_law.household(truth).block, live_law.law.engine)
    for one in found:
        value = float(np.asarray(exact[one.asked], dtype=float)[one.row])
        assert one.low == pytest.approx(value, abs=0.011), (one.asked.variable, one.row)
        assert one.high == pytest.approx(value, abs=0.011), (one.asked.variable, one.row)


@pytest.mark.parametrize("seed", range(100, 106))
def test_partial_answers_never_exclude_the_truth(live_law: LiveLaw, seed: int):
    rng = Random(seed)
    household = random_household(rng, live_law.month)
    truth = true_answers(rng, household, live_law.month, live_law.towns)
    exact = live_law.program.run(live_law.household(truth).block, live_law.law.engine)
    answers = Answers(household, live_law.month)
    for _ in range(5):
        with conversation(live_law, answers) as known:
            for one in known.bounds():
                value = float(np.asarray(exact[one.asked], dtype=float)[one.row])
                assert one.low is None or (one.low - 0.01 <= value <= (one.high or 0) + 0.01), one
            step = known.step()
            if step.page is None:
                break
            answers = told(answers, truth, known, step.page)


def test_who_does_not_know_is_not_asked_again_and_is_told_to_check(live_law: LiveLaw):
    rng = Random(5)
    household = random_household(rng, live_law.month)
    answers = Answers(household, live_law.month)
    for _ in range(80):
        with conversation(live_law, answers) as known:
            step, found = known.step(), results_of(known)
        if step.page is None:
            break
        for row in step.rows:
            for subject in [SOURCES] if step.page.page == SOURCES else [s.id for s in pages()[step.page.page]]:
                answers = answers.with_answer(subject, row, None)
    assert step.page is None
    assert step.settled < step.total
    assert any(one.verdict == "check" for one in found)
    assert not any(one.is_settled for one in found if one.verdict == "check")


def test_a_place_lent_again_gives_what_a_new_one_gives(live_law: LiveLaw):
    rng = Random(11)
    household = random_household(rng, live_law.month)
    for _ in range(3):
        truth = true_answers(rng, household, live_law.month, live_law.towns)
        part = Answers(household, live_law.month, dict(rng.sample(sorted(truth.given.items()), 8)))
        fresh = replace(live_law, places=Places())
        for answers in (truth, part):
            with conversation(live_law, answers) as again, conversation(fresh, answers) as new:
                assert again.bounds() == new.bounds()
                assert again.open_pages() == new.open_pages()
                assert again.step() == new.step()


def plain(text: str) -> str:
    return "".join(text.split()).replace("\u202f", "")


@pytest.mark.parametrize("seed", [1, 4])
def test_an_explanation_begins_with_the_amount_of_the_engine(live_law: LiveLaw, seed: int):
    rng = Random(seed)
    household = random_household(rng, live_law.month)
    truth = true_answers(rng, household, live_law.month, live_law.towns)
    with conversation(live_law, truth) as known:
        told = [one for one in results_of(known) if one.verdict == "yes" and one.has_amount]
        assert told
        for one in told:
            asked = next(output for output, right in live_law.rights.items() if right.id == one.right.id)
            found = why(known, asked, one.row)
            assert found is not None
            assert plain(euros(round(one.low or 0, 2))) in plain(found.path[0]), (one.right.id, found.path[0])


def test_a_right_that_only_an_unasked_fact_closes_is_to_check_with_its_question(live_law: LiveLaw):
    rng = Random(3)
    month = live_law.month
    alone = Household((Person("p1", "Vous", "adult", 0, date(month.year - 40, 3, 1)),))
    answers = true_answers(rng, alone, month, live_law.towns).with_answer(SOURCES, "p1", ())
    for subject in subjects().values():
        if subject.source or subject.kind == "amount":
            row = rows_of(subject, alone)[0]
            answers = answers.with_answer(subject.id, row, (0.0, 0.0) if subject.yearly else 0.0)
    answers = answers.with_answer("activite", "p1", "inactif").with_answer("sejour", "p1", 1.0)
    answers = answers.with_answer("protection", "p1", None)
    answers = answers.with_answer("handicap", "p1", "0.0").with_answer("grossesse", "p1", False)
    answers = answers.with_answer("isolement", FAMILY, False)
    for nationality, verdict in (("MA", "check"), ("FR", "yes")):
        with conversation(live_law, answers.with_answer("nationalite", "p1", nationality)) as known:
            (rsa,) = [one for one in results_of(known) if one.right.id == "rsa"]
            assert rsa.verdict == verdict
            assert bool(rsa.question) is (verdict == "check")
            assert (rsa.low == 0) is (verdict == "check")
            assert (rsa.high or 0) > 500


def told_alone(month: Month, age: int, **said: Value) -> Answers:
    """Somebody alone without any income, who answers this of the rest."""
    return told_of(Household((Person("p1", "Vous", "adult", 0, date(month.year - age, 3, 1)),)), month, **said)


def told_of(household: Household, month: Month, **said: Value) -> Answers:
    """Persons without any income, who answer this of the rest."""
    answers = Answers(household, month)
    for person in household.persons:
        answers = answers.with_answer(SOURCES, person.id, ())
    for subject in subjects().values():
        for row in rows_of(subject, household):
            if subject.source or subject.kind in ("amount", "years"):
                answers = answers.with_answer(subject.id, row, (0.0, 0.0) if subject.yearly else 0.0)
            if subject.id == "protection":
                answers = answers.with_answer(subject.id, row, False)
            if subject.id in said:
                answers = answers.with_answer(subject.id, row, said[subject.id])
    return answers


STUDENT: dict[str, Value] = {"activite": "etudiant", "ecole": "enseignement_superieur", "etablissement": "public",
    "occupation": "locataire_vide", "loyer": 400.0, "coloc": False, "logement_chambre": False, "commune": "93066",
    "etat_civil": "celibataire", "handicap": "0.0", "grossesse": False}  # fmt: skip


def by_right(live_law: LiveLaw, answers: Answers) -> dict[str, Result]:
    with conversation(live_law, answers) as known:
        return {one.right.id: one for one in results_of(known)}


def test_what_a_fact_that_nobody_was_asked_may_close_is_to_check(live_law: LiveLaw):
    french = by_right(live_law, told_alone(live_law.month, 22, **STUDENT, nationalite="FR"))
    assert french["aides_logement"].verdict == "yes"
    for right, words in (("bourse_crous", "parents"), ("css_sans_participation", "parents")):
        assert (french[right].verdict, french[right].low) == ("check", 0.0)
        assert (french[right].high or 0) > 0
        assert words in french[right].question
    # Without a permit, every right has the question of the permit; with one, the housing aid that of the scholarship.
    for years, words in ((0.0, "titre de séjour"), (2.0, "boursier")):
        foreign = by_right(live_law, told_alone(live_law.month, 22, **STUDENT, nationalite="MA", sejour=years))
        assert (foreign["aides_logement"].verdict, foreign["aides_logement"].low) == ("check", 0.0)
        assert words in foreign["aides_logement"].question


def test_what_a_published_fact_hangs_on_is_asked_last(live_law: LiveLaw):
    month = live_law.month
    persons = [
        Person(f"p{n}", f"P{n}", role, 0, date(month.year - 40, 3, n)) for n, role in ((1, "adult"), (2, "partner"))
    ]
    answers = told_of(Household(tuple(persons), ("free",)), month, **INACTIVE)
    answers = answers.without("grossesse", "p1").without("grossesse", "p2")
    with conversation(live_law, answers) as known:
        assert known.open_rights == frozenset()
        step = known.step()
    assert (step.page, step.rows) == (PageAsked("grossesse", "tous"), ("p1", "p2"))
    assert set(step.reasons) == {"paje_naissance", "paje_base"}
    done = answers.with_answer("grossesse", "p1", False).with_answer("grossesse", "p2", False)
    with conversation(live_law, done) as known:
        assert known.step().page is None
        assert known.open_pages() == []


def test_the_cover_with_a_contribution_is_not_refused_while_the_free_one_is_doubtful(live_law: LiveLaw):
    answers = told_alone(live_law.month, 40, **INACTIVE)
    sure = by_right(live_law, answers)
    assert (sure["css_sans_participation"].verdict, sure["css_avec_participation"].verdict) == ("yes", "no")
    found = by_right(live_law, answers.with_answer(SOURCES, "p1", ("autre",)))
    assert {found[name].verdict for name in ("css_sans_participation", "css_avec_participation")} == {"check"}


def test_who_is_protected_needs_no_years_of_stay(live_law: LiveLaw):
    for protected, verdict in ((True, "yes"), (False, "no"), (None, "check")):
        answers = told_alone(live_law.month, 40, **{**INACTIVE, "nationalite": "MA"}, sejour=2.0)
        found = by_right(live_law, answers.with_answer("protection", "p1", protected))
        assert found["rsa"].verdict == verdict, protected
    french = by_right(live_law, told_alone(live_law.month, 40, **INACTIVE))
    answers = told_alone(live_law.month, 40, **{**INACTIVE, "nationalite": "MA"}, sejour=2.0)
    protected_now = by_right(live_law, answers.with_answer("protection", "p1", True))
    assert {name: (one.low, one.high) for name, one in protected_now.items()} == {
        name: (one.low, one.high) for name, one in french.items()
    }


INACTIVE: dict[str, Value] = {**STUDENT, "chambre": False, "activite": "inactif", "ecole": "inconnue",
    "etablissement": "inconnu", "nationalite": "FR"}  # fmt: skip


def test_savings_are_asked_once_for_the_family_and_count_for_three_percent_a_year(live_law: LiveLaw):
    without = by_right(live_law, told_alone(live_law.month, 40, **INACTIVE))["rsa"]
    saving = by_right(live_law, told_alone(live_law.month, 40, **INACTIVE, epargne=24_000.0))["rsa"]
    assert (without.low or 0) - (saving.low or 0) == pytest.approx(24_000 * 0.03 / 12, abs=0.011)
    asked = told_alone(live_law.month, 40, **INACTIVE).without("epargne", FAMILY)
    with conversation(live_law, asked) as known:
        assert known.open_pages() == [PageAsked("epargne", FAMILY)]
    unsure = by_right(live_law, asked.with_answer("epargne", FAMILY, None))["rsa"]
    assert (unsure.low or 0) < (saving.low or 0)
    assert unsure.high == without.high


def test_another_resource_without_amount_makes_what_reads_resources_to_check(live_law: LiveLaw):
    answers = told_alone(live_law.month, 40, **INACTIVE)
    found = by_right(live_law, answers.with_answer(SOURCES, "p1", ("autre",)))
    rsa = by_right(live_law, answers)["rsa"]
    assert (rsa.verdict, rsa.question) == ("yes", "")
    assert (found["rsa"].verdict, found["rsa"].low, found["rsa"].high) == ("check", 0.0, rsa.high)
    assert "autre ressource" in found["rsa"].question


@pytest.mark.parametrize(("said", "verdict"), [(None, "check"), (True, "check"), (False, "no")])
def test_a_birth_is_to_check_unless_nobody_is_pregnant(live_law: LiveLaw, said: Value, verdict: str):
    found = by_right(live_law, told_alone(live_law.month, 30, **{**STUDENT, "grossesse": said}, nationalite="FR"))
    assert {found[right].verdict for right in ("paje_naissance", "paje_base")} == {verdict}


@pytest.mark.parametrize(("activity", "verdict"), [(None, "check"), ("actif", "no")])
def test_who_may_study_may_have_the_student_grant_at_any_age_of_the_law(
    live_law: LiveLaw, activity: Value, verdict: str
):
    month = live_law.month
    parent = told_alone(month, 30, activite=activity, nationalite="FR")
    household = parent.household
    for year in (1, 2, 4):
        household = household.with_child(f"Enfant {year}", date(month.year - year, 3, 1))
    assert by_right(live_law, parent.with_household(household))["bourse_crous"].verdict == verdict


BORN_THIS_MONTH = Person("p2", "Tom", "child", 0, date(2026, 11, 20))


@pytest.mark.parametrize(("right", "others"), [("asf", ()), ("af", (2018,))])
def test_a_child_born_this_month_counts_from_the_next_and_it_is_said(live_law: LiveLaw, right: str, others: tuple):
    elder = tuple(Person(f"p{3 + n}", f"Aîné {n}", "child", 0, date(year, 5, 5)) for n, year in enumerate(others))
    mother = Person("p1", "Vous", "adult", 0, date(1990, 3, 1))
    said: dict[str, Value] = {"nationalite": "FR", "grossesse": False, "autre_parent": False, "activite": "inactif"}
    answers = told_of(Household((mother, BORN_THIS_MONTH, *elder)), live_law.month, **said)
    reason = reason_of(live_law, answers, right)
    assert "né ce mois-ci" in reason
    assert "à partir du mois qui suit" in reason


def test_a_prime_under_the_least_amount_paid_says_so(live_law: LiveLaw):
    least = live_law.law.parameter("prestations_sociales.solidarite_insertion.minima_sociaux.ppa.pa_m."
                                   "montant_minimum_verse", str(live_law.month.first_day))  # fmt: skip
    said: dict[str, Value] = {**STUDENT, "activite": "actif", "nationalite": "FR", "minima": False}
    reasons = set()
    for wage in range(2_150, 2_260, 10):
        worked = told_alone(live_law.month, 40, **said).with_answer(SOURCES, "p1", ("salaire",))
        worked = worked.with_answer("salaire", "p1", float(wage)).with_answer("salaire_an", "p1", (2e4, 2e4))
        if by_right(live_law, worked)["ppa"].verdict == "no":
            reasons.add(reason_of(live_law, worked, "ppa").partition(" (")[0])
    assert reasons == {f"Le montant calculé est sous {least:g} € par mois : il n'est pas versé.", "Vos ressources"}


def reason_of(live_law: LiveLaw, answers: Answers, right: str) -> str:
    asked = next(output for output, known in live_law.rights.items() if known.id == right)
    with conversation(live_law, answers) as known:
        found = why(known, asked, 0)
    assert found is not None, known.open_pages()
    return found.lines[0]
