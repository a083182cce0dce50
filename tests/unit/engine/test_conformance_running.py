"""What becomes of a case, with calculators of no law: passed, failed, refused, broken; then the counts."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allervers.engine.conformance.calculators import ENGINES, calculator_for
from allervers.engine.conformance.cases import Unreadable, case_in
from allervers.engine.conformance.comparing import same_bits
from allervers.engine.conformance.kept import KeptCalculator
from allervers.engine.conformance.known import read_known, read_treatments, with_known
from allervers.engine.conformance.pool import spread
from allervers.engine.conformance.report import as_json, summary_of
from allervers.engine.conformance.running import Bench, Result, Status, run_case
from allervers.engine.conformance.variables import Traced, TraceReport, drift, read_list, trace_one, with_treatments
from allervers.engine.conformance.variables import as_json as list_as_json
from allervers.engine.errors import NotReadHere, Untraceable
from allervers.engine.variables import Variable
from allervers.foundation.errors import AllerVersError, InvalidInput, NotFound

STOP = Untraceable("rsa", "2026-01", "openfisca_france/model/x.py", 12, "branche sur des données")


class Words:
    """One variable of a family, by month."""

    def variable(self, name: str) -> Variable:
        if name not in {"rsa", "ppa"}:
            raise InvalidInput(f"« {name} » inconnue.")
        return Variable(name, name, "famille", "float", "month", None, (), False, True)


class Fixed:
    """Gives these values, or raises."""

    def __init__(self, *values: float, error: Exception | None = None) -> None:
        self.values, self.error = values, error
        self.loops: list[int | None] = []

    def calculate(self, situation: Any, asked: Sequence[Any], max_spiral_loops: int | None = None) -> Mapping[Any, Any]:
        self.loops.append(max_spiral_loops)
        if self.error:
            raise self.error
        return {key: np.array(self.values, dtype=np.float32) for key in asked}


def _run(stock: Fixed, engine: Fixed | None, output: Any = None, **more: Any) -> Result:
    bench = Bench("numpy")
    bench._made[()] = Words(), stock, engine
    document = {"period": "2026-01", "input": {"rsa": None}, "output": output or {"rsa": 600}, **more}
    return run_case(bench, case_in(document, "f.yaml", 1))


@pytest.mark.parametrize(
    ("stock", "engine", "status", "counts"),
    [
        (Fixed(600), None, Status.PASSED, (1, 1, 1, 1)),
        (Fixed(601), None, Status.OPENFISCA_FAILED, (1, 0, 0, 1)),
        (Fixed(600), Fixed(600), Status.PASSED, (1, 1, 1, 1)),
        (Fixed(600), Fixed(601), Status.FAILED, (1, 1, 0, 0)),
        (Fixed(601), Fixed(601), Status.OPENFISCA_FAILED, (1, 0, 0, 1)),
        (Fixed(601), Fixed(600), Status.FAILED, (1, 0, 1, 0)),  # right by chance is still another result
        (Fixed(600), Fixed(error=STOP), Status.UNTRACEABLE, (1, 1, 0, 0)),
        (Fixed(600), Fixed(error=ZeroDivisionError("x")), Status.FAILED, (1, 1, 0, 0)),
        (Fixed(600), Fixed(600, 600), Status.FAILED, (1, 1, 1, 0)),
        (Fixed(error=InvalidInput("non")), Fixed(600), Status.OPENFISCA_FAILED, (1, 0, 0, 0)),
        (Fixed(error=KeyError("x")), Fixed(600), Status.OPENFISCA_FAILED, (1, 0, 0, 0)),
    ],
)
def test_what_becomes_of_a_case(stock: Fixed, engine: Fixed | None, status: Status, counts: tuple[int, ...]) -> None:
    result = _run(stock, engine)
    found = result.counts
    assert result.status is status, result
    assert (found.expected, found.met_by_openfisca, found.met_by_engine, found.identical) == counts
    assert (result.reason == "") == (status is Status.PASSED)


def test_identity_is_asked_even_where_the_margin_is_wide() -> None:
    result = _run(Fixed(600), Fixed(601), absolute_error_margin=10)
    assert (result.status, result.counts.met_by_engine, result.counts.identical) == (Status.FAILED, 1, 0)
    assert [miss.kind for miss in result.misses] == ["different"]


class Ordered(Fixed):
    """Like OpenFisca, gives 601 to what is asked after something else."""

    def calculate(self, situation: Any, asked: Sequence[Any], max_spiral_loops: int | None = None) -> Mapping[Any, Any]:
        return {key: np.array([600 + (i > 0)], dtype=np.float32) for i, key in enumerate(asked)}


def test_a_difference_that_the_order_of_requests_makes_is_counted_apart() -> None:
    result = _run(Ordered(), Fixed(600), {"ppa": 600, "rsa": 601}, absolute_error_margin=1)
    assert result.status is Status.PASSED
    assert (result.counts.identical, result.counts.identical_alone) == (1, 1)
    assert [miss.kind for miss in result.misses] == ["order"]
    result = _run(Ordered(), Fixed(600), {"ppa": 600, "rsa": 601})
    assert result.status is Status.FAILED, "the expected value is not met"
    result = _run(Ordered(), Fixed(602), {"ppa": 602, "rsa": 602}, absolute_error_margin=9)
    assert (result.status, result.counts.identical, result.counts.identical_alone) == (Status.FAILED, 0, 0)


def test_one_instance_is_compared_and_an_unknown_one_is_told() -> None:
    assert _run(Fixed(600), None, {"familles": {"0": {"rsa": 600}}}).status is Status.PASSED
    assert _run(Fixed(600), None, {"familles": {"f": {"rsa": 600}}}).status is Status.UNREADABLE


def test_loops_are_handed_on() -> None:
    stock, engine = Fixed(600), Fixed(600)
    _run(stock, engine, max_spiral_loops=4)
    assert stock.loops == engine.loops == [4]


@pytest.mark.parametrize(
    "more",
    [
        {"extensions": ["openfisca_paris"]},
        {"parameters": {"a": 1}},
        {"reforms": ["os.system"]},
        {"reforms": ["openfisca_france.reforms.x.y", "openfisca_francebis.x"]},
        {"reforms": ["openfisca_france.__import__('os').x"]},
        {"only_variables": ["ppa"]},
    ],
)
def test_what_is_skipped_says_why_and_loads_nothing(more: Mapping[str, Any]) -> None:
    result = _run(Fixed(600), None, **more)
    assert result.status is Status.SKIPPED
    assert result.reason


def test_unreadable_cases_fail() -> None:
    assert run_case(Bench(), Unreadable("f.yaml", 0, "non")).status is Status.UNREADABLE
    assert _run(Fixed(600), None, {"rssa": 1}).status is Status.UNREADABLE


def test_what_the_engine_leaves_to_openfisca_is_no_failure_and_no_success() -> None:
    result = _run(Fixed(600), Fixed(error=NotReadHere("a null that is no output")))
    assert (result.status, result.reason) == (Status.LEFT, "a null that is no output")
    assert summary_of("numpy", [result]).passed_and_failed(strict=False) == (0, 0)
    assert summary_of("numpy", [result]).passed_and_failed(strict=True) == (0, 1)


def test_counts_and_report() -> None:
    results = [
        _run(Fixed(600), Fixed(600)),
        _run(Fixed(600), Fixed(601)),
        _run(Fixed(600), Fixed(error=STOP)),
        _run(Fixed(600), Fixed(error=STOP), {"ppa": 600}),
        _run(Fixed(1), Fixed(1)),
        _run(Fixed(600), None, extensions=["x"]),
        run_case(Bench(), Unreadable("g.yaml", 0, "non")),
    ]
    summary = summary_of("numpy", results)
    assert summary.total == 7
    assert summary.passed_and_failed(strict=False) == (1, 3)
    assert summary.passed_and_failed(strict=True) == (1, 6)
    (place,) = summary.untraceable
    assert (place.file, place.line, place.cases) == ("openfisca_france/model/x.py", 12, 2)
    report = as_json(summary, results, "v", 1.5)
    assert report["cases"] == {
        "total": 7, "passed": 1, "failed": 1, "openfisca_failed": 1, "unreadable": 1, "untraceable": 2, "skipped": 1,
        "known": 0, "left": 0,
    }  # fmt: skip
    assert len(report["not_passed"]) == 6


def test_known_failures_hide_no_other(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text('[[case]]\ntitle = "f.yaml no 1"\nreason = "connu"\n')
    known = read_known(path)
    results = with_known([_run(Fixed(1), None, name="x"), _run(Fixed(600), None), _run(Fixed(600), Fixed(1))], known)
    assert [result.status for result in results] == [Status.KNOWN, Status.PASSED, Status.FAILED]
    assert results[0].reason == "connu"
    assert summary_of("numpy", results).passed_and_failed(strict=False) == (1, 1)
    for content in ("", "case = 1", "[[case]]\ntitle = 1", "{"):
        path.write_text(content)
        with pytest.raises(InvalidInput, match=r"known\.toml"):
            read_known(path)
    with pytest.raises(NotFound):
        read_known(tmp_path / "absent.toml")


def test_engines_that_are_not_here_are_told() -> None:
    assert ENGINES[0] == "openfisca"
    with pytest.raises(InvalidInput, match="numpy"):
        calculator_for("excel", None)  # type: ignore[arg-type]


def _prepare() -> int:
    return 10


def _add(state: int, item: int) -> int:
    return state + item


@pytest.mark.parametrize("jobs", [1, 2])
def test_work_is_spread_and_its_places_are_kept(jobs: int) -> None:
    assert dict(spread(range(20), _prepare, _add, jobs)) == {i: i + 10 for i in range(20)}


class Tracing:
    """A tracer of no law."""

    def trace_variable(self, name: str, period: str) -> TraceReport:
        if name == "rsa":
            raise STOP
        if name == "broken":
            raise ZeroDivisionError
        return TraceReport(10, 5, name)

    def openfisca_refusal(self, name: str, _period: str) -> str:
        return "no parameter" if name == "both" else ""


def test_a_variable_that_openfisca_refuses_too_is_no_failure_of_the_tracer() -> None:
    class Broken(Tracing):
        def trace_variable(self, name: str, period: str) -> TraceReport:
            raise ZeroDivisionError

    assert [trace_one(Broken(), (name, "2026")).broke for name in ("both", "broken")] == [False, True]


def test_treatments_are_told_of_what_is_not_traced(tmp_path: Any) -> None:
    path = tmp_path / "known.toml"
    path.write_text('[[formula]]\nvariables = ["rsa", "ppa"]\nreason = "why"\ntreatment = "refused"\n')
    traced = [trace_one(Tracing(), (name, "2026-01")) for name in ("ppa", "rsa", "broken")]
    told = with_treatments(traced, read_treatments(path))
    assert [one.treatment for one in told] == ["", "refused (why)", ""]
    path.write_text("[[formula]]\nvariables = 3\n")
    with pytest.raises(InvalidInput):
        read_treatments(path)


def test_variables_traced_alone(tmp_path: Any) -> None:
    traced = [trace_one(Tracing(), (name, "2026-01")) for name in ("ppa", "rsa", "broken")]
    assert [(one.report is not None, one.broke, one.line) for one in traced] == [
        (True, False, 0),
        (False, False, 12),
        (False, True, 0),
    ]
    path = tmp_path / "list.json"
    path.write_text(json.dumps(list_as_json(traced, 2026, "v", None)))
    assert read_list(path) == {one.variable: one for one in traced}
    assert drift(read_list(path), traced).newly_untraceable == ()


def test_drift() -> None:
    def one(name: str, report: TraceReport | None) -> Traced:
        return Traced(name, "2026", report)

    before = {
        traced.variable: traced
        for traced in (
            one("a", TraceReport(1, 1, "x")), one("b", TraceReport(1, 1, "x")), one("c", None), one("gone", None),
        )
    }  # fmt: skip
    now = [one("a", None), one("b", TraceReport(2, 1, "y")), one("c", TraceReport(1, 1, "x")), one("new", None)]
    found = drift(before, now)
    assert (found.newly_untraceable, found.newly_traceable) == (("a",), ("c",))
    assert (found.appeared, found.vanished) == (("new",), ("gone",))
    assert (found.ops_changed, found.results_differ) == ((("b", 1, 2),), ("b",))


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"variables": [1]}', '{"variables": [{"report": {}}]}', "[" * 9999]
)
def test_a_wrong_list_is_told(tmp_path: Any, content: str) -> None:
    path = tmp_path / "list.json"
    path.write_text(content)
    with pytest.raises(InvalidInput, match=r"list\.json"):
        read_list(path)
    with pytest.raises(NotFound):
        read_list(tmp_path / "absent.json")


def test_answers_of_openfisca_are_kept_by_case_and_version(tmp_path: Path) -> None:
    values = {
        ("a", "2026"): np.array([0.1, np.nan, -np.inf], dtype=np.float32),
        ("b", "2026"): np.array([True, False]),
        ("c", "2026"): np.array(["locataire", "é"]),
        ("d", "2026"): np.array(["2020-01-31"], dtype="datetime64[D]"),
        ("e", "2026"): np.array([3], dtype=np.int32),
    }
    asked: list[Any] = list(values)

    class Once:
        calls = 0

        def calculate(self, situation: Any, asked: Any, max_spiral_loops: int | None = None) -> Any:
            self.calls += 1
            return values

    once = Once()
    kept = KeptCalculator(once, tmp_path, "v1")
    for _ in range(2):
        found = kept.calculate({"individus": {"a": {}}}, asked)
        assert list(found) == asked
        assert all(same_bits(found[key], values[key]) for key in asked)
    assert once.calls == 1
    kept.calculate({"individus": {"b": {}}}, asked)
    kept.calculate({"individus": {"a": {}}}, asked, 2)
    kept.calculate({"individus": {"a": {}}}, asked[:1])
    KeptCalculator(once, tmp_path, "v2").calculate({"individus": {"a": {}}}, asked)
    assert once.calls == 5
    for file in tmp_path.rglob("*.json"):
        file.write_text("{")
    kept.calculate({"individus": {"a": {}}}, asked)
    assert once.calls == 6
    broken = KeptCalculator(Fixed(error=InvalidInput("non")), tmp_path, "v3")
    for _ in range(2):
        with pytest.raises(InvalidInput):
            broken.calculate({}, asked)


def test_errors_of_untraceable_formulas_travel() -> None:
    copy = pickle.loads(pickle.dumps(STOP))
    assert (copy.variable, copy.line, copy.message) == ("rsa", 12, STOP.message)
    assert isinstance(copy, AllerVersError)
