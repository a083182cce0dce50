"""The Cnaf RSA flow as a whole: what it says of itself, its announced counts, its dossiers, its codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn

from allervers.extracts.formats.cnaf_codes import CLOSED_LISTS, code_list
from allervers.extracts.rows import CollectedRows, RowProblem
from allervers.extracts.xml_flow import Block
from allervers.foundation.errors import InvalidInput
from allervers.foundation.periods import Month

_CODE = r"[A-Z0-9]+"


Row = dict[str, Any]
"""A row being built: column -> value. A column that is not there is null."""


@dataclass(frozen=True, slots=True)
class FlowHeader:
    """What the flow says of itself. `nature`: D for data, otherwise anomalies; `frequency`: M for monthly."""

    application: str
    frequency: str
    nature: str
    reference_on: date

    @property
    def month(self) -> Month:
        """Month of reference of the flow."""
        return Month.of(self.reference_on)


@dataclass(frozen=True, slots=True)
class Dossier:
    """The dossier being read: its number, the flow that holds it, where its rows go."""

    number: str
    header: FlowHeader
    rows: CollectedRows


def read_header(element: Any) -> FlowHeader:
    """Read the block IdentificationFlux. Raises InvalidInput."""
    block = Block(element, [])
    day = block.day("DTREF")
    application, frequency = block.text("APPLIEME", longest=3), block.text("TYPEFLUX", longest=1)
    nature = block.text("NATFLUX", longest=1)
    if day is None or application is None or frequency is None or nature is None:
        _refuse_flow(block.errors)
    return FlowHeader(application, frequency, nature, day)


def _refuse_flow(errors: list[RowProblem]) -> NoReturn:
    raise InvalidInput(f"Flux refusé, ligne {errors[0].line} : {errors[0].message}", line=errors[0].line)


def check_counts(block: Block, read: int, header: FlowHeader) -> None:
    """The announced total must be the number of dossiers read; those in anomaly may travel in a flow of their own.

    raises: InvalidInput.
    """
    total, anomalies = block.whole("NBTOTDOSRSATRANSM"), block.whole("NBTOTDOSRSATRANSMANO")
    if total is None or anomalies is None:
        _refuse_flow(block.errors)
    expected = {total, total - anomalies} if header.nature == "D" else {total, anomalies}
    if read not in expected:
        raise InvalidInput(
            f"Le flux annonce {total} dossiers et en contient {read} : rien n'est importé.", announced=total, read=read
        )


def read_code(block: Block, name: str, *, required: bool = True, longest: int = 3) -> str | None:
    """Code of child `name`. Out of a closed list: an error. Other lists grow at the Cnaf: an unknown code is kept."""
    code = block.text(name, required=required, longest=longest, shape=_CODE)
    if code is not None and name in CLOSED_LISTS and code not in code_list(name):
        block.refuse(name, "code_inconnu", f"{name} : code absent de la liste de la Cnaf.", block.children[name][0])
        return None
    return code
