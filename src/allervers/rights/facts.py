"""The facts of a right that pages show: a `Sheet` and its parts. `sheets.py` reads them from the `[sheet]` of a file.

A fact that no source gives is absent (None, empty), never guessed. `Sheet.confidence_of` says how sure a field is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from allervers.rights.catalogue import Grade, right

ChannelKind = Literal["online", "post", "counter", "phone"]
OnLoss = Literal["falls", "kept_to_term", "to_check"]
LinkKind = Literal["automatic", "tacit", "simplified", "opens", "follows"]
Force = Literal["in_force", "ended", "unknown"]
Precision = Literal["day", "month", "year"]

AT_BEST_B = frozenset({"conditions", "breaks", "documents", "channels"})
"""Fields that sum up more than the articles read: B at best unless the sheet says otherwise."""


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure a field is. A: text or official page read; B: good second hand; C: to confirm before any use."""

    grade: Grade
    note: str | None = None
    source: str | None = None

    @property
    def to_confirm(self) -> bool:
        """Whether a page must say « à confirmer »."""
        return self.grade == "C"


@dataclass(frozen=True, slots=True)
class Amount:
    """The amount in words, and the date at which it was so. The law computes the exact one where it can."""

    text: str
    on: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition, and the OpenFisca variable that models it; None: a person checks it."""

    text: str
    variable: str | None = None

    @property
    def checked_by_person(self) -> bool:
        """Whether no variable models the condition."""
        return self.variable is None


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to ask. `level`: 1 told online, 2 form to print, 3 filled online, 4 asked online, 5 followed online."""

    kind: ChannelKind
    level: int
    at: str | None = None
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """Rights of which one is needed first, for everyone or in one situation."""

    any_of: tuple[str, ...]
    when: str = "tous"
    text: str | None = None
    on_loss: OnLoss = "to_check"
    """What becomes of the right when the one needed ends: `falls` only where a source says so, or by definition."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A right that this one opens or makes easier, and what becomes of it when this one ends."""

    right: str
    how: LinkKind
    on_loss: OnLoss = "to_check"
    when: str = "tous"
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Incompatibility:
    """A right, or something in words, that cannot be held with this one."""

    text: str
    right: str | None = None


@dataclass(frozen=True, slots=True)
class NonTakeUp:
    """The published share of people who are entitled and do not receive, in words, with its source."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Event:
    """A dated change of the right: a law, an amount, an end. `precision`: how much of the date the sources give."""

    on: date
    what: str
    grade: Grade = "B"
    precision: Precision = "day"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The facts of a right that pages show. Names of other rights and of the lists are checked when it is read."""

    right: str
    description: str
    themes: tuple[str, ...]
    publics: tuple[str, ...]
    decides: tuple[str, ...]
    conditions: tuple[Condition, ...]
    channels: tuple[Channel, ...]
    sources: tuple[str, ...]
    force: Force = "in_force"
    pays: tuple[str, ...] = ()
    life_events: tuple[str, ...] = ()
    amount: Amount | None = None
    holds_from: date | None = None
    """Date from which the rule told holds (the first of a month known without its day); None: not given."""
    reference: str | None = None
    duration: str | None = None
    renewal: str | None = None
    renewal_lead_days: int | None = None
    """Days before the end, where `Right.renewal_lead_days` does not say it: read `lead_days`."""
    begins: str | None = None
    """The start of the right in words; `Right.start` has it for computation."""
    window: str | None = None
    documents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Situation -> documents."""
    requires: tuple[Requirement, ...] = ()
    opens: tuple[Opening, ...] = ()
    incompatible: tuple[Incompatibility, ...] = ()
    linked: tuple[str, ...] = ()
    openfisca: tuple[str, ...] = ()
    non_take_up: NonTakeUp | None = None
    breaks: tuple[str, ...] = ()
    """What makes the right stop."""
    warnings: tuple[str, ...] = ()
    confidence: Mapping[str, Confidence] = field(default_factory=dict)
    history: tuple[Event, ...] = ()

    @property
    def level(self) -> int:
        """The highest level of dematerialisation among the ways to ask; 0 when there is nothing to ask."""
        return max((channel.level for channel in self.channels), default=0)

    @property
    def lead_days(self) -> int | None:
        """How many days before the end to renew; None: not given, or nothing to renew."""
        return right(self.right).renewal_lead_days or self.renewal_lead_days

    def confidence_of(self, name: str) -> Confidence:
        """How sure a field is: what the sheet says of it, otherwise the grade of the core of the right."""
        if name in self.confidence:
            return self.confidence[name]
        grade = right(self.right).grade
        return Confidence("B" if grade == "A" and name in AT_BEST_B else grade)

    @property
    def to_confirm(self) -> tuple[str, ...]:
        """Fields that a page must mark « à confirmer »; `core` when the whole sheet is."""
        whole = ("core",) if right(self.right).grade == "C" else ()
        return whole + tuple(name for name, sure in self.confidence.items() if sure.to_confirm)
