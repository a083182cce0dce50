"""A synthetic population written to Parquet: a size is a number of households. Memory must not grow with it."""

from __future__ import annotations

from pathlib import Path

from allervers.foundation.periods import Month
from allervers.population.synthetic.make import make_population


def prepare(size: int, folder: Path) -> None:
    """Nothing to prepare."""
    del size, folder


def measure(size: int, folder: Path) -> dict[str, float]:
    """Make the population."""
    made = make_population(
        households=size, seed=1, month=Month(2026, 11), departement="93", folder=folder / "population"
    )
    return {"personnes": made.persons}
