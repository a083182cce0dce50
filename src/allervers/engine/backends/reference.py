"""The definition: every node over the whole population, one after the other, with numpy. Slow and plain."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.node import SCALAR, Node, reachable
from allervers.engine.ops import OPS, InputKey
from allervers.engine.structure import Groups, Structure, picked
from allervers.engine.texts import TextFunction, text_values

Values = dict[int, NDArray[Any]]


def computed(roots: Iterable[Node], structure: Structure, columns: Mapping[InputKey, NDArray[Any]]) -> Values:
    """The value of every node that the roots depend on, by number. Constants have one row, broadcast by numpy."""
    values: Values = {}
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for node in reachable(roots):
            values[node.id] = _value(node, values, structure, columns)
    return values


def rows(node: Node, value: NDArray[Any], count: int) -> NDArray[Any]:
    """The value of a node, one row for each row of its entity."""
    return np.broadcast_to(value, (count,)).copy() if node.entity == SCALAR else value


def _value(node: Node, values: Values, structure: Structure, columns: Mapping[InputKey, NDArray[Any]]) -> NDArray[Any]:
    if node.is_const:
        return np.array([node.value], dtype=node.dtype)
    if node.op == "input":
        return columns[node.attr]
    operands = [values[a.id] for a in node.args]
    definition = OPS[node.op]
    if definition.compute is not None:
        result = definition.compute(node.attr, *operands)
    elif node.op == "text":
        result = _texts(node.attr, operands[0])
    else:
        given = [
            rows(a, v, structure.persons) if node.op != "project" else v
            for a, v in zip(node.args, operands, strict=True)
        ]
        result = _GROUP_OPS[node.op](structure, node, *given)
    return np.asarray(result, dtype=node.dtype)


def _texts(function: TextFunction, texts: NDArray[Any]) -> NDArray[Any]:
    """A text function over a column: computed once for each distinct text."""
    distinct = list(dict.fromkeys(texts.tolist()))
    known = dict(zip(distinct, text_values(function, distinct), strict=True))
    return np.array([known[text] for text in texts.tolist()], dtype=function.dtype)


def _groups(structure: Structure, node: Node) -> Groups:
    group = node.attr if isinstance(node.attr, str) else node.attr[0]
    return structure.groups[group]


def _sum(structure: Structure, node: Node, x: NDArray[Any]) -> NDArray[Any]:
    groups, role = _groups(structure, node), node.attr[1]
    held = slice(None) if role is None else groups.has_role(role)
    members = groups.index[held]
    if not len(members):
        return np.zeros(groups.count)
    return np.bincount(members, weights=x[held], minlength=groups.count)


def _reduced(function: Any, neutral: Any) -> Any:
    def reduce(structure: Structure, node: Node, x: NDArray[Any]) -> NDArray[Any]:
        groups = _groups(structure, node)
        result = np.full(groups.count, neutral, dtype=node.dtype)
        for place in range(groups.largest):
            result = function(result, picked(x, groups.nth(place), neutral))
        return result

    return reduce


def _rank(structure: Structure, node: Node, x: NDArray[Any]) -> NDArray[Any]:
    """Rank of each person in its group, from the smallest value; equal values in the order of persons."""
    groups = _groups(structure, node)
    order = np.lexsort((groups.position, x, groups.index))
    starts = np.concatenate([[0], np.cumsum(groups.size)[:-1]])
    rank = np.empty(structure.persons, dtype=np.int64)
    rank[order] = np.arange(structure.persons) - starts[groups.index[order]]
    return rank


_GROUP_OPS: Mapping[str, Any] = {
    "has_role": lambda s, n: _groups(s, n).has_role(n.attr[1]),
    "position": lambda s, n: _groups(s, n).position,
    "size": lambda s, n: _groups(s, n).size,
    "project": lambda s, n, x: x[_groups(s, n).index],
    "sum": _sum,
    "of_role": lambda s, n, x: picked(x, _groups(s, n).of_role(n.attr[1]), n.attr[2]),
    "nth": lambda s, n, x: picked(x, _groups(s, n).nth(n.attr[1]), n.attr[2]),
    "group_max": _reduced(np.maximum, -np.inf),
    "group_min": _reduced(np.minimum, np.inf),
    "group_all": _reduced(np.logical_and, True),
    "rank": _rank,
}
