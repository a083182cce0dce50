"""The data that rights need, no more: the smallest extract to ask of a partner, read in the folded graph.

Strict necessity, by construction: a column that no output depends on once the graph is folded is not in the list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from allervers.engine.block import ROLES, Column
from allervers.engine.facts import DTYPES, Facts, Source
from allervers.engine.node import Node
from allervers.engine.ops import InputKey
from allervers.engine.program import Asked, Program
from allervers.engine.variables import Variable

Need = Literal["always", "some"]
"""`always`: read for every household. `some`: behind a condition, hence for some households only (optional)."""


@dataclass(frozen=True, slots=True)
class Necessary:
    """A variable to ask for. `periods`: in order; `needed_by`: output -> whether it needs it always or for some."""

    variable: str
    label: str
    entity: str
    periods: tuple[str, ...]
    needed_by: Mapping[Asked, Need]

    @property
    def is_optional(self) -> bool:
        """True when no output needs it for every household."""
        return "always" not in self.needed_by.values()


def candidate_facts(columns: Iterable[Column], variable_of: Callable[[str], Variable]) -> Facts:
    """The facts of data that would hold all these columns, of which nothing else is assumed."""
    sources = {}
    for name, period in columns:
        variable = variable_of(name)
        sources[name, period] = Source(variable.entity, InputKey(name, period, DTYPES[variable.value_type]))
    return Facts(sources, frozenset((group, roles[0]) for group, roles in ROLES.items()))


def necessary_columns(program: Program) -> dict[tuple[Column, str], dict[Asked, Need]]:
    """Each column that an output depends on, with its entity -> who needs it, and whether always."""
    found: defaultdict[tuple[Column, str], dict[Asked, Need]] = defaultdict(dict)
    for asked, root in program.roots.items():
        always = {n.id for n in _reached(root, through_choices=False)}
        for node in _reached(root, through_choices=True):
            if node.op == "input":
                column = ((node.attr.variable, node.attr.period), node.entity)
                found[column][asked] = "always" if node.id in always else "some"
    return dict(found)


def necessary_inputs(program: Program) -> list[Necessary]:
    """What to ask for, by variable, years apart from months. Sorted by entity and name."""
    periods: defaultdict[tuple[str, str, int], set[str]] = defaultdict(set)
    needs: defaultdict[tuple[str, str, int], dict[Asked, Need]] = defaultdict(dict)
    for ((name, period), entity), by in necessary_columns(program).items():
        key = (entity, name, len(period))
        periods[key].add(period)
        for asked, need in by.items():
            if needs[key].get(asked) != "always":
                needs[key][asked] = need
    return [
        Necessary(name, program.variables[name].label, entity, tuple(sorted(periods[entity, name, size])), dict(by))
        for (entity, name, size), by in sorted(needs.items())
    ]


def _reached(root: Node, *, through_choices: bool) -> list[Node]:
    """The nodes that a root depends on; without choices, the sides of a choice are not entered, only its condition."""
    seen: dict[int, Node] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        if node.id in seen:
            continue
        seen[node.id] = node
        stack.extend(node.args[:1] if node.op == "where" and not through_choices else node.args)
    return list(seen.values())
