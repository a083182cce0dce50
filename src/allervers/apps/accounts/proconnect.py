"""Sign-in through ProConnect (OpenID Connect, signed userinfo): an account that exists, never one made on the way."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import jwt
import requests
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from allervers.apps.accounts.models import User
from allervers.apps.audit.actions import record
from allervers.foundation.errors import NotFound, Unavailable

_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint")
_SECOND_FACTOR_ACR = {
    "eidas2",
    "eidas3",
    "https://proconnect.gouv.fr/assurance/self-asserted-2fa",
    "https://proconnect.gouv.fr/assurance/consistency-checked-2fa",
}
"""Levels of assurance that hold a second factor; `amr` with `mfa` says it too."""
_HOUR = 3_600


def is_configured() -> bool:
    """True when the operator named a provider."""
    return bool(settings.ALLERVERS.oidc_issuer)


def endpoints() -> dict[str, str]:
    """Addresses that the provider publishes, kept an hour. Raises NotFound without provider, Unavailable when it is
    silent or names itself otherwise.
    """
    issuer = settings.ALLERVERS.oidc_issuer
    if not issuer:
        raise NotFound("La connexion par ProConnect n'est pas ouverte ici.")
    known: dict[str, str] | None = cache.get(f"oidc:{issuer}")
    if known is not None:
        return known
    try:
        answer = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=settings.OIDC_TIMEOUT)
        answer.raise_for_status()
        told = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise Unavailable("ProConnect ne répond pas. Réessayez dans un moment, ou utilisez un mot de passe.") from error
    if told.get("issuer") != issuer:
        raise Unavailable("ProConnect se présente sous un autre nom que celui qui est réglé : prévenez l'opérateur.")
    found = {name: str(told[name]) for name in _ENDPOINTS if name in told}
    cache.set(f"oidc:{issuer}", found, _HOUR)
    return found


class ProConnectBackend(OIDCAuthenticationBackend):  # type: ignore[misc]
    """Finds the account by the provider's own identifier, or by its address the first time."""

    def __init__(self) -> None:
        # The library's own reads the endpoints here, that is at each request: ours are asked for when they serve.
        self.UserModel = User
        self.OIDC_RP_CLIENT_ID = settings.OIDC_RP_CLIENT_ID
        self.OIDC_RP_CLIENT_SECRET = settings.OIDC_RP_CLIENT_SECRET
        self.OIDC_RP_SIGN_ALGO = settings.OIDC_RP_SIGN_ALGO
        self.OIDC_RP_IDP_SIGN_KEY = None

    def authenticate(self, request: HttpRequest | None, *, nonce: str, code_verifier: str | None = None) -> User | None:
        """The open account of the person whom the provider names. Other credentials are not for this backend."""
        known = endpoints()
        self.OIDC_OP_TOKEN_ENDPOINT = known["token_endpoint"]
        self.OIDC_OP_USER_ENDPOINT = known["userinfo_endpoint"]
        self.OIDC_OP_JWKS_ENDPOINT = known["jwks_uri"]
        user: User | None = super().authenticate(request, nonce=nonce, code_verifier=code_verifier)
        return user

    def verify_token(self, token: str, **kwargs: Any) -> dict[str, Any]:
        """The claims of the provider's signed identity, for us, now, in answer to our own question."""
        claims = self._signed_claims(token, ["exp", "iat", "sub"])
        if claims.get("nonce") != kwargs.get("nonce"):
            raise SuspiciousOperation("the identity does not answer our question (nonce)")
        methods = claims.get("amr")
        told = "mfa" in methods if isinstance(methods, list) else False
        self.request.session["oidc_second_factor"] = told or claims.get("acr") in _SECOND_FACTOR_ACR
        return claims

    def _signed_claims(self, token: str, required: list[str]) -> dict[str, Any]:
        try:
            key = self.retrieve_matching_jwk(token)
            claims: dict[str, Any] = jwt.decode(
                token, key, algorithms=[self.OIDC_RP_SIGN_ALGO], audience=self.OIDC_RP_CLIENT_ID,
                issuer=settings.ALLERVERS.oidc_issuer, leeway=30, options={"require": [*required, "iss", "aud"]},
            )  # fmt: skip
        except (jwt.PyJWTError, KeyError) as error:
            raise SuspiciousOperation(f"refused token ({type(error).__name__})") from error
        return claims

    def get_userinfo(self, access_token: str, id_token: str, payload: dict[str, Any]) -> dict[str, Any]:
        """What the provider says of the person, signed; the same person as in the identity."""
        del id_token
        response = requests.get(
            self.OIDC_OP_USER_ENDPOINT,
            headers={"Authorization": f"Bearer {access_token}"},
            timeout=settings.OIDC_TIMEOUT,
        )
        response.raise_for_status()
        if response.headers.get("content-type", "").lower().startswith("application/jwt"):
            claims = self._signed_claims(response.text, ["sub"])
        else:
            claims = response.json()
        if claims.get("sub") != payload["sub"]:
            raise SuspiciousOperation("userinfo is of another person")
        return claims

    def verify_claims(self, claims: dict[str, Any]) -> bool:
        """An identifier and an address are needed."""
        return bool(claims.get("sub")) and bool(claims.get("email"))

    def filter_users_by_claims(self, claims: dict[str, Any]) -> list[User]:
        """The account of this identifier; else that of this address which has no identifier yet. Open ones alone."""
        sub, email = str(claims["sub"]), str(claims["email"]).strip().lower()
        found = list(User.objects.filter(proconnect_sub=sub)) or list(
            User.objects.filter(email=email, proconnect_sub="")
        )
        refusal = "" if any(user.is_active for user in found) else "closed" if found else "unknown"
        self.request.proconnect_refusal = refusal
        return [user for user in found if user.is_active]

    def update_user(self, user: User, claims: dict[str, Any]) -> User:
        """Remember the provider's identifier: the address alone no longer opens the account."""
        if not user.proconnect_sub:
            user.proconnect_sub = str(claims["sub"])
            user.save(update_fields=["proconnect_sub"])
            record(
                acting_user=user, now=timezone.now(), action="proconnect_linked", kind="account", target=user.public_id
            )
        return user

    def get_user(self, user_id: int) -> User | None:
        """The account of a session, while it is open."""
        return User.objects.select_related("organisation").filter(pk=user_id, is_active=True).first()


class Authenticate(OIDCAuthenticationRequestView):  # type: ignore[misc]
    """Sends the person to the provider."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super(OIDCAuthenticationRequestView, self).__init__(*args, **kwargs)
        self.OIDC_RP_CLIENT_ID = settings.OIDC_RP_CLIENT_ID

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for an identity: state, nonce and PKCE are kept in the session."""
        self.OIDC_OP_AUTH_ENDPOINT = endpoints()["authorization_endpoint"]
        answer: HttpResponse = super().get(request)
        return answer


class Callback(OIDCAuthenticationCallbackView):  # type: ignore[misc]
    """Where the provider sends the person back."""

    request: HttpRequest
    user: User

    def get(self, request: HttpRequest) -> HttpResponse:
        """Open the session, or say why not."""
        endpoints()
        try:
            answer: HttpResponse = super().get(request)
        except requests.RequestException as error:
            raise Unavailable("ProConnect ne répond pas. Réessayez dans un moment.") from error
        return answer

    def login_success(self) -> HttpResponse:
        """Open the session; the second factor of the provider holds when it says that there was one, ours otherwise."""
        session = self.request.session
        kept = {"proconnect": bool(session.pop("oidc_second_factor", False)), "oidc_id_token": session["oidc_id_token"]}
        session.update(kept)
        record_authentication(self.request, self.user, "proconnect")
        answer: HttpResponse = perform_login(self.request, self.user, redirect_url=self.success_url)
        # Signing in over someone else's session has emptied it.
        self.request.session.update(kept)
        return answer

    def login_failure(self) -> HttpResponse:
        """Say why, and what to do."""
        for name in ("oidc_id_token", "oidc_second_factor"):
            self.request.session.pop(name, None)
        reason = getattr(self.request, "proconnect_refusal", "") or "stopped"
        record(acting_user=None, now=timezone.now(), action="proconnect_refused", kind="account", target="", why=reason)
        return render(self.request, "account/proconnect_refused.html", {"reason": reason}, status=403)


def logout_address(request: HttpRequest) -> str:
    """Where the provider ends its own session; empty for who did not come from it."""
    token = request.session.get("oidc_id_token")
    if not token or not is_configured():
        return ""
    try:
        end = endpoints().get("end_session_endpoint", "")
    except Unavailable:
        return ""
    back = request.build_absolute_uri(reverse("home"))
    return (
        f"{end}?{urlencode({'id_token_hint': token, 'post_logout_redirect_uri': back, 'state': 'fin'})}" if end else ""
    )
