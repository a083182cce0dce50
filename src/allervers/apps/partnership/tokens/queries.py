"""Reads of tokens: those of an organisation for its administrator, the one of a key for the API."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.http import Http404

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.models import User
from allervers.apps.partnership.domain import Side
from allervers.apps.partnership.models import Convention, Party, Team, Token
from allervers.apps.partnership.queries import in_force_on
from allervers.apps.partnership.tokens.keys import PREFIX, hash_of

USE_STEP = timedelta(minutes=1)
"""Precision of the last use: one write a minute at most."""


def can_manage(user: User) -> bool:
    """The administrator of an organisation makes and revokes its tokens."""
    return user.is_active and user.role == Role.ORGANISATION_ADMIN and user.organisation_id is not None


def tokens_of(acting_user: User) -> QuerySet[Token]:
    """Tokens of the person's organisation, for its administrator; none for the others."""
    found = Token.objects.select_related("account", "convention", "organisation", "team", "created_by")
    return found.filter(organisation=acting_user.organisation_id) if can_manage(acting_user) else found.none()


def token_of(acting_user: User, identifier: int) -> Token:
    """One of them. Raises Http404 otherwise: nothing tells that it exists."""
    found = tokens_of(acting_user).filter(pk=identifier).first()
    if found is None:
        raise Http404
    return found


def conventions_for_tokens(acting_user: User, on: date) -> QuerySet[Convention]:
    """Conventions in force under which the person's organisation receives lists."""
    if not can_manage(acting_user):
        return Convention.objects.none()
    received = Party.objects.filter(organisation=acting_user.organisation_id, side=Side.RECEIVES)
    return Convention.objects.filter(in_force_on(on), pk__in=received.values("convention"))


def teams_for_tokens(acting_user: User) -> QuerySet[Team]:
    """Teams of the person's organisation."""
    return (
        Team.objects.filter(organisation=acting_user.organisation_id)
        if can_manage(acting_user)
        else Team.objects.none()
    )


def teams_of_organisation(token: Token) -> QuerySet[Team]:
    """Teams of the token's organisation, without their members."""
    return Team.objects.filter(organisation=token.organisation_id).select_related("organisation")


def token_of_key(key: str) -> Token | None:
    """The token of a key, whatever its state (`Token.refusal_on`); None for a key that is nobody's."""
    if not key.startswith(PREFIX):
        return None
    related = ("account__organisation", "convention", "organisation", "team")
    return Token.objects.select_related(*related).filter(secret_hash=hash_of(key)).first()


def note_use(token: Token, now: datetime) -> None:
    """Write down that a token has been used, a minute near."""
    if token.last_used_at is None or now - token.last_used_at >= USE_STEP:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)
        token.last_used_at = now
