"""Why a right is open or not for a household: the sentences of the engine, over the law of this month.

The graph with its names is traced once a right (seconds) and stored: it serves every household.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from allervers.engine.block import Block
from allervers.engine.enclosure.columns import completed
from allervers.engine.explain.explaining import explained
from allervers.engine.explain.naming import NamedProgram
from allervers.engine.explain.reading import Reading
from allervers.engine.explain.sentences import as_text
from allervers.engine.explain.words import Words
from allervers.engine.facts import natural_values
from allervers.engine.law import Wanted
from allervers.engine.program import Asked
from allervers.rights.interview.conversation import Conversation
from allervers.rights.interview.household import named
from allervers.rights.interview.live_law import LiveLaw

_BELOW = "D'où viennent ces valeurs :"
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Why:
    """The sentences that decide, then where their values come from. `supposed`: read, not said, without effect."""

    lines: tuple[str, ...]
    below: tuple[str, ...] = ()
    supposed: tuple[str, ...] = ()


def why(conversation: Conversation, asked: Asked, row: int, *, detail: int = 1) -> Why | None:
    """Why a right has its value for a row; None while unknown answers can still change it."""
    if (asked, row) in conversation.interview.open_rights():
        return None
    live = conversation.live
    program = _named(live, asked.variable)
    block, unsaid = _whole(conversation, {column for column, _entity in program.program.inputs()})
    names = named(conversation.answers.household.persons)

    def whose(entity: str, at: int) -> str:
        return names[conversation.household.identifiers["individu"][at]] if entity == "individu" else ""

    words = Words(live.law.variable, live.law.stock.system)
    reading = Reading.of(program, block, words, str(live.month), whose)
    found = explained(reading, asked.variable, str(live.month), row, detail=detail)
    lines = [line.strip().removeprefix("- ") for line in as_text(found, detail=detail).splitlines()]
    cut = lines.index(_BELOW) if _BELOW in lines else len(lines)
    return Why(tuple(lines[:cut]), tuple(lines[cut + 1 :]), tuple(unsaid))


def warm(live: LiveLaw) -> None:
    """Make every right ready to be explained: for a thread beside the requests."""
    for asked in live.rights:
        _named(live, asked.variable)


def _named(live: LiveLaw, variable: str) -> NamedProgram:
    with _LOCK:  # traced once, be it asked by several requests
        return _named_once(live, variable)


@lru_cache(maxsize=64)
def _named_once(live: LiveLaw, variable: str) -> NamedProgram:
    return live.law.named_program(live.program.facts, Wanted(variable, str(live.month)))


def _whole(conversation: Conversation, reads: set[object]) -> tuple[Block, list[str]]:
    """The household where each unknown value is one that is possible: any gives the same result.

    Returns the labels of what the right reads and was not said.
    """
    block = conversation.household.block
    columns = dict(block.columns)
    unsaid: dict[str, None] = {}
    for key, possible in conversation.interview.possible.items():
        column = (key.variable, key.period)
        mask = block.unknown.get(column)
        if mask is None or not mask.any():
            continue
        variable = conversation.live.program.variables[key.variable]
        natural = natural_values(variable, completed(possible))
        if natural.dtype.kind in "UO":
            columns[column] = np.where(mask, natural.astype(str), columns[column].astype(str))
        else:
            columns[column] = np.where(mask, natural, columns[column]).astype(columns[column].dtype)
        if key in reads:
            unsaid[variable.label] = None
    left = {column: mask for column, mask in block.unknown.items() if column not in columns}
    return replace(block, columns=columns, unknown=left), list(unsaid)
