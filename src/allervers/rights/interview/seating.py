"""Answers as a block of the engine: the columns that the law reads, unknown where nothing was said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import Column
from allervers.engine.situation_block import SituationBlock, natural_column, situation_block
from allervers.engine.variables import Variable
from allervers.rights.interview.answers import Answers
from allervers.rights.interview.household import Household
from allervers.rights.interview.situation import Said, groups_of, inputs_said

Given = tuple[NDArray[Any], NDArray[np.bool_] | None]
"""A column, and where it is unknown (None: nowhere)."""


def block_of(answers: Answers, variable_of: Callable[[str], Variable]) -> SituationBlock:
    """The block of a household. Periods that say the same share their array: what is worked out of one holds for all.

    Arrays are read only.
    """
    grouped = _grouped(answers.household)
    columns: dict[Column, NDArray[Any]] = {}
    unknown: dict[Column, NDArray[np.bool_]] = {}
    entity_of: dict[Column, str] = {}
    for said in inputs_said(answers):
        variable = variable_of(said.item.variable)
        for period, (values, missing) in zip(said.periods, _by_period(variable, said), strict=True):
            column = said.item.variable, period
            columns[column], entity_of[column] = values, said.item.entity
            if missing is not None:
                unknown[column] = missing
    return replace(grouped, block=replace(grouped.block, columns=columns, entity_of=entity_of, unknown=unknown))


def _grouped(household: Household) -> SituationBlock:
    """Persons and groups alone."""

    def no_variable(name: str) -> Variable:
        raise KeyError(name)

    return situation_block(groups_of(household), no_variable)


def _by_period(variable: Variable, said: Said) -> list[Given]:
    if not any(isinstance(values, tuple) for values in said.by_row):
        return [_column(variable, said.by_row)] * len(said.periods)
    known: dict[tuple[Any, ...], Given] = {}
    found = []
    for position in range(len(said.periods)):
        values = tuple(one[position] if isinstance(one, tuple) else one for one in said.by_row)
        if values not in known:
            known[values] = _column(variable, values)
        found.append(known[values])
    return found


def _column(variable: Variable, values: Sequence[Any]) -> Given:
    missing = np.array([value is None for value in values], dtype=bool)
    return natural_column(variable, values), missing if missing.any() else None
