"""Every variable of the law that has a formula, traced alone: what an upgrade of OpenFisca-France changes is seen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from allervers.engine.block import Column
from allervers.engine.errors import Untraceable
from allervers.foundation.errors import AllerVersError, InvalidInput, NotFound

MAX_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class TraceReport:
    """A variable traced alone: operations recorded, nodes left once simplified, a digest of what is left.

    The digest is equal when and only when the simplified graph is the same, constants of the law included: it differs
    when results may differ.
    """

    ops: int
    nodes: int
    digest: str


class Tracer(Protocol):
    """Traces a variable alone, every input unknown."""

    def trace_variable(self, name: str, period: str) -> TraceReport:
        """The report of a variable for a period. Raises Untraceable."""
        ...

    def openfisca_refusal(self, name: str, period: str) -> str:
        """Why OpenFisca itself cannot compute the variable for a few households ("" when it can)."""
        ...


@dataclass(frozen=True, slots=True)
class Traced:
    """What became of a variable: its report, or why it cannot be traced. `broke`: the tracer itself failed.

    `openfisca`: why OpenFisca cannot compute it either. `treatment`: what is done about it, from a list of those known.
    """

    variable: str
    period: str
    report: TraceReport | None = None
    file: str = ""
    line: int = 0
    reason: str = ""
    broke: bool = False
    openfisca: str = ""
    treatment: str = ""


def trace_one(tracer: Tracer, asked: Column) -> Traced:
    """A variable traced. Never raises for what the tracer does."""
    variable, period = asked
    try:
        return Traced(variable, period, tracer.trace_variable(variable, period))
    except Untraceable as error:
        found = Traced(variable, period, file=error.file, line=error.line, reason=error.reason)
    except AllerVersError as error:
        found = Traced(variable, period, reason=error.message, broke=True)
    except Exception as error:
        # A defect of the tracer is told with the variable, and the rest goes on.
        found = Traced(variable, period, reason=f"{type(error).__name__} : {str(error)[:300]}", broke=True)
    refusal = tracer.openfisca_refusal(variable, period)
    return replace(found, openfisca=refusal, broke=found.broke and not refusal)


def with_treatments(traced: Sequence[Traced], treatments: Mapping[str, str]) -> list[Traced]:
    """The list, where a variable that cannot be traced carries what is done about it, when that is known."""
    return [replace(one, treatment=treatments.get(one.variable, "")) if one.report is None else one for one in traced]


@dataclass(frozen=True, slots=True)
class Drift:
    """What differs from a former list, each by name of variable, in order."""

    newly_untraceable: tuple[str, ...]
    newly_traceable: tuple[str, ...]
    appeared: tuple[str, ...]
    vanished: tuple[str, ...]
    ops_changed: tuple[tuple[str, int, int], ...]
    """Variable, operations before, operations now."""
    results_differ: tuple[str, ...]
    """Variables whose simplified graph is not the same."""


def drift(before: Mapping[str, Traced], now: Sequence[Traced]) -> Drift:
    """What differs between a former list and this one."""
    current = {one.variable: one for one in now}
    both = [(before[name], current[name]) for name in sorted(before.keys() & current.keys())]
    pairs = [(old.report, new.report, new.variable) for old, new in both]
    return Drift(
        newly_untraceable=tuple(name for old, new, name in pairs if old and not new),
        newly_traceable=tuple(name for old, new, name in pairs if new and not old),
        appeared=tuple(sorted(current.keys() - before.keys())),
        vanished=tuple(sorted(before.keys() - current.keys())),
        ops_changed=tuple((name, old.ops, new.ops) for old, new, name in pairs if old and new and old.ops != new.ops),
        results_differ=tuple(name for old, new, name in pairs if old and new and old.digest != new.digest),
    )


def as_json(traced: Sequence[Traced], year: int, version: str, changed: Drift | None) -> dict[str, Any]:
    """The list as it is stored, and what differs from the former one."""
    report = {
        "version": version,
        "year": year,
        "traced": sum(one.report is not None for one in traced),
        "refused_by_openfisca": sum(bool(one.openfisca) for one in traced),
        "untraceable": sum(one.report is None and not one.openfisca for one in traced),
        "variables": [asdict(one) for one in sorted(traced, key=lambda one: one.variable)],
    }
    return report if changed is None else report | {"drift": asdict(changed)}


def read_list(path: Path) -> dict[str, Traced]:
    """A list that a former run stored, by variable. Raises NotFound, or InvalidInput when it is no such list."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidInput(f"« {path.name} » est trop grand pour une liste de variables.", file=path.name)
        stored = json.loads(path.read_text("utf-8"))
        return {one.variable: one for one in map(_traced, stored["variables"])}
    except FileNotFoundError as error:
        raise NotFound(f"Le fichier « {path.name} » n'existe pas.", file=path.name) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidInput(
            f"« {path.name} » n'est pas une liste écrite par « allervers conformance --variables --report ».",
            file=path.name,
        ) from error


def _traced(stored: Any) -> Traced:
    report = stored["report"]
    traced = Traced(**{**stored, "report": None if report is None else TraceReport(**report)})
    if not isinstance(traced.variable, str):
        raise TypeError
    return traced
