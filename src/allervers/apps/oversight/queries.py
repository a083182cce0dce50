"""Reads of the officer's pages. `acting_user` bounds what comes back; of the content of a household, only the names
that the organisation itself transmitted, to answer a request of correction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from allervers.apps.accounts.models import User
from allervers.apps.accounts.queries import matching_ids, named_accounts
from allervers.apps.audit.models import Entry
from allervers.apps.findings.models import CorrectionRequest
from allervers.apps.findings.permissions import can_answer, open_publication
from allervers.apps.oversight.domain import KINDS, action_label
from allervers.apps.oversight.permissions import (
    visible_corrections,
    visible_entries,
    visible_oppositions,
    visible_readings,
)
from allervers.apps.partnership.domain import CATEGORY_LABELS, PURPOSE_LABELS, Category, Purpose
from allervers.apps.partnership.models import Organisation
from allervers.apps.people.domain import GROUP_LABELS
from allervers.apps.people.models import Opposition
from allervers.apps.people.queries import Store, own_records
from allervers.foundation.errors import NotFound
from allervers.foundation.periods import Month


@dataclass(frozen=True, slots=True)
class Filters:
    """What the officer asked of the register. Empty values do not filter."""

    household: str = ""
    account: str = ""
    action: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as it is read. `actor`: a name when the account is of the officer's organisation."""

    number: int
    at: datetime
    actor: str
    organisation: str
    action: str
    kind: str
    target: str
    purpose: str
    convention: str


def register(acting_user: User, filters: Filters) -> QuerySet[Entry]:
    """The entries asked for, the newest first."""
    found = visible_entries(acting_user)
    if filters.household:
        # The bounds let the index serve; an identifier is made of figures and small letters.
        after, before = filters.household, f"{filters.household}zzz"
        found = found.filter(kind="household", target__gte=after, target__lt=before, target__startswith=after)
    if filters.account:
        ids = matching_ids(acting_user.organisation_id, filters.account)
        found = found.filter(Q(actor__in=ids) | Q(kind="account", target__in=ids))
    if filters.action:
        found = found.filter(action=filters.action)
    if filters.since:
        found = found.filter(at__gte=_midnight(filters.since))
    if filters.until:
        found = found.filter(at__lt=_midnight(date.fromordinal(filters.until.toordinal() + 1)))
    return found.order_by("-number")


def rows(acting_user: User, entries: Iterable[Entry]) -> list[Row]:
    """Entries with the names that the officer may read: three reads, however many there are."""
    entries = list(entries)
    ids = {entry.actor for entry in entries} | {entry.target for entry in entries if entry.kind == "account"}
    accounts = named_accounts(ids - {""}, acting_user.organisation_id)
    codes = {entry.organisation for entry in entries} - {""}
    names = dict(Organisation.objects.filter(code__in=codes).values_list("code", "name"))
    return [_row(entry, accounts, names) for entry in entries]


def readings(acting_user: User, household: str) -> list[Row]:
    """Who acted on a household and why, the newest first, for the person: organisations, never an agent's name.

    A person may know when, for what and by which organisation their file was read; the names of agents are theirs
    (CJUE, 22 June 2023, C-579/21).
    """
    found = visible_readings(acting_user, household).exclude(action="readers_listed").order_by("-number")[:2_000]
    return rows(acting_user, found)


def corrections(acting_user: User, state: str) -> QuerySet[CorrectionRequest]:
    """Requests of correction, the oldest that wait first."""
    found = visible_corrections(acting_user)
    if state:
        found = found.filter(answered_at__isnull=state == "attente")
    return found.order_by("answered_at", "asked_at", "pk")


def correction_to_answer(acting_user: User, identifier: int) -> CorrectionRequest:
    """A request that the officer's organisation must answer. Raises Http404 otherwise, as if it were not there."""
    found = visible_corrections(acting_user).filter(pk=identifier).first()
    if found is None or not can_answer(acting_user, found):
        raise Http404
    return found


def persons_of(acting_user: User, request: CorrectionRequest, now: datetime) -> list[tuple[str, str]]:
    """Name and date of birth of the persons concerned, in the records that the officer's organisation gave itself.

    Empty when the lists of the month are no longer there.
    """
    publication, _ = open_publication(timezone.localdate(now))
    if publication is None:
        return []
    store = Store(settings.ALLERVERS.store_folder, Month.parse(publication.month))
    actor = acting_user.public_id
    try:
        return own_records(store, request.household, request.partner.code, actor=actor, now=now)
    except NotFound:
        return []


def oppositions(acting_user: User, state: str) -> QuerySet[Opposition]:
    """Oppositions, the oldest that wait first."""
    found = visible_oppositions(acting_user)
    if state:
        found = found.filter(done_at__isnull=state == "attente")
    return found.order_by("done_at", "asked_at", "pk")


def category_label(name: str) -> str:
    """The French of a category of data; its name when no code knows it."""
    return CATEGORY_LABELS[Category(name)] if name in set(Category) else GROUP_LABELS.get(name, name)


def _row(entry: Entry, accounts: dict[str, User], names: dict[str, str]) -> Row:
    actor, target = accounts.get(entry.actor), accounts.get(entry.target)
    return Row(
        number=entry.number,
        at=entry.at,
        actor=actor.full_name if actor else ("Autre organisme" if entry.actor else "Traitement"),
        organisation=names.get(entry.organisation, entry.organisation),
        action=action_label(entry.action),
        kind=KINDS.get(entry.kind, entry.kind),
        target=target.full_name if target and entry.kind == "account" else entry.target,
        purpose=PURPOSE_LABELS[Purpose(entry.purpose)] if entry.purpose in set(Purpose) else entry.purpose,
        convention=entry.convention,
    )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
