"""The one way to add to the register."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Protocol

from django.db import transaction

from allervers.apps.audit.domain import GENESIS, digest_of
from allervers.apps.audit.models import Entry, Head


class Actor(Protocol):
    """Who acts: an account, seen from below."""

    @property
    def public_id(self) -> str:
        """Identifier that is not a name."""

    @property
    def organisation_code(self) -> str:
        """Code of the account's organisation; empty when it has none."""


@transaction.atomic
def record(
    *,
    acting_user: Actor | None,
    now: datetime,
    action: str,
    kind: str,
    target: str,
    purpose: str = "",
    convention: str = "",
    **details: Any,
) -> Entry:
    """Add an entry to the register, in the transaction of what it tells: both are kept, or neither.

    permission: none; callers have checked theirs.
    raises: ValueError without a time zone.
    audit: it is the register.
    after: nothing.
    """
    if now.tzinfo is None:
        raise ValueError("an instant of the register has a time zone")
    head, _ = Head.objects.select_for_update().get_or_create(pk=1, defaults={"digest": GENESIS})
    entry = Entry(
        number=head.number + 1,
        at=now.astimezone(UTC),
        actor="" if acting_user is None else acting_user.public_id,
        organisation="" if acting_user is None else acting_user.organisation_code,
        action=action,
        kind=kind,
        target=target,
        purpose=purpose,
        convention=convention,
        details=details,
        previous=head.digest,
    )
    entry.digest = digest_of(entry.number, entry.content(), entry.previous)
    entry.save(force_insert=True)
    head.number, head.digest = entry.number, entry.digest
    head.save()
    return entry
