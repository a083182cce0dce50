"""Reads of deposits, of the register of imports and of what detection may use, within what the person may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404

from allervers.apps.accounts.models import User
from allervers.apps.intake.models import Deposit
from allervers.apps.intake.permissions import can_ask_detection, is_depositor
from allervers.apps.partnership.queries import exchanges_in_force
from allervers.extracts.register import DONE, REGISTER_FILE, ImportRow, Register


@dataclass(frozen=True, slots=True)
class Received:
    """An import in force. `is_usable`: its convention is in force, so that detection reads it."""

    row: ImportRow
    is_usable: bool


def deposits_of(user: User) -> QuerySet[Deposit]:
    """The deposits of the person's organisation, the newest first."""
    if not is_depositor(user):
        return Deposit.objects.none()
    return Deposit.objects.filter(organisation=user.organisation_id).select_related("convention", "deposited_by", "job")


def deposit_of(user: User, number: int) -> Deposit:
    """One deposit of the person's organisation. Raises Http404."""
    found = deposits_of(user).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def received(user: User, on: date) -> list[Received]:
    """Imports in force that the person may know of: those of their organisation; all for the platform, no person's data
    being in the register.
    """
    if is_depositor(user):
        rows = _rows(partner=user.organisation_code)
    elif can_ask_detection(user):
        rows = _rows()
    else:
        return []
    allowed = exchanges_in_force(on)
    return [Received(row, (row.partner, row.convention) in allowed) for row in reversed(rows)]


def received_by_id(user: User, import_id: str, on: date) -> Received:
    """One import in force that the person may know of. Raises Http404."""
    for one in received(user, on):
        if one.row.import_id == import_id:
            return one
    raise Http404


def usable_imports(on: date) -> Sequence[ImportRow]:
    """The imports that detection may read on a day: in force, given under a convention in force by one of its givers.

    Those of a convention that has ended are left aside, and so are those that no convention here allows.
    """
    allowed = exchanges_in_force(on)
    return [row for row in _rows() if (row.partner, row.convention) in allowed and row.retention_on > on]


def _rows(**equal: str) -> list[ImportRow]:
    folder: Path = settings.ALLERVERS.store_folder
    if not (folder / REGISTER_FILE).is_file():
        return []
    register = Register(folder)
    try:
        return register.rows(status=DONE, **equal)
    finally:
        register.close()
