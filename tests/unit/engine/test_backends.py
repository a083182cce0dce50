"""Back-ends compute what the reference defines, bit for bit, whatever the blocks, the threads, the order."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graphs import GROUPS, Columns, Household, Maker, household, population, rows_of, values
from numpy.typing import NDArray

from allervers.engine.backends import library, native, numpy_blocks, numpy_frame, reference
from allervers.engine.block import Block
from allervers.engine.layout import laid_out
from allervers.engine.node import Graph, Node, reachable
from allervers.engine.ops import BOOL, F8, I8, OPS, TEXT, IllFormed, InputKey, Scale, Table
from allervers.engine.schedule import FIXED
from allervers.engine.structure import Structure
from allervers.engine.texts import TextFunction
from allervers.foundation.errors import Unavailable

MACHINES: Sequence[Any] = [
    pytest.param(numpy_blocks.NumpyBlocks, id="numpy"),
    pytest.param(
        native.Machine,
        id="native",
        marks=pytest.mark.skipif(library.available() is not None, reason=str(library.available())),
    ),
]
"""The back-ends that are measured against the reference."""

KINDS = {"aligned": (True,), "general": (False,), "mixed": (True, True, True, False)}


def _households(seed: int, kind: str, count: int = 40) -> list[Household]:
    rng = np.random.default_rng(seed)
    return [household(rng, aligned=KINDS[kind][int(rng.integers(len(KINDS[kind])))]) for _ in range(count)]


def _random(seed: int, kind: str, size: int = 160) -> tuple[list[Node], Block, Columns]:
    maker = Maker(np.random.default_rng(seed))
    block = population(_households(seed, kind))
    columns = maker.columns(block)
    return list(dict.fromkeys(maker.grow(size))), block, columns


def _run(
    machine: Any, nodes: Sequence[Node], block: Block, columns: Columns, households: int = 64, threads: int = 1
) -> dict[int, NDArray[Any]]:
    structure = Structure.of(block)
    return machine.of(nodes).run(laid_out(block, structure, households), columns, threads)  # type: ignore[no-any-return]


def _expected(nodes: Sequence[Node], block: Block, columns: Columns) -> dict[int, NDArray[Any]]:
    found = reference.computed(nodes, Structure.of(block), columns)
    return {n.id: np.broadcast_to(found[n.id], (block.count(n.entity),)) for n in nodes}


def _same(found: NDArray[Any], expected: NDArray[Any]) -> bool:
    """Equal values, NaN being NaN; -0.0 is 0.0."""
    if found.shape != expected.shape or found.dtype != expected.dtype:
        return False
    if expected.dtype == TEXT:
        return list(map(str, found)) == list(map(str, expected))
    return bool(np.array_equal(found, expected, equal_nan=expected.dtype.kind in "fmM"))


def _unequal(nodes: Sequence[Node], found: dict[int, NDArray[Any]], expected: dict[int, NDArray[Any]]) -> list[str]:
    """What differs, the first cause first."""
    return [
        f"{n!r} {n.args} {n.attr} {n.dtype} {n.entity}: {found[n.id][:9]} != {expected[n.id][:9]}"
        for n in sorted(nodes, key=lambda n: n.id)
        if not _same(found[n.id], expected[n.id])
    ]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(8))
def test_every_node_is_that_of_the_reference(machine: Any, kind: str, seed: int) -> None:
    nodes, block, columns = _random(seed, kind)
    assert not _unequal(nodes, _run(machine, nodes, block, columns), _expected(nodes, block, columns))


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(("households", "threads"), [(1, 1), (7, 1), (7, 2), (64, 2), (10_000, 1), (10_000, 2)])
def test_blocks_and_threads_change_nothing(machine: Any, households: int, threads: int) -> None:
    nodes, block, columns = _random(99, "mixed", 300)
    expected = _expected(nodes, block, columns)
    assert not _unequal(nodes, _run(machine, nodes, block, columns, households, threads), expected)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_households_changes_nothing(machine: Any, seed: int) -> None:
    nodes, block, columns = _random(seed, "mixed")
    households = _households(seed, "mixed")
    order = np.random.default_rng(seed + 1).permutation(len(households)).tolist()
    rows = rows_of(households, order)
    maker = Maker(np.random.default_rng(seed))
    moved = {key: column[rows[maker.inputs[key]]] for key, column in columns.items()}
    other = population([households[i] for i in order])
    before = _run(machine, nodes, block, columns, 7)
    after = _run(machine, nodes, other, moved, 7)
    assert not _unequal(nodes, after, {n.id: before[n.id][rows[n.entity]] for n in nodes})


@pytest.mark.parametrize("machine", MACHINES)
def test_registers_serve_again(machine: Any) -> None:
    """A few outputs only: the registers of the other nodes are written again and again."""
    nodes, block, columns = _random(7, "mixed", 400)
    outputs = nodes[-9:]
    assert not _unequal(outputs, _run(machine, outputs, block, columns), _expected(outputs, block, columns))


@pytest.mark.parametrize("short", [0, 5, 10_000])
@pytest.mark.parametrize("seed", range(3))
def test_places_taken_whole_or_person_by_person(seed: int, short: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numpy_frame, "SHORT", short)
    nodes, block, columns = _random(seed, "aligned")
    assert not _unequal(nodes, _run(numpy_blocks.NumpyBlocks, nodes, block, columns), _expected(nodes, block, columns))


@pytest.mark.parametrize("machine", MACHINES)
def test_many_households(machine: Any) -> None:
    """Enough for numpy's longer loops, and for places taken whole."""
    nodes, _, _ = _random(21, "mixed", 300)
    block = population(_households(21, "mixed", 1500))
    columns = Maker(np.random.default_rng(21)).columns(block)
    found = _run(machine, nodes, block, columns, numpy_blocks.HOUSEHOLDS)
    assert not _unequal(nodes, found, _expected(nodes, block, columns))


@pytest.mark.parametrize("machine", MACHINES)
def test_a_machine_runs_again_on_another_population(machine: Any) -> None:
    nodes, block, columns = _random(5, "mixed")
    made = machine.of(nodes)
    small = population(_households(6, "aligned", 3))
    maker = Maker(np.random.default_rng(5))
    for population_, given in ((block, columns), (small, maker.columns(small)), (block, columns)):
        found = made.run(laid_out(population_, Structure.of(population_), 16), given)
        assert not _unequal(nodes, found, _expected(nodes, population_, given))


@pytest.mark.parametrize("machine", MACHINES)
def test_nobody(machine: Any) -> None:
    """A population without households has outputs without rows."""
    nodes, _, _ = _random(3, "mixed", 40)
    block = population([])
    columns = Maker(np.random.default_rng(3)).columns(block)
    found = _run(machine, nodes, block, columns)
    assert all(found[n.id].shape == (0,) and found[n.id].dtype == n.dtype for n in nodes)


def test_the_random_graphs_have_every_operation() -> None:
    seen = {n.op for seed in range(8) for kind in KINDS for n in reachable(_random(seed, kind)[0])}
    assert seen - {"const"} == set(OPS)


def test_the_native_machine_runs_where_there_is_a_compiler() -> None:
    if any(shutil.which(name) for name in ("cc", "gcc", "clang")):
        assert library.available() is None


@pytest.mark.skipif(library.available() is not None, reason=str(library.available()))
@pytest.mark.parametrize("damage", [b"", b"garbage", None])
def test_a_damaged_library_is_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes | None
) -> None:
    monkeypatch.setenv("ALLERVERS_CACHE", str(tmp_path))
    path = library._built()
    whole = path.read_bytes()
    path.write_bytes(whole[:20_000] if damage is None else damage)
    assert library._built() == path
    assert len(path.read_bytes()) == len(whole)
    assert library.Library(path).kernels == library.library().kernels


def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ALLERVERS_CACHE", str(tmp_path / "file"))
    with pytest.raises(Unavailable, match=r"ALLERVERS_CACHE|compilateur"):
        library._built()


RARE: Mapping[str, tuple[str, tuple[Any, ...], Any, str]] = {
    "neg of 16 bits": ("neg", ("<i2",), None, "individu"),
    "floordiv of 16 bits": ("floordiv", ("<i2", "<i2"), None, "individu"),
    "maximum of 32 bits": ("group_max", ("<f4",), "famille", "famille"),
    "rank of 32 bits": ("rank", ("<f4",), "menage", "individu"),
    "rounded to tens": ("marginal", ("<f8", 1.0), Scale((0.0, 100.0), (0.1, 0.2), -1), "individu"),
    "factor of any sign": ("marginal", ("<f8", "<f8"), Scale((0.0, 100.0), (0.1, 0.2), 2), "individu"),
    "no rate": ("marginal", ("<f8", 1.0), Scale((0.0,), (0.0,)), "individu"),
    "constant base": ("marginal", (50.0, "<f8"), Scale((0.0, 100.0), (0.1, 0.2), 2), "individu"),
    "descending thresholds": ("digitize", ("<f8",), ((5.0, 2.0, 1.0), True), "individu"),
    "sum of a constant": ("sum", (1.0,), ("famille", "enfant"), "famille"),
    "constant index": ("take", (1,), Table.of(np.arange(3.0)), "famille"),
    "constant condition": ("where", (True, "<f4", "<f4"), None, "individu"),
    "whole power": ("pow", ("<i8", 2), None, "individu"),
    "nobody is no text": ("nth", ("|O",), ("famille", 1, 0), "famille"),
    "no date": ("nth", ("<M8[D]",), ("famille", 1, 0), "famille"),
}


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("case", RARE)
def test_what_the_law_hardly_asks_is_computed_alike(case: str, machine: Any) -> None:
    op, operands, attr, entity = RARE[case]
    graph, block, rng = Graph(), population(_households(2, "mixed")), np.random.default_rng(1)
    of = "individu" if op in ("sum", "nth", "group_max", "rank") else entity
    columns: Columns = {}
    args = []
    for position, operand in enumerate(operands):
        if not isinstance(operand, str):
            args.append(graph.const(operand))
            continue
        key = InputKey(f"x{position}", "2026-01", operand)
        columns[key] = values(rng, np.dtype(operand), block.count(of))
        args.append(graph.node("input", (), key, of))
    nodes = [graph.node(op, tuple(args), attr, entity)]
    found = _run(machine, nodes, block, columns, 7)
    assert not _unequal(nodes, found, _expected(nodes, block, columns))


@pytest.mark.parametrize("machine", MACHINES)
def test_constant_bytes_are_the_text_that_they_spell(machine: Any) -> None:
    graph, block = Graph(), population(_households(2, "mixed"))
    key = InputKey("alone", "2026-01", "|b1")
    chosen = (graph.node("input", (), key, "menage"), graph.const(b"75056"), graph.const("33063"))
    function = TextFunction("isin", "|b1", ("75056",))
    nodes = [graph.node("text", (graph.node("where", chosen, None, "menage"),), function, "menage")]
    columns = {key: values(np.random.default_rng(3), BOOL, block.count("menage"))}
    assert not _unequal(nodes, _run(machine, nodes, block, columns), _expected(nodes, block, columns))


def test_memory_is_known_before_running() -> None:
    graph = Graph()
    a, b = (graph.node("input", (), InputKey(name, "2026-01", F8.str), "individu") for name in "ab")
    total = graph.node("sum", (graph.node("add", (a, b), None, "individu"),), ("famille", None), "famille")
    rows = {"individu": 160, **dict.fromkeys(GROUPS, 80)}
    assert numpy_blocks.NumpyBlocks.of([total]).memory(rows) == (3 * 160 + 80) * 8


def test_a_text_is_converted_by_a_text_function_only() -> None:
    graph = Graph()
    text = graph.node("input", (), InputKey("commune", "2026-01", TEXT.str), "menage")
    with pytest.raises(IllFormed):
        numpy_blocks.NumpyBlocks.of([graph.node("cast", (text,), I8.str, "menage")])


def test_the_structure_is_read_in_place() -> None:
    """A column of the structure may be an output itself."""
    graph, block = Graph(), population(_households(1, "mixed"))
    nodes = [graph.node("size", (), "menage", "menage"), graph.node("has_role", (), ("famille", "enfant"), "individu")]
    assert {n.op for n in nodes} < set(FIXED)
    assert nodes[1].dtype == BOOL
    assert not _unequal(nodes, _run(numpy_blocks.NumpyBlocks, nodes, block, {}), _expected(nodes, block, {}))
