"""The law answered by compiled programs: the same results as OpenFisca's, without loading it once they are stored."""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from allervers.engine.backends.library import available
from allervers.engine.block import Block
from allervers.engine.compiled_situation import filled
from allervers.engine.errors import NotReadHere, Untraceable
from allervers.engine.facts import Facts, facts_of, natural_values
from allervers.engine.law import Answer, Changes, Wanted, aligned
from allervers.engine.program import ENGINES, Asked, Program, Values
from allervers.engine.store import ProgramStore, code_digest, key_of, variable_as_json, variable_of_json
from allervers.engine.variables import Variable, unknown_variable
from allervers.engine.versions import ENGINE_VERSION, LAW_VERSION
from allervers.foundation.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from allervers.engine.explain.naming import NamedProgram
    from allervers.engine.openfisca import OpenFiscaLaw

_LOG = logging.getLogger(__name__)
PROGRAMS_KEPT = 64
"""Programs kept in memory, the last used: one of eighteen rights takes about 40 MB once its graph is read."""
NODES_SHARED = 200_000
"""Nodes of the graph that traces share, above which the next trace begins on an empty one."""


class CompiledLaw:
    """A version of the law behind compiled programs (see engine.law.Law). `engine`: native, numpy or reference.

    A program serves every population that has the same columns; it is traced once and stored.
    """

    version = LAW_VERSION

    def __init__(
        self,
        name: str = "openfisca",
        changes: Changes | None = None,
        engine: str = "",
        store: ProgramStore | None = None,
        stock: OpenFiscaLaw | None = None,
        most_programs: int = PROGRAMS_KEPT,
    ) -> None:
        if stock is not None:
            self.__dict__["stock"] = stock
        self.name = name
        self.changes = changes or Changes()
        self.engine = chosen_engine(engine)
        self.is_eager = bool(engine)
        """An engine named by the user is used at once; else a situation met for the first time is left to OpenFisca,
        which answers it in two seconds where its program takes ten to be traced."""
        self.store = store if store is not None else ProgramStore()
        self._law_key = f"{ENGINE_VERSION} {self.changes!r}"
        self._programs = RecentPrograms(most_programs)
        self._sessions: dict[frozenset[tuple[str, str]], Any] = {}

    @cached_property
    def stock(self) -> OpenFiscaLaw:
        """The same law computed by OpenFisca: loaded to trace, to name parameters, for what no program answers."""
        from allervers.engine.openfisca import OpenFiscaLaw

        return OpenFiscaLaw(self.name, self.changes)

    @cached_property
    def _variables(self) -> dict[str, Variable]:
        key = f"variables-{_short(self._law_key + code_digest())}"
        stored = self.store.load_json(key)
        if stored is None:
            stored = [variable_as_json(self.stock.variable(name)) for name in sorted(self.stock.names())]
            self.store.save_json(key, stored)
        return {data["name"]: variable_of_json(data) for data in stored}

    def names(self) -> frozenset[str]:
        """Names of every variable of the law."""
        return frozenset(self._variables)

    def variable(self, name: str) -> Variable:
        """The variable of that name. Raises InvalidInput, with the nearest name, when there is none."""
        found = self._variables.get(name)
        if found is None:
            raise unknown_variable(name, self._variables)
        return found

    def parameter(self, path: str, on: str) -> float | None:
        """Value of a parameter at a date; None where it has none. Raises InvalidInput for an unknown path."""
        key = f"parameter-{_short(f'{self._law_key} {code_digest()} {path} {on}')}"
        stored = self.store.load_json(key)
        if stored is None:
            stored = [self.stock.parameter(path, on)]
            self.store.save_json(key, stored)
        value: float | None = stored[0]
        return value

    def evaluate(self, block: Block, output: str, period: str, side: Sequence[str] = ()) -> Answer:
        """Amounts of `output` for `period` over the block, as in a fresh simulation (see engine.law.Law)."""
        (answer,) = self.evaluate_all(block, [Wanted(output, period, tuple(side))])
        return answer

    def evaluate_all(self, block: Block, wanted: Sequence[Wanted], *, threads: int = 1) -> list[Answer]:
        """An answer for each output wanted, in order: one program, one run over the block."""
        program = self.program(facts_of([block], self.variable, is_general=True), wanted)
        values = program.run(block, self.engine, threads=threads)
        return [self._answer(program, block, one, values) for one in wanted]

    def program(
        self, facts: Facts, wanted: Sequence[Wanted], *, together: bool = False, spirals: int | None = None
    ) -> Program:
        """The program of these outputs on data with these columns: kept in memory, stored, or traced now.

        `together`, `spirals`: see compile.compiled.
        """
        order = [*wanted] if together else sorted(wanted)
        key = key_of(self._law_key, facts, [*order, (together, spirals)])
        found = self._programs.get(key) or self.store.load(key)
        if found is None and together and not self.is_eager and not self.store.was_seen(key):
            raise NotReadHere("a situation of a new shape")
        if found is None:
            from allervers.engine.compile import Session, compiled

            held = facts.always_held
            session = self._sessions.get(held)
            if session is None or len(session.trace.builder.graph.nodes) > NODES_SHARED:
                session = self._sessions[held] = Session.new(held)
            found = compiled(self.stock, facts, wanted, session, together=together, spirals=spirals)
            self.store.save(key, found)
        self._programs.keep(key, found)
        return found

    def named_program(self, facts: Facts, wanted: Wanted) -> NamedProgram:
        """The program of an output with the names of its values, to explain it: stored, or traced now (seconds)."""
        from allervers.engine.explain.naming import NamedProgram, named_program

        key = key_of(self._law_key, facts, [wanted, ("named",)])
        found, names = self.store.load(key), self.store.load_json(f"{key}-names")
        if found is not None and names is not None:
            known = {int(node): [(variable, period) for variable, period in of] for node, of in names.items()}
            return NamedProgram(found, known)
        made = named_program(self.stock, facts, [wanted])
        self.store.save(key, made.program)
        self.store.save_json(f"{key}-names", {node: list(known) for node, known in made.names.items()})
        return made

    def _answer(self, program: Program, block: Block, wanted: Wanted, values: Values) -> Answer:
        asked = Asked(wanted.output, wanted.period)
        variable = self.variable(wanted.output)
        beside = {}
        for name in wanted.side:
            column = Asked(name, wanted.period, wanted.output)
            natural = natural_values(self.variable(name), values[column])
            beside[name] = aligned(block, natural, program.outputs[column].entity, variable.entity)
        natural = natural_values(variable, values[asked])
        return Answer(natural, variable.entity, program.reads[asked] & block.columns.keys(), beside)

    def calculate_situation(self, situation: Any) -> Any:
        """Fill the nulls of a situation, as `/calculate` of OpenFisca's web API does."""
        try:
            return filled(self, situation)
        except (NotReadHere, Untraceable):
            return self.stock.calculate_situation(situation)
        except (KeyError, TypeError, AttributeError) as error:
            # A situation of a wrong shape: OpenFisca's own error says what is wrong. A defect of ours leaves a trace.
            _LOG.warning("situation left to OpenFisca after %s", type(error).__name__)
            return self.stock.calculate_situation(situation)

    def trace_situation(self, situation: Any) -> Any:
        """The trace of a situation, as `/trace` of OpenFisca's web API gives it: OpenFisca's own."""
        return self.stock.trace_situation(situation)


class RecentPrograms:
    """The programs used last, a bounded number of them. Threads of a service share it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, Program] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> Program | None:
        """The program of that key, if it is still there."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def keep(self, key: str, program: Program) -> None:
        """Keep a program; the one used longest ago leaves."""
        with self._lock:
            self._kept[key] = program
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def chosen_engine(name: str) -> str:
    """The engine of that name; with no name, the fastest that this machine can run.

    Raises InvalidInput, Unavailable.
    """
    reason = available() if name in ("", "native") else None
    if not name:
        return "numpy" if reason else "native"
    if name not in ENGINES:
        raise InvalidInput(f"« {name} » n'est pas un moteur : choisissez parmi openfisca, {', '.join(ENGINES)}.")
    if reason:
        raise Unavailable(f"{reason} Sans --engine native, numpy calcule.")
    return name
