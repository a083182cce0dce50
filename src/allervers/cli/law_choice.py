"""The options `--law` (as OpenFisca-France codes it, or corrected by our register) and `--engine` (who computes)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from allervers.engine.law import Changes
from allervers.rights.corrections import corrected_law


class LawChoice(StrEnum):
    """Versions of the law that a command can answer with."""

    OPENFISCA = "openfisca"
    CORRECTED = "corrected"

    @property
    def changes(self) -> Changes:
        """The changes that make this version out of OpenFisca-France."""
        return corrected_law() if self is LawChoice.CORRECTED else Changes()


HELP = "openfisca : la loi telle qu'OpenFisca-France la code ; corrected : avec notre registre des corrections."


class EngineChoice(StrEnum):
    """Who computes: OpenFisca itself, the plain definition, numpy by blocks, the native machine."""

    OPENFISCA = "openfisca"
    REFERENCE = "reference"
    NUMPY = "numpy"
    NATIVE = "native"


Engine = Annotated[
    EngineChoice | None,
    typer.Option("--engine", help="Moteur de calcul ; sans choix, le plus rapide que cette machine permet."),
]


def engine_name(choice: EngineChoice | None) -> str:
    """The name of the engine chosen, "" for the fastest: it is said when that is not the native machine."""
    if choice is None:
        from allervers.engine.backends.library import available

        reason = available()
        if reason is not None:
            typer.echo(f"{reason} Le calcul se fait avec numpy, plus lentement.", err=True)
    return choice.value if choice is not None else ""
