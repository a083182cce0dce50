"""Programs as bytes, to be sent to other machines: they run them without tracing, and without OpenFisca."""

from __future__ import annotations

from allervers.engine.program import Program
from allervers.engine.store import Sections, content_of, program_in
from allervers.foundation.errors import InvalidInput


def program_as_bytes(program: Program) -> bytes:
    """The program, with its checksum."""
    return content_of(program)


def program_of_bytes(content: bytes) -> Program:
    """The program of such bytes. Raises InvalidInput when they are damaged."""
    try:
        return program_in(Sections(content))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise InvalidInput("Le programme de calcul reçu est endommagé.") from error
