"""Rotation of the keys that encrypt fields: new first, everything under it, then the old ones forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from allervers.apps.accounts.keyring import KeyRing
from allervers.apps.accounts.sealed import sealed_rows
from allervers.apps.audit.actions import record
from allervers.foundation.errors import Refused

_SEALED = ("secret", "seed")


def keys_in_use() -> set[str]:
    """Identifiers of the keys under which something is kept."""
    found = set()
    for data in Authenticator.objects.values_list("data", flat=True).iterator(chunk_size=1_000):
        found |= {KeyRing.key_of(value) for _, value in _sealed(data)}
    for _, values in sealed_rows():
        found |= {KeyRing.key_of(value) for value in values.values()}
    return found


@transaction.atomic
def rotate_field_keys(*, now: datetime, ring: KeyRing) -> int:
    """Make a new key and put every second factor and sealed text under it. Cut, nothing is lost: run it again.

    permission: the operator's command.
    raises: Unavailable when a key is missing.
    audit: keys_rotated.
    after: the old keys stay, until they are forgotten. Returns the number of rows put under the new key.
    """
    identifier, done = ring.add(), 0
    for authenticator in Authenticator.objects.select_for_update().order_by("pk").iterator(chunk_size=1_000):
        changed = {name: ring.encrypt(ring.decrypt(value)) for name, value in _sealed(authenticator.data)}
        if changed:
            authenticator.data = {**authenticator.data, **changed}
            authenticator.save(update_fields=["data"])
            done += 1
    for row, values in sealed_rows():
        # Each under a lock of its own row, and only if nobody wrote it meanwhile: what is newer is under the new key.
        type(row)._default_manager.filter(pk=row.pk, **values).update(
            **{name: ring.encrypt(ring.decrypt(value)) for name, value in values.items()}
        )
        done += 1
    record(acting_user=None, now=now, action="keys_rotated", kind="keys", target=identifier, done=done)
    return done


@transaction.atomic
def forget_field_keys(*, now: datetime, ring: KeyRing) -> int:
    """Forget the keys that were replaced.

    permission: the operator's command.
    raises: Refused when something is still under one of them.
    audit: keys_forgotten.
    after: nothing. Returns the number forgotten.
    """
    if keys_in_use() - {ring.identifiers[0]}:
        raise Refused("Des données sont encore sous une ancienne clé : lancez d'abord « allervers keys --rotate ».")
    record(acting_user=None, now=now, action="keys_forgotten", kind="keys", target=ring.identifiers[0])
    return ring.keep_only_first()


def _sealed(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    return ((name, data[name]) for name in _SEALED if isinstance(data.get(name), str))
