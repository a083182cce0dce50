"""One household described as a situation, answered by a compiled program: what OpenFisca's web API answers, at once.

Only what is surely read as OpenFisca reads it takes this way; the rest, errors included, is left to OpenFisca.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import Block, Column
from allervers.engine.errors import NotReadHere, StaleProgram
from allervers.engine.facts import facts_of, natural_values
from allervers.engine.law import Wanted
from allervers.engine.program import Asked as AskedOutput
from allervers.engine.situation import Situation, asked_in, copied
from allervers.engine.situation_block import SituationBlock, situation_block
from allervers.engine.variables import Variable
from allervers.foundation.errors import InvalidInput


@dataclass(frozen=True)
class SituationAnswers:
    """What was computed: natural values by (variable, period), rows in the order of the situation."""

    block: SituationBlock
    values: Mapping[Column, NDArray[Any]]


def answered(law: Any, situation: Situation, asked: Sequence[Column], spirals: int | None = None) -> SituationAnswers:
    """The (variable, period) asked of a situation, in this order in one simulation. `law`: a CompiledLaw.

    Raises NotReadHere, and Untraceable for a formula that no graph can say.
    """
    names = {name for name, _ in asked}
    try:
        read = situation_block(situation, law.variable, names)
        _check(read.block, situation, law, asked)
        block = _with_defaults(read.block, law)
        wanted = [Wanted(name, period) for name, period in asked]
        program = law.program(facts_of([block], law.variable, is_general=True), wanted, together=True, spirals=spirals)
        # A number too large for the program's rules is no error of the user's: OpenFisca computes it.
        values = program.run(block, law.engine)
    except (InvalidInput, StaleProgram) as error:
        raise NotReadHere(str(error)) from error
    natural = {
        (one.output, one.period): natural_values(law.variable(one.output), values[AskedOutput(one.output, one.period)])
        for one in wanted
    }
    return SituationAnswers(read, natural)


def filled(law: Any, situation: Situation) -> Situation:
    """The situation with its nulls filled. Raises NotReadHere, SituationError."""
    cells = asked_in(situation)
    asked = list(dict.fromkeys((cell.variable, cell.period) for cell in cells))
    if not asked:
        raise NotReadHere("nothing is asked")
    found = answered(law, situation, asked)
    result: Situation = copied(situation)
    for cell in cells:
        variable = law.variable(cell.variable)
        row = found.block.row(variable.entity, cell.identifier)
        try:
            value = json_value(variable, found.values[cell.variable, cell.period][row])
        except ValueError as error:
            raise cell.error(str(error)) from error
        result[cell.plural][cell.identifier][cell.variable][cell.period] = value
    return result


def json_value(variable: Variable, value: Any) -> Any:
    """A natural value as OpenFisca's web API writes it. Raises ValueError for a number that is not finite."""
    if variable.value_type == "float":
        # Through text: a 32-bit float then shows no decimals that it does not hold.
        number = float(str(value))
        if not np.isfinite(number):
            raise ValueError("The result is not a finite number.")
        return number
    if variable.value_type in ("str", "enum", "date"):
        return str(value)
    return value.item()


def _check(block: Block, situation: Situation, law: Any, asked: Sequence[Column]) -> None:
    """Raise NotReadHere for what OpenFisca may read otherwise."""
    given, names = set(block.columns), {name for name, _ in asked}
    for name, period in given:
        variable = law.variable(name)
        is_year = len(period) == 4 and variable.rhythm == "month"
        if is_year and all((name, f"{period}-{month:02d}") in given for month in range(1, 13)):
            raise NotReadHere("a year and all its months")
    nulls = {
        name
        for instances in situation.values()
        for instance in instances.values()
        for name, values in instance.items()
        if isinstance(values, dict) and None in values.values()
    }
    if any(name in nulls and ((name, at) in given or law.variable(name).rhythm == "eternity") for name, at in asked):
        raise NotReadHere("a variable both given and asked")
    if nulls - names:
        raise NotReadHere("a null that is no output")


def _with_defaults(block: Block, law: Any) -> Block:
    """The block whose missing values are the law's defaults, as OpenFisca fills them."""
    columns = dict(block.columns)
    for column, missing in block.unknown.items():
        values = columns[column].astype(object) if columns[column].dtype.kind == "U" else columns[column].copy()
        default = law.variable(column[0]).default
        values[missing] = np.datetime64(str(default)) if values.dtype.kind == "M" else default
        columns[column] = values.astype(str) if values.dtype == object else values
    return replace(block, columns=columns, unknown={})
