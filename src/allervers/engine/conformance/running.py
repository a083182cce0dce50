"""A case run: by OpenFisca, then by the engine asked for, compared with each other and with what the case expects."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import Column
from allervers.engine.conformance.calculators import Calculator, calculator_for
from allervers.engine.conformance.cases import Case, Expected, Unreadable
from allervers.engine.conformance.comparing import gap, same_bits
from allervers.engine.conformance.kept import KeptCalculator
from allervers.engine.conformance.situations import Vocabulary, expected_in, situation_of
from allervers.engine.errors import NotReadHere, Untraceable
from allervers.engine.law import Changes
from allervers.engine.situation import Situation, SituationError
from allervers.foundation.errors import AllerVersError, InvalidInput

REFORM = re.compile(r"openfisca_france(\.[a-z_][a-z0-9_]*)*\.[a-zA-Z_][a-zA-Z0-9_]*")
"""The only reforms that are loaded: a file of tests does not choose what code runs."""


Values = Mapping[Column, NDArray[Any]]


class Status(StrEnum):
    """What became of a case."""

    PASSED = "passed"
    FAILED = "failed"
    """The engine misses an expected value that OpenFisca meets, differs from it, or broke."""
    OPENFISCA_FAILED = "openfisca_failed"
    """OpenFisca itself misses the expected value or cannot compute it; the engine does as OpenFisca does."""
    KNOWN = "known"
    """The same, listed with its reason (see known.py)."""
    UNREADABLE = "unreadable"
    UNTRACEABLE = "untraceable"
    LEFT = "left"
    """The engine leaves the situation, as it is written, to OpenFisca: the command and the service answer with it."""
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Miss:
    """A value that is not as it should be. `kind`: `openfisca` or `engine` misses the expected value; `different`: the
    two differ from each other; `order`: they differ only by what OpenFisca was asked before."""

    kind: str
    variable: str
    period: str
    instance: str | None
    expected: Any
    found: Any
    reason: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Values of a case: expected by it; met by OpenFisca; met by the engine; identical in both, bit for bit; identical
    once OpenFisca is asked for this value alone, but not in the order of the case."""

    expected: int = 0
    met_by_openfisca: int = 0
    met_by_engine: int = 0
    identical: int = 0
    identical_alone: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a case, and the seconds that each calculator took."""

    title: str
    status: Status
    reason: str = ""
    counts: Counts = Counts()
    misses: tuple[Miss, ...] = ()
    untraceable: tuple[str, str, str, int, str] | None = None
    """variable, period, file, line, reason."""
    seconds_openfisca: float = 0.0
    seconds_engine: float = 0.0


@dataclass(slots=True)
class Bench:
    """The calculators of a process: one pair for each set of reforms met, made once."""

    engine: str = "openfisca"
    kept_in: Path | None = None
    """Folder where OpenFisca's answers are kept from a run to the next."""
    plug: Callable[[str, Any], Calculator] = calculator_for
    _made: dict[tuple[str, ...], tuple[Vocabulary, Calculator, Calculator | None]] = field(default_factory=dict)

    def pair(self, reforms: tuple[str, ...]) -> tuple[Vocabulary, Calculator, Calculator | None]:
        """The law with these reforms, OpenFisca on it, and the engine on it (None when it is OpenFisca)."""
        if reforms not in self._made:
            from allervers.engine.conformance.stock import remembering_instants
            from allervers.engine.openfisca import OpenFiscaLaw

            formulas = tuple(":".join(reform.rsplit(".", 1)) for reform in reforms)
            law = remembering_instants(OpenFiscaLaw("openfisca", Changes(formulas=formulas)))
            engine = None if self.engine == "openfisca" else self.plug(self.engine, law)
            stock = calculator_for("openfisca", law)
            if self.kept_in is not None:
                stock = KeptCalculator(stock, self.kept_in, " ".join((law.version, *reforms)))
            self._made[reforms] = law, stock, engine
        return self._made[reforms]


class _Aside(Exception):
    """The case is not run."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def run_case(bench: Bench, case: Case | Unreadable) -> Result:
    """What becomes of a case. Never raises for what a case or a calculator does, but for an absent engine."""
    if isinstance(case, Unreadable):
        return Result(case.title, Status.UNREADABLE, case.reason)
    try:
        law, openfisca, engine = _calculators(bench, case)
        situation, expected = _understood(case, law)
    except _Aside as aside:
        return Result(case.title, aside.status, aside.reason)
    asked = tuple(dict.fromkeys((one.variable, one.period) for one in expected))
    start = time.perf_counter()
    try:
        stock = openfisca.calculate(situation, asked, case.max_spiral_loops)
    except Exception as error:
        # A formula may raise anything: it is the result of the case.
        return Result(case.title, Status.OPENFISCA_FAILED, _told(error), Counts(expected=len(expected)))
    middle = time.perf_counter()
    result = _beside_openfisca(_Compared(case, situation, expected, openfisca), stock, engine)
    return replace(
        result,
        seconds_openfisca=middle - start,
        seconds_engine=0.0 if engine is None else time.perf_counter() - middle,
    )


def _beside_openfisca(compared: _Compared, stock: Values, engine: Calculator | None) -> Result:
    case, expected = compared.case, len(compared.expected)
    misses = compared.misses("openfisca", stock)
    counts = Counts(expected=expected, met_by_openfisca=expected - len(misses))
    if engine is None:
        status = Status.OPENFISCA_FAILED if misses else Status.PASSED
        counts = replace(counts, met_by_engine=counts.met_by_openfisca, identical=expected)
        return Result(case.title, status, misses[0].reason if misses else "", counts, misses)
    try:
        ours = engine.calculate(compared.situation, tuple(stock), case.max_spiral_loops)
        missed, differences = compared.misses("engine", ours), compared.differences(stock, ours)
    except Untraceable as error:
        place = (error.variable, error.period, error.file, error.line, error.reason)
        return Result(case.title, Status.UNTRACEABLE, error.message, counts, misses, place)
    except NotReadHere as error:
        return Result(case.title, Status.LEFT, str(error), counts, misses)
    except Exception as error:
        # A defect of the engine is told with the case, and the rest goes on.
        return Result(case.title, Status.FAILED, f"moteur : {_told(error)}", counts, misses)
    different = [miss for miss in differences if miss.kind == "different"]
    counts = replace(
        counts,
        met_by_engine=expected - len(missed),
        identical=expected - len(differences),
        identical_alone=len(differences) - len(different),
    )
    known = {(miss.variable, miss.period, miss.instance) for miss in misses}
    newly_missed = [miss for miss in missed if (miss.variable, miss.period, miss.instance) not in known]
    told = (*different, *newly_missed, *misses, *(miss for miss in differences if miss.kind == "order"))
    if different or newly_missed:
        return Result(case.title, Status.FAILED, told[0].reason, counts, told)
    status = Status.OPENFISCA_FAILED if misses else Status.PASSED
    return Result(case.title, status, told[0].reason if misses else "", counts, told)


def _calculators(bench: Bench, case: Case) -> tuple[Vocabulary, Calculator, Calculator | None]:
    if case.extensions:
        raise _Aside(Status.SKIPPED, f"extension d'OpenFisca non gérée : {', '.join(case.extensions)}")
    if case.changes_parameters:
        raise _Aside(Status.SKIPPED, "paramètres de la loi réécrits dans le cas : non géré")
    foreign = [reform for reform in case.reforms if not REFORM.fullmatch(reform)]
    if foreign:
        raise _Aside(Status.SKIPPED, f"réforme hors d'openfisca_france : {', '.join(foreign)}")
    try:
        return bench.pair(case.reforms)
    except (ImportError, AttributeError) as error:
        if not case.reforms:
            raise
        raise _Aside(Status.SKIPPED, f"réforme absente d'openfisca_france : {str(error)[:200]}") from error


def _understood(case: Case, law: Vocabulary) -> tuple[Situation, list[Expected]]:
    try:
        situation, expected = situation_of(case, law), expected_in(case, law)
        _check_instances(situation, expected)
    except InvalidInput as error:
        raise _Aside(Status.UNREADABLE, error.message) from error
    if not expected:
        raise _Aside(Status.SKIPPED, "only_variables ou ignore_variables ne laissent rien à vérifier")
    return situation, expected


def _check_instances(situation: Situation, expected: list[Expected]) -> None:
    for one in expected:
        if one.plural is not None and one.instance not in situation[one.plural]:
            raise InvalidInput(f"« {one.variable} » : « {one.instance} » n'est pas dans « {one.plural} » du cas.")


@dataclass(frozen=True, slots=True)
class _Compared:
    """What a case expects, to be held against what was computed."""

    case: Case
    situation: Situation
    expected: list[Expected]
    openfisca: Calculator

    def misses(self, kind: str, values: Values) -> tuple[Miss, ...]:
        """The expected values that these do not meet."""
        found = []
        for one in self.expected:
            here = values[one.variable, one.period]
            if one.plural is not None:
                here = here[list(self.situation[one.plural]).index(str(one.instance))]
            absolute, relative = self.case.absolute.of(one.variable), self.case.relative.of(one.variable)
            reason = gap(here, one.value, absolute, relative)
            if reason:
                found.append(_miss(kind, one, one.value, here, reason))
        return tuple(found)

    def differences(self, stock: Values, ours: Values) -> tuple[Miss, ...]:
        """The expected values whose whole column the engine does not give as OpenFisca does, of kind `order` when
        OpenFisca gives the engine's column once this value is asked alone: its results depend on what was asked before.
        """
        found = []
        different = {key for key in stock if not same_bits(stock[key], ours[key])}
        order = {key for key in different if same_bits(self._alone(key), ours[key])}
        for one in self.expected:
            key = (one.variable, one.period)
            if key in order:
                found.append(
                    _miss("order", one, stock[key], ours[key], "OpenFisca, interrogé sur elle seule, est égal")
                )
            elif key in different:
                found.append(_miss("different", one, stock[key], ours[key], "le moteur diffère d'OpenFisca"))
        return tuple(found)

    def _alone(self, key: Column) -> NDArray[Any]:
        try:
            return self.openfisca.calculate(self.situation, (key,), self.case.max_spiral_loops)[key]
        except Exception:
            # What OpenFisca computes after another value only: equal to nothing.
            return np.array([])


def _miss(kind: str, one: Expected, expected: Any, found: Any, reason: str) -> Miss:
    return Miss(kind, one.variable, one.period, one.instance, _shown(expected), _shown(found), reason)


def _shown(value: Any) -> Any:
    """A value as JSON holds it, short."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list):
        return _shown(value[0]) if len(value) == 1 else [_shown(item) for item in value[:20]]
    return value if value is None or isinstance(value, bool | int | float) else str(value)[:200]


def _told(error: Exception) -> str:
    if isinstance(error, SituationError):
        return f"situation refusée par OpenFisca : {str(error.report)[:300]}"
    if isinstance(error, AllerVersError):
        return error.message
    return f"{type(error).__name__} : {str(error)[:300]}"
