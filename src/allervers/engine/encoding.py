"""Graphs and codes as plain JSON values and back: what a stored program is made of. Nothing is ever executed."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from allervers.engine.backends.assembly import STEP, Code, Fixed, Slot
from allervers.engine.facts import Facts, Source
from allervers.engine.node import Graph, Node
from allervers.engine.ops import TEXT, InputKey, Scale, Table
from allervers.engine.texts import TextFunction
from allervers.engine.trace import Origin, Parameter

Json = Any


def encoded(value: Any) -> Json:  # noqa: PLR0911 - a return for each kind of value
    """A value of a graph as JSON: numbers, texts, tuples, numpy scalars, and the classes of attributes."""
    if value is None or isinstance(value, bool | int | str) or type(value) is float:
        return value
    if isinstance(value, np.generic):
        return {"n": [value.dtype.str, base64.b64encode(value.tobytes()).decode()]}
    if isinstance(value, np.ndarray):
        return {"a": [value.dtype.str, base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()]}
    if isinstance(value, bytes):
        return {"b": base64.b64encode(value).decode()}
    if isinstance(value, float | int):
        return float(value) if isinstance(value, float) else int(value)
    name = _NAMES.get(type(value))
    if name is not None:
        fields = value if isinstance(value, tuple) else [getattr(value, f) for f in value.__dataclass_fields__]
        return {name: [encoded(field) for field in fields]}
    if isinstance(value, tuple):
        # Thousands of words, all plain, are read back as they are.
        if all(item is None or type(item) in _PLAIN for item in value):
            return {"p": list(value)}
        return {"t": [encoded(item) for item in value]}
    raise TypeError(f"{type(value).__name__} is no part of a program")


_PLAIN = (bool, int, str, float)


def decoded(value: Json) -> Any:
    """The value of such JSON. Raises KeyError, TypeError or ValueError for what `encoded` does not make."""
    if not isinstance(value, dict):
        return value
    ((name, content),) = value.items()
    if name in ("n", "a"):
        array = np.frombuffer(base64.b64decode(content[1]), dtype=content[0])
        return array[0] if name == "n" else array
    if name == "b":
        return base64.b64decode(content)
    if name == "p":
        return tuple(content)
    if name == "t":
        return tuple(decoded(item) for item in content)
    return _CLASSES[name](*(decoded(field) for field in content))


_CLASSES: Mapping[str, Callable[..., Any]] = {
    "Input": InputKey, "Table": Table, "Scale": Scale, "Text": TextFunction, "Slot": Slot, "Fixed": Fixed,
    "Source": Source, "Origin": Origin, "Parameter": Parameter,
}  # fmt: skip
_NAMES = {kind: name for name, kind in _CLASSES.items()}


def encoded_nodes(nodes: Sequence[Node]) -> Json:
    """Nodes, operands first, as rows: op, entity, attribute (or constant), positions of the operands.

    A table of texts that several nodes read is told once: they give its number in `shared`.
    """
    position = {node.id: row for row, node in enumerate(nodes)}
    rows: list[Json] = []
    shared: list[Json] = []
    number: dict[int, int] = {}
    for node in nodes:
        if node.is_const:
            attr: Json = [node.dtype.str, encoded(node.value)]
        elif isinstance(node.attr, TextFunction):
            if id(node.attr) not in number:
                number[id(node.attr)] = len(shared)
                shared.append(encoded(node.attr))
            attr = number[id(node.attr)]
        else:
            attr = encoded(node.attr)
        rows.append([node.op, node.entity, attr, [position[a.id] for a in node.args]])
    return {"rows": rows, "shared": shared}


def decoded_nodes(rows: Json) -> list[Node]:
    """The nodes of such rows, in a new graph. Raises IllFormed for rows that are no graph."""
    graph = Graph()
    nodes: list[Node] = []
    shared = [decoded(attr) for attr in rows["shared"]]
    for op, entity, attr, operands in rows["rows"]:
        if op == "const":
            dtype = TEXT if attr[0] == "|O" else np.dtype(attr[0])
            nodes.append(graph.const(decoded(attr[1]), dtype))
        else:
            value = shared[attr] if op == "text" else decoded(attr)
            nodes.append(graph.node(op, tuple(nodes[i] for i in operands), value, entity))
    return nodes


def encoded_code(code: Code) -> Json:
    """The machine's code."""
    return {
        "steps": encoded(code.steps.view("<i8").ravel()),
        "kernels": list(code.kernels),
        "registers": [list(r) for r in code.registers],
        "inputs": [encoded(s) for s in code.inputs],
        "outputs": [encoded(s) for s in code.outputs],
        "tables": [encoded(t) for t in code.tables],
        "roles": [list(r) for r in code.roles],
        "words": list(code.words),
        "fixed": [encoded(f) for f in code.fixed],
        "places": dict(code.places),
        "hosted": list(code.hosted),
    }


def decoded_code(data: Json) -> Code:
    """The machine's code of such JSON."""
    return Code(
        decoded(data["steps"]).view(STEP),
        tuple(data["kernels"]),
        tuple((entity, width) for entity, width in data["registers"]),
        tuple(decoded(s) for s in data["inputs"]),
        tuple(decoded(s) for s in data["outputs"]),
        tuple(decoded(t) for t in data["tables"]),
        tuple((group, role) for group, role in data["roles"]),
        tuple(data["words"]),
        tuple(decoded(f) for f in data["fixed"]),
        data["places"],
        tuple(data["hosted"]),
    )


def encoded_facts(facts: Facts) -> Json:
    """The assumptions of a program."""
    return {
        "sources": [[*column, encoded(source)] for column, source in facts.sources.items()],
        "always_held": sorted(list(pair) for pair in facts.always_held),
    }


def decoded_facts(data: Json) -> Facts:
    """The assumptions of such JSON."""
    sources = {(name, period): decoded(source) for name, period, source in data["sources"]}
    return Facts(sources, frozenset((g, r) for g, r in data["always_held"]))
