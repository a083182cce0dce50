"""Programs kept on disk under a key of everything that they assume. A stale one is never found, a damaged one is none.

A file: a mark, the checksum of the rest, an index, then sections (compressed JSON). Written whole or not at all, so
that several builders do not clash: the last one wins, and all wrote the same. Holds no data of persons.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from allervers.engine.encoding import (
    decoded,
    decoded_code,
    decoded_facts,
    decoded_nodes,
    encoded,
    encoded_code,
    encoded_facts,
    encoded_nodes,
)
from allervers.engine.facts import Facts
from allervers.engine.ops import IllFormed
from allervers.engine.program import Asked, Output, Program, Traced
from allervers.engine.variables import Variable
from allervers.foundation.errors import Unavailable
from allervers.foundation.files import cache_folder, written_whole

MARK = b"AllerVers program 1\n"
_DAMAGED = (ValueError, KeyError, TypeError, IndexError, OSError, IllFormed, zlib.error, EOFError, AttributeError)


def key_of(law: str, facts: Facts, wanted: Iterable[Sequence[Any]]) -> str:
    """The key of a program: the law and its changes, what is assumed of the data, the outputs, our own code."""
    text = "\n".join((law, facts.digest(), repr([repr(one) for one in wanted]), code_digest()))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@cache
def code_digest() -> str:
    """A text that differs when our engine or our formulas of the law differ."""
    digest = hashlib.sha256()
    for package in ("allervers.engine", "allervers.engine.rules", "allervers.engine.backends", "allervers.rights"):
        for entry in sorted(files(package).iterdir(), key=lambda e: e.name):
            if entry.name.endswith((".py", ".toml")) and entry.is_file():
                digest.update(entry.name.encode() + entry.read_bytes())
    return digest.hexdigest()


MOST_BYTES = 500_000_000
"""Bytes that the folder of programs may hold."""
_LEAST = 4_096
"""What a file takes on a disk, be it empty."""


class ProgramStore:
    """The programs kept in a folder (by default the user's cache)."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder if folder is not None else cache_folder() / "programs"

    def load(self, key: str) -> Program | None:
        """The program of that key, None when it is not there or is damaged."""
        try:
            path = self.folder / f"{key}.program"
            found = program_in(Sections(path.read_bytes()))
            with suppress(OSError):
                os.utime(path)  # used now: see `trim`
            return found
        except _DAMAGED:
            return None

    def save(self, key: str, program: Program) -> None:
        """Keep a program. A folder that cannot be written is no error: the program will be built again."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with written_whole(self.folder / f"{key}.program") as temporary:
                temporary.write_bytes(content_of(program))
            self.trim()
        except OSError:
            return

    def trim(self, most_bytes: int | None = None) -> None:
        """Remove what was used longest ago, until the folder holds no more than this (MOST_BYTES by default)."""
        with os.scandir(self.folder) as entries:
            # A hidden file is one that another process is writing.
            files = [entry for entry in entries if entry.is_file() and not entry.name.startswith(".")]
            kept = sorted(((e.stat().st_mtime, e.stat().st_size, e.path) for e in files), reverse=True)
        room = MOST_BYTES if most_bytes is None else most_bytes
        for _used, size, path in kept:
            room -= max(size, _LEAST)
            if room < 0:
                Path(path).unlink(missing_ok=True)

    def was_seen(self, key: str) -> bool:
        """Whether this key was asked about before; it is from now on."""
        mark = self.folder / f"{key}.seen"
        try:
            if mark.exists():
                return True
            self.folder.mkdir(parents=True, exist_ok=True)
            mark.touch()
        except OSError:
            return True
        return False

    def load_json(self, name: str) -> Any:
        """A JSON document kept beside the programs, None when it is not there or is damaged."""
        try:
            return json.loads(zlib.decompress((self.folder / f"{name}.json.z").read_bytes()))
        except _DAMAGED:
            return None

    def save_json(self, name: str, document: Any) -> None:
        """Keep a JSON document."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with written_whole(self.folder / f"{name}.json.z") as temporary:
                temporary.write_bytes(_squeezed(document))
        except OSError:
            return


class NoStore(ProgramStore):
    """Keeps no program: for those that run once."""

    def load(self, key: str) -> Program | None:  # noqa: ARG002
        """None."""
        return None

    def save(self, key: str, program: Program) -> None:
        """Nothing is kept."""

    def was_seen(self, key: str) -> bool:  # noqa: ARG002
        """True: there is nothing to wait for."""
        return True


def _squeezed(document: Any) -> bytes:
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode(), 1)


class Sections:
    """The sections of a file, each decompressed when asked. Raises ValueError when the file is damaged."""

    def __init__(self, content: bytes) -> None:
        if not content.startswith(MARK):
            raise ValueError("not a program")
        checksum, rest = content[len(MARK) : len(MARK) + 32], content[len(MARK) + 32 :]
        if hashlib.sha256(rest).digest() != checksum:
            raise ValueError("a damaged program")
        size = int.from_bytes(rest[:8], "little")
        self._index: Mapping[str, Sequence[int]] = json.loads(rest[8 : 8 + size])
        self._body = rest[8 + size :]

    def __getitem__(self, name: str) -> Any:
        start, length = self._index[name]
        return json.loads(zlib.decompress(self._body[start : start + length]))

    def __contains__(self, name: str) -> bool:
        return name in self._index


def content_of(program: Program) -> bytes:
    """A program as the bytes of its file."""
    sections: dict[str, Any] = {"head": _head(program), "graph": _graph(program)}
    with suppress(Unavailable):
        sections["code"] = encoded_code(program.code)
    body, index = b"", {}
    for name, document in sections.items():
        squeezed = _squeezed(document)
        index[name] = [len(body), len(squeezed)]
        body += squeezed
    header = json.dumps(index).encode()
    rest = len(header).to_bytes(8, "little") + header + body
    return MARK + hashlib.sha256(rest).digest() + rest


def _head(program: Program) -> Any:
    return {
        "version": program.version,
        "facts": encoded_facts(program.facts),
        "outputs": [
            [*asked, output.entity, output.node, output.dtype, [encoded(v) for v in output.constant]]
            for asked, output in program.outputs.items()
        ],
        "reads": [[*asked, sorted(map(list, columns))] for asked, columns in program.reads.items()],
        "variables": [variable_as_json(variable) for variable in program.variables.values()],
    }


def _graph(program: Program) -> Any:
    nodes = program.nodes()
    position = {node.id: row for row, node in enumerate(nodes)}
    return {
        "nodes": encoded_nodes(nodes),
        "numbers": [node.id for node in nodes],
        "roots": [[*asked, position[node.id]] for asked, node in program.roots.items()],
        "origins": [[position[i], encoded(o)] for i, o in program.origins.items() if i in position],
        "results": [[*key, position[n.id]] for key, n in program.results.items() if n.id in position],
    }


def program_in(sections: Sections) -> Program:
    """The program in a file. Raises ValueError, KeyError, TypeError or IndexError when it is damaged."""
    head = sections["head"]
    outputs = {
        Asked(name, period, beside): Output(entity, node, dtype, tuple(decoded(v) for v in constant))
        for name, period, beside, entity, node, dtype, constant in head["outputs"]
    }
    reads = {
        Asked(name, period, beside): frozenset((v, p) for v, p in columns)
        for name, period, beside, columns in head["reads"]
    }
    variables = {v["name"]: variable_of_json(v) for v in head["variables"]}
    code = decoded_code(sections["code"]) if "code" in sections else None
    return Program(
        head["version"], decoded_facts(head["facts"]), outputs, reads, variables, lambda: _traced(sections), code
    )


def _traced(sections: Sections) -> Traced:
    graph = sections["graph"]
    nodes = decoded_nodes(graph["nodes"])
    # Numbers are those that the outputs and the code name.
    for node, number in zip(nodes, graph["numbers"], strict=True):
        node.id = number
    return Traced(
        {Asked(name, period, beside): nodes[row] for name, period, beside, row in graph["roots"]},
        {nodes[row].id: decoded(origin) for row, origin in graph["origins"]},
        {(name, period): nodes[row] for name, period, row in graph["results"]},
    )


def variable_as_json(variable: Variable) -> dict[str, Any]:
    """A variable as JSON."""
    data = asdict(variable)
    return data | {"end": variable.end.isoformat() if variable.end else None}


def variable_of_json(data: Mapping[str, Any]) -> Variable:
    """The variable of such JSON."""
    end = date.fromisoformat(data["end"]) if data["end"] else None
    return Variable(**{**data, "end": end, "items": tuple(data["items"]), "reference": tuple(data["reference"])})
