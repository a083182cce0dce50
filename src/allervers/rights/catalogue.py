"""The catalogue of rights: one TOML file a right under `catalogue/`, read into a `Right`. Facts carry their article.

What follows the line `[sheet]` of a file is what pages show: `sheets.py` reads it, when asked. Detection never does.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from allervers.foundation.errors import InvalidInput, NotFound

AmountPeriod = Literal["month", "year", "once", "none"]
StartKind = Literal["month_of_request", "month_after_conditions", "month_after_request", "yearly_campaign", "decision"]
Grade = Literal["A", "B", "C"]

SHEET = "\n[sheet]"
"""Where the description of a right begins in its file. Loading the catalogue stops there: it is cut, not parsed."""


@dataclass(frozen=True, slots=True)
class Start:
    """When the right begins. `retroactive_months`: how far back a late request still pays (0: what is past is lost)."""

    kind: StartKind
    article: str
    retroactive_months: int
    due_month: int = 1
    """Month of the year in which a yearly right is paid: nothing is missed before it."""


@dataclass(frozen=True, slots=True)
class Computation:
    """How the law computes the right: OpenFisca variable, what its value means, and what explains it."""

    output: str
    entity: str
    amount_period: AmountPeriod
    hold_months: int = 1
    """The amount is fixed for that many months from the month of the claim."""
    before_threshold: str | None = None
    """Variable that holds the amount before the rule that nothing is paid under a threshold."""
    threshold_parameter: str | None = None
    history_months: int = 0
    """How many months before the month asked the formula reads: what the history must hold to compute a past month."""
    explained_by: Mapping[str, str] = field(default_factory=dict)
    """Side variables and their French labels, in the order of the explanation."""


@dataclass(frozen=True, slots=True)
class Right:
    """A right: who decides, under which article, when it starts, how it is computed and what it is linked with."""

    id: str
    label: str
    institution: str
    law: str
    grade: Grade
    mode: Literal["querable", "tacit", "automatic"]
    start: Start
    how_to_ask: str
    computation: Computation | None = None
    """None: the right is not computed; it is followed through its state and its end only."""
    received_as: tuple[str, ...] = ()
    """Codes of `prestation` in partners' records that prove receipt. Empty: no partner tells."""
    renewal_lead_days: int | None = None
    prerequisites: tuple[str, ...] = ()
    unlocks: tuple[str, ...] = ()
    automatic_from: tuple[str, ...] = ()
    """Rights whose receipt opens this one without a claim."""
    excluded_by: tuple[str, ...] = ()
    """Rights that make this one pointless when entitled (the free cover and the one with a contribution)."""
    public: str = ""

    @property
    def amount_period(self) -> AmountPeriod:
        """By what its amount is told: by the month where the law is not computed, as nothing says otherwise."""
        return "month" if self.computation is None else self.computation.amount_period

    @property
    def is_followed(self) -> bool:
        """Whether detection may say something of it: it is computed, or a partner tells who receives it."""
        return self.computation is not None or bool(self.received_as)


@cache
def catalogue() -> Mapping[str, Right]:
    """Every right, by id. Raises InvalidInput when a file is wrong or names a right that does not exist."""
    folder = files("allervers.rights") / "catalogue"
    rights = {}
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".toml"):
            head, _, _ = entry.read_text("utf-8").partition(SHEET)
            right = _right(entry.name.removesuffix(".toml"), tomllib.loads(head))
            rights[right.id] = right
    for right in rights.values():
        for other in (*right.prerequisites, *right.unlocks, *right.automatic_from, *right.excluded_by):
            if other not in rights:
                raise InvalidInput(
                    f"Catalogue : « {right.id} » renvoie à « {other} », qui n'existe pas.", right=right.id
                )
    return rights


def right(identifier: str) -> Right:
    """The right of that id. Raises NotFound, with the known ids."""
    found = catalogue().get(identifier)
    if found is None:
        raise NotFound(f"Droit inconnu : « {identifier} ». Droits connus : {', '.join(catalogue())}.", right=identifier)
    return found


def sheet_text(identifier: str) -> str:
    """The part of a right's file that describes it, from the line `[sheet]`. Raises InvalidInput when there is none."""
    text = (files("allervers.rights") / "catalogue" / f"{right(identifier).id}.toml").read_text("utf-8")
    _, found, described = text.partition(SHEET)
    if not found:
        raise InvalidInput(f"Catalogue : {identifier}.toml n'a pas de partie [sheet].", file=identifier)
    return "[sheet]" + described


def computed_rights() -> tuple[Right, ...]:
    """The rights that the law computes, in the order of their ids."""
    return tuple(right for right in catalogue().values() if right.computation is not None)


def _right(name: str, data: dict[str, Any]) -> Right:
    try:
        if data["id"] != name:
            raise InvalidInput(f"Catalogue : {name}.toml décrit « {data['id']} ».", file=name)
        computation = data.pop("computation", None)
        plain: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k != "start"}
        start = Start(**data["start"])
        return Right(**plain, start=start, computation=Computation(**computation) if computation else None)
    except (KeyError, TypeError) as error:
        raise InvalidInput(f"Catalogue : {name}.toml est mal formé ({error}).", file=name) from error
