"""What the API says of the catalogue of rights: each fact with how sure it is."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from allervers.api.v1.strict import Asked, PageAsked, PageShown, Strict, Text
from allervers.rights.catalogue import AmountPeriod, Grade, StartKind
from allervers.rights.facts import ChannelKind, Force, LinkKind, OnLoss, Precision

Identifier = Annotated[Text, Field(min_length=1, max_length=64)]


class Named(Strict):
    """Something of a closed list: its identifier, which stays, and its label in French."""

    id: str
    label: str


class RightsAsked(PageAsked):
    """Which rights of the catalogue. Each value given narrows the list."""

    theme: Identifier | None = None
    public: Identifier | None = None
    life_event: Identifier | None = Field(None, description="Événement de vie.")
    institution: Identifier | None = Field(None, description="Institution qui décide.")
    level: int | None = Field(None, ge=0, le=5, description="Niveau de dématérialisation ; 0 : rien à demander.")


class RightBrief(Strict):
    """A right in a list."""

    id: str
    label: str
    institution: str
    mode: Literal["querable", "tacit", "automatic"]
    force: Force
    level: int
    themes: list[str]
    publics: list[str]
    life_events: list[str]
    is_computed: bool
    grade: Grade
    """A: text or official page read; B: good second hand; C: to confirm before any use."""


class Rights(PageShown):
    """A page of the catalogue."""

    items: list[RightBrief]


class Sure(Strict):
    """How sure a field is."""

    grade: Grade
    to_confirm: bool
    note: str | None = None
    source: str | None = None


class Beginning(Strict):
    """When the right begins."""

    kind: StartKind
    article: str
    retroactive_months: int
    text: str | None = None


class Sum(Strict):
    """The amount in words, and the date at which it was so."""

    text: str
    on: str | None = None


class ConditionShown(Strict):
    """One condition; without variable, a person checks it."""

    text: str
    variable: str | None
    checked_by_person: bool


class WayToAsk(Strict):
    """A way to ask, and its level of dematerialisation."""

    kind: ChannelKind
    level: int
    at: str | None
    form: str | None


class RequirementShown(Strict):
    """Rights of which one is needed first."""

    any_of: list[str]
    when: str
    text: str | None
    on_loss: OnLoss


class OpeningShown(Strict):
    """A right that this one opens or makes easier."""

    right: str
    how: LinkKind
    on_loss: OnLoss
    when: str
    text: str | None


class IncompatibilityShown(Strict):
    """What cannot be held with this right."""

    text: str
    right: str | None


class NonTakeUpShown(Strict):
    """The published share of people who are entitled and do not receive."""

    text: str
    source: str


class EventShown(Strict):
    """A dated change of the right."""

    on: date
    what: str
    grade: Grade
    precision: Precision


class RightWhole(RightBrief):
    """Everything that the catalogue says of a right. A fact that no source gives is null or empty, never guessed."""

    law: str
    public: str
    how_to_ask: str
    description: str
    decides: list[Named]
    pays: list[Named]
    start: Beginning
    amount: Sum | None
    amount_period: AmountPeriod | None
    openfisca: list[str]
    holds_from: date | None
    reference: str | None
    duration: str | None
    renewal: str | None
    renewal_lead_days: int | None
    window: str | None
    conditions: list[ConditionShown]
    channels: list[WayToAsk]
    situations: list[Named]
    """Situations that change the documents: see the address of the documents."""
    requires: list[RequirementShown]
    opens: list[OpeningShown]
    incompatible: list[IncompatibilityShown]
    linked: list[str]
    non_take_up: NonTakeUpShown | None
    breaks: list[str]
    warnings: list[str]
    sources: list[str]
    history: list[EventShown]
    confidence: dict[str, Sure]
    """How sure each field is, by name of field."""


class DocumentsAsked(Asked):
    """For which situations."""

    situation: list[Identifier] = Field([], max_length=30, description="Situations, à répéter ; « tous » est comprise.")


class DocumentShown(Strict):
    """A document, and why it is asked."""

    id: str
    label: str
    hint: str | None
    because: list[str]
    held_by: list[Named]


class DocumentsShown(Strict):
    """What to bring, and what may not be asked because who decides already holds it (CRPA L. 114-8)."""

    right: str
    situations: list[str]
    to_bring: list[DocumentShown]
    already_held: list[DocumentShown]
    is_sourced: bool


class SearchAsked(Asked):
    """What someone looks for, in ordinary words."""

    q: str = Field(min_length=1, max_length=400, description="Mots courants ; fautes de frappe et accents tolérés.")
    limit: int = Field(10, ge=1, le=50)


class Found(Strict):
    """A right that fits, and why."""

    right: str
    label: str
    score: float
    reason: str


class SearchResult(Strict):
    """Rights that fit, best first."""

    items: list[Found]


class ChangesAsked(PageAsked):
    """Since when."""

    since: date = Field(description="Premier jour, compris.")
    until: date | None = Field(None, description="Dernier jour, compris ; sans lui, ce qui est annoncé paraît aussi.")


class ChangeShown(EventShown):
    """A dated change, and the right that changed."""

    right: str
    label: str


class Changes(PageShown):
    """Changes, most recent first."""

    items: list[ChangeShown]


class ProceduresAsked(PageAsked):
    """Which ways to ask."""

    level: int | None = Field(None, ge=1, le=5)
    kind: ChannelKind | None = None


class ProcedureShown(WayToAsk):
    """A way to ask, and the right that it asks for."""

    right: str
    label: str
    institutions: list[str]


class Procedures(PageShown):
    """Ways to ask, by level."""

    items: list[ProcedureShown]


class Lists(Strict):
    """The closed lists by which the catalogue is read."""

    themes: list[Named]
    publics: list[Named]
    life_events: list[Named]
    institutions: list[Named]
    situations: list[Named]
    levels: dict[str, str]
