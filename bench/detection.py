"""Entitlement to the eighteen computed rights for a month: a size is a number of households, one process, one block
of 10,000 households in memory at a time. The part of detection that grows with the law."""

from __future__ import annotations

from pathlib import Path

from allervers.detection.entitlement import MonthOfRights, entitlements
from allervers.engine.openfisca import OpenFiscaLaw
from allervers.foundation.periods import Month
from allervers.population.checks import read_population
from allervers.population.synthetic.make import make_population
from allervers.rights.catalogue import computed_rights
from allervers.rights.corrections import corrected_law

MONTH = Month(2026, 11)


def prepare(size: int, folder: Path) -> None:
    """Make a synthetic population."""
    make_population(households=size, seed=1, month=MONTH, departement="93", folder=folder / "population")


def measure(size: int, folder: Path) -> dict[str, float]:
    """Check the population and compute every right, each in a fresh simulation."""
    del size
    changes = corrected_law()
    population = read_population(folder / "population", OpenFiscaLaw("corrected", changes).variable)
    found = entitlements(population, [MonthOfRights(MONTH, computed_rights())], changes=changes)
    return {"droits": len(found), "personnes": population.persons}
