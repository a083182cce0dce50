"""What if: one household over many values of an input, in one run, as curves; where rights start, stop, jump."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import Block, Column
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


def completed(block: Block, default_of: Callable[[str], Any]) -> tuple[Block, list[Column]]:
    """The household where what is unknown takes the law's default, and the columns completed: to be told to the user.

    `default_of`: variable -> natural value where the law is given none.
    """
    columns, done = dict(block.columns), []
    for column, mask in block.unknown.items():
        if mask.any():
            default = np.asarray([default_of(column[0])]).astype(columns[column].dtype)
            columns[column] = np.where(mask, default, columns[column])
            done.append(column)
    return replace(block, columns=columns, unknown={}), done


def curves(
    program: Program, block: Block, varied: Sequence[Varied], values: Floats, *, engine: str = "native"
) -> Curves:
    """Every output of the program for each value of what varies: one run over as many copies of the household.

    Raises InvalidInput when a value that the program reads is unknown, or when nothing that varies is read.
    """
    refuse_unknown(program, block)
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
) -> tuple[list[Turn], int]:
    """Where rights start, stop or jump along the curves, placed by a second run inside the steps concerned.

    Returns the turns, and how many steps with a jump were left out: MOST_REFINED steps are looked into, those where a
    right starts or stops first.
    """
    edges: dict[int, bool] = {}
    for result in found.results.values():
        for row in range(result.shape[1]):
            for step, is_edge in _events(found.values, result[:, row]):
                edges[step] = edges.get(step, False) or is_edge
    chosen = sorted(sorted(edges, key=lambda step: (not edges[step], step))[:MOST_REFINED])
    if not chosen:
        return [], 0
    inner = np.concatenate([np.linspace(found.values[s], found.values[s + 1], REFINED) for s in chosen])
    finer = curves(program, block, varied, inner, engine=engine)
    told: list[Turn] = []
    for asked, result in finer.results.items():
        for row in range(result.shape[1]):
            for number in range(len(chosen)):
                part = slice(number * REFINED, (number + 1) * REFINED)
                told += _turns_of(asked, row, finer.values[part], result[part, row])
    return sorted(told, key=lambda turn: (turn.asked, turn.row, turn.at)), len(edges) - len(chosen)


def _events(values: Floats, result: Floats) -> list[tuple[int, bool]]:
    """Steps where a result starts or stops (True), or changes more than a slope of the law explains (False)."""
    change = np.abs(np.diff(result))
    crosses = (result[1:] > 0) != (result[:-1] > 0)
    steep = change > STEEP * np.diff(values) + CENTS
    return [(int(step), bool(crosses[step])) for step in np.flatnonzero(crosses | steep)]


def _turns_of(asked: Asked, row: int, values: Floats, result: Floats) -> list[Turn]:
    found = []
    for step, _is_edge in _events(values, result):
        before, after = float(result[step]), float(result[step + 1])
        kind: Literal["start", "stop", "jump"] = "jump"
        if (before > 0) != (after > 0):
            kind = "start" if after > 0 else "stop"
        width = float(values[step + 1] - values[step])
        found.append(Turn(asked, row, kind, float(values[step + 1]), width, before, after))
    return found


def refuse_unknown(program: Program, block: Block) -> None:
    """Raise InvalidInput when a value that the program reads is unknown."""
    for key, _entity in program.inputs():
        mask = block.unknown.get((key.variable, key.period))
        if mask is not None and mask.any():
            label = program.variables[key.variable].label
            raise InvalidInput(
                f"« {label} » ({key.variable}, {key.period}) est inconnue : une courbe demande une situation complète. "
                "Répondez d'abord aux questions (allervers questions), ou dites --default-unknown.",
                variable=key.variable,
            )
