"""Sign-in through ProConnect (OpenID Connect, signed userinfo): an account that exists, never one made on the way."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView

from allervers.apps.accounts.models import User


class ProConnectBackend(OIDCAuthenticationBackend):  # type: ignore[misc]
    """Finds the account by the provider's own identifier, or by its address the first time."""

    def get_userinfo(self, access_token: str, id_token: str, payload: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 (its interface)
        """What the provider says of the person: ProConnect answers with a signed token, others with plain JSON."""
        import requests

        response = requests.get(
            self.OIDC_OP_USER_ENDPOINT,
            headers={"Authorization": f"Bearer {access_token}"},
            verify=self.get_settings("OIDC_VERIFY_SSL", True),
            timeout=self.get_settings("OIDC_TIMEOUT", 10),
        )
        response.raise_for_status()
        if response.headers.get("content-type", "").startswith("application/jwt"):
            claims: dict[str, Any] = self.verify_token(response.text, nonce=payload.get("nonce"))
            return claims
        plain: dict[str, Any] = response.json()
        return plain

    def filter_users_by_claims(self, claims: dict[str, Any]) -> Any:
        """The open account of this identifier; else the open one of this address that has no identifier yet."""
        sub = str(claims.get("sub") or "")
        known = User.objects.filter(proconnect_sub=sub, is_active=True) if sub else User.objects.none()
        if known.exists():
            return known
        email = str(claims.get("email") or "").lower()
        return User.objects.filter(email=email, proconnect_sub="", is_active=True) if email else User.objects.none()

    def update_user(self, user: User, claims: dict[str, Any]) -> User:
        """Remember the provider's identifier."""
        sub = str(claims.get("sub") or "")
        if sub and not user.proconnect_sub:
            user.proconnect_sub = sub
            user.save(update_fields=["proconnect_sub"])
        return user


class Callback(OIDCAuthenticationCallbackView):  # type: ignore[misc]
    """Marks the session as opened by the provider, whose own second factor holds."""

    def login_success(self) -> HttpResponse:
        """Open the session."""
        answer: HttpResponse = super().login_success()
        self.request.session["proconnect"] = True
        return answer

    request: HttpRequest
