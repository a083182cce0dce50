"""The versions of the law by name of engine: one of each, loaded once."""

from __future__ import annotations

from functools import cache

from allervers.engine.compiled_law import CompiledLaw
from allervers.engine.law import Changes, Law


@cache
def law_of(changes: Changes, engine: str = "") -> Law:
    """The law with these changes, answered by this engine ("": the fastest here). Raises InvalidInput, Unavailable."""
    name = "corrected" if changes != Changes() else "openfisca"
    if engine == "openfisca":
        from allervers.engine.openfisca import OpenFiscaLaw

        return OpenFiscaLaw(name, changes)
    return CompiledLaw(name, changes, engine)
