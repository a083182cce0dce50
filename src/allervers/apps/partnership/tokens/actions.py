"""Writes on tokens: one is made for a named program, and revoked for good."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from allervers.apps.accounts.models import User
from allervers.apps.audit.actions import record
from allervers.apps.partnership.models import Convention, Team, Token
from allervers.apps.partnership.tokens.keys import hash_of, new_key
from allervers.apps.partnership.tokens.queries import can_manage, conventions_for_tokens, teams_for_tokens
from allervers.foundation.errors import InvalidInput, Refused


@transaction.atomic
def create_token(
    *, acting_user: User, now: datetime, name: str, convention: Convention, team: Team, may_report: bool,
    expires_on: date,
) -> tuple[Token, str]:  # fmt: skip
    """Make the token of a named program. Returns it with its key, which is not kept: nobody can be shown it again.

    permission: tokens.queries.can_manage, for a convention in force and a team of one's own organisation.
    raises: PermissionDenied; InvalidInput without a name or with a wrong end; Refused for another's convention or team.
    audit: token_created.
    after: nothing.
    """
    if not can_manage(acting_user) or acting_user.organisation_id is None:
        raise PermissionDenied("Seul l'administrateur de l'organisme donne accès à un logiciel.")
    today = timezone.localdate(now)
    if not name.strip():
        raise InvalidInput("Dites quel logiciel utilisera ce jeton.")
    if not conventions_for_tokens(acting_user, today).filter(pk=convention.pk).exists():
        raise Refused("Votre organisme ne reçoit rien sous cette convention, ou elle n'est pas en vigueur.")
    if not teams_for_tokens(acting_user).filter(pk=team.pk).exists():
        raise Refused("Cette équipe n'est pas de votre organisme.")
    if not today < expires_on <= convention.ends_on:
        raise InvalidInput("Le terme du jeton est après aujourd'hui, et au plus tard à la fin de la convention.")
    key = new_key()
    token = Token.objects.create(
        account=User.objects.create_machine(name.strip()[:150], acting_user.organisation_id),
        organisation_id=acting_user.organisation_id, convention=convention, team=team, purpose=convention.purpose,
        may_report=may_report, secret_hash=hash_of(key), created_by=acting_user, created_at=now, expires_on=expires_on,
    )  # fmt: skip
    record(
        acting_user=acting_user, now=now, action="token_created", kind="token", target=str(token.pk),
        purpose=convention.purpose, convention=convention.reference, team=team.pk, may_report=may_report,
        account=token.account.public_id, expires_on=expires_on.isoformat(),
    )  # fmt: skip
    return token, key


@transaction.atomic
def revoke_token(*, acting_user: User, now: datetime, token: Token) -> Token:
    """Close a token at once and for good. One already revoked is left as it is.

    permission: tokens.queries.can_manage, in one's own organisation.
    raises: PermissionDenied.
    audit: token_revoked.
    after: nothing.
    """
    if not can_manage(acting_user) or token.organisation_id != acting_user.organisation_id:
        raise PermissionDenied("Ce jeton n'est pas de votre organisme.")
    token = Token.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at is None:
        token.revoked_at, token.revoked_by = now, acting_user
        token.save(update_fields=["revoked_at", "revoked_by"])
        record(
            acting_user=acting_user, now=now, action="token_revoked", kind="token", target=str(token.pk),
            convention=token.convention.reference,
        )  # fmt: skip
    return token
