"""Writes on conventions: drafted, signed by each side, ended, renewed. Signed, the text no longer changes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.models import User
from allervers.apps.audit.actions import record
from allervers.apps.partnership import permissions
from allervers.apps.partnership.domain import Category, Purpose, Side
from allervers.apps.partnership.labels import events_known, formats_known, rights_known
from allervers.apps.partnership.models import Convention, Habilitation, Organisation, Party
from allervers.extracts.allowance import columns_that_may_be_left_out
from allervers.extracts.register import check_exchange
from allervers.foundation.errors import Conflict, InvalidInput, Refused

SIGNED = "Cette convention est signée : son texte ne change plus. Reconduisez-la pour en écrire une autre."
MAX_YEARS = 5
"""A convention is looked at again within that time."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a convention says beside its parties."""

    reference: str
    title: str
    purpose: str
    legal_base: str
    starts_on: date
    ends_on: date
    dpo_contact: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one side gives or receives."""

    categories: Collection[str] = field(default_factory=tuple)
    formats: Collection[str] = field(default_factory=tuple)
    excluded: Collection[str] = field(default_factory=tuple)
    rights: Collection[str] = field(default_factory=tuple)
    events: Collection[str] = field(default_factory=tuple)


@transaction.atomic
def draft_convention(*, acting_user: User, now: datetime, terms: Terms) -> Convention:
    """Make a draft. The organisation of who drafts it is its first party. A draft opens nothing.

    permission: partnership.permissions.can_draft.
    raises: PermissionDenied; InvalidInput (purpose, dates, reference malformed or taken).
    audit: convention_drafted.
    after: nothing.
    """
    if not permissions.can_draft(acting_user):
        raise PermissionDenied("Les conventions sont préparées par un administrateur.")
    _check_terms(terms)
    if Convention.objects.filter(reference=terms.reference).exists():
        raise InvalidInput("Cette référence est déjà celle d'une convention.", reference=terms.reference)
    convention = Convention.objects.create(**_fields(terms))
    if acting_user.organisation is not None:
        Party.objects.create(convention=convention, organisation=acting_user.organisation, side=Side.RECEIVES)
    _record(acting_user, now, "convention_drafted", convention)
    return convention


@transaction.atomic
def change_draft(*, acting_user: User, now: datetime, convention: Convention, version: int, terms: Terms) -> Convention:
    """Change the terms of a draft. Signatures already given are undone: they were of another text.

    permission: partnership.permissions.can_edit.
    raises: PermissionDenied; Refused once signed; InvalidInput; Conflict.
    audit: convention_changed.
    after: nothing.
    """
    found = _locked_draft(acting_user, convention, version)
    _check_terms(terms)
    if Convention.objects.filter(reference=terms.reference).exclude(pk=found.pk).exists():
        raise InvalidInput("Cette référence est déjà celle d'une convention.", reference=terms.reference)
    for name, value in _fields(terms).items():
        setattr(found, name, value)
    _changed(found)
    _record(acting_user, now, "convention_changed", found)
    return found


@transaction.atomic
def set_party(
    *, acting_user: User, now: datetime, convention: Convention, version: int, organisation: Organisation, side: str,
    exchange: Exchange,
) -> Party:  # fmt: skip
    """Say what an organisation gives or receives under a draft. Signatures already given are undone.

    permission: partnership.permissions.can_edit.
    raises: PermissionDenied; Refused once signed; InvalidInput (unknown category, format, column, right, event);
    Conflict.
    audit: party_set.
    after: nothing.
    """
    found = _locked_draft(acting_user, convention, version)
    if side not in set(Side):
        raise InvalidInput("Dites si l'organisme fournit ou reçoit.")
    if not organisation.is_active:
        raise InvalidInput("Cet organisme est désactivé.")
    values = _checked(Side(side), exchange)
    party, _ = Party.objects.update_or_create(convention=found, organisation=organisation, side=side, defaults=values)
    _changed(found)
    _record(acting_user, now, "party_set", found, organisation=organisation.code, side=side, **values)
    return party


@transaction.atomic
def remove_party(*, acting_user: User, now: datetime, convention: Convention, version: int, party: Party) -> None:
    """Take a side out of a draft. Signatures already given are undone.

    permission: partnership.permissions.can_edit.
    raises: PermissionDenied; Refused once signed, or for the last side of who edits; Conflict.
    audit: party_removed.
    after: nothing.
    """
    found = _locked_draft(acting_user, convention, version)
    own = found.parties.filter(organisation=acting_user.organisation_id)
    if acting_user.role != Role.PLATFORM_ADMIN and not own.exclude(pk=party.pk).exists():
        raise Refused("Votre organisme ne peut pas sortir de sa propre convention : demandez à une autre partie.")
    if found.parties.filter(pk=party.pk).delete()[0]:
        _changed(found)
        _record(acting_user, now, "party_removed", found, organisation=party.organisation.code, side=str(party.side))


@transaction.atomic
def sign(*, acting_user: User, now: datetime, today: date, convention: Convention, version: int) -> Convention:
    """Sign for the sides that the person may sign for. With the last side the text is fixed and comes into force.

    permission: partnership.permissions.can_sign, for one side at least.
    raises: PermissionDenied; Refused (no giver or no receiver, an empty side, dates past); Conflict.
    audit: convention_signed for each side; convention_in_force with the last.
    after: access opens on the first day of the convention, to the persons named.
    """
    found = Convention.objects.select_for_update().get(pk=convention.pk)
    parties = list(found.parties.select_related("organisation").order_by("pk"))
    mine = [party for party in parties if permissions.can_sign(acting_user, party)]
    if not mine:
        raise PermissionDenied("Chaque organisme signe par son administrateur.")
    if found.signed_on is not None:
        return found
    if found.version != version:
        raise Conflict("Le texte a changé depuis que vous l'avez lu : relisez-le avant de signer.")
    _check_complete(found, parties, today)
    for party in mine:
        if party.signed_at is None:
            party.signed_at, party.signed_by = now, acting_user
            party.save(update_fields=["signed_at", "signed_by"])
            _record(
                acting_user, now, "convention_signed", found, organisation=party.organisation.code,
                side=str(party.side),
            )  # fmt: skip
    if all(party.signed_at is not None for party in parties):
        found.signed_on = today
        found.version += 1
        found.save(update_fields=["signed_on", "version"])
        _record(acting_user, now, "convention_in_force", found)
    return found


@transaction.atomic
def end_early(*, acting_user: User, now: datetime, today: date, convention: Convention, ends_on: date) -> Convention:
    """End a signed convention before its term. On that day nothing is open any more. It cannot be prolonged.

    permission: partnership.permissions.can_steer.
    raises: PermissionDenied; Refused for a draft; InvalidInput for a day past or after the present end.
    audit: convention_ended.
    after: access closes on that day, the very same day when it is today.
    """
    if not permissions.can_steer(acting_user, convention):
        raise PermissionDenied("Seules les parties mettent fin à la convention.")
    found = Convention.objects.select_for_update().get(pk=convention.pk)
    if found.signed_on is None:
        raise Refused("Un brouillon n'a pas de fin : il n'ouvre rien.")
    if found.ends_on == ends_on:
        return found
    if ends_on < today or ends_on > found.ends_on:
        raise InvalidInput("La fin se place entre aujourd'hui et la fin prévue. Pour prolonger, reconduisez.")
    # One that has not begun never will: its end is its first day.
    found.ends_on = max(ends_on, found.starts_on)
    found.version += 1
    found.save(update_fields=["ends_on", "version"])
    _record(acting_user, now, "convention_ended", found, ends_on=found.ends_on.isoformat())
    return found


@transaction.atomic
def renew(*, acting_user: User, now: datetime, today: date, convention: Convention) -> Convention:
    """Copy a convention into a draft that follows it, for the same length, its persons named again. Asked again, gives
    back the same draft.

    permission: partnership.permissions.can_steer.
    raises: PermissionDenied.
    audit: convention_drafted.
    after: nothing is open before every side has signed.
    """
    if not permissions.can_steer(acting_user, convention):
        raise PermissionDenied("Seules les parties reconduisent la convention.")
    reference = _next_reference(convention.reference)
    waiting = Convention.objects.filter(reference=reference, signed_on=None).first()
    if waiting is not None:
        return waiting
    starts_on = max(convention.ends_on, today)
    draft = Convention.objects.create(
        reference=reference, title=convention.title, purpose=convention.purpose, legal_base=convention.legal_base,
        starts_on=starts_on, ends_on=starts_on + (convention.ends_on - convention.starts_on),
        dpo_contact=convention.dpo_contact,
    )  # fmt: skip
    names = ("organisation_id", "side", "categories", "formats", "excluded", "rights", "events")
    for party in convention.parties.all():
        Party.objects.create(convention=draft, **{name: getattr(party, name) for name in names})
    for named in convention.habilitations.filter(ends_on=None).select_related("user"):
        if permissions.can_be_named(named.user):
            Habilitation.objects.create(convention=draft, user=named.user, starts_on=starts_on, granted_by=acting_user)
    _record(acting_user, now, "convention_drafted", draft, renews=convention.reference)
    return draft


def _locked_draft(acting_user: User, convention: Convention, version: int) -> Convention:
    found = Convention.objects.select_for_update().get(pk=convention.pk)
    if not permissions.can_steer(acting_user, found):
        raise PermissionDenied("Un brouillon est modifié par l'administrateur d'une de ses parties.")
    if found.signed_on is not None:
        raise Refused(SIGNED)
    if found.version != version:
        raise Conflict("Quelqu'un d'autre a modifié ce brouillon : rechargez la page, rien n'a été écrasé.")
    return found


def _changed(convention: Convention) -> None:
    convention.version += 1
    convention.save()
    convention.parties.update(signed_at=None, signed_by=None)


def _fields(terms: Terms) -> dict[str, object]:
    return {name: getattr(terms, name) for name in Terms.__slots__}


def _check_terms(terms: Terms) -> None:
    check_exchange("organisme", terms.reference, terms.purpose)
    if terms.purpose not in set(Purpose):
        raise InvalidInput("Une convention sert à informer les personnes ou à attribuer un droit, à rien d'autre.")
    if not terms.title.strip() or not terms.legal_base.strip():
        raise InvalidInput("Donnez l'objet et la base légale de la convention.")
    if terms.ends_on <= terms.starts_on:
        raise InvalidInput("La convention finit après avoir commencé.")
    if terms.ends_on.year - terms.starts_on.year > MAX_YEARS:
        raise InvalidInput(f"Une convention dure {MAX_YEARS} ans au plus : on la reconduit ensuite.")


def _checked(side: Side, exchange: Exchange) -> dict[str, list[str]]:
    """The fields of a party. What its side has no use for is refused, not forgotten."""
    known: dict[str, set[str]] = {
        "categories": {str(category) for category in Category}, "formats": set(formats_known()),
        "excluded": set(columns_that_may_be_left_out()),
        "rights": set(rights_known()), "events": set(events_known()),
    }  # fmt: skip
    values = {name: sorted(set(getattr(exchange, name))) for name in known}
    for name, given in values.items():
        unknown = set(given) - known[name]
        if unknown:
            raise InvalidInput(f"Inconnu : {', '.join(sorted(unknown)[:5])}.")
    useless = ("rights", "events") if side == Side.GIVES else ("formats", "excluded")
    if any(values[name] for name in useless):
        raise InvalidInput("Qui fournit dit ses fichiers ; qui reçoit dit ses droits et ses événements.")
    return values


def _check_complete(convention: Convention, parties: list[Party], today: date) -> None:
    if {str(party.side) for party in parties} != {str(side) for side in Side}:
        raise Refused("Il faut au moins un organisme qui fournit des données et un qui reçoit des listes.")
    for party in parties:
        needs = party.formats if party.side == Side.GIVES else [*party.rights, *party.events]
        if not party.categories or not needs:
            raise Refused(f"Ce que {party.organisation.name} fournit ou reçoit n'est pas complet.")
        if not party.organisation.is_active:
            raise Refused(f"{party.organisation.name} est désactivé.")
    if convention.ends_on <= today:
        raise Refused("Les dates de cette convention sont passées : changez-les avant de signer.")


def _next_reference(reference: str) -> str:
    """CONV-1 -> CONV-1 (2) -> CONV-1 (3)."""
    stem, _, rest = reference.rpartition(" (")
    if stem and rest.endswith(")") and rest[:-1].isdigit():
        return f"{stem} ({int(rest[:-1]) + 1})"
    return f"{reference[:94]} (2)"


def _record(acting_user: User, now: datetime, action: str, convention: Convention, **details: Any) -> None:
    record(
        acting_user=acting_user, now=now, action=action, kind="convention", target=str(convention.pk),
        convention=convention.reference, **details,
    )  # fmt: skip
