"""What if: one household over many values of an input, in one run, as curves; where rights start, stop, jump."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import Block, Membership
from allervers.engine.copies import repeated
from allervers.engine.program import Asked, Program
from allervers.foundation.errors import InvalidInput

Floats = NDArray[np.float64]
STEEP = 2.0
"""Slope, in euros of result by unit of the input, above which a change between two neighbours may be a jump."""
CENTS = 1.0
"""Change, in the unit of the output, under which there is no jump: results are rounded to the euro at most."""
REFINED = 64
"""Points looked at inside a step where something happens, to say where."""
MOST_REFINED = 40
"""Most steps looked into."""


class Varied(NamedTuple):
    """What varies: a variable for a row of its entity, for these periods together."""

    variable: str
    row: int
    periods: tuple[str, ...]


class Turn(NamedTuple):
    """A point of a curve where something happens, at `at` (within `within`) on the axis of the input.

    `before`, `after`: the results on both sides, in the unit of the output.
    """

    asked: Asked
    row: int
    kind: Literal["start", "stop", "jump"]
    at: float
    within: float
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Curves:
    """Results by value. `values`: shape (steps,); `results[output]`: shape (steps, rows of its entity)."""

    values: Floats
    results: Mapping[Asked, Floats]

    def slopes(self, asked: Asked, row: int) -> Floats:
        """Change of a result for one more unit of the input, between neighbours. Shape (steps - 1,)."""
        return np.diff(self.results[asked][:, row]) / np.diff(self.values)

    def kept(self, rights: Mapping[tuple[Asked, int], float], own: float = 1.0) -> Floats:
        """What the household keeps of one more unit: `own` of it, and what the rights (weighted) give or take back.

        One minus this is the effective marginal rate. Shape (steps - 1,).
        """
        total = np.full(len(self.values) - 1, own)
        for (asked, row), weight in rights.items():
            total = total + weight * self.slopes(asked, row)
        return total


def curves(
    program: Program, block: Block, varied: Sequence[Varied], values: Floats, *, engine: str = "native"
) -> Curves:
    """Every output of the program for each value of what varies: one run over as many copies of the household.

    Raises InvalidInput when a value that the program reads is unknown, or when nothing that varies is read.
    """
    _refuse_unknown(program, block)
    wide = {key.variable for key, _entity in program.inputs()}
    if not any(one.variable in wide for one in varied):
        raise InvalidInput(
            "Aucun des droits demandés ne dépend de cette entrée dans ces données : choisissez-en une autre.",
            variable=varied[0].variable if varied else "",
        )
    many = repeated(block, len(values))
    columns = dict(many.columns)
    for one in varied:
        for period in one.periods:
            column = (one.variable, period)
            if column not in columns:
                raise InvalidInput(
                    f"La situation ne donne pas « {one.variable} » pour {period} : ajoutez cette période.",
                    variable=one.variable,
                )
            count = block.count(block.entity_of[column])
            changed = np.array(columns[column])
            changed = changed.astype(np.float64) if changed.dtype.kind in "iuf" else changed
            changed[one.row :: count] = values
            columns[column] = changed
    return Curves(
        np.asarray(values, dtype=np.float64), outputs_of(program, replace(many, columns=columns), engine, len(values))
    )


def outputs_of(program: Program, block: Block, engine: str, copies: int) -> dict[Asked, Floats]:
    """The outputs of a block of copies as real numbers. Shape: (copies, rows of the entity)."""
    results = program.run(block, engine)
    return {asked: np.asarray(array).astype(np.float64).reshape(copies, -1) for asked, array in results.items()}


def turns(
    program: Program, block: Block, varied: Sequence[Varied], found: Curves, *, engine: str = "native"
) -> list[Turn]:
    """Where rights start, stop or jump along the curves, placed by a second run inside the steps concerned."""
    steps = sorted({step for asked, result in found.results.items() for row in range(result.shape[1])
                    for step in _events(found.values, result[:, row])})[:MOST_REFINED]  # fmt: skip
    if not steps:
        return []
    inner = np.concatenate([np.linspace(found.values[s], found.values[s + 1], REFINED) for s in steps])
    finer = curves(program, block, varied, inner, engine=engine)
    told: list[Turn] = []
    for asked, result in finer.results.items():
        for row in range(result.shape[1]):
            for number in range(len(steps)):
                part = slice(number * REFINED, (number + 1) * REFINED)
                told += _turns_of(asked, row, finer.values[part], result[part, row])
    return sorted(told, key=lambda turn: (turn.asked, turn.row, turn.at))


def _events(values: Floats, result: Floats) -> list[int]:
    """Steps where a result starts, stops, or changes more than a slope of the law explains."""
    change = np.abs(np.diff(result))
    crosses = (result[1:] > 0) != (result[:-1] > 0)
    return [int(step) for step in np.flatnonzero(crosses | (change > STEEP * np.diff(values) + CENTS))]


def _turns_of(asked: Asked, row: int, values: Floats, result: Floats) -> list[Turn]:
    found = []
    for step in _events(values, result):
        before, after = float(result[step]), float(result[step + 1])
        kind: Literal["start", "stop", "jump"] = "jump"
        if (before > 0) != (after > 0):
            kind = "start" if after > 0 else "stop"
        width = float(values[step + 1] - values[step])
        found.append(Turn(asked, row, kind, float(values[step + 1]), width, before, after))
    return found


def _refuse_unknown(program: Program, block: Block) -> None:
    for key, _entity in program.inputs():
        mask = block.unknown.get((key.variable, key.period))
        if mask is not None and mask.any():
            label = program.variables[key.variable].label
            raise InvalidInput(
                f"« {label} » ({key.variable}, {key.period}) est inconnue : une courbe demande une situation complète. "
                "Répondez d'abord aux questions (allervers questions).",
                variable=key.variable,
            )


# --- a birth: one more person ---

NEWBORN_ROLES: Mapping[str, str] = {"famille": "enfant", "foyer_fiscal": "personne_a_charge", "menage": "enfant"}
"""Roles of a child who is born, by kind of group."""


def with_births(block: Block, parent: int, births: int, given: Mapping[str, Any]) -> Block:
    """The household with that many more children, in the groups of the person at row `parent`.

    `given`: variable -> natural value of a newborn, among which the date of birth. An amount that is not given is 0 and
    a truth value is False: a newborn has neither income nor status. Raises InvalidInput for a text or an item that is
    not given.
    """
    if births == 0:
        return block
    membership = {
        name: Membership(
            members.count,
            np.concatenate([members.group, np.repeat(members.group[parent], births)]),
            np.concatenate([members.role, np.repeat(NEWBORN_ROLES[name], births)]),
        )
        for name, members in block.membership.items()
    }
    columns, unknown = dict(block.columns), dict(block.unknown)
    for column, values in block.columns.items():
        if block.entity_of[column] == "individu":
            new = np.repeat(np.asarray([_of_newborn(column[0], values, given)]), births)
            columns[column] = np.concatenate([values, new.astype(values.dtype) if values.dtype.kind != "U" else new])
            if column in unknown:
                unknown[column] = np.concatenate([unknown[column], np.zeros(births, dtype=bool)])
    return replace(block, persons=block.persons + births, membership=membership, columns=columns, unknown=unknown)


def _of_newborn(name: str, values: NDArray[Any], given: Mapping[str, Any]) -> Any:
    if name in given:
        return np.datetime64(given[name], "D") if values.dtype.kind == "M" else given[name]
    if values.dtype.kind in "iufb":
        return values.dtype.type(0)
    raise InvalidInput(f"Donnez « {name} » pour l'enfant à naître : rien ne permet de le deviner.", variable=name)


def by_births(
    program: Program,
    block: Block,
    parent: int,
    births: Sequence[int],
    given: Mapping[str, Any],
    *,
    engine: str = "native",
) -> Curves:
    """The outputs for each number of births, for the rows of the household as it is (groups keep their rows)."""
    results: dict[Asked, list[Floats]] = {asked: [] for asked in program.outputs}
    for count in births:
        changed = with_births(block, parent, count, given)
        _refuse_unknown(program, changed)
        for asked, array in outputs_of(program, changed, engine, 1).items():
            results[asked].append(array[0, : block.count(program.entities[asked])])
    return Curves(np.array(births, dtype=np.float64), {asked: np.stack(rows) for asked, rows in results.items()})
