"""Writes on organisations and their teams."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from allervers.apps.accounts.models import User
from allervers.apps.audit.actions import record
from allervers.apps.partnership import permissions
from allervers.apps.partnership.domain import OrganisationKind
from allervers.apps.partnership.labels import communes_known, events_known, rights_known
from allervers.apps.partnership.models import Organisation, Team
from allervers.extracts.register import check_exchange
from allervers.foundation.errors import Conflict, InvalidInput

_CHANGED = "Quelqu'un d'autre a modifié cette page entre-temps : rechargez-la, rien n'a été écrasé."


@transaction.atomic
def create_organisation(
    *, acting_user: User, now: datetime, code: str, name: str, kind: str, dpo_contact: str = ""
) -> Organisation:
    """Make an organisation. Asked again with the same values, gives back the one that is there.

    permission: partnership.permissions.can_manage_organisations.
    raises: PermissionDenied; InvalidInput for a code already taken or that cannot name files.
    audit: organisation_created.
    after: nothing.
    """
    if not permissions.can_manage_organisations(acting_user):
        raise PermissionDenied("Seule la plateforme crée les organismes.")
    check_exchange(code, "sans objet", "information")
    if not name.strip() or kind not in set(OrganisationKind):
        raise InvalidInput("Donnez un nom et une nature à l'organisme.")
    values = {"name": name.strip(), "kind": kind, "dpo_contact": dpo_contact}
    organisation, is_new = Organisation.objects.get_or_create(code=code, defaults=values)
    if is_new:
        record(acting_user=acting_user, now=now, action="organisation_created", kind="organisation", target=code)
    elif any(getattr(organisation, field) != value for field, value in values.items()):
        raise InvalidInput(f"Le code « {code} » est déjà celui d'un organisme.", code=code)
    return organisation


@transaction.atomic
def change_organisation(
    *, acting_user: User, now: datetime, organisation: Organisation, version: int, name: str, kind: str,
    dpo_contact: str = "",
) -> Organisation:  # fmt: skip
    """Rename an organisation, or change its nature or its data protection officer. Its code never changes.

    permission: partnership.permissions.can_manage_organisations.
    raises: PermissionDenied; InvalidInput; Conflict.
    audit: organisation_changed.
    after: nothing.
    """
    if not permissions.can_manage_organisations(acting_user):
        raise PermissionDenied("Seule la plateforme modifie les organismes.")
    if not name.strip() or kind not in set(OrganisationKind):
        raise InvalidInput("Donnez un nom et une nature à l'organisme.")
    found = _locked_organisation(organisation, version)
    found.name, found.kind, found.dpo_contact = name.strip(), kind, dpo_contact
    found.version += 1
    found.save()
    record(acting_user=acting_user, now=now, action="organisation_changed", kind="organisation", target=found.code)
    return found


@transaction.atomic
def set_organisation_active(
    *, acting_user: User, now: datetime, organisation: Organisation, is_active: bool
) -> Organisation:
    """Deactivate an organisation, or activate it again. Deactivated: nothing is sent, received nor seen any more.

    permission: partnership.permissions.can_manage_organisations.
    raises: PermissionDenied.
    audit: organisation_activated, organisation_deactivated.
    after: access closes at once.
    """
    if not permissions.can_manage_organisations(acting_user):
        raise PermissionDenied("Seule la plateforme désactive un organisme.")
    found = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if found.is_active != is_active:
        found.is_active = is_active
        found.version += 1
        found.save()
        action = "organisation_activated" if is_active else "organisation_deactivated"
        record(acting_user=acting_user, now=now, action=action, kind="organisation", target=found.code)
    return found


@transaction.atomic
def save_team(
    *, acting_user: User, now: datetime, name: str, communes: Collection[str], rights: Collection[str],
    events: Collection[str], members: Collection[User], capacity: int | None = None, team: Team | None = None,
    version: int = 0,
) -> Team:  # fmt: skip
    """Make a team of the person's organisation, or change one: name, territory, missions, members, capacity.

    permission: partnership.permissions.can_manage_team.
    raises: PermissionDenied; InvalidInput (name taken, unknown commune, right or event, member of another house);
    Conflict.
    audit: team_saved.
    after: what its members see changes at once.
    """
    if not permissions.can_manage_team(acting_user, team):
        raise PermissionDenied("Les équipes se gèrent dans leur organisme.")
    asked = {"communes": communes, "rights": rights, "events": events}
    _check_known("commune", communes, communes_known())
    _check_known("droit", rights, rights_known())
    _check_known("événement", events, events_known())
    if any(member.organisation_id != acting_user.organisation_id for member in members):
        raise InvalidInput("Une équipe est faite de personnes de son organisme.")
    if team is None:
        found = Team(organisation=acting_user.organisation)
    else:
        found = Team.objects.select_for_update().get(pk=team.pk)
        if found.version != version:
            raise Conflict(_CHANGED)
    found.name, found.capacity = name.strip(), capacity
    same = Team.objects.filter(organisation=acting_user.organisation_id, name=found.name).exclude(pk=found.pk)
    if not found.name or same.exists():
        raise InvalidInput("Donnez à l'équipe un nom que n'a aucune autre.")
    for field, values in asked.items():
        setattr(found, field, sorted(set(values)))
    found.version += 1
    found.save()
    found.members.set(members)
    record(
        acting_user=acting_user, now=now, action="team_saved", kind="team", target=str(found.pk),
        communes=found.communes, rights=found.rights, events=found.events,
        members=sorted(member.public_id for member in members),
    )  # fmt: skip
    return found


def _locked_organisation(organisation: Organisation, version: int) -> Organisation:
    found = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if found.version != version:
        raise Conflict(_CHANGED)
    return found


def _check_known(what: str, given: Collection[str], known: Mapping[str, str]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise InvalidInput(f"Inconnu ({what}) : {', '.join(unknown[:5])}.")
