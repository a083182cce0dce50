"""Who computes a case: OpenFisca itself, or an engine of ours behind the same two lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol

from numpy.typing import NDArray

from allervers.engine.block import Column
from allervers.engine.law import Law
from allervers.engine.situation import Situation
from allervers.foundation.errors import InvalidInput, Unavailable

ENGINES = ("openfisca", "reference", "numpy", "native")
"""Names of the calculators. The first is the law as OpenFisca computes it; the others must give its very bits."""


class Calculator(Protocol):
    """Computes values of one household described as a situation in full."""

    def calculate(
        self, situation: Situation, asked: Sequence[Column], max_spiral_loops: int | None = None
    ) -> Mapping[Column, NDArray[Any]]:
        """The (variable, period) asked. OpenFisca answers in this order, in one fresh simulation; an engine may answer
        each as if it were asked alone (OpenFisca's results depend on the order: both meanings are compared).

        Each array: one value a row of the variable's entity, in the order of the situation; 32-bit floats and
        integers as OpenFisca types them, items of an enumeration and texts as text, dates as datetime64[D].
        `max_spiral_loops`: how many times a variable may ask for itself at other periods (None: OpenFisca's 1).
        Raises Untraceable for a formula that the engine refuses, InvalidInput for what cannot be computed.
        """
        ...


class OpenFiscaCalculator:
    """OpenFisca itself."""

    def __init__(self, law: Law) -> None:
        from allervers.engine.openfisca import OpenFiscaLaw

        if not isinstance(law, OpenFiscaLaw):
            raise InvalidInput("Ce calcul demande la loi telle qu'OpenFisca la code.")
        self._law = law

    def calculate(
        self, situation: Situation, asked: Sequence[Column], max_spiral_loops: int | None = None
    ) -> Mapping[Column, NDArray[Any]]:
        """See Calculator."""
        from allervers.engine.openfisca import calculated_arrays

        return calculated_arrays(self._law, situation, asked, max_spiral_loops)


_COMPILED = "allervers.engine.compiled_calculator:CompiledCalculator"
_PLUGGED: Mapping[str, str] = {"reference": _COMPILED, "numpy": _COMPILED, "native": _COMPILED}
"""Engine -> `module:callable`; the callable takes (engine, law) and gives a Calculator. Engines of ours go here."""

_TRACER = "allervers.engine.compiled_tracer:AloneTracer"
"""`module:callable`; the callable takes a law and gives a Tracer (see variables.py). The tracer of ours goes here."""


def calculator_for(engine: str, law: Law) -> Calculator:
    """The calculator of that name for a law. Raises InvalidInput for no engine of ours, Unavailable when absent."""
    if engine == "openfisca":
        return OpenFiscaCalculator(law)
    if engine not in ENGINES:
        raise InvalidInput(f"« {engine} » n'est pas un moteur : choisissez parmi {', '.join(ENGINES)}.")
    calculator: Calculator = _plugged(_PLUGGED.get(engine, ""), f"Le moteur « {engine} »")(engine, law)
    return calculator


def tracer_for(law: Law) -> Any:
    """What traces a variable of a law alone (a Tracer). Raises Unavailable when it is not here."""
    return _plugged(_TRACER, "La mise en graphe")(law)


def _plugged(place: str, what: str) -> Callable[..., Any]:
    module, _, name = place.partition(":")
    if not place:
        raise Unavailable(f"{what} n'est pas dans cette version d'AllerVers ; --engine openfisca y est toujours.")
    try:
        found: Callable[..., Any] = getattr(import_module(module), name)
    except ImportError as error:
        raise Unavailable(f"{what} ne se charge pas sur cette machine ; --engine openfisca y est toujours.") from error
    return found
