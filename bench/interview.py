"""The simulator's own interview against a fixed form: a size is a number of synthetic households.

Each household says who lives together and where, then answers the pages that the interview asks, in its order, until
none is left. « Je ne sais pas » is never said. The fixed form asks of the same household everything that the law may
read of it and that its composition does not tell (see `interview.situation.deduced`), with the skips of a good paper
form: amounts for the kinds of income that were ticked, years of stay for foreigners, restriction of work for who has a
recognised rate. A question is a subject for a row (all its months together: one), a page what is asked at once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from allervers.foundation.periods import Month
from allervers.population.synthetic.make import make_population
from allervers.rights.interview.answers import DWELLING, FAMILY, Answers
from allervers.rights.interview.conversation import Conversation, conversation
from allervers.rights.interview.live_law import LiveLaw, law_of_month
from allervers.rights.interview.prefilled import prefilled
from allervers.rights.interview.wording import EVERYBODY, SOURCES, PageAsked, pages, subjects
from allervers.territory.communes import communes
from bench.resumable import told_one_by_one

MONTH = Month(2026, 11)
UNION = frozenset({"DE", "BE", "ES", "IT", "PL", "PT", "RO"})
CENT = 0.011
MOST_STEPS = 300


class Told(NamedTuple):
    """One household: questions and pages of the fixed form, of the interview, questions that the household could not
    answer, rights left open, rights that differ from what the law computes on all its answers, CPU milliseconds of
    each step."""

    form: int
    form_pages: int
    asked: int
    asked_pages: int
    unanswered: int
    left_open: int
    differing: int
    persons: int
    ms: list[float]


def prepare(size: int, folder: Path) -> None:
    """Make the population, trace and store the law."""
    make_population(households=size, seed=1, month=MONTH, departement="93", folder=folder / "population")
    _law()


def measure(size: int, folder: Path) -> dict[str, Any]:
    """Walk each household through the interview."""
    return summed([Told(*one) for one in told_one_by_one(folder, size, _start, _told)])


def summed(told: Sequence[Told]) -> dict[str, Any]:
    """The columns of the table."""
    ms = np.concatenate([one.ms for one in told])
    found: dict[str, Any] = {
        "seconds": float(ms.sum() / 1_000),
        "ménages": len(told),
        "droits laissés ouverts": sum(one.left_open for one in told),
        "droits qui diffèrent du calcul direct": sum(one.differing for one in told),
        "sans réponse": sum(one.unanswered for one in told),
    }
    for label, form, asked in (
        ("questions", [one.form for one in told], [one.asked for one in told]),
        ("pages", [one.form_pages for one in told], [one.asked_pages for one in told]),
    ):
        found[f"{label} du formulaire, moyenne"] = float(np.mean(form))
        found[f"{label} du formulaire, déciles 1 / 5 / 9"] = _deciles(form)
        found[f"{label} posées, moyenne"] = float(np.mean(asked))
        found[f"{label} posées, déciles 1 / 5 / 9"] = _deciles(asked)
        found[f"{label}, part posée"] = f"{100 * sum(asked) / sum(form):.0f} %"
    found["ms de calcul par page, médiane"] = float(np.median(ms))
    found["ms, 95 %"] = float(np.quantile(ms, 0.95))
    return found


def _deciles(values: Sequence[int]) -> str:
    return " / ".join(f"{q:.0f}" for q in np.quantile(values, [0.1, 0.5, 0.9]))


# --- the households ---


class _Work(NamedTuple):
    """What a process needs to interview a household."""

    live: LiveLaw
    people: pl.DataFrame
    families: pl.DataFrame
    homes: pl.DataFrame


_work: list[_Work] = []


def _start(folder: Path) -> None:
    frames = (pl.read_parquet(folder / "population" / f"{name}.parquet") for name in ("individu", "famille", "menage"))
    _work.append(_Work(_law(), *frames))


def _law() -> LiveLaw:
    return law_of_month(MONTH, tuple(one.code for one in communes("93", 2026)))


def _told(number: int) -> Told:
    (work,) = _work
    home = work.homes.row(number, named=True)
    people = work.people.filter(pl.col("menage_id") == home["id"]).to_dicts()
    mine = {row["famille_id"] for row in people}
    families = {row["id"]: row for row in work.families.filter(pl.col("id").is_in(mine)).to_dicts()}
    known = prefilled(people, families, home, MONTH, names={}, union=UNION)
    if known is None or known.partial or known.unsure:
        raise RuntimeError(f"ménage n° {number} : les données synthétiques ne disent pas tout")
    # The direct computation counts the minima that the law gives as received; nobody there saves, nor is
    # protected, and whoever is alone with a child has the family support.
    truth = known.answers.with_answer("minima", FAMILY, True).with_answer("epargne", FAMILY, 0.0)
    for person in truth.household.persons:
        truth = truth.with_answer("protection", person.id, False)
        if person.role == "child" and truth.household.bonds[person.family] == "none":
            truth = truth.with_answer("autre_parent", person.id, True)
    return walked(work.live, truth)


def walked(live: LiveLaw, truth: Answers) -> Told:
    """The interview of a household that has an answer to everything. Raises RuntimeError when it does not end."""
    answers = Answers(truth.household, MONTH).with_answer("commune", DWELLING, truth.value("commune", DWELLING))
    at_start = set(answers.given)
    theme, asked_pages, unanswered = "", 0, 0
    ms: list[float] = []
    for _ in range(MOST_STEPS):
        start = time.process_time()
        with conversation(live, answers) as known:
            step = known.step(theme)
            left_open = len(known.open_rights)
            differing = _differing(known, truth) if step.page is None else 0
        ms.append(1_000 * (time.process_time() - start))
        if step.page is None:
            form = form_of(truth) - at_start
            asked = sum(1 for name in answers.given if name not in at_start and truth.given.get(name) is not None)
            return Told(
                len(form), len({_page_of(name) for name in form}), asked, asked_pages, unanswered, left_open,
                differing, len(truth.household.persons), ms,
            )  # fmt: skip
        theme, asked_pages = step.page.theme, asked_pages + 1
        answers, lacking = _answered(answers, truth, step.page, step.rows)
        unanswered += lacking
    raise RuntimeError("l'entretien ne finit pas")


def _answered(answers: Answers, truth: Answers, page: PageAsked, rows: Sequence[str]) -> tuple[Answers, int]:
    """With the answers of a page, and how many of them the household does not have."""
    lacking = 0
    for name in [SOURCES] if page.page == SOURCES else [one.id for one in pages()[page.page]]:
        for row in rows:
            value = truth.value(name, row)
            source = "" if name == SOURCES else subjects()[name].source
            lacking += value is None and not (source and truth.had(source, row) is False)
            answers = answers.with_answer(name, row, value)
    return answers, lacking


# --- the fixed form ---


def form_of(truth: Answers) -> set[str]:
    """The answers that a fixed form asks of a household: all that it has, but those that a skip rule spares it."""
    return {name for name in truth.given if not _is_skipped(truth, name)}


def _is_skipped(truth: Answers, name: str) -> bool:
    subject, _, row = name.partition(":")
    if subject == "minima":
        return True  # what no fixed form asks
    if subject in ("sejour", "protection"):
        return truth.value("nationalite", row) == "FR"
    return subject == "restriction" and truth.value("handicap", row) == "0.0"


def _page_of(name: str) -> PageAsked:
    subject, _, row = name.partition(":")
    if subject == SOURCES:
        return PageAsked(SOURCES, row)
    one = subjects()[subject]
    return PageAsked(one.page, EVERYBODY if one.together else row)


def _differing(known: Conversation, truth: Answers) -> int:
    """Rights and rows whose result is not what the law computes directly on every answer of the household."""
    live = known.live
    exact = live.program.run(live.household(truth).block, live.law.engine)
    values = ((one, float(np.asarray(exact[one.asked], dtype=float)[one.row])) for one in known.bounds())
    return sum(
        one.low is None or one.high is None or abs(one.low - value) > CENT or abs(one.high - value) > CENT
        for one, value in values
    )
