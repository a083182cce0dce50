"""What we ask of the accounts library: no open registration, our words, and the register told of sign-ins."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Local accounts: made by invitation alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an account is offered by an administrator."""
        del request
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Accounts have no user name: the address is enough."""


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The second factor: what the phone shows as the account's name."""

    def get_totp_label(self, user: Any) -> str:
        """The address of the account."""
        return str(user.email)
