"""The register of corrections: where the law as coded differs from the law in force, and what we do about it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from allervers.engine.law import Changes, ForcedInput, ParameterChange, TaxYearShift
from allervers.foundation.errors import InvalidInput
from allervers.rights.catalogue import catalogue

Kind = Literal[
    "input",
    "parameter",
    "tax_year",
    "formula",
    "hold",
    "amount_hidden",
    "to_check",
    "not_computable",
    "not_shown",
    "assumption",
]
CONDITIONS = (
    "etudiant_hors_union",
    "jeune_adulte_hors_famille",
    "independant_au_foyer",
    "locataire_foyer",
    "etudiant_autonome",
    "residence_alternee",
)
"""Conditions on a household that a correction may name; detection.conditions computes each."""

LOCAL_FORMULAS = (
    "allervers.rights.local_formulas:amounts_before_threshold",
    "allervers.rights.local_formulas:student_grant_resources",
    "allervers.rights.local_formulas:old_age_and_disability_residence",
    "allervers.rights.local_formulas:housing_aid_of_lease_holders",
    "allervers.rights.local_formulas:self_employed_income_of_each",
    "allervers.rights.local_formulas:css_of_what_was_received",
    "allervers.rights.local_allowances:aah_without_savings",
    "allervers.rights.local_allowances:asf_by_other_parent",
    "allervers.rights.local_allowances:paje_of_multiple_births",
    "allervers.rights.local_unemployment:housing_aid_without_work",
)


@dataclass(frozen=True, slots=True)
class Correction:
    """One entry of the register. Which of the last fields are set depends on `kind`."""

    id: str
    rights: tuple[str, ...]
    article: str
    in_force_on: str
    openfisca: str
    ours: str
    kind: Kind
    confidence: Literal["A", "B", "C"]
    variable: str | None = None
    value: bool | None = None
    start: str | None = None
    path: str | None = None
    number: float | None = None
    months: int | None = None
    condition: str | None = None
    question: str | None = None


@cache
def register() -> tuple[Correction, ...]:
    """Every correction, in the order of the file. Raises InvalidInput for a wrong kind or condition."""
    text = (files("allervers.rights") / "corrections.toml").read_text("utf-8")
    entries = []
    for data in tomllib.loads(text)["correction"]:
        entry = Correction(**(data | {"rights": tuple(data["rights"])}))
        if entry.kind not in get_args(Kind) or (entry.condition is not None and entry.condition not in CONDITIONS):
            raise InvalidInput(f"Registre des corrections : « {entry.id} » est mal formée.", correction=entry.id)
        entries.append(entry)
    return tuple(entries)


def corrections_of(right: str, kinds: Iterable[Kind] | None = None) -> tuple[Correction, ...]:
    """Corrections that bear on a right, of these kinds (all by default)."""
    wanted = set(kinds) if kinds is not None else set(get_args(Kind))
    return tuple(entry for entry in register() if right in entry.rights and entry.kind in wanted)


def corrected_law() -> Changes:
    """The changes that make the corrected law out of OpenFisca-France."""
    entries: Sequence[Correction] = register()
    return Changes(
        parameters=tuple(
            ParameterChange(str(e.path), str(e.start), float(e.number or 0)) for e in entries if e.kind == "parameter"
        ),
        inputs=tuple(ForcedInput(str(e.variable), str(e.start), bool(e.value)) for e in entries if e.kind == "input"),
        tax_year_shifts=tuple(
            TaxYearShift(_outputs(e.rights), tuple(range(e.months or 9, 13))) for e in entries if e.kind == "tax_year"
        ),
        formulas=LOCAL_FORMULAS,
    )


def _outputs(rights: Iterable[str]) -> tuple[str, ...]:
    found = (catalogue()[right].computation for right in rights)
    return tuple(computation.output for computation in found if computation is not None)
