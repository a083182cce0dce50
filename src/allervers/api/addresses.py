"""The address under which a client reached the server, as it must appear in the links of the answers."""

from __future__ import annotations

import re

from allervers.api.messages import Request

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9._~%-]*)|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.IGNORECASE)
_SCHEME = re.compile(r"https?")
_USUAL_PORT = {"http": ":80", "https": ":443"}


def base_address(request: Request) -> str:
    """`scheme://host`, and the mount, of the request, one reverse proxy deep (X-Forwarded-Proto, X-Forwarded-Host). The
    host is empty when what the client gave is not one."""
    scheme = _last(request, "x-forwarded-proto") or request.scheme
    if not _SCHEME.fullmatch(scheme):
        scheme = request.scheme
    host = (_last(request, "x-forwarded-host") or request.headers.get("host", "")).lower()
    if not _HOST.fullmatch(host):
        host = ""
    return f"{scheme}://{host.removesuffix(_USUAL_PORT[scheme])}{request.mount}"


def _last(request: Request, name: str) -> str:
    """The last value of a header: the one that the nearest proxy wrote."""
    return request.headers.get(name, "").rpartition(",")[2].strip()
