"""From a graph to the graph of its bounds, node by node. What is asked of items and texts is pushed to the data.

An item or a text is never bounded by its position: what is asked of it (is it this item? which zone is this
commune?) is asked of each value that is possible, when the data come: see columns.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from allervers.engine.build import Builder
from allervers.engine.enclosure.spans import RISING, Span, Spans
from allervers.engine.errors import Untraceable
from allervers.engine.node import Node, reachable
from allervers.engine.ops import BOOL, I8, OPS, TEXT, InputKey
from allervers.engine.texts import text_values

ITEM = np.dtype(np.int16)
"""Type of the items of an enumeration: what is a number is wider."""

Chain = tuple[tuple[str, Any, Any], ...]
"""What is asked of a value: (operation, attribute, constant operand or None), applied one after the other."""


class Derived(NamedTuple):
    """A column made from a column of the data: a bound of what is asked of its possible values. `side`: low, high or
    open (whether the value is unknown)."""

    source: InputKey
    chain: Chain
    side: str


def is_chosen(node: Node) -> bool:
    """True for a node whose values are items or texts."""
    return node.dtype in (TEXT, ITEM)


class Enclosure:
    """The bounds of nodes. `columns`: what the new graph reads, each by its key."""

    def __init__(self, builder: Builder) -> None:
        self.spans = Spans(builder)
        self.builder = builder
        self.columns: dict[InputKey, Derived] = {}
        self.of: dict[int, Span] = {}
        self._images: dict[tuple[int, Chain], Span] = {}
        self._made: dict[Derived, Node] = {}

    def add(self, roots: Mapping[Any, Node]) -> None:
        """Enclose every node that the roots depend on."""
        for node in reachable(roots.values()):
            if node.dtype != TEXT:
                self.of[node.id] = self._span(node)

    def _span(self, node: Node) -> Span:
        if node.is_const:
            return self.spans.exact(self.builder.const(node.value, node.dtype))
        if is_chosen(node):
            return self.image(node, ())
        if node.op == "input":
            return Span(self._column(node, (), "low", node.dtype), self._column(node, (), "high", node.dtype))
        return self._asked_of_a_choice(node) or self._of_operands(node)

    def _of_operands(self, node: Node) -> Span:
        args = [self.of[a.id] for a in node.args]
        if node.op in _GROUP:
            return _GROUP[node.op](self, node, *args)
        if all(s.is_exact for s in args):
            return self.spans.exact(self.builder.make(node.op, tuple(s.low for s in args), node.attr, node.entity))
        return self._rowwise(node, args)

    def _rowwise(self, node: Node, args: list[Span]) -> Span:
        s, op, attr = self.spans, node.op, node.attr
        if op in _PLAIN:
            return _PLAIN[op](s, *args)
        if op in ("lt", "le", "gt", "ge", "eq", "ne"):
            return s.compared(op, *args)
        if op in RISING:
            return s.rising(op, args[0], attr)
        if op in _WITH_ATTR:
            return _WITH_ATTR[op](s, *args, attr)
        if op == "floordiv" and args[1].is_exact and _is_positive(args[1].low):
            low, high = (s.make(op, bound, args[1].low) for bound in (args[0].low, args[0].high))
            return Span(low, high, args[0].odd)
        return s.when_known(op, args, attr, node.entity)

    # --- items and texts ---

    def _asked_of_a_choice(self, node: Node) -> Span | None:
        """The span of a node that asks something of an item or a text."""
        choices = [a for a in node.args if is_chosen(a)]
        if not choices or (OPS[node.op].compute is None and node.op != "text") or node.op == "where":
            return None
        if len(node.args) == 1:
            return self.image(node.args[0], ((node.op, node.attr, None),))
        if len(node.args) == 2 and node.op in ("eq", "ne"):
            for x, c in (node.args, node.args[::-1]):
                if c.is_const:
                    return self.image(x, ((node.op, None, c.value),))
        return None

    def image(self, node: Node, chain: Chain) -> Span:
        """Bounds of what `chain` asks of the possible values of an item or a text."""
        found = self._images.get((node.id, chain))
        if found is None:
            found = self._images[node.id, chain] = self._image(node, chain)
        return found

    def _image(self, node: Node, chain: Chain) -> Span:
        s = self.spans
        if node.is_const:
            dtype = result_dtype(node.dtype, chain)
            return s.exact(self.builder.const(applied(chain, [node.value], node.dtype)[0], dtype))
        if node.op == "where" and is_chosen(node):
            return s.chosen(self.of[node.args[0].id], *(self.image(a, chain) for a in node.args[1:]))
        if node.op in ("of_role", "nth", "project") and is_chosen(node):
            return self._of_member(node, chain)
        if node.op == "input" and is_chosen(node):
            dtype = result_dtype(node.dtype, chain)
            return Span(self._column(node, chain, "low", dtype), self._column(node, chain, "high", dtype))
        if node.op in ("text", "cast", "take") and is_chosen(node.args[0]):
            return self.image(node.args[0], ((node.op, node.attr, None), *chain))
        return self._asked_of_a_number(node, chain)

    def _of_member(self, node: Node, chain: Chain) -> Span:
        """What is asked of an item or a text that goes from a member to the group, or back."""
        inner, attr = self.image(node.args[0], chain), node.attr
        if node.op != "project":
            default = applied(chain, [attr[2]], node.dtype)[0]
            attr = (attr[0], attr[1], default.item() if isinstance(default, np.generic) else default)
        low, high = (self.spans.make(node.op, b, attr=attr, entity=node.entity) for b in (inner.low, inner.high))
        return Span(low, high, _moved_odd(self, node, inner.odd))

    def _asked_of_a_number(self, node: Node, chain: Chain) -> Span:
        """An item made by arithmetic (a cast of a number): bounded as a number."""
        span = self._rowwise(node, [self.of[a.id] for a in node.args]) if node.dtype == ITEM else None
        if span is None:
            raise Untraceable("", "", "", 0, f"aucune borne pour un texte fait par « {node.op} »")
        for op, attr, constant in chain:
            if op in ("eq", "ne"):
                span = self.spans.compared(op, span, self.spans.exact(self.builder.const(constant, span.low.dtype)))
            elif op == "cast":
                span = self.spans.cast(span, attr)
            else:
                span = self.spans.taken(span, attr)
        return span

    # --- columns ---

    def _column(self, node: Node, chain: Chain, side: str, dtype: np.dtype[Any]) -> Node:
        derived = Derived(node.attr, chain, side)
        made = self._made.get(derived)
        if made is None:
            key = InputKey(f"{node.attr.variable}#{len(self.columns)}", node.attr.period, dtype.str)
            self.columns[key] = derived
            made = self._made[derived] = self.builder.make("input", (), key, node.entity)
        return made

    def unknown(self, node: Node) -> Node:
        """Whether the value of an input is unknown, by row."""
        return self._column(node, (), "open", BOOL)

    def seed(self, name: str, entity: str) -> Node:
        """A truth value given at each run, by row of an entity."""
        key = InputKey(name, "", BOOL.str)
        return self.builder.make("input", (), key, entity)


def result_dtype(dtype: np.dtype[Any], chain: Chain) -> np.dtype[Any]:
    """Type of what a chain gives."""
    for op, attr, _constant in chain:
        dtype = BOOL if op in ("eq", "ne") else OPS[op].dtype([I8 if op == "take" else dtype], attr)
    return dtype


def applied(chain: Chain, values: list[Any], dtype: np.dtype[Any]) -> Any:
    """What a chain gives for these values (a list or array of the chain's type)."""
    current: Any = np.array(values, dtype=dtype)
    for op, attr, constant in chain:
        if op == "text":
            current = np.array(text_values(attr, current.tolist()), dtype=attr.dtype)
        elif op in ("eq", "ne"):
            current = current == constant if op == "eq" else current != constant
        else:
            compute = OPS[op].compute
            assert compute is not None
            current = np.asarray(compute(attr, current))
    return current


def _is_positive(node: Node) -> bool:
    return node.is_const and bool(node.value > 0)


# --- structure of groups ---


def _grouped(e: Enclosure, node: Node, a: Span) -> Span:
    """What never decreases: sums, extremes, one member's value, projections."""
    low, high = (e.builder.make(node.op, (b,), node.attr, node.entity) for b in (a.low, a.high))
    return Span(low, high, _moved_odd(e, node, a.odd))


def _moved_odd(e: Enclosure, node: Node, odd: Node | None) -> Node | None:
    """Which rows have no bounds, once what `odd` marks goes from members to their group, or back."""
    if odd is None:
        return None
    if node.op not in ("project", "of_role", "nth"):
        return e.spans.joined(_any_member(e, odd, _group_of(node), node.entity))
    attr = node.attr if node.op == "project" else (node.attr[0], node.attr[1], False)
    return e.spans.joined(e.builder.make(node.op, (odd,), attr, node.entity))


def _group_of(node: Node) -> str:
    return node.attr if isinstance(node.attr, str) else node.attr[0]


def _any_member(e: Enclosure, truth: Node, group: str, entity: str) -> Node:
    total = e.builder.make("sum", (e.builder.make("cast", (truth,), "<f8"),), (group, None), entity)
    return e.builder.make("gt", (total, e.builder.const(0.0)))


def _fixed(e: Enclosure, node: Node) -> Span:
    return e.spans.exact(e.builder.make(node.op, (), node.attr, node.entity))


def _rank(e: Enclosure, node: Node, a: Span) -> Span:
    """A rank: its value where every member is known, else any place of the group."""
    s, group = e.spans, node.attr
    value = s.make("rank", a.low, attr=group, entity=node.entity)
    if a.is_exact:
        return s.exact(value)
    some = s.make("project", _any_member(e, s.is_open(a), group, group), attr=group, entity=node.entity)
    size = s.make("project", s.make("size", attr=group, entity=group), attr=group, entity=node.entity)
    last = s.make("sub", size, s.like(1, size))
    return Span(s.make("where", some, s.like(0, value), value), s.make("where", some, last, value))


_GROUP: Mapping[str, Callable[..., Span]] = {
    **dict.fromkeys(("project", "sum", "of_role", "nth", "group_max", "group_min", "group_all"), _grouped),
    **dict.fromkeys(("has_role", "position", "size"), _fixed),
    "rank": _rank,
}
_PLAIN: Mapping[str, Callable[..., Span]] = {
    "add": Spans.plus, "sub": Spans.minus, "mul": Spans.times, "div": Spans.over, "neg": Spans.opposite,
    "abs": Spans.magnitude, "where": Spans.chosen, "not": Spans.inverse, "xor": Spans.exclusive,
    "min": lambda s, a, b: s.extreme("min", a, b), "max": lambda s, a, b: s.extreme("max", a, b),
    "and": lambda s, a, b: s.extreme("and", a, b), "or": lambda s, a, b: s.extreme("or", a, b),
    "isnan": lambda s, a: s.loosened(s.exact(s.no), a.odd),
}  # fmt: skip
_WITH_ATTR: Mapping[str, Callable[..., Span]] = {
    "cast": Spans.cast, "take": Spans.taken, "marginal": Spans.marginal, "bracket": Spans.bracket,
    "digitize": Spans.digitized,
    "date_add": lambda s, a, b, attr: Span(s.make("date_add", a.low, b.low, attr=attr),
                                           s.make("date_add", a.high, b.high, attr=attr), s.joined(a.odd, b.odd)),
    "date_sub": lambda s, a, b, attr: Span(s.make("date_sub", a.low, b.high, attr=attr),
                                           s.make("date_sub", a.high, b.low, attr=attr), s.joined(a.odd, b.odd)),
}  # fmt: skip
