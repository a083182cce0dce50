"""Every variable of the law traced alone, with what AllerVers usually knows of a household as inputs."""

from __future__ import annotations

from typing import Any

from allervers.engine.compile import Session, compiled
from allervers.engine.conformance.variables import TraceReport
from allervers.engine.facts import DTYPES, Facts, Source
from allervers.engine.law import Wanted
from allervers.engine.openfisca import calculated_arrays
from allervers.engine.ops import InputKey
from allervers.engine.schedule import scheduled
from allervers.engine.situation import Situation
from allervers.foundation.errors import AllerVersError

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

    def openfisca_refusal(self, name: str, period: str) -> str:
        """Why OpenFisca cannot compute the variable for two households of two persons ("" when it can)."""
        try:
            calculated_arrays(self._law, _two_households(period), [(name, period)])
        except AllerVersError as error:
            return error.message
        except Exception as error:
            return f"{type(error).__name__}: {str(error)[:200]}"
        return ""

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


def _two_households(period: str) -> Situation:
    """Two parents, each with a child: enough rows for a formula that only computes one."""
    month = f"{period[:4]}-01" if period[:4].isdigit() else "2026-01"
    situation: Situation = {"individus": {}, "familles": {}, "foyers_fiscaux": {}, "menages": {}}
    for number in ("1", "2"):
        parent, child = f"parent{number}", f"enfant{number}"
        situation["individus"][parent] = {
            "date_naissance": {"ETERNITY": f"198{number}-03-01"},
            "salaire_de_base": {month: 1000.0 * int(number)},
        }
        situation["individus"][child] = {"date_naissance": {"ETERNITY": f"201{number}-03-01"}}
        situation["familles"][number] = {"parents": [parent], "enfants": [child]}
        situation["foyers_fiscaux"][number] = {"declarants": [parent], "personnes_a_charge": [child]}
        situation["menages"][number] = {
            "personne_de_reference": [parent],
            "enfants": [child],
            "depcom": {month: "93008"},
        }
    return situation
