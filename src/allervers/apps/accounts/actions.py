"""Writes on accounts and invitations."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from allervers.apps.accounts.departures import depart
from allervers.apps.accounts.domain import INVITATION_DAYS, SEES_PERSONS, Role
from allervers.apps.accounts.mail import send_invitation, tell_second_factor_reset
from allervers.apps.accounts.models import Invitation, User
from allervers.apps.accounts.permissions import can_administer, can_offer
from allervers.apps.audit.actions import record
from allervers.foundation.errors import InvalidInput, NotFound, Refused

Address = Callable[[str], str]
"""Token -> address of the page that accepts the invitation."""


def hash_of(token: str) -> str:
    """What is kept of a token: 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(
    *,
    acting_user: User | None,
    now: datetime,
    email: str,
    full_name: str,
    role: Role,
    organisation_id: int | None,
    address: Address,
) -> Invitation:
    """Offer an account by mail. Asked again with the same values while it waits, gives it back and sends nothing more.

    permission: permissions.can_offer; none acting_user: the operator's command.
    raises: PermissionDenied; InvalidInput when the address has an account, or another invitation that waits.
    audit: account_invited.
    after: the mail leaves.
    """
    if acting_user is not None and not can_offer(acting_user, role, organisation_id):
        raise PermissionDenied("Vous ne pouvez pas proposer ce compte.")
    email = email.strip().lower()
    known = User.objects.filter(email=email).first()
    if known is not None:
        closed = not known.is_active and acting_user is not None and can_administer(acting_user, known)
        raise InvalidInput("Ce compte est fermé : rouvrez-le." if closed else "Cette adresse a déjà un compte.")
    # The row of who invites is a lock: two clicks give one invitation.
    if acting_user is not None:
        User.objects.select_for_update().get(pk=acting_user.pk)
    waiting = Invitation.objects.select_for_update().filter(email=email, accepted_at=None, withdrawn_at=None).first()
    if waiting is not None and waiting.expires_at > now:
        if (waiting.role, waiting.organisation_id) == (role, organisation_id):
            return waiting
        raise InvalidInput("Cette adresse a déjà une invitation qui attend sa réponse.")
    if waiting is not None:
        waiting.withdrawn_at = now
        waiting.save(update_fields=["withdrawn_at"])
    token = secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                email=email, full_name=full_name.strip(), role=role, organisation_id=organisation_id,
                token_hash=hash_of(token), invited_by=acting_user, created_at=now,
                expires_at=now + timedelta(days=INVITATION_DAYS),
            )  # fmt: skip
    except IntegrityError as error:
        # Another administrator has just offered one to the same address.
        raise InvalidInput("Cette adresse a déjà une invitation qui attend sa réponse.") from error
    _recorded(acting_user, now, "account_invited", invitation)
    transaction.on_commit(partial(_send, invitation.pk, address(token), now))
    return invitation


@transaction.atomic
def resend_invitation(*, acting_user: User, now: datetime, invitation: Invitation, address: Address) -> Invitation:
    """Send a new link, good for seven days more; the one before no longer opens anything.

    permission: permissions.can_offer.
    raises: PermissionDenied; Refused when it no longer waits.
    audit: invitation_sent_again.
    after: the mail leaves.
    """
    invitation = _waiting(acting_user, invitation)
    token = secrets.token_urlsafe(32)
    invitation.token_hash, invitation.sent_at = hash_of(token), None
    invitation.expires_at = now + timedelta(days=INVITATION_DAYS)
    invitation.save(update_fields=["token_hash", "sent_at", "expires_at"])
    _recorded(acting_user, now, "invitation_sent_again", invitation)
    transaction.on_commit(partial(_send, invitation.pk, address(token), now))
    return invitation


@transaction.atomic
def withdraw_invitation(*, acting_user: User, now: datetime, invitation: Invitation) -> Invitation:
    """Take an invitation back: its link opens nothing any more.

    permission: permissions.can_offer.
    raises: PermissionDenied; Refused when it no longer waits.
    audit: invitation_withdrawn.
    after: nothing.
    """
    invitation = _waiting(acting_user, invitation)
    invitation.withdrawn_at = now
    invitation.save(update_fields=["withdrawn_at"])
    _recorded(acting_user, now, "invitation_withdrawn", invitation)
    return invitation


@transaction.atomic
def accept_invitation(*, now: datetime, token: str, full_name: str, password: str) -> User:
    """Make the account of an invitation, with the password that the person chose. The link works once.

    permission: none; who holds the link was sent it.
    raises: NotFound when the link opens nothing (unknown, used, withdrawn, too old).
    audit: account_made.
    after: nothing; the person signs in.
    """
    invitation = open_invitation(token, now)
    if User.objects.filter(email=invitation.email).exists():
        raise NotFound("Cette invitation n'est plus valable : cette adresse a déjà un compte.")
    user = User.objects.create_user(
        invitation.email, password, full_name=full_name.strip(), role=invitation.role,
        organisation_id=invitation.organisation_id,
    )  # fmt: skip
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    record(
        acting_user=user, now=now, action="account_made", kind="account", target=user.public_id, role=user.role,
        invitation=invitation.pk,
    )  # fmt: skip
    return user


def open_invitation(token: str, now: datetime) -> Invitation:
    """The invitation that a link opens, locked when in a transaction. Raises NotFound."""
    waiting = Invitation.objects.filter(token_hash=hash_of(token), accepted_at=None, withdrawn_at=None)
    if transaction.get_connection().in_atomic_block:
        waiting = waiting.select_for_update()
    found = waiting.filter(expires_at__gt=now).first()
    if found is None:
        raise NotFound(
            "Cette invitation n'est plus valable : elle a déjà servi, a été remplacée ou retirée, ou date de plus de "
            "sept jours. Demandez-en une autre à l'administrateur de votre organisme."
        )
    return found


@transaction.atomic
def close_account(*, acting_user: User, now: datetime, account: User) -> User:
    """Close the account of someone who leaves: sessions end at once, habilitations too, lines go back to their team.

    permission: permissions.can_administer.
    raises: PermissionDenied.
    audit: account_closed, with what was given back.
    after: nothing. Closed already: changes nothing.
    """
    account = _administered(acting_user, account)
    if not account.is_active:
        return account
    account.is_active, account.closed_at = False, now
    account.save(update_fields=["is_active", "closed_at"])
    sessions = end_all_sessions(account)
    counts = depart(account, acting_user, now)
    record(
        acting_user=acting_user, now=now, action="account_closed", kind="account", target=account.public_id,
        sessions=sessions, given_back=counts,
    )  # fmt: skip
    return account


@transaction.atomic
def reopen_account(*, acting_user: User, now: datetime, account: User) -> User:
    """Open a closed account again. Its habilitations do not come back: they are granted anew, by name.

    permission: permissions.can_administer.
    raises: PermissionDenied.
    audit: account_reopened.
    after: nothing. Open already: changes nothing.
    """
    account = _administered(acting_user, account)
    if account.is_active:
        return account
    account.is_active, account.closed_at = True, None
    account.save(update_fields=["is_active", "closed_at"])
    record(acting_user=acting_user, now=now, action="account_reopened", kind="account", target=account.public_id)
    return account


@transaction.atomic
def change_role(*, acting_user: User, now: datetime, account: User, role: Role) -> User:
    """Give another role, from the next page on. Who no longer sees persons loses habilitations and gives lines back.

    permission: permissions.can_administer, and permissions.can_offer for the new role.
    raises: PermissionDenied; Refused for a closed account.
    audit: account_role_changed.
    after: nothing. The same role: changes nothing.
    """
    account = _administered(acting_user, account)
    if not can_offer(acting_user, role, account.organisation_id):
        raise PermissionDenied("Vous ne pouvez pas donner ce rôle.")
    if not account.is_active:
        raise Refused("Ce compte est fermé : rouvrez-le d'abord.")
    if account.role == role:
        return account
    before, account.role = account.role, role
    account.save(update_fields=["role"])
    counts = depart(account, acting_user, now) if before in SEES_PERSONS and role not in SEES_PERSONS else {}
    record(
        acting_user=acting_user, now=now, action="account_role_changed", kind="account", target=account.public_id,
        before=before, role=role, given_back=counts,
    )  # fmt: skip
    return account


@transaction.atomic
def reset_second_factor(*, acting_user: User, now: datetime, account: User) -> User:
    """Forget the phone and the recovery codes of someone who lost them: they register another at the next sign-in.

    permission: permissions.can_administer.
    raises: PermissionDenied; Refused when the account is closed or has none.
    audit: second_factor_reset.
    after: the person is told by mail, since a stranger may have asked. Sessions end at once.
    """
    account = _administered(acting_user, account)
    if not account.is_active:
        raise Refused("Ce compte est fermé : rouvrez-le d'abord.")
    forgotten, _ = Authenticator.objects.filter(user=account).delete()
    if not forgotten:
        raise Refused("Ce compte n'a pas de téléphone enregistré.")
    sessions = end_all_sessions(account)
    record(
        acting_user=acting_user, now=now, action="second_factor_reset", kind="account", target=account.public_id,
        sessions=sessions,
    )  # fmt: skip
    transaction.on_commit(partial(tell_second_factor_reset, account))
    return account


@transaction.atomic
def forget_sessions(*, before: datetime) -> int:
    """Destroy what is left of the sessions that ended of themselves before an instant.

    permission: none (the daily job).
    raises: nothing.
    audit: none: an ended session opens nothing.
    after: nothing. Returns the number of sessions destroyed.
    """
    gone, _ = Session.objects.filter(expire_date__lt=before).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return gone


@transaction.atomic
def end_session(*, acting_user: User, now: datetime, session: UserSession) -> None:
    """Sign one of the person's own sessions out, on whatever machine it is.

    permission: the person's own.
    raises: PermissionDenied.
    audit: session_ended.
    after: nothing.
    """
    if session.user_id != acting_user.pk:
        raise PermissionDenied("Cette session n'est pas la vôtre.")
    session.end()
    record(acting_user=acting_user, now=now, action="session_ended", kind="account", target=acting_user.public_id)


def end_all_sessions(account: User) -> int:
    """Sign every session of an account out. Returns how many there were."""
    sessions = list(UserSession.objects.filter(user=account))
    for session in sessions:
        session.end()
    return len(sessions)


def _waiting(acting_user: User, invitation: Invitation) -> Invitation:
    if not can_offer(acting_user, Role(invitation.role), invitation.organisation_id):
        raise PermissionDenied("Cette invitation n'est pas de celles que vous gérez.")
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if invitation.accepted_at is not None or invitation.withdrawn_at is not None:
        raise Refused("Cette invitation a déjà été acceptée ou retirée.")
    return invitation


def _administered(acting_user: User, account: User) -> User:
    account = User.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=account.pk)
    if not can_administer(acting_user, account):
        raise PermissionDenied("Ce compte n'est pas de ceux que vous gérez.")
    return account


def _recorded(acting_user: User | None, now: datetime, action: str, invitation: Invitation) -> None:
    record(
        acting_user=acting_user, now=now, action=action, kind="invitation", target=str(invitation.pk),
        role=invitation.role,
    )  # fmt: skip


def _send(identifier: int, address: str, now: datetime) -> None:
    invitation = Invitation.objects.select_related("organisation").get(pk=identifier)
    if send_invitation(invitation, address):
        Invitation.objects.filter(pk=identifier).update(sent_at=now)
