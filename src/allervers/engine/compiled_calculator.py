"""The compiled engines as calculators of conformance, and every variable traced alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from allervers.engine.block import Column
from allervers.engine.compiled_law import CompiledLaw
from allervers.engine.compiled_situation import answered
from allervers.engine.situation import Situation
from allervers.engine.store import NoStore

_FEW = 2
"""Programs kept in memory: each case has its own."""


class CompiledCalculator:
    """The conformance calculator of an engine (see conformance.calculators.Calculator)."""

    def __init__(self, engine: str, law: Any) -> None:
        self._law = CompiledLaw(law.name, law.changes, engine, NoStore(), law, most_programs=_FEW)

    def calculate(
        self, situation: Situation, asked: Sequence[Column], max_spiral_loops: int | None = None
    ) -> Mapping[Column, NDArray[Any]]:
        """The (variable, period) asked, in order. Raises Untraceable, NotReadHere, InvalidInput."""
        return answered(self._law, situation, asked, max_spiral_loops).values
