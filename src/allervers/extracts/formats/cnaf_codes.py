"""Code lists of the Cnaf RSA flow: French label and canonical value of each code, read from cnaf_codes.csv."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from allervers.foundation.errors import NotFound

CLOSED_LISTS = frozenset({"ETATDOSRSA", "ROLEPERS", "TYPEDTNAI", "SEXE", "SITFAM"})
"""Lists whose unknown codes are refused. The Cnaf adds codes to the others: there, an unknown code is kept as it is."""


@dataclass(frozen=True, slots=True)
class CnafCode:
    """A code, its French label and the value that it takes in our records ("" when it has none)."""

    code: str
    label: str
    value: str


@cache
def code_list(name: str) -> Mapping[str, CnafCode]:
    """The codes of one list (`ETATDOSRSA`, `MOTISUSVERSRSA`, `NATRESS`...), by code. Raises NotFound."""
    table = resources.files(__package__).joinpath("cnaf_codes.csv").read_text(encoding="utf-8")
    lines = [line for line in table.splitlines() if not line.startswith("#")]
    found = {
        row["code"]: CnafCode(row["code"], row["libelle"], row["valeur"])
        for row in csv.DictReader(lines)
        if row["liste"] == name
    }
    if not found:
        raise NotFound(f"Liste de codes Cnaf inconnue : {name}.", code_list=name)
    return found


def label_of(name: str, code: str) -> str:
    """French label of a code; the code itself when the list does not hold it."""
    known = code_list(name).get(code)
    return known.label if known else f"code {code}"


def value_of(name: str, code: str | None) -> str | None:
    """Canonical value of a code; None when the code is absent, unknown, or has no value in our records."""
    known = code_list(name).get(code) if code else None
    return (known.value or None) if known else None


def resource_nature(code: str) -> str:
    """Nature of a resource: a nature of `population.inputs.INCOMES`, else `cnaf_<code>`, so that none is lost."""
    return value_of("NATRESS", code) or f"cnaf_{code}"
