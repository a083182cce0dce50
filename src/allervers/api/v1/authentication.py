"""Who asks: the token in the header `Authorization: Bearer`. A session of the pages opens nothing here."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import Throttled
from ninja.security import HttpBearer

from allervers.api.v1.rates import address_of
from allervers.apps.accounts.throttling import RATE
from allervers.apps.partnership.models import Token
from allervers.apps.partnership.tokens.queries import note_use, token_of_key
from allervers.foundation.errors import AllerVersError


class Unauthenticated(AllerVersError):
    """No token, or one that opens nothing."""

    code = "unauthenticated"


class TokenRequest(HttpRequest):
    """A request whose token is known and open."""

    auth: Token


class TokenBearer(HttpBearer):
    """Refuses a key that is nobody's, revoked, at its term, or whose convention has ended. Read anew each time."""

    def authenticate(self, request: HttpRequest, token: str) -> Token:
        """The token of the key. Raises Unauthenticated; Throttled for who tries keys."""
        now = timezone.now()
        found = token_of_key(token.strip())
        refusal = "Ce jeton n'existe pas." if found is None else found.refusal_on(timezone.localdate(now))
        if found is None or refusal:
            wait = RATE.seconds_to_wait(f"refused {address_of(request)}", settings.ALLERVERS.api_per_minute)
            if wait:
                raise Throttled(wait=wait)
            raise Unauthenticated(refusal)
        note_use(found, now)
        return found
