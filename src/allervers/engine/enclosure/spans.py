"""Arithmetic of spans: the least and the greatest value of a node, made of ordinary nodes of the graph.

Every operation of the machine rounds monotonically, so a bound made by the same operation, in the same type and order,
encloses what the program computes to the last bit: no margin is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from allervers.engine.build import Builder
from allervers.engine.node import Node
from allervers.engine.ops import BOOL, F8, I8, Scale, Table

LARGEST_TABLE = 64
"""Tables up to this length are read sharply over a range of positions."""
RISING = {"rint", "floor", "ceil", "trunc", "round"}
_SIDES = {"lt": "lt", "le": "le", "gt": "gt", "ge": "ge"}


@dataclass(frozen=True, slots=True)
class Span:
    """`low <= value <= high` for every row. A truth value: False before True (`low`: surely, `high`: possibly true).

    `odd`, where it is not None, marks the rows without known bounds (a division by what may be zero).
    """

    low: Node
    high: Node
    odd: Node | None = None

    @property
    def is_exact(self) -> bool:
        """True when the value is one node, whatever is unknown."""
        return self.low is self.high and self.odd is None


class Spans:
    """Makes spans with a builder: rules and folding apply to the bounds as they do to values."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.no = builder.const(False)

    def make(self, op: str, *args: Node, attr: Any = None, entity: str | None = None) -> Node:
        """A node."""
        return self.builder.make(op, args, attr, entity)

    def like(self, value: float, near: Node) -> Node:
        """A constant of the type of a node."""
        return self.builder.const(value, near.dtype)

    def exact(self, node: Node) -> Span:
        """The span of a known value."""
        return Span(node, node)

    def negated(self, node: Node) -> Node:
        """not node."""
        return self.make("not", node)

    def joined(self, *odds: Node | None) -> Node | None:
        """Whether one of these holds."""
        found = [odd for odd in odds if odd is not None]
        if not found:
            return None
        node = found[0]
        for other in found[1:]:
            node = self.make("or", node, other)
        return None if node.is_const and not bool(node.value) else node

    def lesser(self, a: Node, b: Node) -> Node:
        """The smaller of two values of any ordered type."""
        if a is b:
            return a
        if a.dtype == BOOL:
            return self.make("and", a, b)
        return self.make("where", self.make("le", a, b), a, b) if a.dtype.kind in "mM" else self.make("min", a, b)

    def greater(self, a: Node, b: Node) -> Node:
        """The greater of two values of any ordered type."""
        if a is b:
            return a
        if a.dtype == BOOL:
            return self.make("or", a, b)
        return self.make("where", self.make("le", a, b), b, a) if a.dtype.kind in "mM" else self.make("max", a, b)

    def is_open(self, span: Span) -> Node:
        """Whether the value is still not known, by row."""
        if span.is_exact:
            return self.no
        apart = "xor" if span.low.dtype == BOOL else "ne"
        return self.joined(self.make(apart, span.low, span.high), span.odd) or self.no

    # --- choices and logic ---

    def chosen(self, c: Span, a: Span, b: Span) -> Span:
        """where(c, a, b)."""

        def side(x: Node, y: Node, both: Node) -> Node:
            return self.make("where", c.low, x, self.make("where", c.high, both, y))

        no = self.no
        odd = None
        if a.odd is not None or b.odd is not None:
            x, y = a.odd or no, b.odd or no
            odd = self.joined(side(x, y, self.make("or", x, y)))
        return Span(
            side(a.low, b.low, self.lesser(a.low, b.low)), side(a.high, b.high, self.greater(a.high, b.high)), odd
        )

    def inverse(self, a: Span) -> Span:
        """not a."""
        return Span(self.negated(a.high), self.negated(a.low))

    def exclusive(self, a: Span, b: Span) -> Span:
        """a xor b."""
        loose = self.make("or", self.is_open(a), self.is_open(b))
        value = self.make("xor", a.low, b.low)
        return Span(self.make("and", self.negated(loose), value), self.make("or", loose, value))

    def compared(self, op: str, a: Span, b: Span) -> Span:
        """lt, le, gt, ge, eq, ne. Where a bound is not known, nothing is."""
        if op == "ne":
            return self.inverse(self.compared("eq", a, b))
        if op == "eq":
            may = self.make("and", self.make("le", a.low, b.high), self.make("le", b.low, a.high))
            alone = self.make("and", self._same(a), self._same(b))
            must = self.make("and", alone, self.make("eq", a.low, b.low))
        elif op in ("lt", "le"):
            must, may = self.make(op, a.high, b.low), self.make(op, a.low, b.high)
        else:
            must, may = self.make(op, a.low, b.high), self.make(op, a.high, b.low)
        return self.loosened(Span(must, may), self.joined(a.odd, b.odd))

    def loosened(self, truth: Span, odd: Node | None) -> Span:
        """A truth value, unknown where `odd` holds."""
        if odd is None:
            return truth
        return Span(self.make("and", truth.low, self.negated(odd)), self.make("or", truth.high, odd))

    def _same(self, span: Span) -> Node:
        return self.builder.const(True) if span.low is span.high else self.make("eq", span.low, span.high)

    # --- numbers ---

    def rising(self, op: str, a: Span, attr: Any = None, entity: str | None = None) -> Span:
        """A function of one operand that never decreases."""
        return Span(
            self.make(op, a.low, attr=attr, entity=entity), self.make(op, a.high, attr=attr, entity=entity), a.odd
        )

    def plus(self, a: Span, b: Span) -> Span:
        """a + b."""
        return Span(self.make("add", a.low, b.low), self.make("add", a.high, b.high), self.joined(a.odd, b.odd))

    def minus(self, a: Span, b: Span) -> Span:
        """a - b."""
        return Span(self.make("sub", a.low, b.high), self.make("sub", a.high, b.low), self.joined(a.odd, b.odd))

    def extreme(self, op: str, a: Span, b: Span) -> Span:
        """min or max."""
        return Span(self.make(op, a.low, b.low), self.make(op, a.high, b.high), self.joined(a.odd, b.odd))

    def opposite(self, a: Span) -> Span:
        """-a."""
        return Span(self.make("neg", a.high), self.make("neg", a.low), a.odd)

    def magnitude(self, a: Span) -> Span:
        """|a|."""
        low, high = self.make("neg", a.high), self.make("neg", a.low)
        least = self.make("max", self.make("max", a.low, low), self.like(0, a.low))
        return Span(least, self.make("max", a.high, high), a.odd)

    def times(self, a: Span, b: Span) -> Span:
        """a * b."""
        return self._of_corners("mul", a, b, self.joined(a.odd, b.odd))

    def over(self, a: Span, b: Span) -> Span:
        """a / b; no bound where b may be zero."""
        if b.is_exact and b.low.is_const and bool(b.low.value != 0):
            return self._of_corners("div", a, b, a.odd)
        zero = self.like(0, b.low)
        may_be_zero = self.make("and", self.make("le", b.low, zero), self.make("ge", b.high, zero))
        span = self._of_corners("div", a, b, self.joined(a.odd, b.odd, may_be_zero))
        nought = self.like(0, span.low)
        low, high = (self.make("where", may_be_zero, nought, bound) for bound in (span.low, span.high))
        return Span(low, high, span.odd)

    def _of_corners(self, op: str, a: Span, b: Span, odd: Node | None) -> Span:
        for x, y, is_left in ((a, b, False), (b, a, True)):
            # One operand known by a constant: its sign says which bound makes which.
            if y.is_exact and y.low.is_const and not (op == "div" and is_left):
                bounds = (x.low, x.high) if bool(y.low.value >= 0) else (x.high, x.low)
                made = [self.make(op, *((y.low, v) if is_left else (v, y.low))) for v in bounds]
                return Span(made[0], made[1], odd)
        corners = [self.make(op, x, y) for x in dict.fromkeys((a.low, a.high)) for y in dict.fromkeys((b.low, b.high))]
        low = high = corners[0]
        for corner in corners[1:]:
            low, high = self.make("min", low, corner), self.make("max", high, corner)
        return Span(low, high, odd)

    def when_known(self, op: str, spans: Sequence[Span], attr: Any, entity: str) -> Span:
        """An operation that is not enclosed: its value where every operand is known, no bound elsewhere."""
        value = self.make(op, *(s.low for s in spans), attr=attr, entity=entity)
        loose = self.joined(*(self.is_open(s) for s in spans))
        if value.dtype == BOOL:
            return self.loosened(self.exact(value), loose)
        return Span(value, value, loose)

    # --- conversions, tables, scales ---

    def cast(self, a: Span, target: Any) -> Span:
        """A conversion. A number that the target type cannot hold has no bound."""
        dtype, source = np.dtype(target), a.low.dtype
        if dtype == BOOL:
            zero = self.like(0, a.low)
            apart = self.make("or", self.make("gt", a.low, zero), self.make("lt", a.high, zero))
            some = self.make("or", self.make("ne", a.low, zero), self.make("ne", a.high, zero))
            return self.loosened(Span(apart, some), a.odd)
        odd = a.odd
        if dtype.kind == "i" and source.kind in "if" and (source.kind == "f" or source.itemsize > dtype.itemsize):
            odd = self.joined(odd, self._beyond(a, dtype))
        return Span(self.make("cast", a.low, attr=target), self.make("cast", a.high, attr=target), odd)

    def _beyond(self, a: Span, dtype: np.dtype[Any]) -> Node | None:
        most = min(float(np.iinfo(dtype).max), 2.0**62)
        low = self.make("lt", a.low, self.like(-most, a.low))
        return self.joined(low, self.make("gt", a.high, self.like(most, a.high)))

    def taken(self, index: Span, table: Table) -> Span:
        """Values of a table over a range of positions; over the whole table where the range leaves it."""
        values, count = table.values, len(table.values)
        if index.is_exact:
            return self.exact(self.make("take", index.low, attr=table))
        everywhere = (self.builder.const(values.min(), values.dtype), self.builder.const(values.max(), values.dtype))
        zero, last = self.like(0, index.low), self.like(count - 1, index.low)
        outside = self.joined(index.odd, self.make("lt", index.low, zero), self.make("gt", index.high, last))
        low = self.make("max", zero, self.make("min", index.low, last))
        high = self.make("max", low, self.make("min", index.high, last))
        if count > LARGEST_TABLE:
            inside = [self.make("where", self.make("eq", low, high), self.make("take", low, attr=table), bound)
                      for bound in everywhere]  # fmt: skip
        else:
            pair = self.make("add", self.make("mul", low, self.like(count, low)), high)
            inside = [self.make("take", pair, attr=t) for t in range_tables(table)]
        if outside is not None:
            inside = [self.make("where", outside, bound, x) for bound, x in zip(everywhere, inside, strict=True)]
        return Span(inside[0], inside[1])

    def digitized(self, a: Span, attr: Any) -> Span:
        """Number of thresholds under a value."""
        span = self.rising("digitize", Span(a.low, a.high), attr)
        if a.odd is None:
            return span
        none, every = self.builder.const(0, I8), self.builder.const(len(attr[0]), I8)
        return Span(self.make("where", a.odd, none, span.low), self.make("where", a.odd, every, span.high))

    def marginal(self, base: Span, factor: Span, scale: Scale) -> Span:
        """A scale, whole where it never decreases, else bracket by bracket as the definition adds them."""
        if factor.is_exact and min(scale.rates, default=0.0) >= 0:
            args = [self.make("marginal", b, factor.low, attr=scale) for b in (base.low, base.high)]
            return Span(args[0], args[1], base.odd)
        above = self.plus(factor, self.number(np.finfo(np.float64).eps))
        total = self.number(0.0)
        bounds = [*scale.thresholds, None]
        for low, high, rate in zip(bounds[:-1], bounds[1:], scale.rates, strict=True):
            if rate == 0:
                continue
            first = self._rounded(self.times(above, self.number(low)), scale.decimals)
            kept = base
            if high is not None:
                kept = self.extreme("min", base, self._rounded(self.times(above, self.number(high)), scale.decimals))
            inside = self._rounded(self.extreme("max", self.minus(kept, first), self.number(0.0)), scale.decimals)
            total = self.plus(total, self._rounded(self.times(inside, self.number(rate)), scale.decimals))
        return total

    def bracket(self, base: Span, factor: Span, attr: Any) -> Span:
        """Position of the bracket of a scale."""
        thresholds, decimals = attr
        above = self.plus(factor, self.number(np.finfo(np.float64).eps))
        count = self.exact(self.builder.const(-1, I8))
        for threshold in thresholds:
            gap = self.minus(base, self._rounded(self.times(above, self.number(threshold)), decimals))
            count = self.plus(count, self.cast(self.compared("ge", gap, self.number(0.0)), "<i8"))
        return count

    def number(self, value: Any) -> Span:
        """A 64-bit constant."""
        return self.exact(self.builder.const(value, F8))

    def _rounded(self, a: Span, decimals: int | None) -> Span:
        return a if decimals is None else self.rising("round", a, decimals)


def range_tables(table: Table) -> tuple[Table, Table]:
    """Least and greatest values of a table from position i to position j, read at i * length + j (j < i: as i)."""
    values = table.values
    count = len(values)
    least, most = np.empty((count, count), values.dtype), np.empty((count, count), values.dtype)
    for i in range(count):
        least[i, i:], most[i, i:] = np.minimum.accumulate(values[i:]), np.maximum.accumulate(values[i:])
        least[i, :i], most[i, :i] = values[i], values[i]
    return Table.of(least.ravel()), Table.of(most.ravel())
