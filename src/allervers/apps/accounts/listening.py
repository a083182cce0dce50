"""What the accounts library tells, written in the register: sign-ins and outs, passwords, second factors."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set, user_logged_in
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.contrib.auth.signals import user_logged_out
from django.utils import timezone

from allervers.apps.audit.actions import record


def listen() -> None:
    """Connect: once, when the application starts."""
    for signal, action in (
        (user_logged_in, "signed_in"),
        (user_logged_out, "signed_out"),
        (password_changed, "password_changed"),
        (password_set, "password_changed"),
        (password_reset, "password_reset"),
        (authenticator_added, "second_factor_added"),
        (authenticator_removed, "second_factor_removed"),
        (authenticator_reset, "recovery_codes_renewed"),
        (authentication_failed, "second_factor_failed"),
    ):
        signal.connect(_writer(action), weak=False, dispatch_uid=f"allervers.{action}")


def _writer(action: str) -> Any:
    def write(request: Any = None, user: Any = None, authenticator: Any = None, **_: Any) -> None:
        if user is None or not user.is_authenticated:
            return
        details = {} if authenticator is None else {"type": str(authenticator.type)}
        if action == "signed_in":
            details["through"] = "proconnect" if request.session.get("oidc_id_token") else "local"
        # A wrong code was not proved to come from the person.
        actor = None if action == "second_factor_failed" else user
        record(
            acting_user=actor, now=timezone.now(), action=action, kind="account", target=user.public_id, **details
        )  # fmt: skip

    return write
