"""Every variable of the law traced alone, with what AllerVers usually knows of a household as inputs."""

from __future__ import annotations

from typing import Any

from allervers.engine.compile import Session, compiled
from allervers.engine.conformance.variables import TraceReport
from allervers.engine.facts import DTYPES, Facts, Source
from allervers.engine.law import Wanted
from allervers.engine.ops import InputKey
from allervers.engine.schedule import scheduled

_HELD = frozenset(
    {("famille", "demandeur"), ("foyer_fiscal", "declarant_principal"), ("menage", "personne_de_reference")}
)
_GIVEN = (
    "date_naissance",
    "salaire_de_base",
    "depcom",
    "statut_occupation_logement",
    "loyer",
    "activite",
    "nationalite",
)
"""Inputs of each kind (date, money, text, item): a formula meets columns of each, not constants alone."""


class AloneTracer:
    """Traces a variable alone (see conformance.variables.Tracer)."""

    def __init__(self, law: Any) -> None:
        self._law = law
        self._session = Session.new(_HELD)

    def trace_variable(self, name: str, period: str) -> TraceReport:
        """Operations asked, nodes left, digest of what is left. Raises Untraceable, InvalidInput."""
        program = compiled(self._law, self._facts(period), [Wanted(name, period)], self._session)
        schedule = scheduled(list(program.roots.values()))
        constants = "".join(repr(n.value) for n in program.roots.values() if n.is_const)
        return TraceReport(len(program.origins), len(schedule.order), schedule.digest() + constants)

    def _facts(self, period: str) -> Facts:
        year = int(period[:4])
        sources = {}
        for name in _GIVEN:
            variable = self._law.variable(name)
            months = [f"{y}-{m:02d}" for y in (year - 1, year) for m in range(1, 13)]
            for when in ["ETERNITY"] if variable.rhythm == "eternity" else months:
                key = InputKey(name, when, DTYPES[variable.value_type])
                sources[name, when] = Source(variable.entity, key)
        return Facts(sources, _HELD)
