"""OpenFisca's web API under an address of the web application: Django's request in, Django's answer out."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from allervers.api.apart import LOADER, Apart
from allervers.api.messages import Request, Response, error_response
from allervers.api.v1.rates import address_of
from allervers.apps.accounts.throttling import RATE

MOUNT = "/api/openfisca"
_OF_PROXY = ("x-forwarded-host", "x-forwarded-proto")


@cache
def law() -> Apart:
    """The law of this process of the server; nothing is loaded until it is asked something."""
    return Apart(LOADER)


@csrf_exempt
def openfisca(request: HttpRequest, path: str = "/") -> HttpResponse:
    """Answer as OpenFisca's web API does. Without cookie nor token: nothing personal is kept, nothing is read."""
    if not settings.ALLERVERS.serves_openfisca:
        raise Http404
    wait = RATE.seconds_to_wait(f"openfisca {address_of(request)}", settings.ALLERVERS.openfisca_per_minute)
    if wait:
        response = error_response("Too many requests", 429)
        return _answered(Response(429, response.body, (*response.headers, ("Retry-After", str(wait)))))
    limit = law().limits.body_bytes
    announced = request.headers.get("Content-Length", "0")
    body = b"" if announced.isdigit() and int(announced[:20]) > limit else request.read(limit + 1)
    if len(body) > limit or (not body and announced.isdigit() and int(announced[:20]) > limit):
        return _answered(error_response(f"The request is too large: {limit} bytes at most", 413))
    # A header of the proxy is believed only behind our own; the host has been checked against ALLERVERS_HOSTS.
    headers = {name.lower(): value for name, value in request.headers.items() if name.lower() not in _OF_PROXY}
    headers["host"] = request.get_host()
    query = request.META.get("QUERY_STRING", "")
    asked = Request(request.method or "GET", path or "/", headers, body, query, request.scheme or "http", MOUNT)
    return _answered(law().answer(asked))


def _answered(response: Response) -> HttpResponse:
    answer = HttpResponse(response.body, status=response.status)
    for name, value in response.headers:
        answer.headers[name] = value
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer
