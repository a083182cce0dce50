"""What we ask of the accounts library: no open registration, our words, encrypted secrets, failures in the register."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from allervers.apps.accounts.models import User
from allervers.apps.accounts.proconnect import logout_address
from allervers.apps.audit.actions import record

_SECOND_FACTOR = "allauth.mfa.stages.AuthenticateStage"


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Local accounts: made by invitation alone."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "Ce compte est fermé. Adressez-vous à l'administrateur de votre organisme.",
        "email_password_mismatch": "L'adresse ou le mot de passe n'est pas le bon.",
        "enter_current_password": "Ce n'est pas votre mot de passe actuel.",
        "incorrect_password": "Ce n'est pas votre mot de passe.",
        "too_many_login_attempts": "Trop d'essais sur ce compte. Attendez un quart d'heure, puis réessayez.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an account is offered by an administrator."""
        del request
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Accounts have no user name: the address is enough."""

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Tell the register: which account, when the address is of one; never what was typed."""
        del request
        email = str(credentials.get("email") or "").strip().lower()
        account = User.objects.filter(email=email).only("public_id").first()
        target = "" if account is None else account.public_id
        record(acting_user=None, now=timezone.now(), action="sign_in_failed", kind="account", target=target)

    def get_login_stages(self) -> list[str]:
        """No second code for who has just given one to the provider."""
        steps: list[str] = super().get_login_stages()
        if self.request is not None and self.request.session.get("proconnect"):
            steps = [one for one in steps if one != _SECOND_FACTOR]
        return steps

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not for who has just signed in: asking twice in a row protects nothing."""
        told = get_authentication_records(self.request, self.request.user)
        last = max((one.get("at", 0) for one in told), default=0)
        if time.time() - last < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Ways to confirm that it is still the same person: the provider too, for who came from it."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if self.request.session.get("oidc_id_token"):
            again = {"id": "proconnect", "description": "Se réidentifier avec ProConnect"}
            methods.append({**again, "url": reverse("oidc_authentication_init")})
        return methods

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """The front door; through the provider, whose session ends too, for who came from it."""
        return logout_address(request) or str(super().get_logout_redirect_url(request))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The second factor: its name on the phone, its drawing, its secret encrypted at rest."""

    def get_totp_label(self, user: Any) -> str:
        """The address of the account."""
        return str(user.email)

    def build_totp_svg(self, url: str) -> str:
        """The code to scan, as a drawing within the page: no file, no style, nothing that the policy refuses."""
        import qrcode

        code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4)
        code.add_data(url)
        rows = code.get_matrix()
        dots = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
        size = len(rows)
        return (
            f'<svg viewBox="0 0 {size} {size}" width="220" height="220" role="img" shape-rendering="crispEdges" '
            f'aria-label="Code à scanner avec l\'application du téléphone"><rect width="{size}" height="{size}" '
            f'fill="#fff"/><path d="{dots}" fill="#000"/></svg>'
        )

    def encrypt(self, text: str) -> str:
        """Under the key in use."""
        return str(settings.FIELD_KEYS.encrypt(text))

    def decrypt(self, encrypted_text: str) -> str:
        """Whatever key of the ring it is under."""
        return str(settings.FIELD_KEYS.decrypt(encrypted_text))
