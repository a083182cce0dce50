"""Which web pages may read the answers: all of them (CORS), in the headers that OpenFisca's web API gives."""

from __future__ import annotations

from allervers.api.messages import Header, Request

_METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"


def cross_origin_headers(request: Request) -> tuple[Header, ...]:
    """The CORS headers of the answer to this request."""
    origin = request.headers.get("origin")
    headers: list[Header] = [("Access-Control-Allow-Origin", origin or "*")]
    if request.method == "OPTIONS":
        wanted = request.headers.get("access-control-request-method", "").upper()
        if wanted and wanted in _METHODS.split(", "):
            asked = sorted(
                name.strip() for name in request.headers.get("access-control-request-headers", "").split(",")
            )
            if any(asked):
                headers.append(("Access-Control-Allow-Headers", ", ".join(name for name in asked if name)))
            headers.append(("Access-Control-Allow-Methods", _METHODS))
    if origin:
        headers.append(("Vary", "Origin"))
    return tuple(headers)
