"""What the API says of the lists and of who shares them. No identity, no agent's name: pseudonyms and facts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from allervers.api.v1.strict import PageAsked, PageShown, Strict, Text
from allervers.apps.findings.domain import Kind, Progress, Reason
from allervers.apps.partnership.domain import Category, OrganisationKind, Purpose, Side

Name = Annotated[Text, Field(min_length=1, max_length=64)]
LineNumber = Annotated[int, Field(ge=1, le=2**63 - 1)]
Listed = Literal[
    "not_claimed", "claim_pending", "documents_missing", "automatic_not_executed", "not_linked",
    "under_payment_threshold", "not_computable", "event",
]  # fmt: skip
"""Statuses of lines. What is unknown has its own route."""
Sort = Literal["urgence", "montant", "perdu", "echeance", "anciennete", "commune", "droit"]

Channel = Literal["letter", "phone", "sms", "email"]


class LinesAsked(PageAsked):
    """Which lines, in which order: the filters of the page of the lists."""

    right: Name | None = Field(None, description="Identifiant d'un droit.")
    event: Name | None = Field(None, description="Identifiant d'un événement.")
    commune: str | None = Field(None, pattern=r"^[0-9AB]{5}$", description="Code Insee.")
    status: Listed | None = Field(None, description="Sans lui : les lignes sur lesquelles agir.")
    progress: Progress | Literal["all"] | None = Field(None, description="Sans lui : à faire ou en cours.")
    least_eur_month: float | None = Field(None, ge=0, le=1e6, description="Au moins, en euros par mois.")
    deadline_before: date | None = Field(None, description="Échéance au plus tard ce jour.")
    least_months: int | None = Field(None, ge=0, le=120, description="Depuis au moins ce nombre de mois.")
    may_contact: bool | None = Field(None, description="Contact permis.")
    channel: Channel | Literal["none", "unknown"] | None = Field(
        None, description="Voie de contact connue ; none : aucune ; unknown : les partenaires ne le disent pas."
    )
    household: Name | None = Field(None, description="Début du pseudonyme d'un ménage.")
    sort: Sort = "urgence"


class FindingsAsked(LinesAsked):
    """The filters of the lists, and the kind of line."""

    kind: Kind | None = None


class Line(Strict):
    """A line to act on. Amounts in euros; null: unknown, or not to be told (`is_amount_hidden`), never zero."""

    id: int
    kind: Kind
    right: str | None
    event: str | None
    label: str
    household: str
    unit_entity: str
    unit: str
    commune: str
    commune_label: str
    status: str
    status_label: str
    is_to_act: bool
    may_contact: bool
    channels: list[Channel] | None
    """How the person may be reached. Empty: no way is known; null: partners do not say."""
    is_amount_hidden: bool
    amount_eur_month: float | None
    eur_lost: float | None
    eur_recoverable: float | None
    since_month: str | None
    since_on: date | None
    months_persisting: int | None
    deadline_on: date | None
    deadline_reason: str | None
    blocked_by: str | None
    """The right to open first."""
    questions: list[str]
    progress: Progress
    is_followed: bool
    """Someone has taken it or was given it."""
    version: int
    """To give back with a change: it fails when someone came first."""
    rank: int


class Published(Strict):
    """Which lists these are."""

    month: str
    published_at: datetime
    law: str
    is_synthetic: bool


class Lines(PageShown):
    """A page of lines. No publication: nothing is published, or a convention that the lists rest on has ended."""

    publication: Published | None
    items: list[Line]


class HouseholdLines(Strict):
    """The lines of a household that the token may read, whatever became of them."""

    household: str
    publication: Published
    items: list[Line]


class UnsettledAsked(PageAsked):
    """Which households to complete, in which order."""

    right: Name | None = Field(None, description="Identifiant d'un droit.")
    commune: str | None = Field(None, pattern=r"^[0-9AB]{5}$", description="Code Insee.")
    may_contact: bool | None = Field(None, description="Contact permis.")
    household: Name | None = Field(None, description="Début du pseudonyme d'un ménage.")
    sort: Literal["droits", "commune", "menage"] = "droits"


class Question(Strict):
    """A question to ask a household, and how many of its rights it would help to settle."""

    text: str
    rights: int


class ToComplete(Strict):
    """A household of which rights are unknown: neither due nor ruled out."""

    household: str
    commune: str
    commune_label: str
    may_contact: bool
    rights: list[str]
    questions: list[Question]
    """Most useful first. Empty: what is missing is a partner's datum."""


class HouseholdsToComplete(PageShown):
    """A page of households to complete. No publication: nothing is published, or a convention has ended."""

    publication: Published | None
    items: list[ToComplete]


class Report(Strict):
    """What became of a line. `version` is the one that was read."""

    progress: Literal["settled", "not_relevant"]
    reason: Reason | None = Field(None, description="Pourquoi la ligne est sans objet : obligatoire dans ce cas seul.")
    version: int = Field(ge=0, le=2**31 - 1)


class Reported(Strict):
    """Where the line now stands. `is_new`: false when the same report had already been made."""

    id: int
    progress: Progress
    reason: Reason | None
    version: int
    is_new: bool


class OrganisationShown(Strict):
    """A partner."""

    code: str
    name: str
    kind: OrganisationKind
    dpo_contact: str
    is_active: bool


class Organisations(PageShown):
    """Partners of the token's organisation, itself among them."""

    items: list[OrganisationShown]


class TeamShown(Strict):
    """A team of the token's organisation: its territory and missions, not its members."""

    id: int
    name: str
    communes: list[str]
    rights: list[str]
    events: list[str]


class Teams(PageShown):
    """Teams."""

    items: list[TeamShown]


class PartyShown(Strict):
    """What one organisation gives or receives."""

    organisation: str
    side: Side
    categories: list[Category]
    rights: list[str]
    events: list[str]


class ConventionShown(Strict):
    """A convention of the token's organisation."""

    reference: str
    title: str
    purpose: Purpose
    legal_base: str
    starts_on: date
    ends_on: date
    signed_on: date | None
    is_in_force: bool
    dpo_contact: str
    parties: list[PartyShown]


class Conventions(PageShown):
    """Conventions."""

    items: list[ConventionShown]


class TokenShown(Strict):
    """What this token opens, today."""

    name: str
    account: str
    """Identifier of the program in the register."""
    organisation: str
    convention: str
    purpose: Purpose
    team: int
    may_report: bool
    expires_on: date
    rights: list[str]
    events: list[str]
    communes: list[str]
    refusals: list[str]
    """Why nothing is open, when nothing is."""
