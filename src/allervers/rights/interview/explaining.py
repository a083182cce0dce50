"""Why a right is open or not for a household: plain sentences first, then the path of the law, for experts.

The graph with its names is traced once a right (seconds) and stored: it serves every household.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import Block
from allervers.engine.copies import repeated
from allervers.engine.enclosure.columns import Between, Possible, completed
from allervers.engine.explain.explaining import explained
from allervers.engine.explain.naming import NamedProgram
from allervers.engine.explain.reading import Reading, Spot
from allervers.engine.explain.sentences import as_text
from allervers.engine.explain.words import Words
from allervers.engine.facts import natural_values
from allervers.engine.law import Wanted
from allervers.engine.ops import InputKey
from allervers.engine.program import Asked
from allervers.rights.interview.conversation import Conversation
from allervers.rights.interview.household import named
from allervers.rights.interview.live_law import LiveLaw
from allervers.rights.reasons.law_values import Index, LawValues, index_of
from allervers.rights.reasons.speech import FRENCH, Speech
from allervers.rights.reasons.telling import Said, told

NO_REASON = "Le calcul ne donne pas ce droit, sans qu'une seule condition suffise à dire pourquoi : voir le détail."
_LABELS: Mapping[str, str] = {
    "css_participation_forfaitaire": "Participation à la complémentaire santé solidaire, par mois",
    "css_participation_forfaitaire_montant": "Participation demandée, par mois",
    "cmu_c": "Complémentaire santé solidaire gratuite",
    "maries": "Couple marié ou pacsé",
    "residence_mayotte": "Le logement est à Mayotte",
}
"""Labels of the law's code that mislead: a period that is wrong, the name of a right that is no more."""
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Why:
    """The sentences that decide, the decisive one first; the articles; the path of the law, line by line.

    `supposed`: read, not said, without effect.
    """

    said: tuple[Said, ...]
    path: tuple[str, ...] = ()
    supposed: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The sentences alone."""
        return tuple(one.text for one in self.said)

    @property
    def articles(self) -> tuple[str, ...]:
        """The articles that the sentences rest on, each once."""
        return tuple(dict.fromkeys(one.article for one in self.said if one.article))


def why(
    conversation: Conversation, asked: Asked, row: int, *, detail: int = 1, spoken: bool = True, speech: Speech = FRENCH
) -> Why | None:  # fmt: skip
    """Why a right has its value for a row; None while unknown answers can still change it.

    `spoken`: said to the person who answers; else to an agent. `speech`: the language of the sentences; the path of the
    law stays in French, as its labels are.
    """
    if (asked, row) in conversation.interview.open_rights():
        return None
    live = conversation.live
    program, index = _named(live, asked.variable)
    block, copies, unsaid = _whole(conversation, {column for column, _entity in program.program.inputs()})
    names = named(conversation.answers.household.persons)
    persons = conversation.household.identifiers["individu"]

    def whose(entity: str, at: int) -> str:
        return names[persons[at % len(persons)]] if entity == "individu" else ""

    reading = Reading.of(program, block, _words(live), str(live.month), whose)
    because = cache(lambda: explained(reading, asked.variable, str(live.month), row, detail=detail))
    entity = reading.words.variable_of(asked.variable).entity
    values = LawValues(reading, index, entity, row, _parameters(live), because, copies)
    root = next(iter(program.program.roots.values()))
    amount = root.value if root.is_const else reading.value(Spot(root, row))
    said = told(live.rights[asked].id, "yes" if amount > 0 else "no", values, spoken=spoken, speech=speech)
    path = tuple(line.strip().removeprefix("- ") for line in as_text(because(), detail=detail).splitlines())
    return Why(said or (Said(speech.say(NO_REASON), ""),), path, tuple(unsaid))


def _parameters(live: LiveLaw) -> Callable[[str], float | None]:
    return lambda path: live.law.parameter(path, str(live.month.first_day))


def warm(live: LiveLaw) -> None:
    """Make every right ready to be explained: for a thread beside the requests."""
    for asked in live.rights:
        _named(live, asked.variable)
    # The names of the law's parameters are read from OpenFisca, which stored programs do without: seconds that
    # the first person who asks why would wait.
    _words(live)


def _words(live: LiveLaw) -> Words:
    return Words(live.law.variable, live.law.stock.system, _LABELS)


def _named(live: LiveLaw, variable: str) -> tuple[NamedProgram, Index]:
    with _LOCK:  # traced once, be it asked by several requests
        return _named_once(live, variable)


@lru_cache(maxsize=64)
def _named_once(live: LiveLaw, variable: str) -> tuple[NamedProgram, Index]:
    found = live.law.named_program(live.program.facts, Wanted(variable, str(live.month)))
    return found, index_of(found)


def _whole(conversation: Conversation, reads: set[InputKey]) -> tuple[Block, int, list[str]]:
    """The household where each unknown value is one that is possible: any gives the same result.

    It lies twice where something is unknown, once with the least values and once with the greatest: what is said of it
    must hold for both. Returns the block, how many times, and the labels of what the right reads and was not said.
    """
    block = conversation.household.block
    unknown = {
        key: possible
        for key, possible in conversation.interview.possible.items()
        if key in reads and (mask := block.unknown.get((key.variable, key.period))) is not None and mask.any()
    }
    unsaid = dict.fromkeys(conversation.live.program.variables[key.variable].label for key in unknown)
    copies = 2 if unknown else 1
    read = {(key.variable, key.period) for key in reads}
    whole = repeated(replace(block, columns={c: v for c, v in block.columns.items() if c in read}), copies)
    columns = dict(whole.columns)
    for key, possible in unknown.items():
        column = (key.variable, key.period)
        ends = [completed(possible), _greatest(possible)][:copies]
        variable = conversation.live.program.variables[key.variable]
        natural = natural_values(variable, np.concatenate(ends))
        given, mask = columns[column], whole.unknown[column]
        if natural.dtype.kind in "UO":
            columns[column] = np.where(mask, natural.astype(str), given.astype(str))
        else:
            columns[column] = np.where(mask, natural, given).astype(given.dtype)
    return replace(whole, columns=columns, unknown={}), copies, list(unsaid)


def _greatest(possible: Possible) -> NDArray[Any]:
    """Another value for each row that is not known: the greatest, or the last that is possible."""
    if isinstance(possible, Between):
        return possible.high
    last = possible.may.shape[1] - 1 - possible.may[:, ::-1].argmax(axis=1)
    return np.asarray(possible.values[last])
