"""The results of many cases, counted, and as the JSON report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from allervers.engine.conformance.running import Counts, Result, Status


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a formula that cannot be traced, why, and how many cases it stops."""

    file: str
    line: int
    reason: str
    variables: tuple[str, ...]
    cases: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Cases by what became of them, values, seconds spent computing (all processes added)."""

    engine: str
    cases: dict[Status, int]
    values: Counts
    untraceable: tuple[Place, ...]
    skipped: dict[str, int]
    seconds_openfisca: float
    seconds_engine: float

    @property
    def total(self) -> int:
        """Number of cases."""
        return sum(self.cases.values())

    def passed_and_failed(self, strict: bool) -> tuple[int, int]:
        """How many passed, how many failed. What the engine refuses (untraceable) and what is skipped is neither,
        unless `strict`, where all that did not pass has failed."""
        passed = self.cases[Status.PASSED]
        if strict:
            return passed, self.total - passed
        failed = (Status.FAILED, Status.UNREADABLE, Status.OPENFISCA_FAILED)
        return passed, sum(self.cases[status] for status in failed)


def summary_of(engine: str, results: Sequence[Result]) -> Summary:
    """The counts of these results."""
    cases = Counter(result.status for result in results)
    fields = ("expected", "met_by_openfisca", "met_by_engine", "identical", "identical_alone")
    places: dict[tuple[str, int, str], Counter[str]] = {}
    for result in results:
        if result.untraceable:
            variable, _period, file, line, reason = result.untraceable
            places.setdefault((file, line, reason), Counter())[variable] += 1
    stopped = [Place(*place, tuple(sorted(names)), names.total()) for place, names in places.items()]
    return Summary(
        engine=engine,
        cases={status: cases[status] for status in Status},
        values=Counts(**{name: sum(getattr(result.counts, name) for result in results) for name in fields}),
        untraceable=tuple(sorted(stopped, key=lambda place: (-place.cases, place.file, place.line))),
        skipped=dict(Counter(result.reason for result in results if result.status is Status.SKIPPED).most_common()),
        seconds_openfisca=sum(result.seconds_openfisca for result in results),
        seconds_engine=sum(result.seconds_engine for result in results),
    )


def as_json(summary: Summary, results: Sequence[Result], version: str, seconds: float) -> dict[str, Any]:
    """The report: versions, counts, and every case that did not pass, in the order of the files."""
    return {
        "version": version,
        "engine": summary.engine,
        "cases": {"total": summary.total} | {status.value: count for status, count in summary.cases.items()},
        "values": asdict(summary.values),
        "seconds": {
            "wall": round(seconds, 3),
            "openfisca": round(summary.seconds_openfisca, 3),
            "engine": round(summary.seconds_engine, 3),
        },
        "untraceable": [asdict(place) for place in summary.untraceable],
        "skipped": summary.skipped,
        "order_dependent": [
            {"case": result.title, "variable": miss.variable, "period": miss.period}
            for result in results
            for miss in result.misses
            if miss.kind == "order"
        ],
        "not_passed": [_result(result) for result in results if result.status is not Status.PASSED],
    }


def _result(result: Result) -> dict[str, Any]:
    told: dict[str, Any] = {"case": result.title, "status": result.status.value, "reason": result.reason}
    if result.misses:
        told["values"] = [asdict(miss) for miss in result.misses]
    if result.untraceable:
        told["untraceable"] = dict(
            zip(("variable", "period", "file", "line", "reason"), result.untraceable, strict=True)
        )
    return told
