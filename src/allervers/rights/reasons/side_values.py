"""Values of the law for one unit, as reasons read them: those written down with a list, without any computation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from allervers.engine.explain.record import Unit


@dataclass(frozen=True, slots=True)
class SideValues:
    """The values that explain a result, by variable (None: not known), and the label of each, which tells its unit."""

    given: Mapping[str, float | None]
    labels: Mapping[str, str]

    def persons(self, whom: str) -> Sequence[int] | None:  # noqa: ARG002 - nothing is written of each person
        """Not known: only totals of the unit are written down."""
        return None

    def values(self, name: str, person: int | None) -> Sequence[Any]:  # noqa: ARG002
        """The value of a variable of the unit; none when it was not known, or not written."""
        value = self.given.get(name)
        return () if value is None else (value,)

    def unit(self, name: str) -> Unit:
        """Euros when the label says so."""
        return "euros" if "euros" in self.labels.get(name, "") else "number"

    def limit(self, name: str) -> float | None:  # noqa: ARG002
        """Not written down."""
        return None

    def name(self, person: int | None) -> str:  # noqa: ARG002
        """Nobody is named."""
        return ""

    def months(self, person: int | None) -> int | None:  # noqa: ARG002
        """Not written down."""
        return None
