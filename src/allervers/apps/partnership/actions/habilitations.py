"""Writes on habilitations: who is named under a convention, and who no longer is."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from allervers.apps.accounts.models import User
from allervers.apps.audit.actions import record
from allervers.apps.partnership import permissions
from allervers.apps.partnership.domain import in_force
from allervers.apps.partnership.models import Convention, Habilitation
from allervers.foundation.errors import Refused


@transaction.atomic
def name_person(*, acting_user: User, now: datetime, today: date, convention: Convention, named: User) -> Habilitation:
    """Name a person of one's organisation under a convention. Asked again, changes nothing.

    permission: partnership.permissions.can_name.
    raises: PermissionDenied; Refused for an account that can see nobody, or a convention that is over.
    audit: person_named.
    after: with a team and its missions, access opens when the convention is in force.
    """
    if not permissions.can_name(acting_user, convention, named):
        raise PermissionDenied("Vous habilitez les personnes de votre organisme, là où il reçoit des listes.")
    if not permissions.can_be_named(named):
        raise Refused("Cette personne n'a pas un compte ouvert d'agent ou de responsable d'équipe.")
    if convention.ends_on <= today:
        raise Refused("Cette convention est finie : reconduisez-la d'abord.")
    found, is_new = Habilitation.objects.select_for_update().get_or_create(
        convention=convention, user=named, defaults={"starts_on": today, "granted_by": acting_user}
    )
    if not is_new and in_force(found.starts_on, found.ends_on, max(today, found.starts_on)):
        return found
    if not is_new:
        found.starts_on, found.ends_on, found.granted_by = today, None, acting_user
        found.save()
    _record(acting_user, now, "person_named", found)
    return found


@transaction.atomic
def withdraw_person(*, acting_user: User, now: datetime, today: date, habilitation: Habilitation) -> Habilitation:
    """Take back a habilitation. Asked again, changes nothing.

    permission: partnership.permissions.can_name.
    raises: PermissionDenied.
    audit: person_withdrawn.
    after: access closes the same day, at once.
    """
    if not permissions.can_name(acting_user, habilitation.convention, habilitation.user):
        raise PermissionDenied("Vous retirez les habilitations de votre organisme.")
    found = Habilitation.objects.select_for_update().select_related("convention", "user").get(pk=habilitation.pk)
    if found.ends_on is not None and found.ends_on <= today:
        return found
    found.ends_on = today
    found.save(update_fields=["ends_on"])
    _record(acting_user, now, "person_withdrawn", found)
    return found


def _record(acting_user: User, now: datetime, action: str, habilitation: Habilitation) -> None:
    record(
        acting_user=acting_user, now=now, action=action, kind="account", target=habilitation.user.public_id,
        convention=habilitation.convention.reference,
    )  # fmt: skip
