"""Random households walked through the interview in random order: the results are those of a direct evaluation."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from allervers.rights.interview.answers import Answers
from allervers.rights.interview.conversation import Conversation
from allervers.rights.interview.live_law import LiveLaw
from allervers.rights.interview.results import results_of
from allervers.rights.interview.wording import SOURCES, PageAsked, pages, subjects_of
from random_households import random_household, true_answers

pytestmark = pytest.mark.law

DEDUCED = {"date_naissance", "garde_alternee"}
"""Said with the household: never a page of their own."""


def test_every_input_that_the_law_may_ask_has_its_words(live_law: LiveLaw):
    for key, _entity in live_law.program.inputs():
        found = subjects_of(key.variable, yearly=len(key.period) == 4)
        assert found or key.variable in DEDUCED, f"wordings.toml: no subject fills {key.variable} for {key.period}"


def told(answers: Answers, truth: Answers, conversation: Conversation, page: PageAsked) -> Answers:
    if page.page == SOURCES:
        return answers.with_answer(SOURCES, page.row, truth.value(SOURCES, page.row))
    for subject in pages()[page.page]:
        for row in conversation.rows_of(page):
            answers = answers.with_answer(subject.id, row, truth.value(subject.id, row))
    return answers


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_answers_gives_what_the_law_computes(live_law: LiveLaw, seed: int):
    rng = Random(seed)
    household = random_household(rng, live_law.month)
    truth = true_answers(rng, household, live_law.month, live_law.towns)
    answers = Answers(household, live_law.month)
    asked = set()
    while (conversation := Conversation(live_law, answers)).open_pages():
        page = rng.choice(conversation.open_pages())
        assert page not in asked, f"{page} is asked again"
        if page.page != SOURCES and page.row != "tous":
            asked.add(page)
        answers = told(answers, truth, conversation, page)
    assert conversation.open_rights == frozenset()
    exact = live_law.program.run(live_law.household(truth).block, live_law.law.engine)
    for one in conversation.bounds():
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
        conversation = Conversation(live_law, answers)
        for one in conversation.bounds():
            value = float(np.asarray(exact[one.asked], dtype=float)[one.row])
            assert one.low is None or (one.low - 0.01 <= value <= (one.high or 0) + 0.01), one
        step = conversation.step()
        if step.page is None:
            break
        answers = told(answers, truth, conversation, step.page)


def test_who_does_not_know_is_not_asked_again_and_is_told_to_check(live_law: LiveLaw):
    rng = Random(5)
    household = random_household(rng, live_law.month)
    answers = Answers(household, live_law.month)
    for _ in range(80):
        conversation = Conversation(live_law, answers)
        step = conversation.step()
        if step.page is None:
            break
        for row in conversation.rows_of(step.page):
            for subject in [SOURCES] if step.page.page == SOURCES else [s.id for s in pages()[step.page.page]]:
                answers = answers.with_answer(subject, row, None)
    assert step.page is None
    assert step.settled < step.total
    found = results_of(conversation)
    assert any(one.verdict == "check" for one in found)
    assert not any(one.is_settled for one in found if one.verdict == "check")
