"""The folder of programs stays bounded, and memory too."""

from __future__ import annotations

import os
from pathlib import Path

from allervers.engine.build import Builder
from allervers.engine.compiled_law import RecentPrograms
from allervers.engine.facts import Facts, Source
from allervers.engine.node import Graph
from allervers.engine.ops import InputKey
from allervers.engine.program import Asked, Program, Traced
from allervers.engine.store import NoStore, ProgramStore


def _program() -> Program:
    key = InputKey("salaire_net", "2026-01", "<f4")
    facts = Facts({("salaire_net", "2026-01"): Source("individu", key)}, frozenset())
    node = Builder(Graph()).make("input", (), key, "individu")
    asked = Asked("salaire_net", "2026-01")
    return Program.of("1", facts, Traced({asked: node}), {asked: "individu"}, {asked: frozenset()}, {})


def test_what_was_used_longest_ago_leaves_the_folder(tmp_path: Path) -> None:
    store = ProgramStore(tmp_path)
    for number in range(4):
        store.save(f"p{number}", _program())
        os.utime(tmp_path / f"p{number}.program", (number, number))
    assert store.load("p0") is not None  # read now: it is the last used
    store.trim(2 * 4_096)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p0.program", "p3.program"]
    store.trim(0)
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_keeps_nothing(tmp_path: Path) -> None:
    store = NoStore(tmp_path)
    store.save("p", _program())
    assert store.load("p") is None
    assert store.was_seen("p")
    assert list(tmp_path.iterdir()) == []


def test_programs_in_memory_are_a_bounded_number() -> None:
    kept, program = RecentPrograms(2), _program()
    kept.keep("a", program)
    kept.keep("b", program)
    assert kept.get("a") is program
    kept.keep("c", program)
    assert kept.get("b") is None
    assert kept.get("a") is program
    assert kept.get("c") is program
