"""What a person may ask about their own data, recorded by the agent in front of them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from allervers.apps.accounts.models import User
from allervers.apps.audit.actions import record
from allervers.apps.partnership.domain import Grant
from allervers.apps.people.models import Opposition
from allervers.foundation.errors import Refused


@transaction.atomic
def record_opposition(
    *, acting_user: User, now: datetime, household: str, persons: tuple[str, ...], grants: tuple[Grant, ...]
) -> int:
    """Record that persons of a household oppose the use of their data: hidden from every list at once, everywhere.

    permission: grants of the acting user on the household (findings.permissions.grants_for_household).
    raises: Refused without a grant, or without a person.
    audit: opposition_recorded, one entry for the household.
    after: the job of oppositions destroys their data in the store. Returns the number of new oppositions.
    """
    if not grants:
        raise Refused("Ce foyer n'est pas dans vos missions.")
    if not persons:
        raise Refused("Dites quelles personnes s'opposent.")
    made = 0
    for person in persons:
        _, is_new = Opposition.objects.get_or_create(
            person=person, defaults={"household": household, "asked_at": now, "recorded_by": acting_user}
        )
        made += is_new
    if made:
        record(
            acting_user=acting_user, now=now, action="opposition_recorded", kind="household", target=household,
            purpose=grants[0].purpose, convention=grants[0].convention, persons=made,
        )  # fmt: skip
    return made


@transaction.atomic
def end_opposition(*, now: datetime, opposition: Opposition) -> None:
    """Write that the data of who opposed are destroyed.

    permission: none (workers).
    raises: nothing.
    audit: opposition_done.
    after: nothing.
    """
    Opposition.objects.filter(pk=opposition.pk, done_at=None).update(done_at=now)
    record(acting_user=None, now=now, action="opposition_done", kind="household", target=opposition.household)
