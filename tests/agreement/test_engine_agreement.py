"""The compiled law is OpenFisca's, bit for bit, on every variable that a right goes through, however it is run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from general_population import MONTH, write_general

from allervers.engine.backends import library
from allervers.engine.backends.reference import computed
from allervers.engine.block import Block
from allervers.engine.compile import Compiler, Session, compiled
from allervers.engine.compiled_law import CompiledLaw
from allervers.engine.facts import Facts, engine_values, facts_of, natural_values
from allervers.engine.law import Law, Wanted
from allervers.engine.openfisca import OpenFiscaLaw
from allervers.engine.program import Asked, Program
from allervers.engine.store import ProgramStore
from allervers.engine.structure import Structure
from allervers.population.checks import read_population

pytestmark = pytest.mark.law

SEEDS = [int(seed) for seed in os.environ.get("ALLERVERS_SEEDS", "93").split(",")]
"""One population in CI; five, and others every night, by this variable."""

LONG = ("ppa", "aspa", "cmu_c", "css_participation_forfaitaire") if "ALLERVERS_SEEDS" in os.environ else ()
"""Rights that take half a minute more: every night."""

WANTED = [
    *(Wanted(name, MONTH) for name in ("rsa", "af", "asf", "aah", "paje", "activite", *LONG)),
    Wanted("aide_logement", MONTH, ("aide_logement_base_ressources",)),
    Wanted("ars", "2026"),
    Wanted("cheque_energie", "2026"),
]


def _block(seed: int, folder: Path, law: Law) -> Block:
    population = read_population(write_general(folder / f"p{seed}", seed, 40), law.variable)
    ((block, _rows),) = population.blocks(10**6)
    return block


@pytest.fixture(scope="module")
def stock(openfisca: Law) -> OpenFiscaLaw:
    assert isinstance(openfisca, OpenFiscaLaw)
    return openfisca


@pytest.fixture(scope="module")
def block(tmp_path_factory: pytest.TempPathFactory, stock: OpenFiscaLaw) -> Block:
    return _block(SEEDS[0], tmp_path_factory.mktemp("engine"), stock)


@pytest.fixture(scope="module")
def general(block: Block, stock: OpenFiscaLaw) -> Facts:
    return facts_of([block], stock.variable, is_general=True)


@pytest.fixture(scope="module")
def program(general: Facts, stock: OpenFiscaLaw) -> Program:
    return compiled(stock, general, WANTED)


def _same(a: Any, b: Any) -> bool:
    """Same bits, NaN being NaN; the sign of a zero apart."""
    return bool(np.all((a == b) | ((a != a) & (b != b))))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_node_is_openfiscas(seed: int, tmp_path: Path, stock: OpenFiscaLaw) -> None:
    """Each variable and period that a simulation went through, not the outputs alone."""
    block = _block(seed, tmp_path, stock)
    facts = facts_of([block], stock.variable)
    compiler = Compiler(stock, facts, Session.new(facts.always_held), None)
    columns = {key: engine_values(stock.variable(key.variable), block.columns[key.variable, key.period])
               for key in facts.inputs()}  # fmt: skip
    compared = 0
    for wanted in WANTED[: 4 + len(LONG)]:
        symbolic = _kept_simulation(compiler, wanted)
        given, _moved = stock.shifted(stock._columns(block) | stock._forced(block, MONTH), wanted.output, wanted.period)
        real = stock._simulation(block, given)
        with np.errstate(all="ignore"):
            real.calculate(wanted.output, wanted.period)
        nodes = {
            (name, period): symbol.node
            for population in symbolic.populations.values()
            for name, holder in population._holders.items()
            for period, symbol in holder._memory_storage._arrays.items()
        }
        values = computed(nodes.values(), Structure.of(block), columns)
        for population in real.populations.values():
            for name, holder in population._holders.items():
                for period, array in holder._memory_storage._arrays.items():
                    if (name, period) not in nodes:
                        continue  # taken again from a former simulation: compared there
                    expected, found = np.asarray(array), values[nodes[name, period].id]
                    if expected.dtype.kind in "SO":
                        expected, found = expected.astype(str), found.astype(str)
                    assert _same(np.broadcast_to(found, expected.shape), expected), (wanted.output, name, str(period))
                    compared += 1
    assert compared > 10_000


def _kept_simulation(compiler: Compiler, wanted: Wanted) -> Any:
    kept: list[Any] = []
    made = compiler._simulation

    def keeping(output: str, period: str) -> Any:
        kept.append(made(output, period))
        return kept[-1]

    compiler._simulation = keeping  # type: ignore[method-assign]
    try:
        with np.errstate(all="ignore"):
            compiler.add(wanted)
    finally:
        compiler._simulation = made  # type: ignore[method-assign]
    return kept[0][0]


def test_outputs_and_what_they_read_are_openfiscas(program: Program, block: Block, stock: OpenFiscaLaw) -> None:
    values = program.run(block, "reference")
    for wanted in WANTED:
        asked = Asked(wanted.output, wanted.period)
        expected = stock.evaluate(block, *wanted)
        assert _same(natural_values(program.variables[wanted.output], values[asked]), expected.values), wanted.output
        assert program.reads[asked] == expected.reads, wanted.output


@pytest.mark.parametrize("engine", ["native", "numpy"])
@pytest.mark.parametrize(("households", "threads"), [(1, 1), (7, 2), (64, 2), (10_000, 1)])
def test_blocks_and_threads_change_nothing(
    engine: str, households: int, threads: int, program: Program, block: Block
) -> None:
    expected = program.run(block, "reference")
    found = program.run(block, engine, households=households, threads=threads)
    assert all(_same(found[asked], expected[asked]) for asked in expected)


def test_the_native_machine_runs_where_there_is_a_compiler() -> None:
    assert library.available() is None


def test_what_is_known_of_the_data_changes_nothing(program: Program, block: Block, stock: OpenFiscaLaw) -> None:
    precise = compiled(stock, facts_of([block], stock.variable), WANTED)
    assert len(precise.nodes()) < len(program.nodes())
    expected, found = program.run(block, "reference"), precise.run(block, "reference")
    assert all(_same(found[asked], expected[asked]) for asked in expected)


def test_a_stored_program_is_the_same_and_a_damaged_one_is_none(program: Program, block: Block, tmp_path: Path) -> None:
    store = ProgramStore(tmp_path)
    store.save("key", program)
    loaded = store.load("key")
    assert loaded is not None
    expected = program.run(block, "reference")
    for engine in ("native", "numpy", "reference"):
        found = loaded.run(block, engine)
        assert all(_same(found[asked], expected[asked]) for asked in expected), engine
    assert loaded.reads == program.reads
    assert {o.parameters for o in loaded.origins.values()} == {o.parameters for i, o in program.origins.items()
                                                               if i in {n.id for n in program.nodes()}}  # fmt: skip
    content = (tmp_path / "key.program").read_bytes()
    (tmp_path / "key.program").write_bytes(content[:5000] + b"\0" + content[5001:])
    assert store.load("key") is None
    (tmp_path / "key.program").write_bytes(content[:100])
    assert store.load("key") is None
    assert store.load("another") is None


def test_a_stored_program_answers_without_openfisca(tmp_path: Path, stock: OpenFiscaLaw) -> None:
    """In a process of its own, the second time: no module of OpenFisca is loaded."""
    situation = {
        "individus": {"a": {"date_naissance": {"ETERNITY": "1990-05-05"}, "salaire_de_base": {"2026-01": 900}}},
        "familles": {"f": {"parents": ["a"], "af": {"2026-01": None}, "asf": {"2026-01": None}}},
        "foyers_fiscaux": {"d": {"declarants": ["a"]}},
        "menages": {"m": {"personne_de_reference": ["a"]}},
    }
    law = CompiledLaw(engine="native", store=ProgramStore(tmp_path), stock=stock)
    expected = law.calculate_situation(situation)
    assert expected == stock.calculate_situation(situation)
    script = (
        "import json, sys\nfrom pathlib import Path\n"
        "from allervers.engine.compiled_law import CompiledLaw\nfrom allervers.engine.store import ProgramStore\n"
        "law = CompiledLaw(engine='native', store=ProgramStore(Path(sys.argv[1])))\n"
        "print(json.dumps(law.calculate_situation(json.loads(sys.argv[2]))))\n"
        "assert not [m for m in sys.modules if m.startswith('openfisca')]\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), json.dumps(situation)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == expected
