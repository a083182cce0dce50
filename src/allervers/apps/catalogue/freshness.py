"""Pages that a browser may keep and ask again about: unchanged, they are not sent twice. What is typed is not kept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control

_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')
_PUBLIC_FIELDS = {"depuis", "jusqu_a", "theme", "niveau", "voie", "institution", "gros"}

View = Callable[..., HttpResponse]


def kept_by_browsers(view: View) -> View:
    """Give an anonymous page a mark of its content, and answer « unchanged » to who has it already.

    The token against forged requests changes at each answer and stays valid with its cookie: the mark leaves it out.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **named: object) -> HttpResponse:
        response = view(request, *args, **named)
        if set(request.GET) - _PUBLIC_FIELDS or settings.SESSION_COOKIE_NAME in request.COOKIES:
            patch_cache_control(response, private=True, no_store=True)
            return response
        patch_cache_control(response, private=True, no_cache=True)
        cookie = request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")
        if response.status_code != 200 or request.method not in {"GET", "HEAD"} or not cookie:
            return response
        made = hashlib.sha256(_TOKEN.sub(b"", response.content) + cookie.encode("utf-8", "replace")).hexdigest()
        etag = f'W/"{made[:32]}"'
        response["ETag"] = etag
        same = get_conditional_response(request, etag, None, response)
        return response if same is None else same

    return answer
