"""What an explanation is made of: plain data. Every number tells the node that it is the value of, or its parameter.

Sentences are made elsewhere (sentences.py), so that a web page may show the same data otherwise.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from allervers.engine.trace import Parameter

Unit = Literal["euros", "euros_a_year", "number", "years", "months", "rate", "truth", "date", "item", "text"]
Kind = Literal["variable", "input", "parameter", "constant", "calculation"]
Relation = Literal["lt", "le", "gt", "ge", "eq", "ne", "is", "above_zero", "in_role", "somebody"]


@dataclass(frozen=True, slots=True)
class Place:
    """A row of an entity (position in the block), and the name that the situation gives to it."""

    entity: str
    row: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value shown. `node`: the node of the graph that has this value at `place`.

    `label`: what it is, in French, "" for what has no name. `parameter`: the parameter of the law that it is.
    `parts`: for a calculation without a name, what it is made of: (sign or operation, quantity).
    """

    value: Any
    unit: Unit
    kind: Kind
    node: int
    place: Place
    label: str = ""
    variable: str = ""
    period: str = ""
    parameter: NamedParameter | None = None
    parts: tuple[tuple[str, Quantity], ...] = ()


@dataclass(frozen=True, slots=True)
class NamedParameter:
    """A parameter of the law: its path, its value and the day for which it was read, its French names, its article."""

    path: str
    value: Any
    instant: str
    label: str = ""
    short: str = ""
    article: str = ""

    @classmethod
    def of(cls, parameter: Parameter, label: str, short: str, article: str) -> NamedParameter:
        """The parameter that a trace noted, with its names."""
        return cls(parameter.path, parameter.value, parameter.instant, label, short, article)


@dataclass(frozen=True, slots=True)
class Age:
    """An age known to the month: whole months lived on a day (YYYY-MM-DD), from the date of birth (a node's value)."""

    months: int
    on: str
    birth: str
    node: int
    place: Place


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of the law and whether it holds. `node`: the truth value (or, for `above_zero`, the amount that had
    to be above zero). `left relation right` is what is asked; `wanted` False: what must not be.

    `gap`: what is missing on the left for the condition to change, in `unit`; None when it is not a matter of numbers.
    `one_is_enough`: it fails with others, and any of them would do. `terms`: for `above_zero`, what the amount is made
    of. `file`, `line`: where the law says so, "" when folded away.
    """

    node: int
    place: Place
    relation: Relation
    holds: bool
    left: Quantity | None = None
    right: Quantity | None = None
    wanted: bool = True
    gap: float | None = None
    unit: Unit = "number"
    age: Age | None = None
    terms: tuple[tuple[str, Quantity], ...] = ()
    role: str = ""
    one_is_enough: bool = False
    file: str = ""
    line: int = 0
    article: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limit:
    """An amount kept within a bound: `cap` (not more than) or `floor` (not less than)."""

    kind: Literal["cap", "floor"]
    bound: Quantity
    without: Quantity


@dataclass(frozen=True, slots=True)
class Step:
    """A variable of the law and why it has its value: the conditions that decided, what its amount is made of.

    `terms`: (sign, quantity) that add up to the amount, to the unit when `is_rounded`, else to the cent; empty when
    that cannot be told.
    `steps`: the variables that it depends on, the most decisive first, as deep as was asked.
    """

    amount: Quantity
    conditions: tuple[Condition, ...] = ()
    terms: tuple[tuple[str, Quantity], ...] = ()
    limits: tuple[Limit, ...] = ()
    article: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    is_rounded: bool = False

    @property
    def only_repeats(self) -> bool:
        """True when it has the value of another variable, without any condition."""
        same = len(self.terms) == 1 and self.terms[0][1].value == self.amount.value
        return same and not self.conditions and not self.limits


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a variable has its value for one row. `missing`: the smallest set of conditions that fail, for a zero.

    `notes`: what could not be told, in French.
    """

    step: Step
    missing: tuple[Condition, ...] = ()
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)
