"""The formats that can be imported, each with its reader. A new one is a file of this folder and a line of FORMATS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from allervers.extracts.batches import ParsedBatch, Reading
from allervers.extracts.formats import (
    api_particulier,
    bailleurs,
    caf_allocataires,
    caf_paiements,
    cnaf_rsa_vrsb0801,
    cpam_assures,
    domiciliation,
    prestations_servies,
    ressources_mensuelles,
)
from allervers.extracts.layout import Layout
from allervers.extracts.mapping import DEFAULT_MAPPING, PartnerMapping
from allervers.extracts.nearest import hint
from allervers.extracts.tabular import read_table
from allervers.foundation.errors import InvalidInput, NotFound
from allervers.foundation.periods import Month

Reader = Callable[[Path, PartnerMapping, Reading], Iterator[ParsedBatch]]


@dataclass(frozen=True, slots=True)
class Format:
    """A partner's format. `read` gives batches in order, and raises before or while it reads; `layout`: if tabular."""

    name: str
    label: str
    kind: Literal["tabular", "xml", "json"]
    read: Reader
    layout: Layout | None = None


def _tabular(layout: Layout) -> Format:
    return Format(layout.name, layout.label, "tabular", partial(read_table, layout), layout)


def _read_rsa_flow(path: Path, mapping: PartnerMapping, reading: Reading) -> Iterator[ParsedBatch]:
    _check_plain(path, mapping, reading, start=b"<")
    for header, rows in cnaf_rsa_vrsb0801.read_rows(path):
        if header.month != Month.of(reading.reference_on):
            raise InvalidInput(
                f"Le flux est daté du {header.reference_on}, la date donnée est le {reading.reference_on}.",
                reference_on=str(header.reference_on),
            )
        yield ParsedBatch.of_rows(rows)


def _read_household(path: Path, mapping: PartnerMapping, reading: Reading) -> Iterator[ParsedBatch]:
    _check_plain(path, mapping, reading, start=b"{")
    yield ParsedBatch.of_rows(api_particulier.read_file(path))


def _check_plain(path: Path, mapping: PartnerMapping, reading: Reading, *, start: bytes) -> None:
    """A national format is read as it is: it has no mapping, and a file of another nature is refused at once."""
    if mapping != DEFAULT_MAPPING:
        raise InvalidInput("Ce format est national : il n'a pas de fichier de correspondance.")
    if not path.is_file():
        raise NotFound("Ce fichier n'existe pas.", file=path.name)
    if path.stat().st_size > reading.limits.file_bytes:
        raise InvalidInput("Le fichier est trop gros.", file=path.name)
    with path.open("rb") as stream:
        if not stream.read(256).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(start):
            raise InvalidInput("Le contenu du fichier n'est pas celui du format annoncé.", file=path.name)


FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        _tabular(caf_allocataires.LAYOUT),
        _tabular(caf_paiements.LAYOUT),
        _tabular(ressources_mensuelles.LAYOUT),
        _tabular(cpam_assures.LAYOUT),
        _tabular(prestations_servies.LAYOUT),
        _tabular(domiciliation.LAYOUT),
        _tabular(bailleurs.LAYOUT),
        Format("cnaf_rsa_vrsb0801", "Cnaf : flux mensuel des bénéficiaires du RSA (VRSB0801)", "xml", _read_rsa_flow),
        Format("api_particulier", "API Particulier : réponses sur un foyer", "json", _read_household),
    )
}
"""Every format, by name."""


def format_named(name: str) -> Format:
    """The format of that name. Raises InvalidInput naming the nearest one."""
    if name not in FORMATS:
        raise InvalidInput(
            f"Format inconnu : « {name} ».{hint(name, FORMATS)} Formats : {', '.join(FORMATS)}.", format=name
        )
    return FORMATS[name]
