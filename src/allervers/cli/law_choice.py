"""The option `--law`: the law as OpenFisca-France codes it, or corrected by our register."""

from __future__ import annotations

from enum import StrEnum

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
