"""Backwards through a graph: which inputs can still reach an open output, by row, as nodes of the graph of bounds.

A choice whose condition is settled cuts the side that is not taken; `and` is settled by a False, `max` by a term
that is greater than anything the other can be, a product by a zero. What is cut is not asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from allervers.engine.enclosure.enclosed import Enclosure, is_chosen
from allervers.engine.enclosure.spans import Span
from allervers.engine.node import Node, reachable
from allervers.engine.ops import BOOL, TEXT, InputKey

SEED = "wanted#"
"""Start of the name of the columns that say, output by output, for which rows it is wanted."""


def live_inputs(enclosure: Enclosure, roots: Mapping[Any, Node], names: Mapping[Any, str]) -> dict[InputKey, Node]:
    """For each input that may matter, whether it can still change a wanted output: one truth value by row.

    `names`: the name of the column (SEED) that says for which rows each output is wanted.
    """
    reasons: defaultdict[int, list[Node]] = defaultdict(list)
    for asked, root in roots.items():
        if not root.is_const:
            reasons[root.id].append(enclosure.seed(names[asked], root.entity))
    found: dict[InputKey, Node] = {}
    backwards = _Backwards(enclosure)
    for node in reversed(reachable(roots.values())):
        live = enclosure.spans.joined(*reasons.pop(node.id, ()))
        if live is None:
            continue
        live = backwards.narrowed(node, live)
        if live.is_const:
            continue
        if node.op == "input":
            found[node.attr] = live
        for arg, reason in backwards.passed_on(node, live):
            if not (arg.is_const or (reason.is_const and not bool(reason.value))):
                reasons[arg.id].append(reason)
    return found


class _Backwards:
    def __init__(self, enclosure: Enclosure) -> None:
        self.enclosure = enclosure
        self.spans = enclosure.spans

    def narrowed(self, node: Node, live: Node) -> Node:
        """Live rows of a node that is not settled."""
        if node.op == "input":
            return self.spans.make("and", live, self.enclosure.unknown(node))
        if node.dtype == TEXT:
            return live
        return self.spans.make("and", live, self.spans.is_open(self.enclosure.of[node.id]))

    def passed_on(self, node: Node, live: Node) -> Iterator[tuple[Node, Node]]:
        """Each operand, with the rows for which it may matter."""
        if node.op in _GROUPS:
            yield node.args[0], _GROUPS[node.op](self.enclosure, node, live)
            return
        rule = _ROWWISE.get(node.op)
        if rule is None:
            yield from ((arg, live) for arg in node.args)
        else:
            yield from rule(self, node, live)

    def span(self, node: Node) -> Span:
        """The bounds of a node."""
        return self.enclosure.of[node.id]

    def both(self, a: Node, b: Node) -> Node:
        """a and b."""
        return self.spans.make("and", a, b)

    def alike(self, a: Span, b: Span) -> Node:
        """Whether two values are known and the same."""
        s = self.spans
        if a.is_exact and b.is_exact and a.low is b.low:
            return s.builder.const(True)
        apart = s.make("xor" if a.low.dtype == BOOL else "ne", a.low, b.low)
        return s.negated(s.joined(apart, s.is_open(a), s.is_open(b)) or s.no)

    def choice(self, node: Node, live: Node) -> Iterator[tuple[Node, Node]]:
        """A condition matters where the sides may differ, a side where it may be taken."""
        condition, a, b = node.args
        c = self.span(condition)
        differ = live
        if node.dtype != TEXT and not is_chosen(node):
            differ = self.both(live, self.spans.negated(self.alike(self.span(a), self.span(b))))
        yield condition, differ
        yield a, self.both(live, c.high)
        yield b, self.both(live, self.spans.negated(c.low))

    def logic(self, node: Node, live: Node) -> Iterator[tuple[Node, Node]]:
        """A False settles `and`, a True settles `or`."""
        for arg, other in (node.args, node.args[::-1]):
            span = self.span(other)
            yield arg, self.both(live, span.high if node.op == "and" else self.spans.negated(span.low))

    def extreme(self, node: Node, live: Node) -> Iterator[tuple[Node, Node]]:
        """A term of `max` matters where it may be the greater; of `min`, the smaller."""
        for arg, other in (node.args, node.args[::-1]):
            a, b = self.span(arg), self.span(other)
            may = (self.spans.make("gt", a.high, b.low) if node.op == "max"
                   else self.spans.make("lt", a.low, b.high))  # fmt: skip
            may = self.spans.joined(may, a.odd, b.odd) or self.spans.no
            yield arg, self.both(live, may)

    def product(self, node: Node, live: Node) -> Iterator[tuple[Node, Node]]:
        """A factor matters where the other may not be zero, or where it may be infinite: zero then settles nothing."""
        for arg, other in (node.args, node.args[::-1]):
            zero = self.spans.exact(self.spans.like(0, self.span(other).low))
            may = self.spans.negated(self.alike(self.span(other), zero))
            yield arg, self.both(live, self.spans.joined(may, self.span(arg).odd) or self.spans.no)


_ROWWISE: Mapping[str, Callable[[_Backwards, Node, Node], Iterator[tuple[Node, Node]]]] = {
    "where": _Backwards.choice, "and": _Backwards.logic, "or": _Backwards.logic, "max": _Backwards.extreme,
    "min": _Backwards.extreme, "mul": _Backwards.product,
}  # fmt: skip


# --- from groups to persons and back ---


def _to_members(e: Enclosure, group: str, live: Node) -> Node:
    return e.builder.make("project", (live,), group, "individu")


def _of_project(e: Enclosure, node: Node, live: Node) -> Node:
    group = node.attr
    total = e.builder.make("sum", (e.builder.make("cast", (live,), "<f8"),), (group, None), group)
    return e.builder.make("gt", (total, e.builder.const(0.0)))


def _of_members(e: Enclosure, node: Node, live: Node) -> Node:
    return _to_members(e, node.attr, live)


def _of_role(e: Enclosure, node: Node, live: Node) -> Node:
    group, role = node.attr[0], node.attr[1]
    members = _to_members(e, group, live)
    if role is None:
        return members
    return e.builder.make("and", (members, e.builder.make("has_role", (), (group, role), "individu")))


def _of_nth(e: Enclosure, node: Node, live: Node) -> Node:
    group, place = node.attr[0], node.attr[1]
    position = e.builder.make("position", (), group, "individu")
    there = e.builder.make("eq", (position, e.builder.const(place, position.dtype)))
    return e.builder.make("and", (_to_members(e, group, live), there))


def _of_rank(e: Enclosure, node: Node, live: Node) -> Node:
    group = node.attr
    total = e.builder.make("sum", (e.builder.make("cast", (live,), "<f8"),), (group, None), group)
    return _to_members(e, group, e.builder.make("gt", (total, e.builder.const(0.0))))


_GROUPS: Mapping[str, Callable[[Enclosure, Node, Node], Node]] = {
    "project": _of_project, "sum": _of_role, "of_role": _of_role, "nth": _of_nth, "rank": _of_rank,
    **dict.fromkeys(("group_max", "group_min", "group_all"), _of_members),
}  # fmt: skip
