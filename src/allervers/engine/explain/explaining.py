"""`explained`: why a variable has its value for one row, as data. Walks down the graph, one variable a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from allervers.engine.explain.conditions import Conditions
from allervers.engine.explain.lacking import Lacking, told_once
from allervers.engine.explain.quantities import Quantities, is_count, natural
from allervers.engine.explain.reading import Reading, Spot
from allervers.engine.explain.record import Condition, Explanation, Limit, Place, Quantity, Step, Unit
from allervers.engine.node import Node
from allervers.engine.program import Asked
from allervers.foundation.errors import InvalidInput

WIDTHS: Mapping[int, tuple[int, ...]] = {0: (), 1: (4, 2), 2: (6, 3, 2), 3: (12, 6, 4, 3, 2)}
"""How many variables are told under each one, depth after depth, by level of detail."""

MAX_DETAIL = max(WIDTHS)

_SETTLED = (
    "Ce résultat ne dépend d'aucune des données fournies : il est fixé par ce qui n'a pas été fourni (chaque donnée "
    "absente prend la valeur par défaut de la loi codée), et le calcul n'en garde pas la suite des conditions."
)
_NO_WAY = "Le calcul ne permet pas de dire ce qui manque : aucune condition isolée ne suffirait."
_FIRST_ONLY = "Une fois ces conditions remplies, le montant resterait à calculer : il pourrait encore être nul."


class _Found(NamedTuple):
    """The root of an explanation."""

    node: Node
    variable: str
    period: str


def explained(reading: Reading, variable: str, period: str, row: int, *, detail: int = 1) -> Explanation:
    """Why `variable` has its value for `period` at a row of its entity. `detail`: 0 (alone) to 3.

    Raises InvalidInput when the program does not compute it, or for a row or a level that is not there.
    """
    if detail not in WIDTHS:
        raise InvalidInput(f"Le niveau de détail va de 0 à {MAX_DETAIL}.")
    found = _root(reading, variable, period)
    entity = reading.words.variable_of(variable).entity
    if not 0 <= row < reading.structure.count(entity):
        raise InvalidInput(f"Aucune ligne {row} pour « {variable} ».", variable=variable)
    spot = Spot(found.node, row)
    steps = _Steps(reading)
    amount = steps.root_quantity(spot, found, entity)
    if found.node.is_const:
        return Explanation(Step(amount, article=reading.words.article(variable)), notes=(_SETTLED,))
    step = steps.step(spot, amount, WIDTHS[detail])
    return _with_missing(reading, spot, step)


def _with_missing(reading: Reading, spot: Spot, step: Step) -> Explanation:
    value = reading.value(spot)
    if spot.node.dtype.kind not in "biuf" or value > 0:
        return Explanation(step)
    with reading.inside(spot.node):
        way = Lacking(reading).for_amount(spot)
    if not way:
        return Explanation(step, notes=(_NO_WAY,))
    is_amount = spot.node.dtype.kind != "b" and not any(c.relation == "above_zero" for c in way)
    return Explanation(step, told_once(way), (_FIRST_ONLY,) if is_amount else ())


def _root(reading: Reading, variable: str, period: str) -> _Found:
    program = reading.named.program
    asked = Asked(variable, period)
    node = program.roots.get(asked) or program.results.get((variable, period))
    if node is None:
        number = reading.by_name.get((variable, period))
        node = next((n for n in program.nodes() if n.id == number), None)
    if node is None or not (node.is_const or node.id in reading.values):
        raise InvalidInput(f"« {variable} » pour {period} ne fait pas partie de ce calcul.", variable=variable)
    return _Found(node, variable, period)


@dataclass
class _Body:
    """What is gathered of a variable's own formula."""

    conditions: list[Condition] = field(default_factory=list)
    terms: list[tuple[str, Quantity]] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    unit: Unit = "number"
    is_rounded: bool = False

    def adds_up_to(self, value: object) -> bool:
        """Whether the terms add up to the amount, to the cent, or to the unit when it is rounded: else not told."""
        total = sum(_size(q) if sign == "+" else -_size(q) for sign, q in self.terms)
        return isinstance(value, bool | int | float) and abs(total - float(value)) <= (
            1 if self.is_rounded else 0.01
        ) + 1e-6 * abs(total)


class _Steps:
    """Makes the steps of an explanation; a variable is told once."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.conditions = Conditions(reading)
        self.quantities: Quantities = self.conditions.quantities
        self.lacking = Lacking(reading)
        self.conditions.nearness = self.lacking.nearness
        self.told: set[tuple[int, int]] = set()
        self.nodes = {node.id: node for node in reading.named.program.nodes()}

    def root_quantity(self, spot: Spot, found: _Found, entity: str) -> Quantity:
        """The quantity of the variable asked, under its own name."""
        words, raw = self.reading.words, self.reading.value(spot) if not spot.node.is_const else spot.node.value
        unit = words.unit(found.variable)
        value = words.item(found.variable, int(raw)) if unit == "item" else natural(raw)
        place = Place(entity, spot.row, self.reading.whose(entity, spot.row))
        label = words.label(found.variable)
        return Quantity(value, unit, "variable", spot.node.id, place, label, found.variable, found.period)

    def step(self, spot: Spot, amount: Quantity, widths: tuple[int, ...], wanted: bool = True) -> Step:
        """One variable and those it depends on, as deep as `widths` is long. `wanted`: the truth value hoped for."""
        self.told.add((spot.node.id, spot.row))
        body = _Body(unit=amount.unit)
        before = self.reading.formulas
        self.reading.formulas = self.reading.variables_of(spot.node) | {amount.variable}
        if spot.node.dtype.kind == "b":
            body.conditions = self.conditions.deciding(spot, wanted)
        else:
            self._number(spot, "+", body, spot.node, is_start=True)
        article = self.conditions.articles(self.reading.formulas)
        self.reading.formulas = before
        conditions = told_in_order(body.conditions)
        terms = tuple(body.terms) if body.adds_up_to(amount.value) else ()
        same = not conditions and len(terms) == 1 and terms[0][1].value == amount.value
        below = self._below(conditions, terms, body, widths, widths if same else widths[1:])
        return Step(amount, conditions, terms, tuple(body.limits), article, below, body.is_rounded)

    def _below(
        self,
        conditions: tuple[Condition, ...],
        terms: tuple[tuple[str, Quantity], ...],
        body: _Body,
        widths: tuple[int, ...],
        widths_below: tuple[int, ...],
    ) -> tuple[Step, ...]:
        if not widths:
            return ()
        failing = [c for c in conditions if c.holds is not c.wanted]
        holding = [c for c in conditions if c.holds is c.wanted]
        told = [q for c in failing for q in _quantities_of(c)]
        told += sorted((p for _sign, q in terms for p in _opened(q)), key=lambda q: -abs(_size(q)))
        told += [q for limit in body.limits for q in (limit.bound, limit.without)]
        told += [q for c in holding for q in _quantities_of(c)]
        wanted = {(c.left.node, c.left.place.row): c.wanted for c in conditions if c.relation == "is" and c.left}
        steps: list[Step] = []
        variables: set[tuple[str, int]] = set()
        for quantity in told:
            node = self.nodes.get(quantity.node)
            key = (quantity.node, quantity.place.row)
            if node is None or quantity.kind != "variable" or key in self.told or not self._is_worth(quantity):
                continue
            if len(steps) == widths[0]:
                break
            if (quantity.variable, quantity.place.row) in variables:
                continue  # The same variable for another month: one is enough.
            step = self.step(Spot(node, quantity.place.row), quantity, widths_below, wanted.get(key, True))
            if tells_something(step):
                steps.append(step)
                variables.add((quantity.variable, quantity.place.row))
        return tuple(steps)

    def _is_worth(self, quantity: Quantity) -> bool:
        """Whether a variable has something to tell: an age, what is given, a mere count of zero have not."""
        return quantity.unit not in ("years", "months", "date") and not (
            quantity.unit == "number" and quantity.value == 0
        )

    # --- the formula of one variable ---

    def _number(self, spot: Spot, sign: str, body: _Body, user: Node, *, is_start: bool = False) -> None:
        node, reading = spot.node, self.reading
        if node.is_const or (reading.name(node) is not None and not is_start):
            self._term(spot, sign, body, user)
            return
        value, args = reading.value(spot), reading.operands(spot)
        if node.op == "where":
            held = self.conditions.holds(args[0])
            branch, other = (args[1], args[2]) if held else (args[2], args[1])
            if value == 0 and other in self.reading.operands(args[0]) and reading.value(other) == 0:
                self._number(other, sign, body, node)  # Nil, hence under the least amount paid.
                return
            wanted = not held if _is_nil(branch) and not _is_nil(other) else held
            body.conditions += self.conditions.deciding(args[0], wanted, is_start=False)
            self._number(branch, sign, body, node)
        elif node.op == "cast" and node.args[0].dtype.kind == "b":
            body.conditions += self.conditions.deciding(args[0], True, is_start=False)
            self._term(spot, sign, body, user)
        elif node.op in ("cast", "project", "of_role", "nth", "round", "rint", "group_max", "group_min") and args:
            chosen = next((a for a in args if reading.value(a) == value), args[0])
            self._number(chosen, sign, body, node)
        elif node.op in ("floor", "ceil", "trunc"):
            body.is_rounded = True
            self._number(args[0], sign, body, node)
        elif node.op in ("max", "min") and len(args) == 2:
            self._extreme(spot, args, sign, body)
        elif node.op == "mul":
            self._product(spot, args, sign, body, user)
        elif node.op in ("add", "sub", "neg", "sum"):
            self._sum(spot, args, sign, body, user)
        elif node.op == "div" and (value == 0 or self.quantities.unchanged(spot) is not None):
            self._number(self.quantities.unchanged(spot) or args[0], sign, body, node)
        else:
            self._term(spot, sign, body, user)

    def _term(self, spot: Spot, sign: str, body: _Body, user: Node) -> None:
        if self.reading.value(spot) != 0 or self.reading.name(spot.node) is not None:
            quantity = self.quantities.of(spot, user, body.unit)
            opposite = ("-" if sign == "+" else "+", quantity)
            if opposite in body.terms:
                body.terms.remove(opposite)
            else:
                body.terms.append((sign, quantity))

    def _extreme(self, spot: Spot, args: list[Spot], sign: str, body: _Body) -> None:
        """The greater or the smaller of two: the one that counts, and what the other would have given."""
        value = self.reading.value(spot)
        held = [arg for arg in args if self.reading.value(arg) == value]
        chosen = next((arg for arg in held if not arg.node.is_const), held[0])
        other = args[1] if chosen is args[0] else args[0]
        if spot.node.op == "max" and _is_nil(chosen) and self.reading.value(other) < 0:
            body.conditions.append(self.conditions.above_zero(self.quantities.source(other)[0]))
            return
        if len(held) == 1 and not _is_nil(other):
            kind = "cap" if spot.node.op == "min" else "floor"
            self._limit(kind, chosen, other, spot.node, body)
        self._number(chosen, sign, body, spot.node)

    def _limit(self, kind: str, chosen: Spot, other: Spot, user: Node, body: _Body) -> None:
        bound = self.quantities.of(chosen, user, "euros")
        without = self.quantities.of(other, user, bound.unit)
        if without.value != 0:
            body.limits.append(Limit("cap" if kind == "cap" else "floor", bound, without))

    def _product(self, spot: Spot, args: list[Spot], sign: str, body: _Body, user: Node) -> None:
        values = [self.reading.value(arg) for arg in args]
        truths = [a for a in args if a.node.op == "cast" and a.node.args[0].dtype.kind == "b"]
        for truth in truths:
            (condition,) = self.reading.operands(truth)
            body.conditions += self.conditions.deciding(condition, True, is_start=False)
        others = [a for a in args if a not in truths]
        if 0 in values:
            for arg in others:
                if self.reading.value(arg) == 0:
                    self._number(arg, sign, body, spot.node)
        elif len(others) == 1 or 1 in values:
            kept = (
                others if len(others) == 1 else [a for a, v in zip(args, values, strict=True) if v != 1][:1] or args[:1]
            )
            self._number(kept[0], sign, body, spot.node)
        else:
            self._term(spot, sign, body, user)

    def _sum(self, spot: Spot, args: list[Spot], sign: str, body: _Body, user: Node) -> None:
        node = spot.node
        counted = [arg for arg in args if self.reading.value(arg) != 0]
        if not counted:
            self._nil_sum(args, sign, body, node)
            return
        if is_count(node):
            self._term(spot, sign, body, user)
            return
        other = "-" if sign == "+" else "+"
        for position, arg in enumerate(args):
            if self.reading.value(arg) != 0:
                turned = node.op == "neg" or (node.op == "sub" and position == 1)
                self._number(arg, other if turned else sign, body, node)

    def _nil_sum(self, args: list[Spot], sign: str, body: _Body, user: Node) -> None:
        """A sum of zeros: the one that is the nearest to be something is told."""
        ways = [(self.lacking.for_amount(arg), arg) for arg in args if arg.node.dtype.kind in "biuf"]
        known = [(len(way), position) for position, (way, _arg) in enumerate(ways) if way]
        if known:
            self._number(ways[min(known)[1]][1], sign, body, user)


def told_in_order(conditions: list[Condition]) -> tuple[Condition, ...]:
    """Conditions told once, those that fail first."""
    found = {(c.node, c.place.row): c for c in conditions}
    of_nothing = [c for c in found.values() if _is_of_nothing(c)]
    kept = [c for c in found.values() if c not in of_nothing] or list(found.values())
    return tuple(sorted(kept, key=lambda c: c.holds is c.wanted))


def _is_of_nothing(condition: Condition) -> bool:
    """A comparison of zero with a threshold: why it is zero is told by another condition."""
    left = condition.left
    kinds = ("constant", "calculation")
    return left is not None and condition.right is not None and left.kind in kinds and left.value == 0


def tells_something(step: Step) -> bool:
    """Whether a step says more than its value."""
    own = (step.amount.node, step.amount.place.row)
    says = [c for c in step.conditions if (c.node, c.place.row) != own]
    return bool(says or step.steps or step.limits or [q for _s, q in step.terms if (q.node, q.place.row) != own])


def _opened(quantity: Quantity) -> list[Quantity]:
    """A quantity, then what it is made of."""
    return [quantity, *(q for _sign, part in quantity.parts for q in _opened(part))]


def _quantities_of(condition: Condition) -> list[Quantity]:
    sides = [q for q in (condition.left, condition.right) if q is not None and not condition.terms]
    sides += sorted((q for _sign, q in condition.terms), key=lambda q: (q.value != 0, -abs(_size(q))))
    return [q for side in sides for q in _opened(side)]


def _size(quantity: Quantity) -> float:
    return float(quantity.value) if isinstance(quantity.value, bool | int | float) else 0.0


def _is_nil(spot: Spot) -> bool:
    return spot.node.is_const and spot.node.dtype.kind in "biuf" and bool(spot.node.value == 0)
