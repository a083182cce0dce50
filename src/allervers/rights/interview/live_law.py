"""The law ready to answer interviews: one program and its bounds for a month, made once in a process (seconds)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import Block, Column
from allervers.engine.compiled_law import CompiledLaw
from allervers.engine.domains import Cell, Days, Domains
from allervers.engine.enclosure.program import BoundsProgram
from allervers.engine.law import Wanted
from allervers.engine.necessary import candidate_facts
from allervers.engine.program import Asked, Program
from allervers.engine.questions import Interview, shape_of
from allervers.engine.situation_block import SituationBlock
from allervers.foundation.periods import Month
from allervers.population.ranges import stated_ranges
from allervers.rights.catalogue import Right, computed_rights
from allervers.rights.corrections import corrected_law
from allervers.rights.interview.answers import Answers, history, tax_years
from allervers.rights.interview.household import ADULT_AT
from allervers.rights.interview.seating import block_of
from allervers.rights.interview.situation import COLLECTED
from allervers.rights.interview.wording import PageAsked

OLDEST = 100
KEPT_PLACES = 24
"""Households seated and ready to be written over, a few megabytes each: the most frequent shapes."""


class Places:
    """Interviews of households that are over, lent again to others of the same shape: seating one is most of the time
    of an answer. What the one before said is written over, never read. For several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free: OrderedDict[tuple[bytes, ...], list[Interview]] = OrderedDict()

    @contextmanager
    def lent(
        self, bounds: BoundsProgram, block: Block, stated: Domains, wanted: Mapping[Asked, NDArray[np.bool_]]
    ) -> Iterator[Interview]:
        """The interview of a household, for the time of a request."""
        shape = shape_of(block)
        with self._lock:
            known = self._free.get(shape)
            found = known.pop() if known else None
        if found is None:
            found = Interview(bounds, block, stated, wanted)
        else:
            found.again(block, stated, wanted)
        yield found
        # Given back only when nothing went wrong: a half-written one is dropped.
        with self._lock:
            self._free.setdefault(shape, []).append(found)
            self._free.move_to_end(shape)
            while sum(map(len, self._free.values())) > KEPT_PLACES:
                oldest = next(iter(self._free))
                self._free[oldest].pop()
                if not self._free[oldest]:
                    del self._free[oldest]


@dataclass(frozen=True, eq=False)
class LiveLaw:
    """What interviews of a month share. `rights`: output of the program -> right. `towns`: where one may live."""

    month: Month
    law: CompiledLaw
    program: Program
    bounds: BoundsProgram
    rights: Mapping[Asked, Right]
    towns: tuple[str, ...]
    places: Places = field(default_factory=Places)

    def household(self, answers: Answers) -> SituationBlock:
        """The block of a household."""
        return block_of(answers, self.law.variable)

    def readers_of(self, page: PageAsked) -> list[str]:
        """Ids of the rights that read what a page asks, be they settled or not: from the program alone."""
        asked = page.variables
        return [right.id for output, right in self.rights.items()
                if any(name in asked for name, _period in self.program.reads[output])]  # fmt: skip

    def stated(self, block: Block, answers: Answers) -> Domains:
        """Between which values the unknown inputs of a household are looked for."""
        found = stated_ranges(block.columns, towns=self.towns, last_birth=self.month.first_day)
        births = ("date_naissance", "ETERNITY")
        for row in np.flatnonzero(block.unknown.get(births, ())):
            role = answers.household.persons[int(row)].role
            found[Cell(*births, int(row))] = _births(self.month.first_day, is_child=role == "child")
        return found

    def wanted(self, household: SituationBlock, answers: Answers) -> dict[Asked, NDArray[np.bool_]]:
        """The rows whose rights matter: who answers, their family, and the groups that these persons are in."""
        block = household.block
        ours = np.array([p.family == 0 for p in answers.household.persons])
        rows = {"individu": ours, "famille": np.zeros(block.count("famille"), bool)}
        rows["famille"][0] = True
        for group in ("foyer_fiscal", "menage"):
            rows[group] = np.zeros(block.count(group), bool)
            rows[group][block.membership[group].group[ours]] = True
        return {asked: rows[entity] for asked, entity in self.program.entities.items()}


def _births(on: date, *, is_child: bool) -> Days:
    if is_child:
        return Days(date(on.year - ADULT_AT, on.month, 1), on)
    return Days(date(on.year - OLDEST, 1, 1), date(on.year - 14, on.month, 1))


def collected_columns(month: Month) -> list[Column]:
    """Every column that a situation of an interview has, the same for all households."""
    periods: Mapping[str, Iterable[object]] = {
        "once": ["ETERNITY"], "yearly": tax_years(month), "monthly": history(month),
    }  # fmt: skip
    return [(item.variable, str(period)) for item in COLLECTED for period in periods[item.rhythm]]


def law_of_month(month: Month, towns: tuple[str, ...]) -> LiveLaw:
    """Load, or trace, the law of a month with its corrections."""
    law = CompiledLaw("corrected", corrected_law())
    facts = candidate_facts(collected_columns(month), law.variable)
    named = {right.computation.output: right for right in computed_rights() if right.computation is not None}
    program = law.program(facts, [Wanted(name, str(month)) for name in named])
    rights = {asked: named[asked.variable] for asked in program.outputs}
    return LiveLaw(month, law, program, BoundsProgram(program), rights, towns)


class Loading:
    """The law of this process, loaded beside the requests at the first one that needs it. For several threads."""

    def __init__(self, load: Callable[[Month], LiveLaw], then: Callable[[LiveLaw], None] | None = None) -> None:
        """`then`: what is made ready afterwards, in the same thread, while the law already answers."""
        self._load = load
        self._then = then
        self._lock = threading.Lock()
        self._ready: LiveLaw | None = None
        self._under_way: Month | None = None
        self.failed: str = ""
        """Kind of the error of the last load, "" when it went well."""

    def ready(self, month: Month) -> LiveLaw | None:
        """The law of a month; None while it loads: its loading is started if it was not."""
        with self._lock:
            if self._ready is not None and self._ready.month == month:
                return self._ready
            if self._under_way != month:
                self._under_way = month
                threading.Thread(target=self._loaded, args=(month,), name="law", daemon=True).start()
            return None

    def wait(self, month: Month, seconds: float = 600.0) -> LiveLaw:
        """The law of a month, waited for. Raises TimeoutError."""
        deadline = threading.Event()
        for _ in range(int(seconds * 10)):
            found = self.ready(month)
            if found is not None:
                return found
            deadline.wait(0.1)
        raise TimeoutError("the law did not load")

    def _loaded(self, month: Month) -> None:
        try:
            found = self._load(month)
        except Exception as error:
            # Whatever happened, the next request must be able to try again.
            with self._lock:
                self._under_way, self.failed = None, type(error).__name__
            raise
        with self._lock:
            self._ready, self._under_way, self.failed = found, None, ""
        if self._then is not None:
            self._then(found)
