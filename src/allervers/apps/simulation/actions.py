"""What is kept when someone asks for it: a simulation under a code, for thirty days at most."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from allervers.apps.simulation.codes import digest_of, new_code, opened_with, plain, sealed_with
from allervers.apps.simulation.models import KeptSimulation
from allervers.foundation.errors import NotFound

LASTS = timedelta(days=30)
NO_SUCH_CODE = "Ce code n'ouvre rien : vérifiez chaque lettre. Une simulation est effacée au bout de trente jours."


@transaction.atomic
def keep_simulation(*, now: datetime, text: str) -> str:
    """Keep the text of a simulation under a new code, and forget those that are over.

    permission: everybody, for what their own browser holds; so often for one address.
    raises: nothing.
    audit: none: nobody is named, and what is kept cannot be read.
    after: returns the code, which is shown once.
    """
    forget_expired(now=now)
    code = new_code()
    KeptSimulation.objects.create(digest=digest_of(code), sealed=sealed_with(code, text), expires_at=now + LASTS)
    return code


def resume_simulation(*, now: datetime, code: str) -> str:
    """The text of a kept simulation.

    permission: who has the code; so often for one address.
    raises: NotFound when the code opens nothing, or nothing any more.
    audit: none: nobody is named.
    after: nothing changes: the code opens again until its end.
    """
    kept = KeptSimulation.objects.filter(digest=digest_of(code), expires_at__gt=now).first() if plain(code) else None
    if kept is None:
        raise NotFound(NO_SUCH_CODE)
    try:
        return opened_with(code, bytes(kept.sealed))
    except ValueError as error:
        raise NotFound(NO_SUCH_CODE) from error


def delete_simulation(*, now: datetime, code: str) -> None:
    """Delete a kept simulation at once.

    permission: who has the code.
    raises: NotFound when the code names nothing.
    audit: none: nobody is named.
    after: the code opens nothing any more; those that are over are deleted too.
    """
    forget_expired(now=now)
    if not plain(code) or not KeptSimulation.objects.filter(digest=digest_of(code)).delete()[0]:
        raise NotFound(NO_SUCH_CODE)


def forget_expired(*, now: datetime) -> int:
    """Delete the simulations whose time is over.

    permission: none (any request that keeps or deletes one, and the job of each day).
    raises: nothing.
    audit: none: nobody is named.
    after: returns how many were deleted.
    """
    return KeptSimulation.objects.filter(expires_at__lte=now).delete()[0]
