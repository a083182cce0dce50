"""What the engine refuses, told so that it can be counted: which formula, for when, where in its source, why."""

from __future__ import annotations

from allervers.foundation.errors import AllerVersError


class Untraceable(AllerVersError):
    """A formula that cannot become a graph.

    `variable` and `period` (OpenFisca's text, `2026-01`) name what was asked, `file` the source file from the root of
    its package (`openfisca_france/model/...`), `line` its line, `reason` a short French text without any value.
    """

    code = "untraceable"

    def __init__(self, variable: str, period: str, file: str, line: int, reason: str) -> None:
        where = f" ({file}, ligne {line})" if file else ""
        super().__init__(
            f"« {variable} » pour {period} ne peut pas être mise en graphe{where} : {reason}.",
            variable=variable,
            period=period,
            file=file,
            line=line,
            reason=reason,
        )
        self.variable = variable
        self.period = period
        self.file = file
        self.line = line
        self.reason = reason

    def __reduce__(self) -> tuple[type[Untraceable], tuple[str, str, str, int, str]]:
        """Errors travel between processes: built again from their parts."""
        return type(self), (self.variable, self.period, self.file, self.line, self.reason)


class StaleProgram(AllerVersError):
    """A program asked to run on data that it does not fit: another is to be compiled. `reason`: French, no value."""

    code = "stale_program"

    def __init__(self, reason: str) -> None:
        super().__init__(f"Le programme de calcul ne convient pas à ces données : {reason}.", reason=reason)


class NotReadHere(Exception):
    """A situation that is left to OpenFisca, which answers it. The message is the reason, for developers."""
