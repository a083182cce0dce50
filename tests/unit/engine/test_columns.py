"""Columns as the engine takes them: items found, 64-bit reals narrowed by the machine, what is too large refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from graphs import household, population

from allervers.engine import facts
from allervers.engine.backends.library import available
from allervers.engine.backends.native import Machine
from allervers.engine.facts import positions_of_items
from allervers.engine.layout import laid_out
from allervers.engine.node import Graph
from allervers.engine.ops import InputKey
from allervers.engine.structure import Structure
from allervers.foundation.errors import InvalidInput

ITEMS = ("non", "oui", "peut_etre", "é", "un_nom_beaucoup_plus_long_que_les_autres", *(f"item_{i}" for i in range(300)))
native = pytest.mark.skipif(available() is not None, reason="no C compiler: numpy computes here, tested elsewhere")


@pytest.mark.parametrize("rows", [1, 2_000, 5_000])
@pytest.mark.parametrize("count", [1, 2, 5, len(ITEMS)])
def test_items_are_found_by_any_path(rows: int, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(rows + count)
    drawn = rng.integers(0, count, rows)
    values = np.array(ITEMS[:count])[drawn]
    assert positions_of_items(ITEMS[:count], values).tolist() == drawn.tolist()
    assert positions_of_items(ITEMS[:count], values.astype(object)).tolist() == drawn.tolist()
    monkeypatch.setattr(facts, "available", lambda: "no compiler")
    assert positions_of_items(ITEMS[:count], values).tolist() == drawn.tolist()


@pytest.mark.parametrize("wrong", ["", "nom", "non ", "oui\0x", "NON", "un_nom_beaucoup_plus_long_que_les"])
@pytest.mark.parametrize("rows", [1, 3_000])
def test_what_is_no_item_is_refused(wrong: str, rows: int) -> None:
    values = np.array(["non"] * (rows - 1) + [wrong])
    with pytest.raises(ValueError, match="item"):
        positions_of_items(ITEMS[:4], values)
    with pytest.raises(ValueError, match="item"):
        positions_of_items(ITEMS, values)


def test_more_items_than_the_library_takes() -> None:
    many = tuple(f"code{i}" for i in range(3_000))
    drawn = np.random.default_rng(1).integers(0, len(many), 4_000)
    assert positions_of_items(many, np.array(many)[drawn]).tolist() == drawn.tolist()


def _summed(values: Any) -> tuple[Machine, Any, dict[InputKey, Any]]:
    key = InputKey("salaire", "2026-01", "<f4")
    graph = Graph()
    read = graph.node("input", (), key, "individu")
    doubled = graph.node("add", (read, read), None, "individu")
    block = population([household(np.random.default_rng(i), aligned=i % 2 == 0) for i in range(40)])
    rows = np.resize(np.asarray(values), block.persons)
    return Machine.of([doubled]), laid_out(block, Structure.of(block), 16), {key: rows}


@native
def test_wide_reals_are_narrowed_as_numpy_does() -> None:
    wide = np.random.default_rng(3).normal(0, 1e4, 97) * 1.000000123
    machine, layout, columns = _summed(wide)
    (found,) = machine.run(layout, columns).values()
    (given,) = columns.values()
    narrow = given.astype(np.float32)
    assert found.dtype == np.float32
    assert found.tobytes() == (narrow + narrow).tobytes()
    assert next(iter(machine.run(layout, dict.fromkeys(columns, narrow)).values())).tobytes() == found.tobytes()


@native
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1.1e12, -1.1e12])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_wide_real_out_of_limits_is_refused_with_its_column(wrong: float, threads: int) -> None:
    machine, layout, columns = _summed([1.0, 2.0, 3.0])
    (values,) = columns.values()
    values[-1] = wrong
    with pytest.raises(InvalidInput, match="salaire@2026-01"):
        machine.run(layout, columns, threads)


@native
def test_what_numpy_computes_first_reads_narrowed_columns() -> None:
    key = InputKey("loyer", "2026-01", "<f4")
    graph = Graph()
    read = graph.node("input", (), key, "menage")
    # No kernel has it: numpy computes it before.
    hosted = graph.node("group_max", (graph.node("project", (read,), "menage", "individu"),), "famille", "famille")
    block = population([household(np.random.default_rng(i), aligned=True) for i in range(20)])
    wide = np.linspace(0.1, 900.7, block.count("menage"))
    layout = laid_out(block, Structure.of(block), 8)
    machine = Machine.of([hosted])
    assert machine.code.hosted
    (found,) = machine.run(layout, {key: wide}).values()
    (expected,) = machine.run(layout, {key: wide.astype(np.float32)}).values()
    assert found.tobytes() == expected.tobytes()
