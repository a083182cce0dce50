"""A situation of OpenFisca's web API explained: one explanation for each null that asks the variable."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from allervers.engine.explain.explaining import explained
from allervers.engine.explain.naming import named_program
from allervers.engine.explain.reading import Reading
from allervers.engine.explain.record import Explanation
from allervers.engine.explain.words import Words
from allervers.engine.facts import facts_of
from allervers.engine.law import Wanted
from allervers.engine.openfisca import OpenFiscaLaw
from allervers.engine.situation import Asked, Situation, asked_in
from allervers.engine.situation_block import SituationBlock, situation_block
from allervers.engine.variables import Variable
from allervers.foundation.errors import InvalidInput

_PERIOD = re.compile(r"(?:month:|year:)?(\d{4}(?:-\d{2})?)(?::1)?")


def explained_situation(
    law: OpenFiscaLaw, situation: Situation, variable: str, *, detail: int = 1
) -> list[tuple[Asked, Explanation]]:
    """Why `variable` has its value, for each null of the situation that asks it, in their order.

    Values are those of a fresh simulation. Raises InvalidInput: no null asks the variable, or the situation does not
    hold together; Untraceable for a formula that no graph can say.
    """
    known = law.variable(variable)
    cells = [cell for cell in asked_in(situation) if cell.variable == variable]
    if not cells:
        raise InvalidInput(
            f"« {variable} » n'est pas demandée : donnez-lui la valeur null, pour une période, dans la situation.",
            variable=variable,
        )
    household = household_of(law, situation)
    words = Words(law.variable, law.system)
    found: list[tuple[Asked, Explanation]] = []
    facts = facts_of([household.block], law.variable, is_general=True)
    for period in dict.fromkeys(period_of(known, cell.period) for cell in cells):
        named = named_program(law, facts, [Wanted(variable, period)])
        reading = Reading.of(named, household.block, words, period, partial(_whose, household))
        for cell in cells:
            if period_of(known, cell.period) == period:
                row = household.row(known.entity, cell.identifier)
                found.append((cell, explained(reading, variable, period, row, detail=detail)))
    return found


def _whose(household: SituationBlock, entity: str, row: int) -> str:
    """The identifier of a row; nothing for the only group of its kind."""
    names = household.identifiers[entity]
    return names[row] if entity == "individu" or len(names) > 1 else ""


def household_of(law: OpenFiscaLaw, situation: Situation) -> SituationBlock:
    """The block of a situation, its nulls left to be computed. Raises SituationError, and InvalidInput.

    What a row is not given takes the default value of the law, as OpenFisca does.
    """
    asked = {cell.variable for cell in asked_in(situation)}
    found = situation_block(situation, law.variable, asked)
    columns = dict(found.block.columns)
    for column, missing in found.block.unknown.items():
        filled = columns[column].astype(object)
        filled[missing] = default_of(law, column[0])
        kind = columns[column].dtype
        columns[column] = filled.astype(kind if kind.kind != "U" else np.str_)
    return SituationBlock(replace(found.block, columns=columns, unknown={}), found.identifiers)


def default_of(law: OpenFiscaLaw, name: str) -> Any:
    """The default value of a variable; the name of an item of an enumeration."""
    value = law.system.variables[name].default_value
    return getattr(value, "name", value)


def period_of(variable: Variable, text: str) -> str:
    """A period of a situation as the engine writes it. Raises InvalidInput for another than one month or one year."""
    if variable.rhythm == "eternity":
        return "ETERNITY"
    match = _PERIOD.fullmatch(text)
    if match is None:
        raise InvalidInput(f"« {text[:40]} » : seuls un mois (2026-01) ou une année (2026) peuvent être expliqués.")
    return match[1]
