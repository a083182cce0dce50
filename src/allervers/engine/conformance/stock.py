"""Stock OpenFisca as the conformance needs it: parameters kept for many periods, the list of formulas in force."""

from __future__ import annotations

from typing import Any

from allervers.engine.block import Column
from allervers.engine.openfisca import OpenFiscaLaw


def remembering_instants(law: OpenFiscaLaw) -> OpenFiscaLaw:
    """The same law, for one process that asks of many periods: the parameters of a day are gathered once (40 ms) and
    kept (0.7 MB), where OpenFisca keeps 128 days, those of a month and of its first day apart."""
    kept: dict[Any, Any] = {}
    remembering = OpenFiscaLaw(law.name, law.changes)
    system = object.__new__(type(law._system))
    system.__dict__.update(law._system.__dict__)

    def parameters_at(instant: Any) -> Any:
        # A period stands for its first day.
        day = getattr(instant, "start", instant)
        if day not in kept:
            kept[day] = system.parameters.get_at_instant(day)
        return kept[day]

    system.get_parameters_at_instant = parameters_at
    remembering._system = system
    return remembering


def formulas_in_force(law: OpenFiscaLaw, year: int) -> list[Column]:
    """(variable, period) of every variable that has a formula in a year, by name: its year, its first month that has
    one (January or December), its first day, or `ETERNITY`."""
    found = []
    for name, variable in sorted(law._system.variables.items()):
        rhythm = str(variable.definition_period).lower()
        choices = {
            "year": (str(year),),
            "month": (f"{year}-01", f"{year}-12"),
            "day": (f"{year}-01-01",),
            "eternity": ("ETERNITY",),
        }[rhythm]
        for period in choices:
            if variable.get_formula(None if period == "ETERNITY" else period) is not None:
                found.append((name, period))
                break
    return found
