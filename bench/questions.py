"""Questions asked until every computed right is settled, against asking everything: a size is a number of households.

Known at the start: who lives together, and their dates of birth. Each answer is what the synthetic household has. Each
household told is kept in the folder (counts and durations alone): a measure that was stopped goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import Block
from allervers.engine.compiled_law import CompiledLaw
from allervers.engine.domains import Domains
from allervers.engine.enclosure.program import BoundsProgram
from allervers.engine.law import Wanted
from allervers.engine.necessary import candidate_facts
from allervers.engine.program import Program
from allervers.engine.questions import Interview
from allervers.foundation.periods import Month
from allervers.population.checks import read_population
from allervers.population.folder import Population
from allervers.population.ranges import stated_ranges
from allervers.population.synthetic.make import make_population
from allervers.rights.catalogue import computed_rights
from allervers.rights.corrections import corrected_law
from bench.resumable import told_one_by_one

MONTH = Month(2026, 11)
KNOWN = "date_naissance"


class Told(NamedTuple):
    """One household: questions in all, asked, rights that differ from what the law computes on its true values (an
    answer outside of its stated range may do that), milliseconds from each answer to the next question."""

    every: int
    asked: int
    differing: int
    ms: list[float]


def prepare(size: int, folder: Path) -> None:
    """Make the population, trace and store the program."""
    make_population(households=size, seed=1, month=MONTH, departement="93", folder=folder / "population")
    _program(_population(folder))


def measure(size: int, folder: Path) -> dict[str, Any]:
    """Interview each household until its rights are settled, one process by core, those already told left out."""
    count = min(size, len(np.unique(_population(folder).component())))
    return summed([Told(*one) for one in told_one_by_one(folder, count, _start, _told)])


class _Work(NamedTuple):
    """What a process needs to interview a household."""

    bounds: BoundsProgram
    stated: Domains
    population: Population
    labels: NDArray[np.int64]


_work: list[_Work] = []


def _start(folder: Path) -> None:
    population = _population(folder)
    _work.append(_Work(BoundsProgram(_program(population)), _stated(population), population, population.component()))


def _told(number: int) -> Told:
    (work,) = _work
    rows = np.flatnonzero(work.labels == np.unique(work.labels)[number])
    try:
        return interviewed(work.bounds, work.population.block(rows)[0], work.stated)
    except RuntimeError as error:
        raise RuntimeError(f"ménage n° {number} : {error}") from error


def summed(told: Sequence[Told]) -> dict[str, Any]:
    """The columns of the table."""
    every = np.array([one.every for one in told], dtype=float)
    asked = np.array([one.asked for one in told], dtype=float)
    ms = np.concatenate([one.ms for one in told])
    share = asked / every
    return {
        "seconds": float(ms.sum() / 1_000),
        "droits qui diffèrent de la loi": sum(one.differing for one in told),
        "questions en tout": float(every.mean()),
        "posées": float(asked.mean()),
        "part posée": f"{100 * asked.sum() / every.sum():.0f} %",
        "part, déciles 1 / 5 / 9": " / ".join(f"{100 * q:.0f} %" for q in np.quantile(share, [0.1, 0.5, 0.9])),
        "posées, déciles 1 / 5 / 9": " / ".join(f"{q:.0f}" for q in np.quantile(asked, [0.1, 0.5, 0.9])),
        "ms par question, médiane": float(np.median(ms)),
        "ms, 95 %": float(np.quantile(ms, 0.95)),
    }


def interviewed(bounds: BoundsProgram, household: Block, stated: Domains) -> Told:
    """The interview of a household. Raises RuntimeError when rights are left open."""
    blank = {c: np.ones(len(v), dtype=bool) for c, v in household.columns.items() if c[0] != KNOWN}
    interview = Interview(bounds, replace(household, unknown=blank), stated)
    every = len({(key.variable, int(row), len(key.period)) for key, one in interview.possible.items()
                 for row in np.flatnonzero(one.is_open)})  # fmt: skip
    ms: list[float] = []
    question = interview.next_question()
    while question is not None:
        answers = {
            period: household.columns[question.variable, period][question.row]
            for period in interview.periods_of(question)
        }
        start = time.perf_counter()
        interview.answer(question, answers)
        question = interview.next_question()
        ms.append(1_000 * (time.perf_counter() - start))
    if interview.open_rights():
        raise RuntimeError("des droits restent ouverts sans question")
    return Told(every, len(ms), _differing(interview, household), ms)


def _differing(interview: Interview, household: Block) -> int:
    values = interview.program.run(household)
    return sum(int(np.count_nonzero(bound.low != values[asked])) for asked, bound in interview.current.items())


def _population(folder: Path) -> Population:
    return read_population(folder / "population", _law().variable)


def _law() -> CompiledLaw:
    return CompiledLaw("corrected", corrected_law())


def _program(population: Population) -> Program:
    law = _law()
    block, _rows = next(iter(population.blocks(10)))
    outputs = [r.computation.output for r in computed_rights() if r.computation is not None]
    return law.program(candidate_facts(block.columns, law.variable), [Wanted(name, str(MONTH)) for name in outputs])


def _stated(population: Population) -> Domains:
    block, _rows = next(iter(population.blocks(1_000)))
    towns = sorted({str(town) for town in block.columns["depcom", str(MONTH)].tolist()})
    return stated_ranges(block.columns, towns=towns, last_birth=date(MONTH.year, MONTH.month, 30))
