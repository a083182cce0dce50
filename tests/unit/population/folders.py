"""A valid population folder to break, and a small law that knows its variables without OpenFisca."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from allervers.engine.block import Block
from allervers.engine.law import Answer, Wanted
from allervers.engine.variables import Variable, unknown_variable
from allervers.population.folder import write_population

_ITEMS = ("actif", "chomeur", "etudiant")
VARIABLES = {
    v.name: v
    for v in (
        Variable("salaire_net", "Salaire", "individu", "float", "month", None, (), True, False),
        Variable("age_fin", "Âge", "individu", "int", "month", None, (), False, False),
        Variable("enceinte", "Grossesse", "individu", "bool", "month", None, (), True, False),
        Variable("activite", "Activité", "individu", "enum", "month", None, _ITEMS, True, False),
        Variable("date_naissance", "Naissance", "individu", "date", "eternity", None, (), False, False),
        Variable("rfr", "Revenu fiscal", "foyer_fiscal", "float", "year", None, (), False, True),
        Variable("loyer", "Loyer", "menage", "float", "month", None, (), True, False),
        Variable("depcom", "Commune", "menage", "str", "month", None, (), True, False),
        Variable("acs", "ACS", "famille", "float", "month", date(2021, 5, 1), (), True, True),
        Variable("aide", "Salaires de la famille", "famille", "float", "month", None, (), True, True),
    )
}


class SmallLaw:
    """A law with one formula: `aide` is the sum of the wages of the famille in the month."""

    name = "small"
    version = "1"

    def variable(self, name: str) -> Variable:
        """The variable of that name."""
        if name not in VARIABLES:
            raise unknown_variable(name, VARIABLES)
        return VARIABLES[name]

    def parameter(self, path: str, on: str) -> float | None:
        """No parameter."""
        return None

    def evaluate(self, block: Block, output: str, period: str, side: Sequence[str] = ()) -> Answer:
        """The wages of the famille, or an input as it was given."""
        if output != "aide":
            entity = VARIABLES[output].entity
            return Answer(block.columns[output, period], entity, frozenset({(output, period)}))
        column = ("salaire_net", period)
        famille = block.membership["famille"]
        total = np.bincount(famille.group, weights=block.columns[column], minlength=famille.count)
        return Answer(total, "famille", frozenset({column}), dict.fromkeys(side, total * 2))

    def evaluate_all(self, block: Block, wanted: Sequence[Wanted], *, threads: int = 1) -> list[Answer]:
        """Each output in turn."""
        return [self.evaluate(block, *one) for one in wanted]


def frames() -> dict[str, pl.DataFrame]:
    """Three households, four persons: a couple, and two persons alone."""
    persons = pl.DataFrame(
        {
            "id": ["p1", "p2", "p3", "p4"],
            "famille_id": ["f1", "f1", "f2", "f3"],
            "famille_role": ["demandeur", "conjoint", "demandeur", "demandeur"],
            "foyer_fiscal_id": ["d1", "d1", "d2", "d3"],
            "foyer_fiscal_role": ["declarant_principal", "conjoint", "declarant_principal", "declarant_principal"],
            "menage_id": ["m1", "m1", "m2", "m3"],
            "menage_role": ["personne_de_reference", "conjoint", "personne_de_reference", "personne_de_reference"],
            "date_naissance": [date(1980, 1, 1), date(1982, 2, 2), date(1990, 3, 3), date(2000, 4, 4)],
            "salaire_net@2026-01": [1000.0, 500.0, None, 0.0],
            "activite@2026-01": ["actif", "actif", "chomeur", None],
            "enceinte@2026-01": [False, True, None, False],
            "age_fin@2026-01": [1, 2, 3, None],
        }
    )
    return {
        "individu": persons,
        "famille": pl.DataFrame({"id": ["f1", "f2", "f3"]}),
        "foyer_fiscal": pl.DataFrame({"id": ["d1", "d2", "d3"], "rfr@2024": [1.0, 2.0, 3.0]}),
        "menage": pl.DataFrame(
            {"id": ["m1", "m2", "m3"], "loyer@2026-01": [500, 600, None], "depcom@2026-01": ["93066", None, "93001"]}
        ),
    }


def written(folder: Path, changed: Mapping[str, Any] | None = None) -> Path:
    """Write the folder, some entities being replaced by `changed`."""
    write_population(folder, {**frames(), **(changed or {})})
    return folder
