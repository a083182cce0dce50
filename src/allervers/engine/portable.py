"""Programs as bytes, to be sent to other machines: they run them without tracing, and without OpenFisca."""

from __future__ import annotations

from allervers.engine.program import Program
from allervers.engine.store import _content, _program, _Sections
from allervers.foundation.errors import InvalidInput


def program_as_bytes(program: Program) -> bytes:
    """The program, with its checksum."""
    return _content(program)


def program_of_bytes(content: bytes) -> Program:
    """The program of such bytes. Raises InvalidInput when they are damaged."""
    try:
        return _program(_Sections(content))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise InvalidInput("Le programme de calcul reçu est endommagé.") from error
