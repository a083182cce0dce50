"""Who deposits and destroys files, who asks for lists. The platform never handles a file: it sees no person."""

from __future__ import annotations

from datetime import date

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.models import User
from allervers.apps.partnership.models import Party
from allervers.apps.partnership.queries import import_party
from allervers.extracts.register import ImportRow


def is_depositor(user: User) -> bool:
    """The administrator of an organisation handles its files, and nobody else's."""
    return user.is_active and user.role == Role.ORGANISATION_ADMIN and user.organisation is not None


def party_for(user: User, reference: str, on: date) -> Party | None:
    """The side under which the person's organisation may send files on a day; None: no convention, no import."""
    return import_party(user.organisation_code, reference, on) if is_depositor(user) else None


def can_destroy(user: User, row: ImportRow) -> bool:
    """An organisation takes back what it sent."""
    return is_depositor(user) and row.partner == user.organisation_code


def can_ask_detection(user: User) -> bool:
    """The platform runs detection: it is shown numbers, never a person."""
    return user.is_active and user.role == Role.PLATFORM_ADMIN
